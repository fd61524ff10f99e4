/**
 * The carries into bits of a sum, from what spans of its bits do (backend.carrySpans): a parallel-prefix network.
 *
 * Protocol: what two neighbouring ranges of bits do is joined, (g_hi XOR p_hi*g_lo, p_hi*p_lo), as in Sklansky's network
 *   (1960), of which only what some wanted carry needs is made: no propagate of a range that begins at bit 0, and of the
 *   bits below the lowest wanted one only the carry out of them. All joins of one depth share a message.
 * Cost (rep3): ceil(log2 m) rounds for m spans, one more where carries inside spans are wanted; a bit per node and AND.
 * Reveals: nothing.
 */
import { rows, stack } from '../../share/bits.js';
import type { BinaryShare } from '../../share/shares.js';
import type { CarrySpans, Span } from '../backend.js';
import type { Context } from '../context.js';
import { andRows, type Row, type RowProduct } from '../row-products.js';

/** Bits low..high-1: whether they make a carry and, where that is wanted, whether they pass one on. */
interface Range {
  readonly low: number;
  readonly high: number;
  /** The upper and the lower range of which it is joined; absent for what the backend made. */
  readonly from?: readonly [Range, Range];
  /** Rounds of AND that it takes. */
  readonly depth: number;
  passes: boolean;
  generate?: Row;
  propagate?: Row;
}

/** Carries into bits start..end-1, for 1 <= start: a row each. `spans` are of the bits up to end-1. */
export async function carriesInto(
  ctx: Context,
  spans: CarrySpans,
  start: number,
  end: number,
): Promise<BinaryShare> {
  const { wanted, ranges } = network(spans, start, end);
  const depth = Math.max(...wanted.map((range) => range.depth));
  for (let level = 1; level <= depth; level++) {
    await joinAll(
      ctx.step(`carry-${level}`),
      ranges.filter((range) => range.depth === level),
    );
  }
  return stack(
    wanted.map(({ generate }) => {
      const { of, at } = generate as Row;
      return rows(of, at, at + 1);
    }),
  );
}

/** The ranges below each wanted bit, and all that they are joined of. */
function network(spans: CarrySpans, start: number, end: number): { wanted: Range[]; ranges: Range[] } {
  const known = new Map(madeBy(spans, end).map((range) => [nameOf(range.low, range.high), range]));
  const outer = neighbours(spans.spans);
  const join = (upper: Range, lower: Range): Range => {
    const name = nameOf(lower.low, upper.high);
    const found = known.get(name);
    if (found !== undefined) return found;
    letPass(upper);
    const range: Range = {
      low: lower.low,
      high: upper.high,
      from: [upper, lower],
      depth: 1 + Math.max(upper.depth, lower.depth),
      passes: false,
    };
    known.set(name, range);
    return range;
  };
  /** Outer spans first..last-1, of which the lower half is a power of two. */
  const whole = (first: number, last: number): Range => {
    const [low, high] = [outer[first], outer[last - 1]] as [Span, Span];
    const found = known.get(nameOf(low.low, high.high));
    if (found !== undefined) return found;
    const middle = first + 2 ** (Math.ceil(Math.log2(last - first)) - 1);
    return join(whole(middle, last), whole(first, middle));
  };
  const below = (bit: number): Range => {
    const top = outer.findLastIndex(({ low }) => low < bit);
    const { low, high } = outer[top] as Span;
    if (high === bit) return whole(0, top + 1);
    const beginning = known.get(nameOf(low, bit)) as Range;
    return top === 0 ? beginning : join(beginning, whole(0, top));
  };
  const wanted = Array.from({ length: end - start }, (_, i) => below(start + i));
  return { wanted, ranges: [...known.values()] };
}

function nameOf(low: number, high: number): string {
  return `${low} ${high}`;
}

/** The neighbouring spans, which come first. */
function neighbours(spans: readonly Span[]): readonly Span[] {
  const more = spans.findIndex(({ low }, i) => i > 0 && low !== spans[i - 1]?.high);
  return more < 0 ? spans : spans.slice(0, more);
}

/** What the backend made. */
function madeBy({ halfSum, spans, generate, propagate }: CarrySpans, end: number): Range[] {
  const from = end - halfSum.rows;
  let passing = 0;
  return spans.map(({ low, high }, at): Range => {
    const range: Range = { low, high, depth: 0, passes: low > 0, generate: { of: generate, at } };
    if (low >= from && high === low + 1) range.propagate = { of: halfSum, at: low - from };
    else if (low > 0) range.propagate = { of: propagate, at: passing++ };
    return range;
  });
}

/** Wants it known whether a range passes a carry on, and hence of all that it is joined of. */
function letPass(range: Range): void {
  if (range.passes) return;
  range.passes = true;
  range.from?.forEach(letPass);
}

/** Joins ranges of one depth in one message. */
async function joinAll(ctx: Context, ranges: readonly Range[]): Promise<void> {
  const generates = ranges.map((range): RowProduct => {
    const [upper, lower] = range.from as readonly [Range, Range];
    return { x: upper.propagate as Row, y: lower.generate as Row, plus: upper.generate };
  });
  const passing = ranges.filter(({ passes }) => passes);
  const propagates = passing.map((range): RowProduct => {
    const [upper, lower] = range.from as readonly [Range, Range];
    return { x: upper.propagate as Row, y: lower.propagate as Row };
  });
  const of = await andRows(ctx, [...generates, ...propagates]);
  ranges.forEach((range, at) => {
    range.generate = { of, at };
  });
  passing.forEach((range, at) => {
    range.propagate = { of, at: ranges.length + at };
  });
}
