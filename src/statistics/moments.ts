/**
 * SUM, AVG, VAR and STDDEV of a number column.
 *
 * SUM releases the total; AVG n and the total; VAR and STDDEV n and the exact integer Q = n*S2 - S1^2, which is
 * computed on shares, not S1 (DESIGN.md section 3). Minimum: n, the non-missing rows. Totals are in units of
 * 10^-digits of the column.
 */
import { WarifuError } from '../core/errors.js';
import type { RingWidth } from '../kernels/ring-vector.js';
import type { Context } from '../protocols/context.js';
import { multiply, square } from '../protocols/multiply.js';
import { type Bounds, fitsRing } from '../share/bounds.js';
import { add, scale, subtract, tighten } from '../share/linear.js';
import { type Column, encodedMax, type NumberType } from '../share/schema.js';
import type { ArithmeticShare } from '../share/shares.js';
import { type Measure, measureName } from './measure.js';
import type { Statistic } from './statistic.js';
import { type AnySum, type Sums, widen } from './sums.js';

/** Measures of one sample: the rows of a group, or of one side of a test. */
export interface Sample {
  readonly n: Measure;
  readonly s1: Measure;
  readonly s2: Measure;
}

export function sampleOf(column: string, within?: Measure['within']): Sample {
  const measure = (power: 0 | 1 | 2): Measure =>
    within === undefined ? { column, power } : { column, power, within };
  return { n: measure(0), s1: measure(1), s2: measure(2) };
}

export function sumStatistic(column: Column): Statistic {
  const sample = sampleOf(column.name);
  return {
    measures: [sample.n, sample.s1],
    gates: [sample.n],
    releases: ['sum'],
    combine: async (ctx, sums) => [await total(ctx, sums, sample, column)],
  };
}

export function meanStatistic(column: Column): Statistic {
  const sample = sampleOf(column.name);
  return {
    measures: [sample.n, sample.s1],
    gates: [sample.n],
    releases: ['n', 'sum'],
    combine: async (ctx, sums) => [sums.get(sample.n), await total(ctx, sums, sample, column)],
  };
}

/** VAR_SAMP, VAR_POP, STDDEV_SAMP and STDDEV_POP release the same integers. */
export function varianceStatistic(column: Column): Statistic {
  const sample = sampleOf(column.name);
  return {
    measures: [sample.n, sample.s1, sample.s2],
    gates: [sample.n],
    releases: ['n', 'q'],
    combine: async (ctx, sums) => [sums.get(sample.n), await spread(ctx, sums, sample, column)],
  };
}

/** Sum of the values themselves: S1 + n * min, on shares. */
export async function total(ctx: Context, sums: Sums, sample: Sample, column: Column): Promise<AnySum> {
  const { min, max } = numberType(column);
  const s1 = sums.get(sample.s1);
  if (min === 0n) return s1;
  const n = sums.count(sample.n);
  // At most n values, each within the declared range; the operations alone take S1 and n for independent.
  const proved = { min: least(n.bounds.max * min, 0n), max: -least(n.bounds.max * -max, 0n) };
  const derived = totalBounds(s1, n, min);
  if (s1.width === 64 && fitsRing(derived, 64)) return tighten(add(s1, scale(n, min)), proved);
  if (!fitsRing(derived, 128)) throw notProved(column, 'the total', derived.max - derived.min, '');
  const [wideSum, wideCount] = await Promise.all([
    widen(ctx.step('lift-sum'), s1),
    widen(ctx.step('lift-count'), n),
  ]);
  return tighten(add(wideSum, scale(wideCount, min)), proved);
}

function least(x: bigint, y: bigint): bigint {
  return x < y ? x : y;
}

function totalBounds(s1: AnySum, n: ArithmeticShare<64>, min: bigint): Bounds {
  const shift = n.bounds.max * min;
  return { min: s1.bounds.min + (shift < 0n ? shift : 0n), max: s1.bounds.max + (shift > 0n ? shift : 0n) };
}

/** Q = n*S2 - S1^2 = sum over pairs of (x_i - x_j)^2, on shares. It does not depend on the column's minimum. */
export async function spread(ctx: Context, sums: Sums, sample: Sample, column: Column): Promise<AnySum> {
  const n = sums.count(sample.n);
  const s1 = sums.get(sample.s1);
  const s2 = sums.get(sample.s2);
  const largest = n.bounds.max * s2.bounds.max;
  if (s1.width === 64 && s2.width === 64 && 2n * largest < 1n << 64n) {
    return await spreadOver(ctx, n, s1, s2, column);
  }
  proveSpread(largest, column, sample.s2);
  const [wideCount, wideSum, wideSquares] = await Promise.all([
    widen(ctx.step('lift-count'), n),
    widen(ctx.step('lift-sum'), s1),
    widen(ctx.step('lift-squares'), s2),
  ]);
  return await spreadOver(ctx, wideCount, wideSum, wideSquares, column);
}

async function spreadOver<W extends RingWidth>(
  ctx: Context,
  n: ArithmeticShare<W>,
  s1: ArithmeticShare<W>,
  s2: ArithmeticShare<W>,
  column: Column,
): Promise<ArithmeticShare<W>> {
  const [scaled, squared] = await Promise.all([
    multiply(ctx.step('n-s2'), n, s2),
    square(ctx.step('s1-squared'), s1),
  ]);
  // Popoviciu: the mean of squares less the square of the mean is at most range^2 / 4, hence Q <= n^2 range^2 / 4.
  const range = encodedMax(column.type) ?? 0n;
  const bound = (n.bounds.max * range) ** 2n / 4n;
  return tighten(subtract(scaled, squared), { min: 0n, max: bound });
}

function proveSpread(largest: bigint, column: Column, s2: Measure): void {
  if (2n * largest < 1n << 128n) return;
  throw notProved(column, `n * ${measureName(s2)} for the variance`, largest, ', or ask for AVG or SUM');
}

/** @param what would leave the ring; @param wayOut beside a narrower range. */
export function notProved(column: Column, what: string, largest: bigint, wayOut: string): WarifuError {
  const bits = largest.toString(2).length;
  return new WarifuError(
    'BOUND_NOT_PROVED',
    `${what} of column '${column.name}' cannot be proved to fit: by the declared range it could reach ${largest} ` +
      `(${bits} bits) and the widest ring has 128; declare a narrower range or fewer decimals for the column${wayOut}`,
    { column: column.name, bits, bound: largest.toString() },
  );
}

export function numberType(column: Column): NumberType {
  if (column.type.kind === 'integer' || column.type.kind === 'decimal') return column.type;
  throw new WarifuError('INTERNAL', `column '${column.name}' is no number`);
}
