/**
 * EXPLAIN: the query's program run dry, on a table of the same shape without data.
 *
 * Derives rounds, bytes per node, every bound, what would be released and opened. All nodes run it before a query
 * starts, so a sum that cannot be proved to fit is refused before any data moves.
 */
import type { Cost } from '../core/cost.js';
import { REP3, type Scheme } from '../core/scheme.js';
import { Context } from '../protocols/context.js';
import { DryBackend } from '../protocols/dry/backend.js';
import type { SharedColumn, SharedTable, SliceRows } from '../share/column.js';
import { type Column, dealtWidth, encodedMax, type TableSchema } from '../share/schema.js';
import { ArithmeticShare, BinaryShare } from '../share/shares.js';
import type { QueryPlan } from './plan.js';
import type { ResultLayout } from './result-layout.js';
import { type CellGate, type QueryPolicy, runQuery } from './run.js';
import { sourceOf } from './table-source.js';

export interface Explanation {
  readonly cost: Cost;
  /** What it costs at most; the cost itself where no step is estimated. */
  readonly bound: Cost;
  readonly layout: ResultLayout;
  /** Rows of the table: what bounds every count and sum. */
  readonly rows: number;
  /** Bits opened to the nodes. */
  readonly openedBits: number;
  /** The counts that decide about each column of cells. */
  readonly gates: readonly CellGate[];
  /** Every sum computed on shares: its largest possible value and the ring it lives in. */
  readonly bounds: readonly { readonly what: string; readonly max: bigint; readonly width: 64 | 128 }[];
  /** Bytes of shares that a node holds at most, roughly: what it reserves. */
  readonly memory: number;
}

/** @throws WarifuError BOUND_NOT_PROVED, TOO_MANY_CELLS: the query is refused before it starts. */
export async function explainQuery(
  plan: QueryPlan,
  schema: TableSchema,
  slices: readonly SliceRows[],
  policy: QueryPolicy,
  scheme: Scheme = REP3,
): Promise<Explanation> {
  const backend = new DryBackend(scheme);
  const table = dryTable(schema, slices);
  const { layout, openedBits, gates, sums, memory } = await runQuery(
    Context.root(backend, 'query'),
    plan,
    sourceOf(table),
    policy,
  );
  const bounds = [...sums.entries()].map(([what, sum]) => ({ what, max: sum.bounds.max, width: sum.width }));
  return {
    cost: backend.cost,
    bound: backend.bound,
    layout,
    rows: table.rows,
    openedBits,
    gates,
    bounds,
    memory,
  };
}

/** A table of the declared shape that holds no parts. */
function dryTable(schema: TableSchema, slices: readonly SliceRows[]): SharedTable {
  const rows = slices.reduce((last, slice) => Math.max(last, slice.end), 0);
  const columns = new Map(schema.columns.map((column) => [column.name, dryColumn(column, rows)]));
  return { rows, columns };
}

function dryColumn(column: Column, rows: number): SharedColumn {
  const bits = (): BinaryShare => new BinaryShare({ rows: 1, length: rows, held: [], parts: [], clock: 0 });
  const validity = column.nullable ? bits() : undefined;
  const width = dealtWidth(column.type);
  if (width === 1) return { column, validity, values: bits() };
  const bounds = { min: 0n, max: encodedMax(column.type) ?? (1n << 128n) - 1n };
  const shape = { length: rows, bounds, held: [], parts: [], clock: 0 };
  const values =
    width === 64
      ? new ArithmeticShare({ ...shape, width: 64 })
      : new ArithmeticShare({ ...shape, width: 128 });
  return { column, validity, values };
}
