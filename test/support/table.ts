/** A plain table of texts, as in a CSV file, dealt to whoever runs the program. */
import type { SharedColumn, SharedTable, SliceRows } from '../../src/share/column.js';
import {
  type Column,
  type ColumnType,
  dealtWidth,
  encodedMax,
  parseDay,
  parseDecimal,
  type TableSchema,
} from '../../src/share/schema.js';
import type { Dealer } from './world.js';

/** Cells by column: a decimal text, an ISO date, a label, a spelling of a boolean; null where missing. */
export type PlainRow = Readonly<Record<string, string | null>>;

export interface PlainTable {
  readonly name: string;
  readonly schema: TableSchema;
  readonly rows: readonly PlainRow[];
  /** Sizes of the slices, in order; one slice of all rows where left out. */
  readonly slices?: readonly { readonly contributor: string; readonly rows: number }[];
}

export function slicesOf({ rows, slices }: PlainTable): SliceRows[] {
  let start = 0;
  return (slices ?? [{ contributor: 'hospital-a', rows: rows.length }]).map((slice) => {
    const end = start + slice.rows;
    const range = { contributor: slice.contributor, start, end };
    start = end;
    return range;
  });
}

/** The table on shares; only the named columns are dealt, as a node loads only those that a plan reads. */
export function dealTable(deal: Dealer, table: PlainTable, only: readonly string[]): SharedTable {
  const columns = table.schema.columns
    .filter((column) => only.includes(column.name))
    .map((column) => [column.name, dealColumn(deal, table.rows, column)] as const);
  return { rows: table.rows.length, columns: new Map(columns) };
}

function dealColumn(deal: Dealer, rows: readonly PlainRow[], column: Column): SharedColumn {
  const { name, type, nullable } = column;
  const n = rows.length;
  const cells = (): bigint[] => rows.map((row) => encodeCell(type, row[name] ?? null));
  const flags = (of: () => boolean[]) => (): number[][] => [of().map(Number)];
  const validity = nullable
    ? deal.bits(
        `${name} validity`,
        1,
        n,
        flags(() => rows.map((row) => row[name] !== null)),
      )
    : undefined;
  const width = dealtWidth(type);
  if (width === 1) {
    const values = deal.bits(
      `${name} values`,
      1,
      n,
      flags(() => cells().map(Boolean)),
    );
    return { column, validity, values };
  }
  const bounds = { min: 0n, max: encodedMax(type) ?? (1n << 128n) - 1n };
  const values =
    width === 64
      ? deal.ring(`${name} values`, 64, n, bounds, cells)
      : deal.ring(`${name} values`, 128, n, bounds, cells);
  return { column, validity, values };
}

/** The distance from the declared minimum; 0 where missing. */
export function encodeCell(type: ColumnType, text: string | null): bigint {
  if (text === null) return 0n;
  const value = encodePresent(type, text);
  if (value === undefined || value < 0n || value > (encodedMax(type) ?? 1n)) {
    throw new RangeError(`'${text}' is no value of the column`);
  }
  return value;
}

function encodePresent(type: ColumnType, text: string): bigint | undefined {
  switch (type.kind) {
    case 'integer':
    case 'decimal': {
      const value = parseDecimal(text, type.digits);
      return value === undefined ? undefined : value - type.min;
    }
    case 'date': {
      const value = parseDay(text);
      return value === undefined ? undefined : value - type.min;
    }
    case 'category':
      return BigInt(type.labels.indexOf(text));
    case 'boolean':
      return type.true.includes(text) ? 1n : type.false.includes(text) ? 0n : undefined;
    case 'identifier':
      return undefined;
  }
}
