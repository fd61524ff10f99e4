/** One of three or four nodes sends nothing more, on real links, and says of itself what it likes: whom the others name. */
import { afterEach, describe, expect, it } from 'vitest';
import type { WarifuError } from '../../src/core/errors.js';
import { nodesBlamed } from '../../src/core/node-names.js';
import { type NodeIndex, REP3, REP4 } from '../../src/core/scheme.js';
import { rootStep } from '../../src/core/step.js';
import { encodeHeartbeat } from '../../src/transport/encode-frame.js';
import { FRAME_KINDS } from '../../src/transport/frame.js';
import { Pins } from '../../src/transport/pins.js';
import type { Session } from '../../src/transport/session.js';
import { TlsSockets } from '../../src/transport/sockets.js';
import { LyingSockets } from './attacks/lying-sockets.js';
import { at, type Cluster, cluster, FAST, failure, newId } from './support/meshes.js';

const KEY = { step: rootStep('test'), tag: 'x' };
/** Slow beats: nodes that a busy machine stops for a moment still find a standstill within two of them. */
const LIMITS = { ...FAST, heartbeatMs: 100, noProgressMs: 500, longestWaitMs: 1_000 };
const BYTES = 8;
const NO_SESSIONS = encodeHeartbeat([]).length;

let running: Cluster | undefined;
afterEach(async () => {
  await running?.stop();
  running = undefined;
});

/** For whom the liar says that it waits, to whom; undefined: what is true. */
type Claim = (to: NodeIndex) => readonly number[] | 'silent' | undefined;

/** All nodes, and a session of some; the last node says of itself what `claim` says. */
async function withLiar(
  nodes: readonly NodeIndex[],
  claim: Claim,
  members: readonly NodeIndex[] = nodes,
): Promise<readonly Session[]> {
  const made = await cluster({ limits: LIMITS }, nodes);
  running = made;
  const id = newId();
  const liar = at(nodes, nodes.length - 1);
  for (const node of nodes)
    made.make(node, node === liar ? { sockets: liarSockets(made, liar, nodes, claim, id) } : {});
  await Promise.all(made.meshes.map((mesh) => mesh.start()));
  await Promise.all(made.meshes.map((mesh) => mesh.whenUp(10_000)));
  return members.map((node) =>
    at(made.meshes, node).openSession(id, { peers: members.filter((one) => one !== node) }),
  );
}

function liarSockets(
  { identities }: Cluster,
  liar: NodeIndex,
  nodes: readonly NodeIndex[],
  claim: Claim,
  session: string,
): LyingSockets {
  const pins = nodes
    .filter((node) => node !== liar)
    .map((node) => ({ node, certificates: [at(identities, node).certificate] }));
  const sockets = new LyingSockets(liar, new TlsSockets(at(identities, liar), new Pins(pins)));
  sockets.bend = ({ to, role, bytes }) => {
    const said = claim(to);
    // Where it lists the session, which is open then.
    const lists = bytes[1] === FRAME_KINDS.heartbeat && bytes.length > NO_SESSIONS;
    if (!lists || role !== 'accepting' || said === undefined) return undefined;
    if (said === 'silent') return [encodeHeartbeat([])];
    return [encodeHeartbeat([{ session, idleMs: 60_000, waitsFor: said as NodeIndex[] }])];
  };
  return sockets;
}

/** Each node but the last waits for the next; the last sends nothing. How it ends for them. */
function endsOfChain(sessions: readonly Session[]): Promise<WarifuError[]> {
  return Promise.all(
    sessions
      .slice(0, -1)
      .map((session, node) => failure(session.channel().receive((node + 1) as NodeIndex, KEY, BYTES))),
  );
}

function namedBy(error: WarifuError): NodeIndex[] {
  expect(error.code).toBe('NO_PROGRESS');
  return nodesBlamed(error.details, ['a', 'b', 'c', 'd']).toSorted((a, b) => a - b);
}

describe.each([REP3, REP4])('a node of $name that sends nothing', ({ nodes }) => {
  const liar = at(nodes, nodes.length - 1);
  const others = nodes.slice(0, -1);
  const first = 0;
  const beside = at(others, others.length - 1);

  it('is named by all, also by those who wait for others, where it says nothing', async () => {
    const errors = await endsOfChain(await withLiar(nodes, () => 'silent'));
    expect(errors.map(namedBy)).toEqual(others.map(() => [liar]));
    const [told] = errors;
    expect(told?.message).toContain(
      `from node 1: node 1, for which this node waits, says that it waits for node 2`,
    );
    expect(told?.message).toContain(`node ${liar} says nothing of this computation`);
    expect(told?.details).toMatchObject({ step: 'test', tag: 'x', from: 1, node: liar });
  });

  it('is named by all where it says that it computes, for as long as anybody waits', async () => {
    const errors = await endsOfChain(await withLiar(nodes, () => undefined));
    expect(errors.map(namedBy)).toEqual(others.map(() => [liar]));
    for (const { message } of errors) expect(message).toContain(`node ${liar}`);
  });

  it('is named by all, never another alone, where it says that it waits for one who waits for it', async () => {
    const sessions = await withLiar(nodes, () => [first]);
    const named = (await endsOfChain(sessions)).map(namedBy);
    for (const some of named) expect(some).toContain(liar);
    // All are in the circle, and each knows of itself that it is not to blame.
    expect(named).toEqual(others.map((node) => nodes.filter((one) => one !== node)));
  });

  it('is named alone by the one that it says it waits for where that waits for it', async () => {
    const named = (await endsOfChain(await withLiar(nodes, () => [beside]))).map(namedBy);
    expect(named[beside]).toEqual([liar]);
    expect(named.slice(0, -1)).toEqual(
      others.slice(0, -1).map((node) => (node === beside ? [liar] : [beside, liar])),
    );
  });

  it('is named where it says that it waits for one that has finished', async () => {
    const sessions = await withLiar(nodes, () => [first]);
    const waiting = others
      .slice(1)
      .map((node) => failure(at(sessions, node).channel().receive(liar, KEY, BYTES)));
    await at(sessions, first).close();
    for (const error of await Promise.all(waiting)) expect(namedBy(error)).toEqual([first, liar]);
  });

  it.each([
    ['itself', () => [liar], 'waits for the node that it is at'],
    ['a node that there is not', () => [7], 'a node that there is not'],
    ['nobody, though it stands still', () => [], 'waits for nobody'],
  ])('ends its link where it says that it waits for %s', async (_whom, claim, why) => {
    const errors = await Promise.all(
      (await withLiar(nodes, claim))
        .slice(0, -1)
        .map((session) => failure(session.channel().receive(liar, KEY, BYTES))),
    );
    const caught = errors.filter(
      ({ code, details }) => code === 'FRAME_INVALID' && details['told_by'] === undefined,
    );
    expect(caught.length).toBeGreaterThan(0);
    for (const { message, details } of caught) {
      expect(details['node']).toBe(liar);
      expect(message).toContain(why);
    }
  });
});

describe('a wait for a node that takes no part', () => {
  it('ends the link of the one that says so', async () => {
    const three: readonly NodeIndex[] = [0, 1, 3];
    const sessions = await withLiar(REP4.nodes, () => [2], three);
    const error = await failure(at(sessions, 0).channel().receive(3, KEY, BYTES));
    expect(error).toMatchObject({ code: 'FRAME_INVALID' });
    expect(error.message).toContain('a session waits for node 2, which takes no part in it');
  });
});
