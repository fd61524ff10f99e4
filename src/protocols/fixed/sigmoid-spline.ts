/**
 * A sigmoid in few rounds, for learning.
 *
 * Functionality: 1/(1 + exp(-x)) within 2^-14, with the fraction of x, for every x; beyond +-16 it is 0 or 1.
 * Protocol (ours): cubic polynomials on 32 stretches of length 1 (piecewise.ts has more precise ones), in powers of x
 *   itself, so that x^2 and x^3 are made while the bits of x are, and what the lookup gives are the coefficients: one sum
 *   of products is left. In those powers the terms of a stretch are up to 100 and cancel, so that the coefficients have 12
 *   bits more. Where bounds of x exceed 16, its bits above tell so: they clear the digit, whose stretch 0 is constant, and
 *   another digit adds 1 on the right; what x^2 and x^3 are out there does not matter, as they are
 *   multiplied by 0, so that a wide x takes no clamping.
 * Requires: a ring of 64 bits; bounds of x within 63 bits.
 * Cost (rep3, fraction of 20): x from -15 to 15 11 rounds, 146.0 bytes; from -100 to 100 14, 151.0.
 * Reveals: nothing. Fails: BOUND_NOT_PROVED for wider bounds.
 */
import { not, rows, stack } from '../../share/bits.js';
import { encode, type Fixed } from '../../share/fixed.js';
import { addConstant, slice } from '../../share/linear.js';
import type { ArithmeticShare, BinaryShare } from '../../share/shares.js';
import { lookup } from '../bits/lookup.js';
import { toBits } from '../bits/to-bits.js';
import type { Context } from '../context.js';
import { allRows, and } from '../logic.js';
import { chebyshevFit } from './chebyshev.js';
import { fractionsInChunks } from './chunks.js';
import { WORKING_FRACTION, withFraction } from './forms.js';
import { bitLength } from './highest-bit.js';
import { type FixedForm, multiplyFixedTo, sumOfProductsFixedTo } from './multiply.js';

/** Stretches of length 1 from -16 on. */
const HALF = 16;
const BITS = 5;

/** Within these x^3 fits. */
const WIDEST = 127;

/** Bits of fraction, whatever the ring: the spline is no more precise. */
const WORKING = WORKING_FRACTION[64];

/** Bits of fraction of the coefficients of x, x^2 and x^3. */
const COEFFICIENT = 32;

/** Units in the last place by which rounding may lead out of [0, 1]; the spline itself does by 40. */
const SLACK = 128n;

/** For each power of x its coefficient on each stretch, the outermost of which are constant. */
const TABLES: readonly (readonly bigint[])[] = [0, 1, 2, 3].map((power) =>
  Array.from({ length: 2 * HALF }, (_, i) => {
    const fraction = power === 0 ? WORKING + COEFFICIENT : COEFFICIENT;
    return encode(coefficientsOf(i)[power] ?? 0, fraction);
  }),
);

/** 1/(1 + exp(-x)) within 2^-14. */
export async function sigmoidSpline<W extends 64 | 128>(ctx: Context, x: Fixed<W>): Promise<Fixed<W>> {
  const { value, fraction } = x;
  const result = await fractionsInChunks(ctx, value.length, async (chunk, start, end) => {
    const own = { value: slice(value, start, end), fraction };
    const fine = await withFraction(chunk.step('working'), own, WORKING);
    const sum = await onStretches(chunk, fine);
    return (await withFraction(chunk.step('result'), sum, fraction)).value;
  });
  return { value: result, fraction };
}

async function onStretches<W extends 64 | 128>(ctx: Context, x: Fixed<W>): Promise<Fixed<W>> {
  const { width } = x.value;
  const [[square, cube], coefficients] = await Promise.all([powers(ctx, x), coefficientsAt(ctx, x.value)]);
  const [constant, ...factors] = coefficients.map((value, power) => ({
    value,
    fraction: power === 0 ? WORKING + COEFFICIENT : COEFFICIENT,
  })) as [Fixed<W>, Fixed<W>, Fixed<W>, Fixed<W>];
  const bounds = { min: -SLACK, max: (1n << BigInt(WORKING)) + SLACK };
  return await sumOfProductsFixedTo(
    ctx.step('sum'),
    [
      [factors[0], x],
      [factors[1], square],
      [factors[2], cube],
    ],
    { width, fraction: WORKING, bounds },
    constant,
  );
}

/** x^2 and x^3; where x lies beyond WIDEST any numbers, which coefficients of 0 take out. */
async function powers<W extends 64 | 128>(ctx: Context, x: Fixed<W>): Promise<[Fixed<W>, Fixed<W>]> {
  const form = (largest: number): FixedForm<W> => {
    const end = encode(largest, WORKING);
    return { width: x.value.width, fraction: WORKING, bounds: { min: -end, max: end } };
  };
  const square = await multiplyFixedTo(ctx.step('square'), x, x, form(WIDEST ** 2));
  return [square, await multiplyFixedTo(ctx.step('cube'), square, x, form(WIDEST ** 3))];
}

/** The coefficients of 1, x, x^2 and x^3 where x lies. */
async function coefficientsAt<W extends 64 | 128>(
  ctx: Context,
  x: ArithmeticShare<W>,
): Promise<ArithmeticShare<W>[]> {
  const fromLow = addConstant(x, encode(HALF, WORKING));
  const { min, max } = fromLow.bounds;
  const within = WORKING + BITS;
  const signed = min < 0n ? 1 : 0;
  const top = Math.max(within, bitLength(max), bitLength(-min - 1n)) + signed;
  const bits = await toBits(ctx.step('bits'), fromLow, WORKING, top);
  const digit = rows(bits, 0, BITS);
  const step = ctx.step('coefficients');
  if (top === within)
    return await lookup(
      step,
      [digit],
      TABLES.map((table) => [table]),
      x.width,
    );
  const [inside, right] = await outside(ctx, digit, rows(bits, BITS, bits.rows), signed === 1);
  const one = 1n << BigInt(WORKING + COEFFICIENT);
  const tables = TABLES.map((table, power) => [table, [0n, power === 0 ? one : 0n]]);
  // Both digits are not at their largest at once.
  const given = TABLES.map((table) => boundsOf(table));
  return await lookup(step, [inside, right], tables, x.width, given);
}

/** The digit, cleared where some bit above it is set, and a bit that says that x lies on the right of all stretches. */
async function outside(
  ctx: Context,
  digit: BinaryShare,
  above: BinaryShare,
  signed: boolean,
): Promise<[BinaryShare, BinaryShare]> {
  const none = await allRows(ctx.step('outside'), not(above));
  const sign = rows(above, above.rows - 1, above.rows);
  const repeated = Array.from({ length: BITS }, () => none);
  const left = stack([digit, signed ? not(sign) : not(none)]);
  const cleared = await and(ctx.step('clear'), left, stack([...repeated, not(none)]));
  return [rows(cleared, 0, BITS), rows(cleared, BITS, BITS + 1)];
}

function boundsOf(table: readonly bigint[]): { min: bigint; max: bigint } {
  return table.reduce(
    ({ min, max }, entry) => ({ min: entry < min ? entry : min, max: entry > max ? entry : max }),
    {
      min: 0n,
      max: 0n,
    },
  );
}

/** Coefficients of powers of x on a stretch. */
function coefficientsOf(stretch: number): number[] {
  if (stretch === 0) return [0, 0, 0, 0];
  if (stretch === 2 * HALF - 1) return [1, 0, 0, 0];
  const start = stretch - HALF;
  const ofPlace = chebyshevFit((t) => 1 / (1 + Math.exp(-(start + (t + 1) / 2))), 3);
  // t = 2x + shift.
  const shift = -2 * start - 1;
  return ofPlace.reduceRight<number[]>(
    (sum, coefficient) =>
      [0, 1, 2, 3].map(
        (power) => 2 * (sum[power - 1] ?? 0) + shift * (sum[power] ?? 0) + (power === 0 ? coefficient : 0),
      ),
    [0, 0, 0, 0],
  );
}
