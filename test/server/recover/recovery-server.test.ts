/** What a node gives to one that recovers, and what not: asked by a peer that says whatever it likes. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WarifuError } from '../../../src/core/errors.js';
import type { NodeIndex } from '../../../src/core/scheme.js';
import { addressOf } from '../../../src/server/address.js';
import { privateKeyPem } from '../../../src/server/identity/certificate.js';
import { type Ask, encodeAsk, messagesOf, recoverySessionId } from '../../../src/server/recover/ask.js';
import { HelperSession } from '../../../src/server/recover/helper-session.js';
import { decodeSnapshot } from '../../../src/server/recover/snapshot.js';
import { PeerMesh } from '../../../src/transport/peer-mesh.js';
import type { Session } from '../../../src/transport/session.js';
import { clientOf, errorOf, patients, SCHEMA } from '../support/hospital.js';
import { type LocalNodes, localNodes } from '../support/local-nodes.js';
import { upload } from '../support/test-provider.js';

const VERSION = `${'0'.repeat(31)}1`;
const STAGED = `${'0'.repeat(31)}2`;
const SELF = 1;
const PEER = 0;

let nodes: LocalNodes;
let mesh: PeerMesh;
/** What to do when a session is refused. */
const sessions = new Map<string, Session>();

beforeAll(async () => {
  nodes = await localNodes();
  const hana = clientOf(nodes, nodes.user('hana', 'provider'));
  const rows = patients(100, 'one');
  await upload(hana, { table: 'patients', slice: 'one', schema: SCHEMA, rows, version: VERSION });
  const stop = { beforeCommit: () => Promise.reject(new Error('stop')) };
  await errorOf(
    upload(hana, { table: 'patients', slice: 'two', schema: SCHEMA, rows, version: STAGED }, stop),
  );
  await nodes.stop(SELF);
  const { cluster, identities } = nodes;
  const card = (node: NodeIndex): (typeof cluster.nodes)[number] => cluster.nodes[node] as never;
  const identity = identities[SELF] as (typeof identities)[number];
  mesh = new PeerMesh({
    self: SELF,
    listen: addressOf(card(SELF).peer),
    tls: { key: privateKeyPem(identity.key.privateKey), certificate: identity.certificate },
    peers: [0, 2].map((node) => {
      const { peer, certificates } = card(node as NodeIndex);
      return { node: node as NodeIndex, ...addressOf(peer), certificates };
    }),
    cluster: cluster.fingerprint,
    software: 'test',
    onControl: (_from, message) => {
      const { type, session = '' } = message as { type: string; session?: string };
      if (type === 'recover-refused') sessions.get(session)?.abort(new WarifuError('NODE_BUSY', 'refused'));
    },
  });
  await mesh.start();
  await mesh.whenUp(10_000);
}, 60_000);
afterAll(async () => {
  await mesh.stop();
  await nodes.close();
});

function request(): Session {
  const id = randomBytes(16).toString('hex');
  mesh.sendControl(PEER, { type: 'recover', session: id });
  const session = mesh.openSession(recoverySessionId(id), { peers: [PEER] });
  sessions.set(id, session);
  return session;
}

/** A session in which the first question was answered: the one before may still be ending there. */
async function begin(): Promise<{ session: Session; helper: HelperSession }> {
  for (;;) {
    const session = request();
    const helper = new HelperSession({ node: PEER, name: 'alpha' }, session);
    const error = await errorOf(helper.ask({ kind: 'snapshot' }, { most: 1 << 20 }, 'all'));
    if (error.message === 'no error') return { session, helper };
    expect(error).toMatchObject({ code: 'NODE_BUSY' });
  }
}

async function inSession<T>(use: (helper: HelperSession) => Promise<T>): Promise<T> {
  const { helper } = await begin();
  try {
    return await use(helper);
  } finally {
    await helper.end();
  }
}

async function refusal(ask: Ask): Promise<string> {
  const error = await inSession((helper) => errorOf(helper.ask(ask, { most: 1 << 20 }, 'something')));
  return (error as WarifuError).code;
}

describe('a node that recovers is given', () => {
  test('what there is', async () => {
    const bytes = await inSession((helper) => helper.ask({ kind: 'snapshot' }, { most: 1 << 20 }, 'all'));
    const { tables, slices } = decodeSnapshot(bytes);
    expect(tables.map(({ name }) => name)).toEqual(['patients']);
    expect(slices.map(({ version }) => version)).toEqual([VERSION]);
  });

  test('the part that both hold, and no part that it lacks, or that is not here', async () => {
    // Node 0 holds parts 0 and 1, node 1 parts 1 and 2.
    const ask = { kind: 'chunk', version: VERSION, chunk: 0 } as const;
    const given = await inSession((helper) => helper.ask({ ...ask, part: 1 }, { most: 1 << 20 }, 'a part'));
    expect(given.length).toBeGreaterThan(64 * 8);
    expect(await refusal({ ...ask, part: 0 })).toBe('NOT_ALLOWED');
    expect(await refusal({ ...ask, part: 3 })).toBe('NOT_ALLOWED');
    expect(await refusal({ ...ask, part: 2 })).toBe('UNKNOWN_SLICE');
    expect(await refusal({ ...ask, part: 1, chunk: 2 })).toBe('UNKNOWN_SLICE');
  });

  test('nothing of what is not visible', async () => {
    expect(await refusal({ kind: 'chunk', version: STAGED, part: 1, chunk: 0 })).toBe('UNKNOWN_SLICE');
    expect(await refusal({ kind: 'manifest', version: STAGED })).toBe('UNKNOWN_SLICE');
    expect(await refusal({ kind: 'manifest', version: 'f'.repeat(32) })).toBe('UNKNOWN_SLICE');
  });

  test('nothing for a question of another form: the session ends', async () => {
    const { session } = await begin();
    const channel = session.channel();
    const { ask, head, clock } = messagesOf(1);
    const wrong = encodeAsk({ kind: 'snapshot' });
    wrong[0] = 9;
    await channel.send(PEER, ask, wrong, clock);
    const error = (await errorOf(channel.receive(PEER, head, 5))) as WarifuError;
    expect(error.code).toBe('PEER_MISBEHAVED');
  });

  test('one session at a time', async () => {
    await inSession(async () => {
      const helper = new HelperSession({ node: PEER, name: 'alpha' }, request());
      const error = await errorOf(helper.ask({ kind: 'snapshot' }, { most: 1 << 20 }, 'all'));
      expect(error).toMatchObject({ code: 'NODE_BUSY' });
    });
  });

  test('no more answers than it can need', async () => {
    const { session, helper } = await begin();
    const ask = { kind: 'manifest', version: 'f'.repeat(32) } as const;
    let last: WarifuError | undefined;
    for (let asked = 0; asked < 12_000 && session.failure === undefined; asked += 500) {
      const some = Array.from({ length: 500 }, () => errorOf(helper.ask(ask, { most: 1 }, 'a manifest')));
      for (const error of await Promise.all(some)) last = error as WarifuError;
    }
    expect(last?.code).toBe('NODE_BUSY');
  }, 30_000);
});
