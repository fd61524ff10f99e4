/**
 * Keys made of columns with validity.
 *
 * Functionality: for a join a key is missing where any of its columns is. For groups a missing value is one of its own,
 *   after all others.
 * Requires: for groups, missing slots that hold 0.
 * Cost (rep3): joins an AND for each validity but the first; groups nothing. Reveals: nothing. Fails: never.
 */
import { not, stack } from '../../share/bits.js';
import type { BinaryShare } from '../../share/shares.js';
import type { Context } from '../context.js';
import { allRows } from '../logic.js';
import { type KeyedRows, type KeyValue, valuesOf } from './keyed-rows.js';

export interface KeyColumn {
  readonly values: KeyValue;
  /** 0 where the value is missing. */
  readonly valid?: BinaryShare | undefined;
}

/** Rows with a key where no column is missing. RangeError for no column, or lengths that differ. */
export async function joinKey(ctx: Context, columns: readonly KeyColumn[]): Promise<KeyedRows> {
  const key = columns.map(({ values }) => values);
  const valid = columns.flatMap((column) => (column.valid === undefined ? [] : [column.valid]));
  for (const own of valid) valuesOf({ key, valid: own });
  return { key, valid: valid.length === 0 ? undefined : await allRows(ctx, stack(valid)) };
}

/** A key that orders rows by the first column, then by the second, missing values last. */
export function groupKey(columns: readonly KeyColumn[]): readonly KeyValue[] {
  return columns.flatMap(({ values, valid }) => (valid === undefined ? [values] : [not(valid), values]));
}
