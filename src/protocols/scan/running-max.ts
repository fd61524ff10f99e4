/**
 * Running maxima and minima within segments.
 *
 * Functionality: of n numbers and the first rows of segments, in each row the largest (smallest) number from the first
 *   row of its segment up to it.
 * Protocol: a scan of odd-even shape (Ladner, Fischer 1980; Brent, Kung 1982): neighbours are joined in pairs, the pairs
 *   are scanned, and every other row takes one more step; 2n steps in all. A step of (first, x) and (first', x') gives
 *   x' where first' is 1, else the larger one; the joined flag is first OR first'. Sorting by the value after the key costs
 *   17 bytes for each bit of the value, this about 2 * (0.2 bits + 16) at 64 bits.
 * Requires: bounds less than half of the ring apart, so that differences fit.
 * Cost (rep3): of a step lessThan, 1 bit twice, a bit as a number, a product. With b-bit values 6 + ceil(log2(b/3))
 *   rounds for each of 2 log2 n - 1 levels: of 2^16 numbers of 32 bits over 64 bits 46.1 bytes and 310 rounds.
 * Reveals: nothing. Fails: BOUND_NOT_PROVED where a difference of values could leave the ring.
 */
import { indices } from '../../kernels/indices.js';
import { not } from '../../share/bits.js';
import { scale } from '../../share/linear.js';
import { checkRows, concatenateRows, gatherRows, sliceRows } from '../../share/rows.js';
import type { ArithmeticShare, BinaryShare, NumberColumn, WordShare } from '../../share/shares.js';
import { bitsOfWords, wordsOf } from '../../share/words.js';
import type { Context } from '../context.js';
import { bitToRing, choose } from '../convert.js';
import { lessThan } from '../less-than.js';
import { and, or } from '../logic.js';
import { sameLength } from '../multiply.js';

/** The largest number from the first row of a row's segment up to the row. */
export async function segmentedMax<C extends NumberColumn>(
  ctx: Context,
  first: BinaryShare,
  x: C,
): Promise<C> {
  checkRows(first.length, [x]);
  if (first.rows !== 1) throw new RangeError('first rows are flagged by one row of bits');
  const value = x as ArithmeticShare<64>;
  const scanned = await scan(ctx, { first: wordsOf(first, 32), value }, 0);
  return scanned.with({ bounds: x.bounds }) as NumberColumn as C;
}

/** The smallest number from the first row of a row's segment up to the row. */
export async function segmentedMin<C extends NumberColumn>(
  ctx: Context,
  first: BinaryShare,
  x: C,
): Promise<C> {
  const negated = scale(x as ArithmeticShare<64>, -1n);
  const scanned = await segmentedMax(ctx, first, negated);
  return scale(scanned, -1n) as NumberColumn as C;
}

/** Rows, or spans of rows, with the largest number of the last segment that begins in them or before them. */
interface Spans {
  /** Bit 0: a segment begins in the span. As words, of which every other one can be taken. */
  readonly first: WordShare<32>;
  /** Stands for numbers of any width. */
  readonly value: ArithmeticShare<64>;
}

async function scan(ctx: Context, spans: Spans, level: number): Promise<ArithmeticShare<64>> {
  const { length } = spans.value;
  if (length < 2) return spans.value;
  const pairs = Math.floor(length / 2);
  const [left, right] = [everyOther(spans, 0, pairs), everyOther(spans, 1, pairs)];
  const joined = await join(ctx.step(`up-${level}`), left, right);
  const odd = await scan(ctx, joined, level + 1);
  if (length === 2) return interleave(sliceRows(spans.value, 0, 1), odd);
  const later = everyOther(spans, 2, Math.ceil(length / 2) - 1);
  const before = { ...later, value: sliceRows(odd, 0, later.value.length) };
  const even = await larger(ctx.step(`down-${level}`), before, later);
  return interleave(concatenateRows([sliceRows(spans.value, 0, 1), even]), odd);
}

async function join(ctx: Context, left: Spans, right: Spans): Promise<Spans> {
  const [first, value] = await Promise.all([
    or(ctx.step('first'), flagOf(left), flagOf(right)),
    larger(ctx.step('larger'), left, right),
  ]);
  return { first: wordsOf(first, 32), value };
}

/** The number on the right where a segment begins there, else the larger one. */
async function larger(ctx: Context, left: Spans, right: Spans): Promise<ArithmeticShare<64>> {
  sameLength(left.value.length, right.value.length);
  const { value } = right;
  const less = await lessThan(ctx.step('less'), value, left.value);
  const bit = await and(ctx.step('within'), less, not(flagOf(right)));
  const take = await bitToRing(ctx.step('take'), bit, value.width);
  return await choose(ctx.step('choose'), take, left.value, value);
}

function flagOf({ first }: Spans): BinaryShare {
  return bitsOfWords(first, 0, 1);
}

/** Rows start, start + 2, ... */
function everyOther({ first, value }: Spans, start: number, count: number): Spans {
  const [flags, values] = gatherRows([first, value] as const, indices(count, start, 2));
  return { first: flags, value: values };
}

/** even_0, odd_0, even_1, ...; as many odd ones, or one less. */
function interleave(even: ArithmeticShare<64>, odd: ArithmeticShare<64>): ArithmeticShare<64> {
  const both = concatenateRows([even, odd]);
  const places = new Uint32Array(both.length);
  for (let i = 0; i < places.length; i++) places[i] = i % 2 === 0 ? i / 2 : even.length + (i - 1) / 2;
  return gatherRows([both] as const, places)[0];
}
