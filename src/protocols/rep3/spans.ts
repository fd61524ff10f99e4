/** How the bits below the highest are cut into spans, whose carries are made directly from the operands. */

/** Bits of a span: with three, bytes are least (head of carry-spans.ts). */
const LONGEST = 3;

/** Neighbouring bits from `low` to `high` - 1. */
export interface Span {
  readonly low: number;
  readonly high: number;
}

/** The spans of so many bits, lowest first. Only the lowest may be short: it needs no propagate. */
export function spansOf(bits: number): Span[] {
  const spans: Span[] = [];
  for (let high = bits; high > 0; high -= LONGEST) {
    spans.unshift({ low: Math.max(0, high - LONGEST), high });
  }
  return spans;
}

/** Non-empty subsets of the bits of a span. */
export function productsOf({ low, high }: Span): number {
  return 2 ** (high - low) - 1;
}

/** Rows of products that all spans take. */
export function productRows(spans: readonly Span[]): number {
  return spans.reduce((rows, span) => rows + productsOf(span), 0);
}

/** Rows of generate and propagate: two for each span, but one for the lowest. */
export function carryRows(spans: readonly Span[]): number {
  return Math.max(0, 2 * spans.length - 1);
}
