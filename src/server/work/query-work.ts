/**
 * A query at one node, once all have agreed: load the columns, run the plan on shares, hand out this node's parts.
 */

import type { QueryPlan } from '../../query/plan.js';
import { columnsOf } from '../../query/plan-columns.js';
import { type QueryPolicy, type QueryResult, runQuery } from '../../query/run.js';
import type { SharedColumn, SharedTable } from '../../share/column.js';
import type { TableSchema } from '../../share/schema.js';
import type { Meter } from '../../transport/channel.js';
import type { RunningJob } from '../jobs/running-job.js';
import type { SliceVersion } from '../store/catalogue.js';
import { type ColumnSource, loadColumn } from './load-column.js';

export interface QueryWork {
  readonly plan: QueryPlan;
  readonly schema: TableSchema;
  /** Visible slices in the order of the table's rows. */
  readonly slices: readonly SliceVersion[];
  readonly policy: QueryPolicy;
}

export interface QueryAnswer {
  readonly result: QueryResult;
  readonly meter: Meter;
}

export async function answerQuery(
  job: RunningJob,
  source: ColumnSource,
  work: QueryWork,
  watch: (meter: Meter) => void,
): Promise<QueryAnswer> {
  return await job.compute(
    'query',
    async (ctx) => runQuery(ctx, work.plan, await loadTable(source, work), work.policy),
    watch,
  );
}

/** The columns that the plan reads, and no others. */
async function loadTable(source: ColumnSource, { plan, schema, slices }: QueryWork): Promise<SharedTable> {
  const ranges = slices.map((slice) => ({ slice, start: 0, end: slice.rows }));
  const columns = new Map<string, SharedColumn>();
  for (const name of columnsOf(plan)) {
    const index = schema.columns.findIndex((column) => column.name === name);
    const column = schema.columns[index];
    if (column !== undefined) columns.set(name, await loadColumn(source, column, index, ranges));
  }
  let row = 0;
  const rows = slices.map(({ contributor, rows: count }) => {
    const start = row;
    row += count;
    return { contributor, start, end: row };
  });
  return { rows: row, slices: rows, columns };
}

/** This node's parts of the released vectors, in the order that queryReply states. */
export function answerBytes({ narrow, wide }: QueryResult): Uint8Array {
  const pieces = [...narrow.parts, ...wide.parts].map((part) => part.bytes());
  const bytes = new Uint8Array(pieces.reduce((total, piece) => total + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
