/**
 * Keys made of columns with validity.
 *
 * Functionality: for a join a key is missing where any of its columns is. For groups a missing value is one of its own,
 *   after all others.
 * Requires: for groups, missing slots that hold 0.
 * Cost (rep3): joins an AND for each validity but the first; groups nothing; identifiers bits/to-bits.ts.
 * Reveals: nothing. Fails: never, but for identifiers, with a probability below 2^-40, by equal keys of different ones.
 */
import { not, stack } from '../../share/bits.js';
import type { ArithmeticShare, BinaryShare } from '../../share/shares.js';
import { toBits } from '../bits/to-bits.js';
import type { Context } from '../context.js';
import { allRows } from '../logic.js';
import { type KeyedRows, type KeyValue, valuesOf } from './keyed-rows.js';

export interface KeyColumn {
  readonly values: KeyValue;
  /** 0 where the value is missing. */
  readonly valid?: BinaryShare | undefined;
}

/**
 * Bits that tell identifiers apart: as many of the lowest bits of their 128-bit keys as it takes, which make a join or
 * group about half as dear. Keys are uniform (share/identifier-key.ts: of a hash), so different ones among so many rows
 * agree in these bits with a probability below 2^-40.
 *
 * @param rows of all tables together whose identifiers are compared: the same number for each.
 */
export async function identifierKey(
  ctx: Context,
  identifiers: ArithmeticShare<128>,
  rows: number,
): Promise<BinaryShare> {
  if (!(rows >= 0)) throw new RangeError(`identifiers of ${rows} rows`);
  // rows^2 / 2 pairs, each with probability 2^-bits.
  const bits = Math.min(128, 2 * Math.ceil(Math.log2(rows + 1)) + 39);
  return await toBits(ctx, identifiers, 0, bits);
}

/** Rows with a key where no column is missing. RangeError for no column, or lengths that differ. */
export async function joinKey(ctx: Context, columns: readonly KeyColumn[]): Promise<KeyedRows> {
  const key = columns.map(({ values }) => values);
  const valid = columns.flatMap((column) => (column.valid === undefined ? [] : [column.valid]));
  valuesOf({ key });
  for (const own of valid) valuesOf({ key, valid: own });
  return { key, valid: valid.length === 0 ? undefined : await allRows(ctx, stack(valid)) };
}

/** A key that orders rows by the first column, then by the second, missing values last. */
export function groupKey(columns: readonly KeyColumn[]): readonly KeyValue[] {
  return columns.flatMap(({ values, valid }) => (valid === undefined ? [values] : [not(valid), values]));
}
