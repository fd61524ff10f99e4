/** A node's disk is lost and rebuilt from the others, over real links: whole, interrupted, lied to, refused. */
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runQuery } from '../../../src/client/analyst/query.js';
import type { ClusterClient } from '../../../src/client/cluster-client.js';
import { grantTable, setTableSettings } from '../../../src/client/owner/orders.js';
import type { WarifuError } from '../../../src/core/errors.js';
import { type NodeIndex, REP3 } from '../../../src/core/scheme.js';
import type { NodeStore } from '../../../src/server/store/node-store.js';
import type { EnrolledUsers } from '../../../src/server/users/enrolled-users.js';
import { FaultyDisk } from '../store/faulty-disk.js';
import { clientOf, errorOf, patients, SCHEMA } from '../support/hospital.js';
import { type LocalNodes, localNodes } from '../support/local-nodes.js';
import { upload } from '../support/test-provider.js';
import {
  catalogueRows,
  chunkFiles,
  eventsOf,
  flip,
  lose,
  recover,
  spoil,
  usersOf,
  withStoreOf,
} from './support.js';

const SUM = 'SELECT sex, COUNT(*), SUM(age), AVG(weight) FROM patients GROUP BY sex';
const FIRST = '0'.repeat(31) + '1';
const SECOND = '0'.repeat(31) + '2';

let nodes: LocalNodes;
let hana: ClusterClient;
let ana: ClusterClient;
let users: EnrolledUsers;

beforeEach(async () => {
  nodes = await localNodes({ ephemeral: false });
  const [provider, analyst] = [nodes.user('hana', 'provider'), nodes.user('ana', 'analyst')];
  users = usersOf(provider, analyst);
  hana = clientOf(nodes, provider);
  ana = clientOf(nodes, analyst);
  for (const [slice, version, n] of [
    ['one', FIRST, 200],
    ['two', SECOND, 100],
  ] as const) {
    await upload(hana, { table: 'patients', slice, schema: SCHEMA, rows: patients(n, slice), version });
  }
  await grantTable(hana, 'patients', 'ana');
  await setTableSettings(hana, 'patients', { minCount: 2 });
}, 60_000);
afterEach(() => nodes.close());

async function back(i: number): Promise<void> {
  await nodes.start(i);
  await Promise.all(nodes.nodes.map((node) => node.whenLinked(10_000)));
}

/** Node 1, whose recovery has not ended, does not start: it would answer for what it does not know. */
async function expectNotStarted(code = 'STORE_DAMAGED'): Promise<void> {
  const error = (await errorOf(nodes.start(1))) as WarifuError;
  expect([error.code, error.message]).toEqual([code, expect.stringContaining("'warifu node recover'")]);
}

const events = (i: number): Promise<Record<string, unknown>[]> => eventsOf(nodes, i);

const withStore = <T>(i: NodeIndex, use: (store: NodeStore) => Promise<T>): Promise<T> =>
  withStoreOf(nodes, i, use);

test.each([0, 1, 2] as const)(
  'node %i loses everything: the same query gives the same digits',
  async (i) => {
    const before = await runQuery(ana, SUM);
    await nodes.stop(i);
    await lose(nodes, i);
    const done = await recover(nodes, i, users);
    // 200 and 100 rows in chunks of 64, two parts each.
    expect(done).toEqual({
      state: 'recovered',
      tables: 1,
      slices: 2,
      chunks: 12,
      lost: [],
      aside: undefined,
    });
    await back(i);
    expect((await runQuery(ana, SUM)).table.rows).toEqual(before.table.rows);
    expect((await events(i)).slice(0, 2)).toEqual([
      { kind: 'recovery-started', catalogue: 'lost' },
      { kind: 'node-recovered', tables: 1, slices: 2, chunks: 12, lost: 0 },
    ]);
    for (const other of [0, 1, 2].filter((node) => node !== i)) {
      const seen = (await events(other)).filter(({ kind }) => String(kind).startsWith('recovery-'));
      expect(seen).toEqual([
        { kind: 'recovery-opened', node: i },
        { kind: 'recovery-ended', node: i, chunks: 6, refused: 0 },
      ]);
    }
    // New uploads go on at the recovered node.
    const more = { table: 'patients', slice: 'three', schema: SCHEMA, rows: patients(70, 'three') };
    await upload(hana, more);
    await upload(hana, { ...more, rows: patients(71, 'again'), replace: true });
    await runQuery(ana, SUM);
    await Promise.all([0, 1, 2].map((node) => nodes.stop(node)));
    expect(catalogueRows(nodes, i)).toEqual(catalogueRows(nodes, (i + 1) % 3));
    // More than the lost catalogue can have counted.
    await withStore(i, async ({ epoch }) => expect(epoch).toBeGreaterThan(1_700_000_000));
  },
  120_000,
);

test('a healthy node is told so, and nothing is done', async () => {
  await nodes.stop(1);
  const before = (await events(1)).length;
  expect(await recover(nodes, 1, users)).toMatchObject({ state: 'whole', chunks: 0 });
  expect((await events(1)).length).toBe(before);
  await back(1);
  await runQuery(ana, SUM);
}, 120_000);

test('an empty node among empty ones is recovered to be empty, and starts', async () => {
  const empty = await localNodes({ ephemeral: false });
  try {
    await empty.stop(1);
    await lose(empty, 1);
    expect(await recover(empty, 1, users)).toMatchObject({ state: 'recovered', tables: 0, slices: 0 });
    await empty.start(1);
  } finally {
    await empty.close();
  }
}, 120_000);

test('a running node is not recovered under its feet', async () => {
  expect(((await errorOf(recover(nodes, 1, users))) as WarifuError).code).toBe('STORE_LOCKED');
}, 120_000);

test('damaged, cut and missing chunks of a node with a whole catalogue are replaced', async () => {
  const before = await runQuery(ana, SUM);
  await nodes.stop(1);
  const files = await chunkFiles(nodes, 1, FIRST);
  await flip(files[0] as string);
  await rm(files[3] as string);
  await rm(join(nodes.directories[1] as string, 'chunks', SECOND), { recursive: true });
  expect(await recover(nodes, 1, users)).toMatchObject({ state: 'repaired', chunks: 6, lost: [] });
  await back(1);
  expect((await runQuery(ana, SUM)).table.rows).toEqual(before.table.rows);
}, 120_000);

test('a peer whose copy is damaged is named, nothing of it is stored, and recovery goes on when it is mended', async () => {
  await nodes.stop(1);
  await lose(nodes, 1);
  // Node 1 holds parts 1 and 2; of part 2 node 2 has the only other copy.
  const [damaged] = (await chunkFiles(nodes, 2, FIRST)).filter((path) => path.endsWith('p2-1.chunk'));
  await flip(damaged as string);
  const error = (await errorOf(recover(nodes, 1, users))) as WarifuError;
  expect([error.code, error.details.node]).toEqual(['CHUNK_DAMAGED', 'gamma']);
  const refused = (await events(1)).find(({ kind }) => kind === 'part-refused');
  expect(refused).toEqual({
    kind: 'part-refused',
    code: 'CHUNK_DAMAGED',
    node: 2,
    table: 'patients',
    slice: 'one',
  });
  await expectNotStarted();
  await flip(damaged as string);
  expect(await recover(nodes, 1, users)).toMatchObject({ state: 'recovered', chunks: 1 });
  await back(1);
  await runQuery(ana, SUM);
}, 120_000);

test('a peer that gives well-sealed but wrong bytes is caught by the commitment; the loss can be accepted', async () => {
  await nodes.stop(1);
  await nodes.stop(2);
  await spoil(nodes, 2, FIRST, { part: 2, chunk: 1 });
  await nodes.start(2);
  await lose(nodes, 1);
  const error = (await errorOf(recover(nodes, 1, users))) as WarifuError;
  expect([error.code, error.details.node, error.details.part, error.details.chunk]).toEqual([
    'COMMITMENT_MISMATCH',
    'gamma',
    2,
    1,
  ]);
  const accepted = await recover(nodes, 1, users, { acceptLoss: true });
  expect(accepted).toMatchObject({ state: 'recovered', lost: ["slice 'one' of table 'patients'"] });
  expect(await chunkFiles(nodes, 1, FIRST)).toHaveLength(7);
  await back(1);
  expect(((await errorOf(runQuery(ana, SUM))) as WarifuError).code).toBe('CHUNK_DAMAGED');
  const again = { table: 'patients', slice: 'one', schema: SCHEMA, rows: patients(200, 'one') };
  await upload(hana, { ...again, replace: true });
  await runQuery(ana, SUM);
}, 120_000);

test('an interrupted recovery goes on where it was; no half of it runs', async () => {
  const before = await runQuery(ana, SUM);
  await nodes.stop(1);
  await lose(nodes, 1);
  const stopping = new AbortController();
  const onProgress = (_stage: string, done: number): void => {
    if (done === 3) stopping.abort();
  };
  const interrupted = recover(nodes, 1, users, { signal: stopping.signal, onProgress });
  expect(((await errorOf(interrupted)) as WarifuError).code).toBe('CANCELLED');
  const files = await chunkFiles(nodes, 1, FIRST);
  expect(files.length).toBeGreaterThanOrEqual(3);
  await expectNotStarted();
  const rest = await recover(nodes, 1, users);
  expect(rest).toMatchObject({ state: 'recovered', chunks: 12 - files.length });
  await back(1);
  expect((await runQuery(ana, SUM)).table.rows).toEqual(before.table.rows);
}, 120_000);

test('wherever the disk is full, the recovery says so, and the next one ends it', async () => {
  await nodes.stop(1);
  await lose(nodes, 1);
  await expectNotStarted('STORE_MISSING');
  for (const fullAt of [0, 5, 9, 14, 20, 30]) {
    const disk = new FaultyDisk();
    disk.fullAt = fullAt;
    const error = (await errorOf(recover(nodes, 1, users, { disk }))) as WarifuError;
    expect([error.code, error.message], String(fullAt)).toEqual([
      'STORE_FULL',
      expect.stringContaining('no room'),
    ]);
  }
  await recover(nodes, 1, users);
  await back(1);
  await runQuery(ana, SUM);
}, 120_000);

test('peers that do not agree are named with the fact; when the order is repeated, the recovery runs', async () => {
  await nodes.stop(1);
  await lose(nodes, 1);
  await nodes.stop(2);
  await errorOf(setTableSettings(hana, 'patients', { minCount: 9 }, { reachedOnly: true }));
  await nodes.start(2);
  const error = (await errorOf(recover(nodes, 1, users, { patienceMs: 600 }))) as WarifuError;
  expect(error.code).toBe('POLICY_DIFFERS');
  expect(error.message).toContain("the minimum counts of table 'patients' (alpha / gamma)");
  await expectNotStarted();
  await errorOf(setTableSettings(hana, 'patients', { minCount: 9 }, { reachedOnly: true }));
  await recover(nodes, 1, users);
  await back(1);
  await runQuery(ana, SUM);
}, 120_000);

test('orders given while it recovers are in what it recovers', async () => {
  await nodes.stop(1);
  await lose(nodes, 1);
  let granted: Promise<unknown> | undefined;
  await recover(nodes, 1, users, {
    onProgress: () => {
      granted ??= errorOf(grantTable(hana, 'patients', 'hana', { reachedOnly: true }));
    },
  });
  await granted;
  await Promise.all([0, 2].map((node) => nodes.stop(node)));
  expect(catalogueRows(nodes, 1)).toEqual(catalogueRows(nodes, 0));
}, 120_000);

test('queries and uploads during a recovery name the node that recovers', async () => {
  await nodes.stop(1);
  await lose(nodes, 1);
  let asked: Promise<Error> | undefined;
  await recover(nodes, 1, users, {
    onProgress: () => {
      asked ??= errorOf(runQuery(ana, SUM));
    },
  });
  const error = (await asked) as WarifuError;
  expect([error.code, error.message]).toEqual(['NODE_UNREACHABLE', expect.stringContaining('beta')]);
}, 120_000);

test('contributors who are not enrolled are named before anything is fetched', async () => {
  await nodes.stop(1);
  await lose(nodes, 1);
  const error = (await errorOf(recover(nodes, 1, usersOf()))) as WarifuError;
  expect([error.code, error.details.users]).toEqual(['NOT_ENROLLED', ['hana']]);
  await expectNotStarted();
}, 120_000);

test('a node that is down is named', async () => {
  await nodes.stop(1);
  await nodes.stop(2);
  await lose(nodes, 1);
  const error = (await errorOf(recover(nodes, 1, users, { linkMs: 1_000 }))) as WarifuError;
  expect([error.code, error.details.node]).toEqual(['NODE_UNREACHABLE', 'gamma']);
  await expectNotStarted();
}, 120_000);

test('two nodes that recover at once are told of each other', async () => {
  await nodes.stop(1);
  await nodes.stop(2);
  await lose(nodes, 1);
  await lose(nodes, 2);
  const both = await Promise.all([1, 2].map((i) => errorOf(recover(nodes, i, users))));
  // Whoever hears of the other's end first says that it is lost.
  const codes = both.map((error) => (error as WarifuError).code);
  expect(codes).toContain('NODE_UNREACHABLE');
  expect(both[codes.indexOf('NODE_UNREACHABLE')]?.message).toMatch(
    /node (beta|gamma) rebuilds its own disk.*cannot be rebuilt from each other/,
  );
}, 120_000);

test('a catalogue that differs from the others is not touched; set aside, it is kept and all is recovered', async () => {
  await nodes.stop(1);
  await withStore(1, (store) => store.catalogue.grant('patients', { grantor: 'hana', grantee: 'eve' }));
  const error = (await errorOf(recover(nodes, 1, users))) as WarifuError;
  expect(error.code).toBe('STATE_DIFFERS');
  expect(error.message).toContain("the grants of table 'patients'");
  const done = await recover(nodes, 1, users, { setAside: true });
  expect(done).toMatchObject({ state: 'recovered', chunks: 12 });
  expect(done.aside).toContain('set-aside-');
  await back(1);
  await runQuery(ana, SUM);
}, 120_000);

test('an undecided upload that only the lost node could decide is given up at all', async () => {
  const version = randomBytes(16).toString('hex');
  const attempt = randomBytes(16).toString('hex');
  const wanted = { table: 'patients', slice: 'late', schema: SCHEMA, rows: patients(70, 'late'), version };
  const secret = new Uint8Array(32).fill(7);
  const beforeCommit = (): Promise<never> => Promise.reject(new Error('stop'));
  await errorOf(upload(hana, { ...wanted, secret }, { beforeCommit }));
  await Promise.all([0, 1, 2].map((i) => nodes.stop(i)));
  for (const i of REP3.nodes)
    await withStore(i, (store) => store.prepareUpload(attempt, version, new Uint8Array(8)));
  await lose(nodes, 1);
  await Promise.all([0, 2].map((i) => nodes.start(i)));
  await recover(nodes, 1, users);
  await back(1);
  // The same upload again is an upload like another.
  await upload(hana, { ...wanted, secret });
  expect((await runQuery(ana, 'SELECT COUNT(*) AS n FROM patients')).table.rows).toMatchObject([
    { n: { text: '370' } },
  ]);
}, 120_000);
