/** An analyst's question: sent to all nodes, answered in shares, put together only here. */
import { randomBytes } from 'node:crypto';
import type { z } from 'zod';
import { WarifuError } from '../../core/errors.js';
import { schemeNamed } from '../../core/scheme.js';
import { BitMatrix } from '../../kernels/bit-matrix.js';
import { MAX_SQL_LENGTH } from '../../query/request.js';
import { explainReply, queryReply } from '../../query/request-replies.js';
import type { ResultLayout } from '../../query/result-layout.js';
import { agreedValue, readReplies } from '../agreement.js';
import type { AskOptions, ClusterClient } from '../cluster-client.js';
import { assembleResult, type ResultTable } from './assemble.js';
import { reconstructReleased } from './released-vectors.js';

export interface QueryCost {
  /** Of the longest chain of dependent messages. */
  readonly rounds: number;
  /** Payload bytes that each node sent to the others. */
  readonly bytes_sent: readonly number[];
  /** From the connection to the last answer, as the analyst waits; to the millisecond. */
  readonly seconds: number;
}

export interface QueryAnswer {
  readonly table: ResultTable;
  readonly cost: QueryCost;
}

/**
 * Runs one SELECT.
 *
 * @throws WarifuError what the nodes refuse the query with; PEER_MISBEHAVED when they do not agree on what they
 *   release; COPIES_DIFFER when a copy of a part was altered: then nothing is shown.
 */
export async function runQuery(
  client: ClusterClient,
  sql: string,
  options: AskOptions = {},
): Promise<QueryAnswer> {
  const start = performance.now();
  const replies = await client.request(queryBody(sql, false), options);
  const seconds = Math.round(performance.now() - start) / 1000;
  const values = readReplies(replies, queryReply);
  const { layout, bits } = agreedValue(
    values.map(({ known, value }) => ({ known, value: { layout: value.layout, bits: value.bits } })),
    'the layout of the answer and which cells may be released',
  );
  const gates = BitMatrix.fromBytes(1, gateCount(layout), Buffer.from(bits, 'base64'));
  const table = assembleResult(
    layout,
    gates,
    reconstructReleased(schemeNamed(client.cluster.scheme), replies, layout),
  );
  return {
    table,
    cost: {
      rounds: Math.max(...values.map(({ value }) => value.cost.rounds)),
      bytes_sent: values.map(({ value }) => value.cost.bytes_sent),
      seconds,
    },
  };
}

/** What a query would do: for people, and as data. */
export type Explanation = z.infer<typeof explainReply>;

/**
 * Explains a SELECT without touching data. Operators' floors may differ between nodes: the strictest explanation is
 * given, as the strictest minimum count is what a query runs with.
 *
 * @throws WarifuError what the nodes refuse the query with; PEER_MISBEHAVED when they plan it differently.
 */
export async function explainQuery(
  client: ClusterClient,
  sql: string,
  options: AskOptions = {},
): Promise<Explanation> {
  const answers = readReplies(await client.request(queryBody(sql, true), options), explainReply);
  agreedValue(
    answers.map(({ known, value: { json } }) => ({ known, value: [json.plan, json.rows, json.releases] })),
    'what the query would do',
  );
  return answers
    .map(({ value }) => value)
    .reduce((strictest, other) =>
      Number(other.json.min_count) > Number(strictest.json.min_count) ? other : strictest,
    );
}

/** @throws WarifuError for a text that no node would take as a request. */
function queryBody(sql: string, explain: boolean) {
  if (sql === '') {
    throw new WarifuError('SQL_SYNTAX', 'the query is empty: write SELECT COUNT(*) FROM table, for example');
  }
  if (sql.length > MAX_SQL_LENGTH) {
    const message = `the query has ${sql.length} characters, ${MAX_SQL_LENGTH} are allowed: shorten it`;
    throw new WarifuError('SQL_UNSUPPORTED', message, { length: sql.length, limit: MAX_SQL_LENGTH });
  }
  return { kind: 'query', sql, explain, id: randomBytes(16).toString('hex') } as const;
}

function gateCount({ columns, groups, presence }: ResultLayout): number {
  const aggregates = columns.filter((column) => column.kind === 'aggregate').length;
  return groups.length * (aggregates + (presence ? 1 : 0));
}
