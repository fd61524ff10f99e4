/** How the bits of a sum are cut into spans, whose carries are made directly from the operands. */
import type { Span } from './backend.js';

/** Bits of a span: with three, bytes are least (heads of rep3/carry-spans.ts and rep4/carry-spans.ts). */
const LONGEST = 3;

/** The spans for bits from..to-1 of a sum. */
export interface SpanLayout {
  /** Neighbouring spans from bit 0 to the carry into bit to-1, lowest first; none straddles `from`. */
  readonly outer: readonly Span[];
  /** All of which a carry is made: the outer ones, then the beginnings of those that are above `from`. */
  readonly all: readonly Span[];
  /** Those for which it is also made whether they pass a carry on: not the lowest, nor those of a bit of the result. */
  readonly passing: readonly Span[];
  /** Rows of products of the bits of the outer spans. */
  readonly products: number;
}

export function layoutOf(from: number, to: number): SpanLayout {
  const outer = [...spansBelow(Math.min(from, to - 1)), ...spansBetween(from, to - 1)];
  const inner = outer.filter(({ low }) => low >= from).flatMap(beginnings);
  const all = [...outer, ...inner];
  return {
    outer,
    all,
    passing: all.filter(({ low, high }) => low > 0 && !(low >= from && high === low + 1)),
    products: outer.reduce((rows, span) => rows + productsOf(span), 0),
  };
}

/** Non-empty subsets of the bits of a span. */
export function productsOf({ low, high }: Span): number {
  return 2 ** (high - low) - 1;
}

/** Spans of bits 0..end-1. The lowest may be short: it needs no propagate. */
function spansBelow(end: number): Span[] {
  const spans: Span[] = [];
  for (let high = end; high > 0; high -= LONGEST) {
    spans.unshift({ low: Math.max(0, high - LONGEST), high });
  }
  return spans;
}

/** Spans of bits start..end-1. The highest may be short. */
function spansBetween(start: number, end: number): Span[] {
  const spans: Span[] = [];
  for (let low = start; low < end; low += LONGEST) {
    spans.push({ low, high: Math.min(end, low + LONGEST) });
  }
  return spans;
}

/** The spans of the first bits of a span. */
function beginnings({ low, high }: Span): Span[] {
  return Array.from({ length: high - low - 1 }, (_, j) => ({ low, high: low + j + 1 }));
}
