/** A query from SQL text to the analyst's table, on three nodes in one process or on the plain backend. */
import { assembleResult, type ResultTable } from '../../src/client/analyst/assemble.js';
import type { Cost } from '../../src/core/cost.js';
import type { QueryPlan } from '../../src/query/plan.js';
import { columnsOf } from '../../src/query/plan-columns.js';
import { type QueryPolicy, type QueryResult, runQuery } from '../../src/query/run.js';
import { planQuery } from '../../src/query/sql/plan-query.js';
import { sourceOf } from '../../src/query/table-source.js';
import type { MemoryNetwork } from '../../src/transport/memory-network.js';
import { dealTable, type PlainTable } from './table.js';
import { type Program, type RunOptions, revealRing, runPlain, runRep3 } from './world.js';

export const GATES_OFF: QueryPolicy = { minCount: 1, ownRows: [] };

export interface Answer {
  readonly plan: QueryPlan;
  readonly table: ResultTable;
  readonly result: QueryResult;
  /** Reconstructed residues of everything that was released. */
  readonly released: { readonly narrow: readonly bigint[]; readonly wide: readonly bigint[] };
}

export function queryProgram(
  plan: QueryPlan,
  table: PlainTable,
  policy: QueryPolicy,
  chunkRows?: number,
): Program<QueryResult> {
  return (ctx, deal) =>
    runQuery(ctx, plan, sourceOf(dealTable(deal, table, columnsOf(plan))), policy, chunkRows);
}

export async function askPlain(sql: string, table: PlainTable, policy = GATES_OFF): Promise<Answer> {
  const plan = await planQuery(sql, [table]);
  return answered(plan, [await runPlain(queryProgram(plan, table, policy))]);
}

export async function askRep3(
  sql: string,
  table: PlainTable,
  policy = GATES_OFF,
  options: RunOptions & { readonly chunkRows?: number } = {},
): Promise<Answer & { readonly cost: Cost; readonly network: MemoryNetwork }> {
  const plan = await planQuery(sql, [table]);
  const { results, cost, network } = await runRep3(
    queryProgram(plan, table, policy, options.chunkRows),
    options,
  );
  return { ...answered(plan, results), cost, network };
}

function answered(plan: QueryPlan, results: readonly QueryResult[]): Answer {
  const [result, ...others] = results;
  if (result === undefined) throw new RangeError('no node answered');
  for (const other of others) {
    const agree =
      JSON.stringify(other.layout) === JSON.stringify(result.layout) &&
      Buffer.compare(other.bits.bytes(), result.bits.bytes()) === 0;
    if (!agree) throw new Error('the nodes disagree on what they released');
  }
  const released = {
    narrow: revealRing(results.map((one) => one.narrow)),
    wide: revealRing(results.map((one) => one.wide)),
  };
  return { plan, table: assembleResult(result.layout, result.bits, released), result, released };
}
