import { createHash } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { WarifuError } from '../../src/core/errors.js';
import { childStep, rootStep } from '../../src/core/step.js';
import type { MeshOptions } from '../../src/transport/peer-mesh.js';
import type { Session } from '../../src/transport/session.js';
import { at, type Cluster, failure, NODES, newId, peersOf, started, until } from './support/meshes.js';

const STEP = rootStep('test');
const KEY = { step: STEP, tag: 'x' };
const MIB = 1024 * 1024;

let running: Cluster | undefined;
afterEach(async () => {
  await running?.stop();
  running = undefined;
});

async function connected(options: Partial<MeshOptions> = {}): Promise<Cluster> {
  running = await started(options);
  return running;
}

function openEverywhere(cluster: Cluster, id = newId()): Session[] {
  return NODES.map((node) => at(cluster.meshes, node).openSession(id, { peers: peersOf(node) }));
}

/** Bytes that differ at every place and by seed. */
function pattern(length: number, seed: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4));
  for (let i = 0; i < words.length; i++) words[i] = Math.imul(i + seed, 0x9e3779b1);
  return new Uint8Array(words.buffer, 0, length);
}

const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe('PeerMesh', () => {
  test('carries messages of every size between all nodes, and counts payload and rounds', async () => {
    const cluster = await connected({ limits: { frameBytes: 1000, eagerBytes: 3000 } });
    const sessions = openEverywhere(cluster);
    const sizes = [0, 1, 999, 1000, 1001, 2999, 3000, 3001, 50_001];
    await Promise.all(
      NODES.map(async (node) => {
        const channel = at(sessions, node).channel();
        const work = peersOf(node).flatMap((peer) =>
          sizes.map(async (size, i) => {
            const key = { step: childStep(STEP, `s${size}`), tag: 'x' };
            await channel.send(peer, key, pattern(size, node), i + 1);
            const got = await channel.receive(peer, key, size);
            expect(sha(got)).toBe(sha(pattern(size, peer)));
            expect(got.byteOffset % 8).toBe(0);
            expect(got.length).toBe(size);
          }),
        );
        await Promise.all(work);
      }),
    );
    const total = sizes.reduce((sum, size) => sum + size, 0);
    expect(sessions.map((session) => session.meter.bytesSent)).toEqual([2 * total, 2 * total, 2 * total]);
    expect(sessions.map((session) => session.meter.rounds)).toEqual([9, 9, 9]);
    await Promise.all(sessions.map((session) => session.close()));
  });

  test('64 MiB each way, sent before anyone receives', async () => {
    const cluster = await connected();
    const sessions = openEverywhere(cluster);
    const message = pattern(64 * MIB, 5);
    await Promise.all(
      NODES.map(async (node) => {
        const channel = at(sessions, node).channel();
        for (const peer of peersOf(node)) await channel.send(peer, KEY, message, 1);
        for (const peer of peersOf(node)) {
          const got = await channel.receive(peer, KEY, message.length);
          expect(Buffer.compare(got, message)).toBe(0);
        }
      }),
    );
  });

  test('200 concurrent steps, claimed in the opposite order, with a window far too small for them', async () => {
    const cluster = await connected({
      limits: { windowBytes: 20_000, earlyWindowBytes: 5000, eagerBytes: 1500 },
    });
    const sessions = openEverywhere(cluster);
    const steps = Array.from({ length: 200 }, (_, i) => ({ step: childStep(STEP, `n${i}`), tag: 'x' }));
    await Promise.all(
      NODES.map(async (node) => {
        const channel = at(sessions, node).channel();
        for (const [i, key] of steps.entries()) {
          for (const peer of peersOf(node)) await channel.send(peer, key, pattern(i * 10, i), 1);
        }
        for (const [i, key] of [...steps.entries()].reverse()) {
          for (const peer of peersOf(node)) {
            expect(sha(await channel.receive(peer, key, i * 10))).toBe(sha(pattern(i * 10, i)));
          }
        }
        await at(sessions, node).close();
      }),
    );
  });

  test('a session whose receiver is slow holds up no other on the same links', async () => {
    const cluster = await connected();
    const slow = openEverywhere(cluster);
    const quick = openEverywhere(cluster);
    for (let i = 0; i < 8; i++) {
      const key = { step: childStep(STEP, `big${i}`), tag: 'x' };
      await at(slow, 0)
        .channel()
        .send(1, key, pattern(16 * MIB, i), 1);
    }
    for (let round = 0; round < 50; round++) {
      const key = { step: childStep(STEP, `r${round}`), tag: 'x' };
      await at(quick, 0).channel().send(1, key, pattern(100_000, round), round);
      await at(quick, 1).channel().receive(0, key, 100_000);
    }
    const last = { step: childStep(STEP, 'big7'), tag: 'x' };
    expect(
      sha(
        await at(slow, 1)
          .channel()
          .receive(0, last, 16 * MIB),
      ),
    ).toBe(sha(pattern(16 * MIB, 7)));
  });

  test('send makes its caller wait once too much has not left', async () => {
    const cluster = await connected({ limits: { sendBufferBytes: 2 * MIB } });
    const sessions = openEverywhere(cluster);
    const keys = ['a', 'b', 'c'].map((tag) => ({ step: STEP, tag }));
    const sender = at(sessions, 0).channel();
    await sender.send(1, at(keys, 0), pattern(6 * MIB, 1), 1);
    let accepted = 0;
    const rest = keys.slice(1).map(async (key) => {
      await sender.send(1, key, pattern(MIB, 2), 1);
      accepted += 1;
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(accepted).toBe(0);
    expect(at(sessions, 0).status.waitsFor).toEqual([1]);
    await at(sessions, 1)
      .channel()
      .receive(0, at(keys, 0), 6 * MIB);
    await Promise.all(rest);
    expect(accepted).toBe(2);
    expect(at(sessions, 0).status).toMatchObject({ idleMs: 0, waitsFor: [] });
  });

  test('early frames wait for their session; one that is never opened is refused to its peers', async () => {
    const cluster = await connected({ limits: { earlyMs: 300 } });
    const id = newId();
    const first = at(cluster.meshes, 0).openSession(id, { peers: [1] });
    await first.channel().send(1, KEY, pattern(100, 1), 1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const second = at(cluster.meshes, 1).openSession(id, { peers: [0] });
    expect(sha(await second.channel().receive(0, KEY, 100))).toBe(sha(pattern(100, 1)));

    const lonely = at(cluster.meshes, 0).openSession(newId(), { peers: [1] });
    const error = await failure(lonely.channel().receive(1, KEY, 1));
    expect(error.code).toBe('NO_PROGRESS');
    expect(error.message).toContain('not opened');
    expect(() => at(cluster.meshes, 1).openSession(lonely.id, { peers: [0] })).toThrow('has ended');
  });

  test('a wrong length ends the session at all nodes with the same code', async () => {
    const cluster = await connected();
    for (const [sent, expected] of [
      [10, 11],
      [10, MIB],
      [MIB, 10],
      [MIB, MIB - 1],
    ] as const) {
      const sessions = openEverywhere(cluster);
      await at(sessions, 0)
        .channel()
        .send(1, KEY, pattern(sent, 1), 1)
        .catch(() => undefined);
      const errors = await Promise.all([
        failure(at(sessions, 1).channel().receive(0, KEY, expected)),
        failure(at(sessions, 2).channel().receive(0, KEY, 1)),
        failure(at(sessions, 0).channel().receive(2, KEY, 1)),
      ]);
      expect(errors.map((error) => error.code)).toEqual(Array(3).fill('MESSAGE_LENGTH'));
    }
  });

  test('abort reaches all peers with its code, also those that open the session later', async () => {
    const cluster = await connected();
    const id = newId();
    const [a, b] = [0, 1].map((node) =>
      at(cluster.meshes, node).openSession(id, { peers: peersOf(node === 0 ? 0 : 1) }),
    );
    const waiting = failure(b?.channel().receive(2, KEY, 1) ?? Promise.resolve());
    a?.abort(new WarifuError('COPIES_DIFFER', 'the copies of step x differ'));
    const error = await waiting;
    expect([error.code, error.message]).toEqual(['COPIES_DIFFER', 'node 0: the copies of step x differ']);
    expect(b?.signal.aborted).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const late = at(cluster.meshes, 2).openSession(id, { peers: [0, 1] });
    expect((await failure(late.channel().send(0, KEY, pattern(1, 1), 1))).code).toBe('COPIES_DIFFER');
  });

  test('a lost node fails every session that uses it, no other, and comes back after its restart', async () => {
    const events: string[] = [];
    const cluster = await connected({ onPeerDown: (peer) => events.push(`down ${peer}`) });
    const all = openEverywhere(cluster);
    const pair = newId();
    const between = [0, 1].map((node) =>
      at(cluster.meshes, node).openSession(pair, { peers: [node === 0 ? 1 : 0] }),
    );
    const waits = [0, 1].map((node) => failure(at(all, node).channel().receive(2, KEY, 1)));
    const survivor = at(between, 1).channel().receive(0, KEY, 5);
    await at(cluster.meshes, 2).stop();
    for (const error of await Promise.all(waits)) expect(['CANCELLED', 'NODE_LOST']).toContain(error.code);
    await until(() => events.filter((event) => event === 'down 2').length === 2, 'both see node 2 go');
    expect(() => at(cluster.meshes, 0).openSession(newId(), { peers: [1, 2] })).toThrow(
      'node 2 is not connected',
    );
    await at(between, 0).channel().send(1, KEY, pattern(5, 1), 1);
    expect((await survivor).length).toBe(5);

    const reborn = cluster.make(2);
    await reborn.start();
    await Promise.all([0, 1].map((node) => at(cluster.meshes, node).whenUp(10_000)));
    await reborn.whenUp(10_000);
    const id = newId();
    const [a, c] = [at(cluster.meshes, 0), reborn].map((mesh, i) =>
      mesh.openSession(id, { peers: [i === 0 ? 2 : 0] }),
    );
    await a?.channel().send(2, KEY, pattern(9, 1), 1);
    expect((await c?.channel().receive(0, KEY, 9))?.length).toBe(9);
  });

  test('a program that waits for what nobody sends ends with the step and the node it waits for', async () => {
    const cluster = await connected({ limits: { noProgressMs: 400 } });
    const sessions = openEverywhere(cluster);
    // A ring: everyone waits for the one before.
    const errors = await Promise.all(
      NODES.map((node) =>
        failure(
          at(sessions, node)
            .channel()
            .receive(((node + 2) % 3) as 0 | 1 | 2, KEY, 1),
        ),
      ),
    );
    expect(errors.map((error) => error.code)).toEqual(['NO_PROGRESS', 'NO_PROGRESS', 'NO_PROGRESS']);
    expect(errors.some((error) => error.details['step'] === 'test')).toBe(true);
  });

  test('a node that computes for long is waited for, also by those who wait for others', async () => {
    const cluster = await connected({ limits: { noProgressMs: 300 } });
    const sessions = openEverywhere(cluster);
    const waiting = at(sessions, 1).channel().receive(0, KEY, 3);
    const waitingForIt = at(sessions, 2).channel().receive(1, KEY, 3);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await at(sessions, 0).channel().send(1, KEY, pattern(3, 1), 1);
    await at(sessions, 1)
      .channel()
      .send(2, KEY, await waiting, 2);
    expect((await waitingForIt).length).toBe(3);
  });

  test('however long it says that it computes, a wait has an end', async () => {
    const cluster = await connected({ limits: { noProgressMs: 300, longestWaitMs: 900 } });
    const sessions = openEverywhere(cluster);
    const waiting = failure(at(sessions, 1).channel().receive(0, KEY, 3));
    await new Promise((resolve) => setTimeout(resolve, 600));
    const error = await waiting;
    expect([error.code, error.details['step']]).toEqual(['NO_PROGRESS', 'test']);
    expect(error.message).toMatch(/[12] seconds.*from node 0/);
  });

  test('a peer that finishes without sending fails the receive at once', async () => {
    const cluster = await connected();
    const sessions = openEverywhere(cluster);
    const waiting = failure(at(sessions, 1).channel().receive(0, KEY, 3));
    await at(sessions, 0).close();
    const error = await waiting;
    expect([error.code, error.details['step'], error.details['node']]).toEqual(['NO_PROGRESS', 'test', 0]);
  });

  test('keys are used once, and wrong calls are refused', async () => {
    const cluster = await connected();
    const [a, b] = openEverywhere(cluster);
    const channel = a?.channel();
    await expect(channel?.send(0, KEY, pattern(1, 1), 1)).rejects.toThrow(RangeError);
    await expect(channel?.receive(1, KEY, -1)).rejects.toThrow(RangeError);
    await expect(channel?.receive(1, KEY, 2 ** 31)).rejects.toThrow(RangeError);
    await channel?.send(1, KEY, pattern(1, 1), 1);
    const waiting = failure(b?.channel().receive(2, KEY, 1) ?? Promise.resolve());
    await expect(channel?.send(1, KEY, pattern(1, 1), 1)).rejects.toMatchObject({ code: 'STEP_REUSED' });
    expect((await waiting).code).toBe('STEP_REUSED');
  });

  test('control messages arrive in order; too long ones and unreachable nodes are refused', async () => {
    const got: unknown[] = [];
    const cluster = await connected({
      limits: { controlBytes: 5000 },
      onControl: (from, message) => got.push([from, message]),
    });
    const mesh = at(cluster.meshes, 0);
    for (let i = 0; i < 20; i++) mesh.sendControl(1, { i, text: '患者' });
    await until(() => got.length === 20, 'all control messages arrive');
    expect(got).toEqual(Array.from({ length: 20 }, (_, i) => [0, { i, text: '患者' }]));
    expect(() => mesh.sendControl(1, 'x'.repeat(5000))).toThrow('over 5000');
    await at(cluster.meshes, 1).stop();
    await until(() => !at(mesh.status(), 0).up, 'node 1 is down');
    expect(() => mesh.sendControl(1, {})).toThrow('node 1 is not connected');
  });

  test('a handler that refuses a control message ends the link, which comes back', async () => {
    const downs: string[] = [];
    const cluster = await connected({
      onControl: () => {
        throw new WarifuError('MESSAGE_FORM', 'not a message of this layer');
      },
      onPeerDown: (peer, error) => downs.push(`${peer} ${error.code}`),
    });
    at(cluster.meshes, 0).sendControl(1, { strange: true });
    await until(
      () => downs.includes('0 MESSAGE_FORM') && downs.includes('1 NODE_LOST'),
      'both see the link end',
    );
    await Promise.all(cluster.meshes.map((mesh) => mesh.whenUp(5000)));
    expect(cluster.meshes.flatMap((mesh) => mesh.status().map((peer) => peer.up))).toEqual(
      Array(6).fill(true),
    );
  });

  test('session ids are checked and used once', async () => {
    const cluster = await connected({ limits: { sessions: 1 } });
    const mesh = at(cluster.meshes, 0);
    expect(() => mesh.openSession('ABC', { peers: [1] })).toThrow(RangeError);
    const session = mesh.openSession(newId(), { peers: [1] });
    expect(() => mesh.openSession(session.id, { peers: [1] })).toThrow('open already');
    expect(() => mesh.openSession(newId(), { peers: [1] })).toThrow('1 sessions are open already');
    await session.close();
    expect(() => mesh.openSession(session.id, { peers: [1] })).toThrow('has ended');
    mesh.openSession(newId(), { peers: [1] }).abort(new WarifuError('CANCELLED', 'test'));
  });
});
