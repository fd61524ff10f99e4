/** An analyst's question: sent to all nodes, answered in shares, put together only here. */
import { randomBytes } from 'node:crypto';
import type { z } from 'zod';
import { asWarifuError, WarifuError } from '../../core/errors.js';
import { foldedScheme } from '../../core/fold.js';
import { type NodeIndex, type Scheme, schemeNamed } from '../../core/scheme.js';
import { BitMatrix } from '../../kernels/bit-matrix.js';
import { MAX_SQL_LENGTH } from '../../query/request.js';
import { explainReply, queryReply } from '../../query/request-replies.js';
import type { ResultLayout } from '../../query/result-layout.js';
import { agreedValue, type NodeReply, type NodeValue, readReplies } from '../agreement.js';
import type { AskOptions, ClusterClient } from '../cluster-client.js';
import { misbehaved } from '../node-messages.js';
import { assembleResult, type ResultTable } from './assemble.js';
import { reconstructReleased } from './released-vectors.js';
import { reportCheck } from './report-check.js';

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
  /** The name of the node without which the other three of four computed it. */
  readonly lost?: string;
}

/**
 * Runs one SELECT.
 *
 * @throws WarifuError what the nodes refuse the query with; PEER_MISBEHAVED when they do not agree on what they
 *   release, or one of them reports more cost than all have foreseen; COPIES_DIFFER when a copy of a part was altered: then nothing is shown.
 */
export async function runQuery(
  client: ClusterClient,
  sql: string,
  options: AskOptions = {},
): Promise<QueryAnswer> {
  const start = performance.now();
  const { without } = options;
  const body = queryBody(sql, false, without);
  let isAnswered = false;
  try {
    const replies = await client.request(body, options);
    isAnswered = true;
    const seconds = Math.round(performance.now() - start) / 1000;
    return answerOf(client, replies, without, seconds);
  } catch (thrown) {
    const error = asWarifuError(thrown);
    // What the nodes themselves have noticed they tell each other.
    if (isAnswered || error.details['met_by'] === 'client')
      await reportCheck(client, body.id, error, without);
    throw thrown;
  }
}

/** Puts the nodes' answers together. */
function answerOf(
  client: ClusterClient,
  replies: readonly NodeReply[],
  without: NodeIndex | undefined,
  seconds: number,
): QueryAnswer {
  const values = readReplies(replies, queryReply);
  const { layout, bits, limit, lost } = agreedValue(
    values.map(({ known, value: { layout, bits, limit, lost } }) => ({
      known,
      value: { layout, bits, limit, lost },
    })),
    'the layout of the answer, which cells may be released and what it may cost',
  );
  if (lost !== without) {
    throw new WarifuError('PEER_MISBEHAVED', 'the nodes answer for other nodes than were asked');
  }
  const scheme = without === undefined ? schemeNamed(client.cluster.scheme) : foldedScheme(without);
  const gates = BitMatrix.fromBytes(1, gateCount(layout), Buffer.from(bits, 'base64'));
  const table = assembleResult(layout, gates, reconstructReleased(scheme, replies, layout));
  return {
    table,
    cost: { ...costOf(values, limit, scheme), seconds },
    ...(without === undefined ? {} : { lost: client.cluster.nodes[without]?.name ?? String(without) }),
  };
}

type Reply = z.infer<typeof queryReply>;

/** What each node says that it has sent. It is its own word alone, but cannot be more than all of them foresaw. */
function costOf(
  values: readonly NodeValue<Reply>[],
  limit: Reply['limit'],
  { nodes, held }: Scheme,
): Omit<QueryCost, 'seconds'> {
  for (const { known, value } of values) {
    const { rounds, bytes_sent } = value.cost;
    if (rounds > limit.rounds || bytes_sent > (limit.bytes_sent[nodes.indexOf(known.node)] ?? 0)) {
      throw misbehaved(known, 'says that the query cost it more than the plan of all nodes allows');
    }
  }
  return {
    rounds: Math.max(...values.map(({ value }) => value.cost.rounds)),
    // By node of the cluster: a lost one has sent nothing.
    bytes_sent: held.map(
      (_, node) => values.find(({ known }) => known.node === node)?.value.cost.bytes_sent ?? 0,
    ),
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
  const answers = readReplies(
    await client.request(queryBody(sql, true, options.without), options),
    explainReply,
  );
  agreedValue(
    answers.map(({ known, value: { json } }) => ({ known, value: [json.plan, json.rows, json.releases] })),
    'what the query would do',
  );
  const strictest = Math.max(...answers.map(({ value: { json } }) => Number(json.min_count)));
  return agreedValue(
    answers.filter(({ value: { json } }) => Number(json.min_count) === strictest),
    'what the query would cost and show',
  );
}

/** @throws WarifuError for a text that no node would take as a request. */
function queryBody(sql: string, explain: boolean, without: NodeIndex | undefined) {
  if (sql === '') {
    throw new WarifuError('SQL_SYNTAX', 'the query is empty: write SELECT COUNT(*) FROM table, for example');
  }
  if (sql.length > MAX_SQL_LENGTH) {
    const message = `the query has ${sql.length} characters, ${MAX_SQL_LENGTH} are allowed: shorten it`;
    throw new WarifuError('SQL_UNSUPPORTED', message, { length: sql.length, limit: MAX_SQL_LENGTH });
  }
  return {
    kind: 'query',
    sql,
    explain,
    id: randomBytes(16).toString('hex'),
    ...(without === undefined ? {} : { without }),
  } as const;
}

function gateCount({ columns, groups, presence }: ResultLayout): number {
  const aggregates = columns.filter((column) => column.kind === 'aggregate').length;
  return groups.length * (aggregates + (presence ? 1 : 0));
}
