/**
 * Exponential function of binary fractions.
 *
 * Functionality: exp(x), with the fraction of x. Below half a unit in the last place the result is 0 or 1 unit;
 *   it saturates where the ring holds no more bits of it: at 2^21 for a fraction of 20, from x = 14.5 on, at 2^22 in the
 *   wide ring for one of 40.
 * Protocol: y = x * log2(e), a public multiple that is rounded once; 2^y = 2^v * 2^u for v = floor(y), whose bits, shifted so
 *   as not to be negative, are one or two digits: lookups give 2 to the power of each and v itself, hence u = y - v, and
 *   2^u is a polynomial of 2u - 1. Sign, range and fraction come from the same few bits (ours; ABY3 and its successors
 *   take a bit decomposition of all of x).
 * Requires: bounds of x; where they exceed the domain it is clamped first (clamp.ts).
 * Cost (rep3, 64 bits, fraction of 20, x from -20 to 14): 19 rounds, 114.3 bytes.
 * Error: docs/fixed-point.md. Reveals: nothing. Fails: BOUND_NOT_PROVED before anything is sent.
 */
import { WarifuError } from '../../core/errors.js';
import { rows } from '../../share/bits.js';
import type { Bounds } from '../../share/bounds.js';
import { encode, type Fixed } from '../../share/fixed.js';
import { addConstant, scale, slice, subtract } from '../../share/linear.js';
import type { ArithmeticShare, BinaryShare } from '../../share/shares.js';
import { lookup } from '../bits/lookup.js';
import { toBits } from '../bits/to-bits.js';
import type { Context } from '../context.js';
import { multiply } from '../multiply.js';
import { clamp } from '../select/clamp.js';
import { fractionsInChunks } from './chunks.js';
import { type FunctionWidth, WORKING_FRACTION } from './forms.js';
import { bitLength } from './highest-bit.js';
import { sumOfProductsFixedTo } from './multiply.js';
import { fit, type Polynomial, polynomial } from './polynomial.js';
import { truncate } from './truncate.js';

/** 2^u with u = (t + 1) / 2. */
const POWER: Readonly<Record<FunctionWidth, Polynomial>> = {
  64: fit((t) => 2 ** ((t + 1) / 2), 4),
  128: fit((t) => 2 ** ((t + 1) / 2), 8),
};

/** Bits by which log2(e) is more precise than y. */
const GUARD = 8;

/** Bits of a digit of the exponent at most. */
const DIGIT = 3;

/** exp(x). */
export async function exponential<W extends FunctionWidth>(ctx: Context, x: Fixed<W>): Promise<Fixed<W>> {
  const { value, fraction } = x;
  const domain = exponentialDomain(value.width, fraction);
  proveRoomForOne(domain, value.width, fraction);
  const result = await fractionsInChunks(ctx, value.length, async (chunk, start, end) => {
    const own = await clamp(chunk.step('domain'), slice(value, start, end), domain.min, domain.max);
    return await powerOfE(chunk, { value: own, fraction });
  });
  return { value: result, fraction };
}

/** Places by which y is moved up, so that it is not negative, for a result of half a unit in the last place. */
function leastOffset(fraction: number): number {
  return fraction + 1;
}

/** From where results are 0 for a whole high digit, up to what the product of mantissa and power of two has room for. */
export function exponentialDomain(width: FunctionWidth, fraction: number): Bounds {
  const room = width - 4 - WORKING_FRACTION[width] - fraction;
  const most = Math.min(room, 62 - leastOffset(fraction));
  const margin = marginOf(width, fraction);
  return {
    min: margin - encode((leastOffset(fraction) + 2 ** DIGIT) * Math.LN2, fraction),
    max: encode((most + 1) * Math.LN2, fraction) - margin,
  };
}

/** exp(0) must be possible: a domain that ends below 0 would saturate where nobody expects it. */
function proveRoomForOne({ max }: Bounds, width: FunctionWidth, fraction: number): void {
  if (max >= 0n) return;
  throw new WarifuError(
    'BOUND_NOT_PROVED',
    `an exponential with ${fraction} bits of fraction does not fit a ring of ${width}: take fewer bits`,
    { bits: fraction, width },
  );
}

/** By how much x must be within an end so that y, rounded, is. */
function marginOf(width: FunctionWidth, fraction: number): bigint {
  return 2n << BigInt(Math.max(0, fraction - WORKING_FRACTION[width]));
}

async function powerOfE<W extends FunctionWidth>(ctx: Context, x: Fixed<W>): Promise<ArithmeticShare<W>> {
  const { width } = x.value;
  const working = WORKING_FRACTION[width];
  // y + offset >= 0, in units of the working fraction.
  const least = leastOffset(x.fraction);
  const vanishing = x.value.bounds.min < marginOf(width, x.fraction) - encode(least * Math.LN2, x.fraction);
  const offset = vanishing ? least + 2 ** DIGIT : least;
  const raised = scale(x.value, encode(Math.LOG2E, working + GUARD));
  const rounded = await truncate(ctx.step('scale'), raised, x.fraction + GUARD);
  const y = addConstant(rounded, BigInt(offset) << BigInt(working));
  const bits = Math.max(vanishing ? DIGIT + 1 : 1, bitLength(y.bounds.max) - working);
  const exponent = await toBits(ctx.step('exponent'), y, working, working + bits);
  const [high, low, whole] = await powersOf(ctx.step('powers'), exponent, vanishing, width, working);
  const t = addConstant(scale(subtract(y, whole), 2n), -(1n << BigInt(working)));
  // u = y - v lies in [0, 1), whatever the bounds of y and v are.
  const one = 1n << BigInt(working);
  const bounded = { value: t.with({ bounds: { min: -one, max: one } }), fraction: working };
  const [mantissa, factor] = await Promise.all([
    polynomial(ctx.step('mantissa'), bounded, POWER[width]),
    high === undefined ? low : multiply(ctx.step('factor'), high, low),
  ]);
  const largest = 1n << ((y.bounds.max >> BigInt(working)) - BigInt(offset - least));
  const pair = [
    mantissa,
    { value: factor.with({ bounds: { min: 0n, max: largest } }), fraction: least },
  ] as const;
  const form = { width, fraction: x.fraction };
  return (await sumOfProductsFixedTo(ctx.step('result'), [pair], form)).value;
}

/**
 * 2 to the power of the high digit's part of v, if there is one, of the low digit, and v * 2^working. Where small powers
 * vanish, that of the lowest high digit is 0 and the others are those of the digit below.
 */
async function powersOf<W extends FunctionWidth>(
  ctx: Context,
  exponent: BinaryShare,
  vanishing: boolean,
  width: W,
  working: number,
): Promise<[ArithmeticShare<W> | undefined, ArithmeticShare<W>, ArithmeticShare<W>]> {
  const bits = exponent.rows;
  const lowBits = Math.min(DIGIT, bits);
  const values = (count: number, f: (digit: number) => bigint): bigint[] =>
    Array.from({ length: 2 ** count }, (_, digit) => f(digit));
  const none = (count: number): bigint[] => values(count, () => 0n);
  const lowPower = values(lowBits, (digit) => 1n << BigInt(digit));
  const lowWhole = values(lowBits, (digit) => BigInt(digit) << BigInt(working));
  if (bits === lowBits) {
    const [low, whole] = await lookup(ctx, [exponent], [[lowPower], [lowWhole]], width);
    return [undefined, low as ArithmeticShare<W>, whole as ArithmeticShare<W>];
  }
  const highBits = bits - lowBits;
  const skipped = vanishing ? 1 : 0;
  const highPower = values(highBits, (digit) =>
    digit < skipped ? 0n : 1n << BigInt((digit - skipped) << lowBits),
  );
  const highWhole = values(highBits, (digit) => BigInt(digit << lowBits) << BigInt(working));
  const [high, low, whole] = await lookup(
    ctx,
    [rows(exponent, lowBits, bits), rows(exponent, 0, lowBits)],
    [
      [highPower, none(lowBits)],
      [none(highBits), lowPower],
      [highWhole, lowWhole],
    ],
    width,
  );
  return [high, low as ArithmeticShare<W>, whole as ArithmeticShare<W>];
}
