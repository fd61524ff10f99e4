/** Four nodes of which one lies in a query, to another node or to the analyst: every honest one comes to doubt. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { runQuery } from '../../src/client/analyst/query.js';
import type { ClusterClient } from '../../src/client/cluster-client.js';
import { grantTable, setTableSettings } from '../../src/client/owner/orders.js';
import type { NodeIndex } from '../../src/core/scheme.js';
import { FileDoubts } from '../../src/server/jobs/doubts.js';
import { Session } from '../../src/transport/session.js';
import { clientOf, codeOf, errorOf, patients, SCHEMA } from './support/hospital.js';
import { type LocalNodes, localNodes } from './support/local-nodes.js';
import { upload } from './support/test-provider.js';

const NAMES = ['alpha', 'beta', 'gamma', 'delta'];
const LIAR = 1;
const HONEST = [0, 2, 3];
const SQL = 'SELECT COUNT(*), AVG(weight) FROM patients WHERE age >= 40 GROUP BY sex';

let nodes: LocalNodes;
let ana: ClusterClient;

beforeAll(async () => {
  nodes = await localNodes({ count: 4, ephemeral: false });
  const hana = clientOf(nodes, nodes.user('hana', 'provider'));
  ana = clientOf(nodes, nodes.user('ana', 'analyst'));
  await upload(hana, { table: 'patients', slice: 'a', schema: SCHEMA, rows: patients(100, 'doubts') });
  await setTableSettings(hana, 'patients', { minCount: 4, allowThree: true });
  await grantTable(hana, 'patients', 'ana');
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => nodes.close());

const doubtsOf = (node: number): FileDoubts => new FileDoubts(nodes.directories[node] as string);

async function checksOf(node: number): Promise<Record<string, unknown>[]> {
  const text = await readFile(join(nodes.directories[node] as string, 'audit.log'), 'utf8');
  return text
    .split('\n')
    .filter((line) => line.includes('check-failed'))
    .map((line) => (JSON.parse(line) as { event: Record<string, unknown> }).event);
}

/** What a node has sent in the next session of the liar is altered once. */
function lie(alter: (bytes: Uint8Array) => Uint8Array): void {
  let told = false;
  const channel = Session.prototype.channel;
  vi.spyOn(Session.prototype, 'channel').mockImplementation(function (this: Session) {
    const honest = channel.call(this);
    if (honest.self !== LIAR) return honest;
    return {
      ...honest,
      send: (to, key, bytes, clock) => {
        if (told || to !== 0) return honest.send(to, key, bytes, clock);
        told = true;
        return honest.send(to, key, alter(bytes), clock);
      },
    };
  });
}

async function expectDoubts(blamed: (names: readonly string[]) => void): Promise<void> {
  await vi.waitFor(async () => {
    for (const node of HONEST) blamed((await doubtsOf(node).read())?.nodes ?? []);
  });
}

async function expectNotWithout(lost: NodeIndex): Promise<void> {
  await nodes.stop(lost);
  expect(await errorOf(runQuery(ana, SQL, { without: lost }))).toMatchObject({
    code: 'THREE_NOT_ALLOWED',
    details: { check: 'COPIES_DIFFER' },
  });
  await nodes.start(lost);
  await Promise.all(nodes.nodes.map((one) => one.whenLinked(10_000)));
  for (const node of [0, 1, 2, 3]) await doubtsOf(node).clear();
}

describe('a lie', () => {
  test('to one node is doubted by all honest ones, with the pair, the step and the query', async () => {
    lie((bytes) => bytes.map((byte, i) => (i === 0 ? byte ^ 1 : byte)));
    const error = await errorOf(runQuery(ana, SQL));
    expect(error).toMatchObject({ code: 'COPIES_DIFFER', exitCode: 1 });
    expect(error.message).toContain(`'${NAMES[LIAR]}'`);
    await expectDoubts((names) => {
      expect(names).toContain('beta');
      expect(names).toHaveLength(2);
    });
    const events = (await Promise.all(HONEST.map(checksOf))).map((all) => all.at(-1));
    const [noticed, ...told] = events;
    expect(noticed).toMatchObject({ code: 'COPIES_DIFFER', step: expect.stringContaining('/') });
    expect(noticed?.['nodes']).toContain(LIAR);
    for (const event of told) {
      expect(event).toMatchObject({ told_by: 0, nodes: noticed?.['nodes'], query: noticed?.['query'] });
    }
    const audit = await readFile(join(nodes.directories[2] as string, 'audit.log'), 'utf8');
    expect(audit).toMatch(
      new RegExp(
        `query-failed[^\\n]*${String(noticed?.['query'])}|${String(noticed?.['query'])}[^\\n]*query-failed`,
      ),
    );
    await expectNotWithout(3);
    expect(await codeOf(runQuery(ana, SQL))).toBe('no error');
  });

  test('of another length is one, too', async () => {
    lie((bytes) => bytes.subarray(0, bytes.length - 8));
    expect(await errorOf(runQuery(ana, SQL))).toMatchObject({ code: 'MESSAGE_LENGTH' });
    await expectDoubts((names) => expect(names).toEqual(['beta']));
    for (const node of [0, 1, 2, 3]) await doubtsOf(node).clear();
  });

  test('to the analyst is doubted by all, as the analyst reports it', async () => {
    const bent = Object.create(ana, {
      ask: { value: ana.ask.bind(ana) },
      request: {
        value: async (...args: Parameters<ClusterClient['request']>) => {
          const replies = await ana.request(...args);
          const { attachment } = replies[LIAR]?.reply ?? { attachment: new Uint8Array() };
          attachment[0] = (attachment[0] ?? 0) ^ 1;
          return replies;
        },
      },
    }) as ClusterClient;
    expect(await errorOf(runQuery(bent, SQL))).toMatchObject({
      code: 'COPIES_DIFFER',
      details: { nodes: ['beta'] },
    });
    await expectDoubts((names) => expect(names).toEqual(['beta']));
    for (const node of HONEST) {
      expect(await doubtsOf(node).read()).toMatchObject({ told_by: 'ana' });
      expect((await checksOf(node)).at(-1)).toMatchObject({ reported_by: 'ana', nodes: [LIAR] });
    }
    await expectNotWithout(0);
  });

  test('about the answer to a query that was not asked is refused', async () => {
    const query = 'ab'.repeat(16);
    expect(await codeOf(ana.request({ kind: 'report', query, code: 'COPIES_DIFFER', nodes: [0] }))).toBe(
      'USAGE',
    );
    for (const node of HONEST) expect(await doubtsOf(node).read()).toBeUndefined();
  });
});
