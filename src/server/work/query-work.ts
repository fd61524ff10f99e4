/**
 * A query at one node, once all have agreed: run the plan on shares of the stored rows, hand out this node's parts.
 */

import type { QueryPlan } from '../../query/plan.js';
import { columnsOf } from '../../query/plan-columns.js';
import { type QueryPolicy, type QueryResult, runQuery } from '../../query/run.js';
import type { TableSchema } from '../../share/schema.js';
import type { Meter } from '../../transport/channel.js';
import type { RunningJob } from '../jobs/running-job.js';
import type { SliceVersion } from '../store/catalogue.js';
import type { ColumnSource } from './load-column.js';
import { StoredTable } from './stored-table.js';

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
    (ctx) => runQuery(ctx, work.plan, storedTable(storedParts(job, source), work), work.policy),
    watch,
  );
}

/** What is read of the store: all parts, or those of which the parts of three are made. */
function storedParts({ folded }: Pick<RunningJob, 'folded'>, { store, held }: ColumnSource): ColumnSource {
  if (folded === undefined) return { store, held };
  const needed = new Set(folded.flatMap(({ of }) => of));
  return { store, held: held.filter((part) => needed.has(part)), folded };
}

/** The columns that the plan reads, and no others. */
function storedTable(source: ColumnSource, { plan, schema, slices }: QueryWork): StoredTable {
  return new StoredTable(source, schema, slices, columnsOf(plan));
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
