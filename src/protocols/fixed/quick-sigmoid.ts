/**
 * A sigmoid in few rounds, for learning.
 *
 * Functionality: 1/(1 + exp(-x)) within 2^-14, with the fraction of x, for every x.
 * Protocol (ours): a sine series (rep3/sine-series.ts, sigmoid-series.ts) for |x| up to some size, which takes no bit of x.
 *   A wider x takes the series for small |x| and, side by side, two comparisons which tell whether x lies outside; a
 *   lookup makes of them a factor of the series, which is 0 there, and what is to be added.
 * Requires: bounds of x within the ring less its last bit.
 * Cost (rep3, 64 bits, fraction of 20): x from -15 to 15 3 rounds, 93.3 bytes; from -100 to 100 3, 333.3; wider: two
 *   comparisons, a lookup and a product more than 90 bytes.
 * Error: docs/fixed-point.md. How a result is rounded depends on the parts (truncate.ts).
 * Reveals: nothing. Fails: BOUND_NOT_PROVED for wider bounds.
 */
import { BIT } from '../../share/bounds.js';
import { encode, type Fixed } from '../../share/fixed.js';
import { add, addConstant, scale, slice } from '../../share/linear.js';
import type { ArithmeticShare } from '../../share/shares.js';
import { type ProductSums, type Rescaling, SERIES_FRACTION, type SineSeries } from '../backend.js';
import { lookup } from '../bits/lookup.js';
import { ringInChunks } from '../chunks.js';
import type { Context } from '../context.js';
import { isNegative, lessThanConstant } from '../less-than.js';
import { multiply } from '../multiply.js';
import { type FunctionWidth, withFraction } from './forms.js';
import { sigmoidSeries } from './sigmoid-series.js';
import { rescaling } from './truncate.js';

/** Beyond these the sigmoid is 0 or 1, nearly. */
const END = 12;

/** Each takes 16 bytes an element from node 0: more are dearer than comparisons. */
const MOST_TERMS = 64;

/** No more bits of fraction are looked at: periods fit in all rings. */
const MOST_FRACTION = 40;

/** By how much a result may lie outside [0, 1]. */
const SLACK = 2 ** -14;

/** Two for each term and element: as many as a chunk has memory for. */
const FACTORS_OF_CHUNK = 1 << 19;

/** 1/(1 + exp(-x)) within 2^-14. */
export async function quickSigmoid<W extends FunctionWidth>(ctx: Context, x: Fixed<W>): Promise<Fixed<W>> {
  const working = Math.min(x.fraction, MOST_FRACTION);
  const fine = await withFraction(ctx.step('working'), x, working);
  const series = sigmoidSeries(largestOf(fine), x.value.width, working, MOST_TERMS);
  const result = await (series === undefined
    ? saturated(ctx, fine)
    : seriesOf(ctx.step('series'), fine, series));
  return await withFraction(ctx, { value: result, fraction: working }, x.fraction);
}

/**
 * The sigmoid of sums of products with so many bits of fraction, which are not rounded before, in one round more than
 * that of a vector.
 */
export async function sigmoidOfSums(
  ctx: Context,
  sums: ProductSums<64>,
  series: SineSeries,
  fraction: number,
): Promise<ArithmeticShare<64>> {
  const to = formOf(64, fraction);
  return addConstant(await sums.finishSeries(ctx, series, to), encode(0.5, fraction));
}

/** The sigmoid at any x, over its ring. */
async function saturated<W extends FunctionWidth>(
  ctx: Context,
  { value, fraction }: Fixed<W>,
): Promise<ArithmeticShare<W>> {
  const { width } = value;
  const series = sigmoidSeries(END, width, fraction, MOST_TERMS) as SineSeries;
  const end = encode(END, fraction);
  const [inside, below, above] = await Promise.all([
    seriesOf(ctx.step('series'), { value, fraction }, series),
    lessThanConstant(ctx.step('below'), value, -end),
    isNegative(ctx.step('above'), addConstant(scale(value, -1n), end)),
  ]);
  const one = encode(1, fraction);
  const factors = [
    [1n, 0n],
    [0n, -1n],
  ];
  const rests = [
    [0n, 0n],
    [0n, one],
  ];
  // At most one of the bits is 1.
  const bounds = [BIT, { min: 0n, max: one }];
  const [factor, rest] = (await lookup(
    ctx.step('sides'),
    [below, above],
    [factors, rests],
    width,
    bounds,
  )) as [ArithmeticShare<W>, ArithmeticShare<W>];
  const kept = await multiply(ctx.step('keep'), factor, inside);
  return add(kept, rest).with({ bounds: inside.bounds });
}

/** The series plus 1/2, wherever x lies. */
async function seriesOf<W extends FunctionWidth>(
  ctx: Context,
  { value, fraction }: Fixed<W>,
  series: SineSeries,
): Promise<ArithmeticShare<W>> {
  const to = formOf(value.width, fraction);
  const size = 64 * Math.ceil(FACTORS_OF_CHUNK / (128 * series.amplitudes.length));
  const run = async (chunk: Context, start: number, end: number): Promise<ArithmeticShare<W>> =>
    await chunk.backend.sineSeries(chunk, slice(value, start, end), series, to);
  return addConstant(await ringInChunks(ctx, value.length, run, size), encode(0.5, fraction));
}

/** How a series is rescaled. */
function formOf<W extends FunctionWidth>(width: W, fraction: number): Rescaling<W> {
  const most = encode(0.5 + SLACK, SERIES_FRACTION);
  return rescaling({ min: -most, max: most }, 64, SERIES_FRACTION - fraction, width);
}

/** The largest absolute value that bounds allow. */
function largestOf<W extends FunctionWidth>({ value: { bounds }, fraction }: Fixed<W>): number {
  const largest = bounds.max > -bounds.min ? bounds.max : -bounds.min;
  return Number(largest) / 2 ** fraction;
}
