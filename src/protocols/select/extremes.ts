/**
 * Smallest and largest: of several vectors element by element, or of all elements of one; and which of them it is.
 *
 * Protocol: a tree. Each level compares neighbours, all pairs as one vector, and keeps the winners (a later one only if
 *   it is strictly better, so the first of equals wins). Which one it is, is kept as bits: a level's bit, and those of the
 *   levels before chosen by it; they become a number at the end.
 * Requires: differences that fit the ring.
 * Cost (rep3), for m items: ceil(log2 m) levels of a comparison and 3 rounds; m-1 comparisons, each with a bit to an
 *   integer and a product. With the place about 2m bits more, 2 rounds and ceil(log2 m) + 2 elements of 32 bits: the
 *   smaller of two 62-bit numbers 10 rounds and 30.0 bytes per node and element on average.
 * Reveals: nothing. Fails: never.
 */
import { BitMatrix } from '../../kernels/bit-matrix.js';
import { kernels } from '../../kernels/kernels.js';
import type { RingWidth } from '../../kernels/ring-vector.js';
import { stack } from '../../share/bits.js';
import type { Bounds } from '../../share/bounds.js';
import { concatenate, tighten } from '../../share/linear.js';
import { concatenateRows, gatherRows } from '../../share/rows.js';
import type { ArithmeticShare, BinaryShare, WordShare } from '../../share/shares.js';
import { bitsOfWords, wordsOf } from '../../share/words.js';
import { fromBits } from '../bits/from-bits.js';
import type { Context } from '../context.js';
import { select } from '../convert.js';
import { lessThan } from '../less-than.js';
import { sameLength } from '../multiply.js';
import { selectBits } from './mux.js';

/** A value and which one it is, counted from 0. */
export interface Extreme<in out W extends RingWidth> {
  readonly value: ArithmeticShare<W>;
  readonly index: ArithmeticShare<32>;
}

type Direction = 'smallest' | 'largest';

/** Element by element the smallest of the vectors. RangeError for no vector or different lengths. */
export async function minimum<W extends RingWidth>(
  ctx: Context,
  vectors: readonly ArithmeticShare<W>[],
): Promise<ArithmeticShare<W>> {
  return await value(ctx, itemsOf(vectors, 'smallest'));
}

/** Element by element the largest of the vectors. RangeError for no vector or different lengths. */
export async function maximum<W extends RingWidth>(
  ctx: Context,
  vectors: readonly ArithmeticShare<W>[],
): Promise<ArithmeticShare<W>> {
  return await value(ctx, itemsOf(vectors, 'largest'));
}

/** As `minimum`, and which vector it is from: the first of equals. */
export async function argMinimum<W extends RingWidth>(
  ctx: Context,
  vectors: readonly ArithmeticShare<W>[],
): Promise<Extreme<W>> {
  return await extreme(ctx, itemsOf(vectors, 'smallest'));
}

/** As `maximum`, and which vector it is from: the first of equals. */
export async function argMaximum<W extends RingWidth>(
  ctx: Context,
  vectors: readonly ArithmeticShare<W>[],
): Promise<Extreme<W>> {
  return await extreme(ctx, itemsOf(vectors, 'largest'));
}

/** The smallest element, as a vector of length 1. RangeError for an empty vector. */
export async function smallest<W extends RingWidth>(
  ctx: Context,
  x: ArithmeticShare<W>,
): Promise<ArithmeticShare<W>> {
  return await value(ctx, elementsOf(x, 'smallest'));
}

/** The largest element, as a vector of length 1. RangeError for an empty vector. */
export async function largest<W extends RingWidth>(
  ctx: Context,
  x: ArithmeticShare<W>,
): Promise<ArithmeticShare<W>> {
  return await value(ctx, elementsOf(x, 'largest'));
}

/** The smallest element and its place, the first of equals, as vectors of length 1. RangeError for an empty vector. */
export async function argSmallest<W extends RingWidth>(
  ctx: Context,
  x: ArithmeticShare<W>,
): Promise<Extreme<W>> {
  return await extreme(ctx, elementsOf(x, 'smallest'));
}

/** The largest element and its place, the first of equals, as vectors of length 1. RangeError for an empty vector. */
export async function argLargest<W extends RingWidth>(
  ctx: Context,
  x: ArithmeticShare<W>,
): Promise<Extreme<W>> {
  return await extreme(ctx, elementsOf(x, 'largest'));
}

/** Items to choose from, one after the other, each of as many lanes. */
interface Items<in out W extends RingWidth> {
  readonly values: ArithmeticShare<W>;
  readonly lanes: number;
  readonly count: number;
  readonly direction: Direction;
  /** Bounds of the best. */
  readonly bounds: Bounds;
}

function itemsOf<W extends RingWidth>(
  vectors: readonly ArithmeticShare<W>[],
  direction: Direction,
): Items<W> {
  const [first] = vectors;
  if (first === undefined) throw new RangeError('the smallest or largest of no vector');
  for (const { length } of vectors) sameLength(first.length, length);
  const better = direction === 'smallest' ? lower : higher;
  const bounds = {
    min: vectors.map((x) => x.bounds.min).reduce(better),
    max: vectors.map((x) => x.bounds.max).reduce(better),
  };
  return { values: concatenate(vectors), lanes: first.length, count: vectors.length, direction, bounds };
}

function elementsOf<W extends RingWidth>(x: ArithmeticShare<W>, direction: Direction): Items<W> {
  if (x.length === 0) throw new RangeError('the smallest or largest of no element');
  return { values: x, lanes: 1, count: x.length, direction, bounds: x.bounds };
}

function lower(x: bigint, y: bigint): bigint {
  return x < y ? x : y;
}

function higher(x: bigint, y: bigint): bigint {
  return x > y ? x : y;
}

async function value<W extends RingWidth>(ctx: Context, items: Items<W>): Promise<ArithmeticShare<W>> {
  let { values, count } = items;
  for (let level = 0; count > 1; level++) {
    const pairs = pairsOf(items.lanes, count);
    const [winners] = await winnersOf(ctx.step(`level-${level}`), items.direction, values, pairs, nothing);
    values = concatenate([winners, gather(values, pairs.last)]);
    count = Math.ceil(count / 2);
  }
  return values.with({ bounds: items.bounds });
}

/** The places are words of as many bits as there were levels, so that they can be gathered. */
async function extreme<W extends RingWidth>(ctx: Context, items: Items<W>): Promise<Extreme<W>> {
  const { direction, lanes } = items;
  let { values, count } = items;
  let places = wordsOf(ctx.publicBits(BitMatrix.zeros(0, values.length)), 32);
  let bits = 0;
  for (; count > 2; bits++) {
    const pairs = pairsOf(lanes, count);
    const before = places;
    const [winners, chosen] = await winnersOf(
      ctx.step(`level-${bits}`),
      direction,
      values,
      pairs,
      (step, better) => placesOf(step, before, bits, pairs, better),
    );
    values = concatenate([winners, gather(values, pairs.last)]);
    places = concatenateRows([wordsOf(chosen, 32), gatherRows([places], pairs.last)[0]]);
    count = Math.ceil(count / 2);
  }
  const { bounds } = items;
  if (count === 1) return { value: values.with({ bounds }), index: ctx.constant(32, lanes, 0n) };
  // The last place becomes a number while the last value is chosen.
  const pairs = pairsOf(lanes, count);
  const [winners, index] = await winnersOf(
    ctx.step(`level-${bits}`),
    direction,
    values,
    pairs,
    async (step, better) => {
      const place = await placesOf(step.step('bits'), places, bits, pairs, better);
      return await fromBits(step.step('number'), place, 32);
    },
  );
  const last = BigInt(items.count - 1);
  return { value: winners.with({ bounds }), index: tighten(index, { min: 0n, max: last }) };
}

/** Rows of neighbours that are compared, and of the item that an odd count leaves over. */
interface Pairs {
  readonly earlier: Uint32Array;
  readonly later: Uint32Array;
  readonly last: Uint32Array;
}

function pairsOf(lanes: number, count: number): Pairs {
  const half = Math.floor(count / 2);
  const rowsFrom = (items: number, first: number, stride: number): Uint32Array =>
    Uint32Array.from({ length: items * lanes }, (_, i) => {
      const item = Math.floor(i / lanes);
      return (first + stride * item) * lanes + (i - item * lanes);
    });
  return {
    earlier: rowsFrom(half, 0, 2),
    later: rowsFrom(half, 1, 2),
    last: rowsFrom(count % 2, count - 1, 1),
  };
}

/** The better of each pair, and what is made of the bits that are 1 where the later one is better. */
async function winnersOf<W extends RingWidth, T>(
  ctx: Context,
  direction: Direction,
  values: ArithmeticShare<W>,
  pairs: Pairs,
  keep: (step: Context, better: BinaryShare) => Promise<T>,
): Promise<readonly [ArithmeticShare<W>, T]> {
  const earlier = gather(values, pairs.earlier);
  const later = gather(values, pairs.later);
  const [x, y] = direction === 'smallest' ? [later, earlier] : [earlier, later];
  const better = await lessThan(ctx.step('compare'), x, y);
  return await Promise.all([
    select(ctx.step('value'), better, later, earlier),
    keep(ctx.step('place'), better),
  ]);
}

async function nothing(): Promise<void> {}

/** The places of the better ones, with a bit more: 1 where the later one is better. */
async function placesOf(
  ctx: Context,
  places: WordShare<32>,
  bits: number,
  { earlier, later }: Pairs,
  better: BinaryShare,
): Promise<BinaryShare> {
  if (bits === 0) return better;
  const [one] = gatherRows([places], later);
  const [other] = gatherRows([places], earlier);
  const chosen = await selectBits(ctx, better, bitsOfWords(one, 0, bits), bitsOfWords(other, 0, bits));
  return stack([chosen, better]);
}

function gather<W extends RingWidth>(x: ArithmeticShare<W>, indices: Uint32Array): ArithmeticShare<W> {
  return x.with({ length: indices.length, parts: x.parts.map((part) => kernels.gather(part, indices)) });
}
