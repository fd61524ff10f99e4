/**
 * Functions by polynomials in pieces: one for each stretch of a power of two.
 *
 * Functionality: f(x) for x in [low, low + 2^bits * step), by the polynomial of the stretch in which x lies.
 * Protocol: the stretch is a digit of x - low, of up to 8 bits; one lookup gives the coefficients of its polynomial and its
 *   start, hence the place t of x in it, from -1 to 1. Horner's rule in t^2 takes two coefficients for each product:
 *   p = a0 + (a1 t + t^2 (a2 + (a3 t + t^2 (a4 + ...)))), each bracket rounded once.
 * Requires: bounds of x within the stretches; an even degree.
 * Cost (rep3, 64 bits, 32 stretches, degree 4): toBits of 25 bits, a lookup of 31 entries and 6 tables (2 rounds, 114.7
 *   bytes) and 3 products (9 rounds, 36 bytes).
 * Reveals: nothing. Fails: never.
 */
import { encode, type Fixed } from '../../share/fixed.js';
import { addConstant, scale, slice, subtract } from '../../share/linear.js';
import type { ArithmeticShare } from '../../share/shares.js';
import { lookup } from '../bits/lookup.js';
import { toBits } from '../bits/to-bits.js';
import type { Context } from '../context.js';
import { clamp } from '../select/clamp.js';
import { chebyshevFit } from './chebyshev.js';
import { fractionsInChunks } from './chunks.js';
import { type FunctionWidth, WORKING_FRACTION, withFraction } from './forms.js';
import { type FixedForm, type FixedPair, multiplyFixedTo, sumOfProductsFixedTo } from './multiply.js';

/** A function in stretches. */
export interface Pieces {
  /** Where the first stretch begins: a multiple of the step. */
  readonly low: number;
  /** A stretch is 2^logStep long. */
  readonly logStep: number;
  /** There are 2^bits of them. */
  readonly bits: number;
  /** For each stretch the coefficients of 1, t, t^2, ... with t from -1 at its start to 1 at its end. */
  readonly coefficients: readonly (readonly number[])[];
  readonly min: number;
  readonly max: number;
}

/** Units in the last place by which rounding may lead out of the function's range; a few do. */
const SLACK = 64n;

/** Stretches from -half to half of a function with values from min to max. */
export function piecesOf(
  f: (x: number) => number,
  shape: { readonly half: number; readonly bits: number; readonly degree: number },
  range: { readonly min: number; readonly max: number },
): Pieces {
  const { half, bits, degree } = shape;
  const step = (2 * half) / 2 ** bits;
  const coefficients = Array.from({ length: 2 ** bits }, (_, i) =>
    chebyshevFit((t) => f(-half + step * (i + (t + 1) / 2)), degree),
  );
  return { low: -half, logStep: Math.log2(step), bits, coefficients, ...range };
}

/** f(x), with the fraction of x; outside the stretches x counts as their end. */
export async function piecewise<W extends FunctionWidth>(
  ctx: Context,
  x: Fixed<W>,
  pieces: Pieces,
): Promise<Fixed<W>> {
  const { value, fraction } = x;
  const { low, logStep, bits } = pieces;
  const working = WORKING_FRACTION[value.width];
  const end = encode(low + 2 ** (bits + logStep), working) - 1n;
  const result = await fractionsInChunks(ctx, value.length, async (chunk, start, stop) => {
    const own = slice(value, start, stop);
    const fine = await withFraction(chunk.step('working'), { value: own, fraction }, working);
    const inside = await clamp(chunk.step('domain'), fine.value, encode(low, working), end);
    const found = await onStretches(chunk, { value: inside, fraction: working }, pieces);
    return (await withFraction(chunk.step('result'), found, fraction)).value;
  });
  return { value: result, fraction };
}

async function onStretches<W extends FunctionWidth>(
  ctx: Context,
  x: Fixed<W>,
  pieces: Pieces,
): Promise<Fixed<W>> {
  const { width } = x.value;
  // Bits of a stretch, which are those of the fraction of t.
  const length = x.fraction + pieces.logStep;
  const fromLow = addConstant(x.value, -encode(pieces.low, x.fraction));
  const digit = await toBits(ctx.step('stretch'), fromLow, length, length + pieces.bits);
  const tables = tablesOf(pieces, x.fraction, length);
  const [start, ...coefficients] = await lookup(
    ctx.step('coefficients'),
    [digit],
    tables.map((table) => [table]),
    width,
  );
  const one = 1n << BigInt(length);
  const inside = subtract(fromLow, start as ArithmeticShare<W>);
  // x lies in its stretch, whatever the bounds of both are.
  const t = addConstant(scale(inside, 2n), -one).with({ bounds: { min: -one, max: one } });
  return await horner(ctx, { value: t, fraction: length }, x.fraction, coefficients, pieces);
}

/** Starts of the stretches, and their coefficients with the fractions that `horner` takes. */
function tablesOf({ coefficients }: Pieces, working: number, length: number): bigint[][] {
  const degree = (coefficients[0]?.length ?? 1) - 1;
  const starts = coefficients.map((_, i) => BigInt(i) << BigInt(length));
  const powers = Array.from({ length: degree + 1 }, (_, k) =>
    coefficients.map((own) => encode(own[k] ?? 0, fractionOf(k, degree, working, length))),
  );
  return [starts, ...powers];
}

/** Odd ones are multiplied by t, the highest one by t^2, the others are added to products. */
function fractionOf(power: number, degree: number, working: number, length: number): number {
  if (power % 2 === 1) return 2 * working - length;
  return power === degree ? working : 2 * working;
}

async function horner<W extends FunctionWidth>(
  ctx: Context,
  t: Fixed<W>,
  working: number,
  coefficients: readonly ArithmeticShare<W>[],
  { min, max }: Pieces,
): Promise<Fixed<W>> {
  const { width } = t.value;
  const degree = coefficients.length - 1;
  const coefficient = (power: number): Fixed<W> => ({
    value: coefficients[power] as ArithmeticShare<W>,
    fraction: fractionOf(power, degree, working, t.fraction),
  });
  const t2 = await multiplyFixedTo(ctx.step('square'), t, t, { width, fraction: working });
  let sum = coefficient(degree);
  for (let power = degree - 2; power >= 0; power -= 2) {
    const pairs: FixedPair<W>[] = [
      [coefficient(power + 1), t],
      [sum, t2],
    ];
    const bounds = { min: encode(min, working) - SLACK, max: encode(max, working) + SLACK };
    const form: FixedForm<W> = { width, fraction: working, ...(power === 0 ? { bounds } : {}) };
    sum = await sumOfProductsFixedTo(ctx.step(`from-${power}`), pairs, form, coefficient(power));
  }
  return sum;
}
