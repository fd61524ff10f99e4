/** Nodes that go in the middle of things, come back, or have the wrong time. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runQuery } from '../../src/client/analyst/query.js';
import type { ClusterClient } from '../../src/client/cluster-client.js';
import { grantTable, setTableSettings } from '../../src/client/owner/orders.js';
import { describeTable } from '../../src/client/owner/tables.js';
import { EXIT, type WarifuError } from '../../src/core/errors.js';
import { partsHeldBy, REP3 } from '../../src/core/scheme.js';
import { NodeStore } from '../../src/server/store/node-store.js';
import { clientOf, errorOf, patients, SCHEMA } from './support/hospital.js';
import { type LocalNodes, localNodes } from './support/local-nodes.js';
import { type Upload, upload } from './support/test-provider.js';

const ROWS = patients(200, 'failures');
const SUM = 'SELECT SUM(age), COUNT(*) FROM patients';

let nodes: LocalNodes;
let hana: ClusterClient;
let ana: ClusterClient;
beforeAll(async () => {
  nodes = await localNodes({ ephemeral: false });
  hana = clientOf(nodes, nodes.user('hana', 'provider'));
  ana = clientOf(nodes, nodes.user('ana', 'analyst'));
  await upload(hana, { table: 'patients', slice: 'first', schema: SCHEMA, rows: ROWS });
  await grantTable(hana, 'patients', 'ana');
  await setTableSettings(hana, 'patients', { minCount: 1 });
});
afterAll(() => nodes.close());

async function back(i: number): Promise<void> {
  await nodes.start(i);
  await Promise.all(nodes.nodes.map((node) => node.whenLinked(10_000)));
}

async function expectUnreachable(work: Promise<unknown>): Promise<void> {
  const error = (await errorOf(work)) as WarifuError;
  expect(['NODE_LOST', 'NODE_UNREACHABLE']).toContain(error.code);
  expect(error.exitCode).toBe(EXIT.unreachable);
}

async function slicesOf(): Promise<string[]> {
  return (await describeTable(ana, 'patients')).slices.map(({ slice }) => slice);
}

const slow = (() => {
  const aggregates = Array.from({ length: 10 }, (_, i) => `t_test(weight, smoker) AS t${i}`);
  return `SELECT ${aggregates.join(', ')} FROM patients GROUP BY sex`;
})();

async function askForEver(): Promise<never> {
  for (;;) await runQuery(ana, slow);
}

/** Resolves when some node runs a job. */
async function busy(): Promise<void> {
  const session = await ana.open();
  for (let running = 0; running === 0; ) {
    for (const outcome of await session.ask({ kind: 'status' })) {
      if ('reply' in outcome) running += (outcome.reply.data as { running: number }).running;
    }
  }
  session.close();
}

describe.each([0, 1, 2])('node %i', (who) => {
  test('stops in the middle of a query: exit code 4 at once; after its return the query runs', async () => {
    const before = await runQuery(ana, SUM);
    // Asked again and again, so that one of the queries is in its middle.
    const running = expectUnreachable(askForEver());
    await busy();
    await nodes.stop(who);
    await running;
    await expectUnreachable(runQuery(ana, SUM));
    await back(who);
    expect((await runQuery(ana, SUM)).table.rows).toEqual(before.table.rows);
  }, 20_000);

  test('stops in the middle of an upload: nothing is visible; after its return the same upload goes on', async () => {
    const slice = `middle-${who}`;
    const wanted: Upload = {
      table: 'patients',
      slice,
      schema: SCHEMA,
      rows: patients(130, slice),
      version: randomBytes(16).toString('hex'),
      secret: new Uint8Array(randomBytes(32)),
    };
    let frames = 0;
    const stopping: Promise<void>[] = [];
    await expectUnreachable(
      upload(hana, wanted, {
        frame: (frame) => {
          if (++frames === 7) stopping.push(nodes.stop(who));
          return frame;
        },
      }),
    );
    await Promise.all(stopping);
    await back(who);
    expect(await slicesOf()).not.toContain(slice);
    await upload(hana, wanted);
    expect(await slicesOf()).toContain(slice);
  }, 20_000);

  test('stops during the commit: all or nothing, and the same upload ends visible', async () => {
    const slice = `commit-${who}`;
    const wanted: Upload = {
      table: 'patients',
      slice,
      schema: SCHEMA,
      rows: patients(300, slice),
      version: randomBytes(16).toString('hex'),
      secret: new Uint8Array(randomBytes(32)),
    };
    let stopped: Promise<void> | undefined;
    // The stop may also come a moment after the end.
    const error = await errorOf(
      upload(hana, wanted, {
        beforeCommit: async () => {
          stopped = busy().then(() => nodes.stop(who));
        },
      }),
    );
    expect(['NODE_LOST', 'NODE_UNREACHABLE', undefined]).toContain((error as Partial<WarifuError>).code);
    await stopped;
    await back(who);
    await upload(hana, wanted);
    expect(await slicesOf()).toContain(slice);
    await runQuery(ana, SUM);
  }, 20_000);
});

describe('after a restart', () => {
  test('what was prepared and not decided is decided: committed when all had prepared', async () => {
    const version = randomBytes(16).toString('hex');
    const attempt = randomBytes(16).toString('hex');
    const stop = new Error('stop');
    const rows = patients(70, 'pending');
    const wanted = { table: 'patients', slice: 'pending', schema: SCHEMA, rows, version };
    await upload(hana, wanted, { beforeCommit: () => Promise.reject(stop) }).catch(() => undefined);
    await Promise.all([0, 1, 2].map((i) => nodes.stop(i)));
    for (const node of REP3.nodes) {
      const directory = nodes.directories[node] as string;
      const secret = { kind: 'key', key: new Uint8Array(32).fill(node + 1) } as const;
      const store = await NodeStore.open({ directory, secret, parts: partsHeldBy(REP3, node) });
      await store.prepareUpload(attempt, version, new Uint8Array(8));
      if (node === 2) await store.catalogue.commit(attempt);
      store.close();
    }
    await Promise.all([0, 1, 2].map((i) => nodes.start(i)));
    await Promise.all(nodes.nodes.map((node) => node.whenLinked(10_000)));
    // A client that tries again waits for the decision, and finds its upload visible.
    await upload(hana, wanted).catch((thrown: WarifuError) => expect(thrown.code).toBe('SLICE_STATE'));
    expect(await slicesOf()).toContain('pending');
    await runQuery(ana, SUM);
  }, 20_000);
});

describe('a clock that is off by ten minutes', () => {
  test('the links say so at both ends, and a client hears which node is not connected', async () => {
    const wrong = await localNodes({
      linked: false,
      change: (i) => (i === 1 ? { now: () => Date.now() + 600_000 } : {}),
    });
    try {
      const errors = await Promise.all(wrong.nodes.map((node) => errorOf(node.whenLinked(1500))));
      for (const error of errors) expect(error).toMatchObject({ code: 'HANDSHAKE_CLOCK' });
      expect(errors[0]?.message).toContain("node 'beta'");
      // Both that are away, and of one why.
      expect(errors[1]?.message).toMatch(/^nodes alpha and gamma are not linked: .*node '(alpha|gamma)'/);
      const eva = clientOf(wrong, wrong.user('eva', 'analyst'));
      const error = (await errorOf(runQuery(eva, 'SELECT COUNT(*) FROM t'))) as WarifuError;
      expect(['REQUEST_EXPIRED', 'UNKNOWN_TABLE']).toContain(error.code);
    } finally {
      await wrong.close();
    }
  }, 20_000);
});
