/** Of four nodes, a lost part has two other holders: a liar is named and passed over, and the recovery ends. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runQuery } from '../../../src/client/analyst/query.js';
import type { ClusterClient } from '../../../src/client/cluster-client.js';
import { grantTable, setTableSettings } from '../../../src/client/owner/orders.js';
import type { WarifuError } from '../../../src/core/errors.js';
import type { EnrolledUsers } from '../../../src/server/users/enrolled-users.js';
import { clientOf, errorOf, patients, SCHEMA } from '../support/hospital.js';
import { type LocalNodes, localNodes } from '../support/local-nodes.js';
import { upload } from '../support/test-provider.js';
import { catalogueRows, chunkFiles, eventsOf, flip, lose, recover, spoil, usersOf } from './support.js';

const SUM = 'SELECT sex, COUNT(*), SUM(age), AVG(weight) FROM patients GROUP BY sex';
const VERSION = `${'0'.repeat(31)}1`;
const NODES = [0, 1, 2, 3];

let nodes: LocalNodes;
let hana: ClusterClient;
let ana: ClusterClient;
let users: EnrolledUsers;

beforeEach(async () => {
  nodes = await localNodes({ ephemeral: false, count: 4 });
  const [provider, analyst] = [nodes.user('hana', 'provider'), nodes.user('ana', 'analyst')];
  users = usersOf(provider, analyst);
  hana = clientOf(nodes, provider);
  ana = clientOf(nodes, analyst);
  const rows = patients(200, 'four');
  await upload(hana, { table: 'patients', slice: 'one', schema: SCHEMA, rows, version: VERSION });
  await grantTable(hana, 'patients', 'ana');
  await setTableSettings(hana, 'patients', { minCount: 2, allowThree: true });
}, 60_000);
afterEach(() => nodes.close());

async function back(i: number): Promise<void> {
  await nodes.start(i);
  await Promise.all(nodes.nodes.map((node) => node.whenLinked(10_000)));
}

test.each([0, 3])(
  'node %i loses everything, another has a damaged part: named, and all is recovered',
  async (i) => {
    const before = await runQuery(ana, SUM);
    await nodes.stop(i);
    await lose(nodes, i);
    // Part 1 is at nodes 0, 2 and 3.
    const liar = i === 0 ? 2 : 0;
    const [damaged] = (await chunkFiles(nodes, liar, VERSION)).filter((path) => path.endsWith('p1-0.chunk'));
    await flip(damaged as string);
    const done = await recover(nodes, i, users);
    // 200 rows in chunks of 64, three parts.
    expect(done).toMatchObject({ state: 'recovered', tables: 1, slices: 1, chunks: 12, lost: [] });
    await flip(damaged as string);
    await back(i);
    expect((await runQuery(ana, SUM)).table.rows).toEqual(before.table.rows);
    const named = (await eventsOf(nodes, i)).filter(({ kind }) => kind === 'part-refused');
    // Of the first chunk the first holder is asked first.
    expect(named).toMatchObject([{ code: 'CHUNK_DAMAGED', node: liar }]);
    await Promise.all(NODES.map((node) => nodes.stop(node)));
    expect(catalogueRows(nodes, i)).toEqual(catalogueRows(nodes, (i + 1) % 4));
  },
  120_000,
);

test('another node that is down is named, and waited for: no word of fewer than all others is taken', async () => {
  await nodes.stop(1);
  await lose(nodes, 1);
  await nodes.stop(3);
  const error = (await errorOf(recover(nodes, 1, users, { linkMs: 1_000 }))) as WarifuError;
  expect([error.code, error.details.node]).toEqual(['NODE_UNREACHABLE', 'delta']);
  const done = recover(nodes, 1, users);
  await nodes.start(3);
  expect(await done).toMatchObject({ state: 'recovered', chunks: 12 });
}, 120_000);

test('the odd one of three others is named', async () => {
  await nodes.stop(1);
  await lose(nodes, 1);
  await nodes.stop(3);
  await errorOf(grantTable(hana, 'patients', 'hana', { reachedOnly: true }));
  await nodes.start(3);
  const error = (await errorOf(recover(nodes, 1, users, { patienceMs: 500 }))) as WarifuError;
  expect([error.code, error.details.nodes]).toEqual(['POLICY_DIFFERS', ['delta']]);
  expect(error.message).toContain("the grants of table 'patients' (alpha and gamma / delta)");
}, 120_000);

test('while a node recovers, the other three go on where all have allowed it', async () => {
  const before = await runQuery(ana, SUM);
  await nodes.stop(1);
  await lose(nodes, 1);
  const answers: unknown[] = [];
  const asking = {
    // Read when the sessions are open.
    read: async () => {
      answers.push((await runQuery(ana, SUM, { without: 1 })).table.rows);
      return users;
    },
  };
  await recover(nodes, 1, users, { users: asking });
  expect(answers).toEqual([before.table.rows]);
  await back(1);
  expect((await runQuery(ana, SUM)).table.rows).toEqual(before.table.rows);
}, 120_000);

test('wrong bytes for a part are a failed check: the recovered node does not go on with three before its operator looked', async () => {
  await nodes.stop(1);
  await nodes.stop(0);
  await spoil(nodes, 0, VERSION, { part: 2, chunk: 0 });
  await nodes.start(0);
  await lose(nodes, 1);
  await recover(nodes, 1, users);
  await back(1);
  await nodes.stop(3);
  const error = await errorOf(runQuery(ana, SUM, { without: 3 }));
  expect(error).toMatchObject({ code: 'THREE_NOT_ALLOWED' });
  // All of them say so: the recovered node has told the others.
  expect(error.message).toMatch(/^all nodes asked say: a check has failed here .COMMITMENT_MISMATCH/);
}, 120_000);
