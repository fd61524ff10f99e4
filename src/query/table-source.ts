/**
 * Where a query's rows come from: the store at a node, a table in memory in tests, nothing at all in a dry run.
 *
 * A query asks for its rows chunk by chunk, so that shares of a chunk live only as long as it is worked on.
 */
import { columnOf, type SharedColumn, type SharedTable } from '../share/column.js';
import { slice } from '../share/linear.js';
import type { Column } from '../share/schema.js';
import { BinaryShare } from '../share/shares.js';

export interface TableSource {
  readonly rows: number;
  /** The declared columns that can be loaded, by name. */
  readonly columns: ReadonlyMap<string, Column>;
  /** Rows start..end-1. Asked for stretches in the order of rows, each once; start is a multiple of 64. */
  load(start: number, end: number): Promise<SharedTable>;
}

/** A table that is in memory already. */
export function sourceOf(table: SharedTable): TableSource {
  const { rows } = table;
  const columns = new Map([...table.columns].map(([name, { column }]) => [name, column]));
  const load = async (start: number, end: number): Promise<SharedTable> =>
    start === 0 && end === rows ? table : between(table, start, end);
  return { rows, columns, load };
}

function between(table: SharedTable, start: number, end: number): SharedTable {
  const columns = [...table.columns.keys()].map((name): [string, SharedColumn] => {
    const { column, values, validity } = columnOf(table, name);
    return [
      name,
      {
        column,
        values: 'rows' in values ? bitsBetween(values, start, end) : numbersBetween(values, start, end),
        validity: validity === undefined ? undefined : bitsBetween(validity, start, end),
      },
    ];
  });
  return { rows: end - start, columns: new Map(columns) };
}

function numbersBetween(
  values: Exclude<SharedColumn['values'], BinaryShare>,
  start: number,
  end: number,
): SharedColumn['values'] {
  return values.width === 64 ? slice(values, start, end) : slice(values, start, end);
}

function bitsBetween(bits: BinaryShare, start: number, end: number): BinaryShare {
  return bits.with({
    length: end - start,
    parts: bits.parts.map((part) => part.columnsBetween(start, end)),
  });
}
