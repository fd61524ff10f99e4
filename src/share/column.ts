/**
 * A table on shares: columns with secret validity, as one node holds them.
 */
import { WarifuError } from '../core/errors.js';
import type { Column } from './schema.js';
import type { ArithmeticShare, BinaryShare } from './shares.js';

/** Encoded values of one column; missing slots are 0, and missing booleans are false. */
export type ColumnValues = ArithmeticShare<64> | ArithmeticShare<128> | BinaryShare;

export interface SharedColumn {
  readonly column: Column;
  readonly values: ColumnValues;
  /** One row of bits, 1 where the value is present; undefined for a column without missing values. */
  readonly validity: BinaryShare | undefined;
}

/** Rows that one contributor's slice takes in the table version, from start to end. */
export interface SliceRows {
  readonly contributor: string;
  readonly start: number;
  readonly end: number;
}

/** All rows of a table, or those of a chunk. */
export interface SharedTable {
  readonly rows: number;
  readonly columns: ReadonlyMap<string, SharedColumn>;
}

/** A column by its declared name; the planner has checked that it exists. */
export function columnOf(table: SharedTable, name: string): SharedColumn {
  const column = table.columns.get(name);
  if (column === undefined) throw new WarifuError('INTERNAL', `column '${name}' was not loaded`);
  return column;
}

/** The values of a column that is dealt as bits. */
export function flagOf(shared: SharedColumn): BinaryShare {
  const { values, column } = shared;
  if ('rows' in values) return values;
  throw new WarifuError('INTERNAL', `column '${column.name}' is not boolean`);
}

/** The values of a column that is dealt as numbers. */
export function numbersOf(shared: SharedColumn): ArithmeticShare<64> | ArithmeticShare<128> {
  const { values, column } = shared;
  if ('rows' in values) throw new WarifuError('INTERNAL', `column '${column.name}' is boolean`);
  return values;
}
