/** Nodes that compute on a long table: they answer others meanwhile, and end it at once when it is cancelled. */
import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type QueryAnswer, runQuery } from '../../src/client/analyst/query.js';
import { ClusterClient } from '../../src/client/cluster-client.js';
import { asWarifuError } from '../../src/core/errors.js';
import { decodeKeyFile } from '../../src/core/key-file.js';
import { parseCluster } from '../../src/server/identity/cluster.js';
import { Organisations } from './support/organisations.js';

const LONG = 600_000;
const SHORT = 1000;
const statistics = (table: string): string =>
  `SELECT sex, COUNT(*), AVG(weight), t_test(weight, smoker) FROM ${table} WHERE age >= 40 GROUP BY sex`;

let all: Organisations;
let analyst: ClusterClient;

function people(rows: number): string {
  const lines = ['age,sex,weight,smoker'];
  for (let i = 0; i < rows; i++) {
    const mixed = Math.imul(i, 2654435761) >>> 0;
    const weight = (400 + ((mixed >>> 8) % 600)) / 10;
    lines.push(
      `${20 + (mixed % 80)},${mixed & 1 ? 'F' : 'M'},${weight.toFixed(1)},${mixed & 6 ? 'no' : 'yes'}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

beforeAll(async () => {
  all = await Organisations.found();
  const schema = all.path('schema.json');
  for (const [table, rows] of [
    ['short', SHORT],
    ['long', LONG],
  ] as const) {
    const file = all.path(`${table}.csv`);
    await writeFile(file, people(rows));
    if (table === 'short') await all.ok(['schema', 'infer', file, '--out', schema]);
    await all.ok(['upload', file, '--table', table, '--slice', 's', '--schema', schema], 'provider');
    await all.ok(['grant', table, 'analyst'], 'provider');
  }
  analyst = new ClusterClient({
    cluster: parseCluster(await readFile(all.path('cluster.json'), 'utf8')),
    user: await decodeKeyFile(await readFile(all.path('analyst.json'), 'utf8'), 'user'),
  });
}, 240_000);
afterAll(() => all.close());

/** How many jobs each node runs. */
async function running(): Promise<number[]> {
  const session = await analyst.open();
  const outcomes = await session.ask({ kind: 'status' });
  session.close();
  return outcomes.map((outcome) =>
    'reply' in outcome ? (outcome.reply.data as { running: number }).running : Number.NaN,
  );
}

/** Resolves when every node runs so many jobs; each question is an answer of all nodes to another connection. */
async function untilRunning(jobs: number): Promise<void> {
  for (let now: number[] = []; !now.every((count) => count === jobs) || now.length === 0; )
    now = await running();
}

it('answers status and short queries while a long one runs', async () => {
  const order: string[] = [];
  const long = runQuery(analyst, statistics('long')).finally(() => order.push('long'));
  await untilRunning(1);
  const [short] = await Promise.all([
    runQuery(analyst, statistics('short')).finally(() => order.push('short')),
    running().finally(() => order.push('status')),
  ]);
  const { table } = await long;
  expect(order.at(-1)).toBe('long');
  const counted = (answer: QueryAnswer['table']): number => answer.rows.length;
  expect([counted(table), counted(short.table)]).toEqual([2, 2]);
}, 120_000);

it('ends a long query at all nodes when it is cancelled, and serves the next', async () => {
  const before = await runQuery(analyst, statistics('short'));
  const controller = new AbortController();
  const long = runQuery(analyst, statistics('long'), { signal: controller.signal }).catch(asWarifuError);
  await untilRunning(1);
  controller.abort();
  expect(await long).toMatchObject({ code: 'CANCELLED' });
  await untilRunning(0);
  for (const i of [0, 1, 2]) expect(await all.audit(i)).toContain('"CANCELLED"');
  expect((await runQuery(analyst, statistics('short'))).table.rows).toEqual(before.table.rows);
}, 120_000);
