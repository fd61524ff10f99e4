/** Ranges of rows of a table version. */

/** Rows from start to end, end excluded. */
export interface RowRange {
  readonly start: number;
  readonly end: number;
}

/** The rows outside some ranges, in order. */
export function othersRanges(rows: number, own: readonly RowRange[]): RowRange[] {
  const ranges: RowRange[] = [];
  let start = 0;
  for (const range of [...own].sort((a, b) => a.start - b.start)) {
    if (range.start > start) ranges.push({ start, end: range.start });
    start = Math.max(start, range.end);
  }
  if (start < rows) ranges.push({ start, end: rows });
  return ranges;
}

/** What of some ranges lies within another, counted from its start. */
export function rangesWithin({ start, end }: RowRange, ranges: readonly RowRange[]): RowRange[] {
  return ranges
    .map((range) => ({ start: Math.max(range.start, start) - start, end: Math.min(range.end, end) - start }))
    .filter((range) => range.start < range.end);
}
