/**
 * Columns that are moved together: their sizes, and the same columns with other parts.
 */
import type { RingVector } from '../kernels/ring-vector.js';
import type { Column } from '../share/shares.js';
import { ringBytes } from './sizes.js';

/** Bytes of one part of each column. */
export function bytesOfColumns(columns: readonly Column[]): number[] {
  return columns.map(({ width, length }) => ringBytes(width, length));
}

/** The same columns at a later time. */
export function atClock<C extends readonly Column[]>(columns: C, clock: number): C {
  return columns.map((column) => column.with({ clock })) as readonly Column[] as C;
}

/** Columns of the same kinds, widths and bounds, whose parts are made by `partsOf`. */
export function withParts<C extends readonly Column[]>(
  columns: C,
  clock: number,
  partsOf: (column: Column, index: number) => readonly RingVector[],
): C {
  return columns.map((column, index) => {
    const parts = partsOf(column, index);
    const length = parts[0]?.length ?? column.length;
    return column.with({ clock, length, parts });
  }) as readonly Column[] as C;
}
