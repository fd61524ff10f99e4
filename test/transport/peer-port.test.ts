import { randomBytes } from 'node:crypto';
import { connect as connectTcp, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { WarifuError } from '../../src/core/errors.js';
import type { NodeIndex } from '../../src/core/scheme.js';
import { rootStep } from '../../src/core/step.js';
import { encodeData, encodeReady } from '../../src/transport/encode-frame.js';
import { PROTOCOL_VERSION } from '../../src/transport/hello.js';
import type { MeshOptions } from '../../src/transport/peer-mesh.js';
import { makeIdentity } from './support/certificates.js';
import { at, type Cluster, cluster, failure, freePort, newId, started, until } from './support/meshes.js';
import { helloFrame, rawPeer, rawTls, untilHungUp } from './support/raw-peer.js';

const KEY = { step: rootStep('test'), tag: 'x' };
const FIVE_MINUTES = 300_000;

let running: Cluster | undefined;
afterEach(async () => {
  await running?.stop();
  running = undefined;
});

interface Faults {
  readonly onFault: NonNullable<MeshOptions['onFault']>;
  readonly list: [WarifuError, NodeIndex | undefined][];
}

function faults(): Faults {
  const list: Faults['list'] = [];
  return { list, onFault: (error, peer) => list.push([error, peer]) };
}

/** Starts nodes 0 and 1, of which node 1 is made differently, and waits until both have heard why. */
async function mismatch(
  code: string,
  different: (made: Cluster) => Partial<MeshOptions> | Promise<Partial<MeshOptions>>,
): Promise<[WarifuError, WarifuError]> {
  const made = await cluster();
  running = made;
  const [a, b] = [faults(), faults()];
  await made.make(0, a).start();
  await made.make(1, { ...b, ...(await different(made)) }).start();
  const heard = (list: Faults['list']) => list.find(([error]) => error.code === code)?.[0];
  await until(() => heard(a.list) !== undefined && heard(b.list) !== undefined, `both hear ${code}`);
  expect(made.meshes.map((mesh) => mesh.status().some((peer) => peer.up))).toEqual([false, false]);
  return [heard(a.list) as WarifuError, heard(b.list) as WarifuError];
}

describe('handshakes that fail say what differs, to both sides', () => {
  test('protocol version', async () => {
    const [a, b] = await mismatch('HANDSHAKE_VERSION', () => ({ protocolVersion: 7 }));
    expect(a.message).toContain(`node 1 speaks protocol version 7, node 0 speaks ${PROTOCOL_VERSION}`);
    expect(b.message).toMatch(/protocol version/);
  });

  test('cluster fingerprint', async () => {
    const [a, b] = await mismatch('HANDSHAKE_CLUSTER', () => ({ cluster: 'dd'.repeat(32) }));
    for (const error of [a, b]) {
      expect(error.message).toContain('c1c1c1c1c1c1c1c1…');
      expect(error.message).toContain('dddddddddddddddd…');
    }
  });

  test('clock', async () => {
    const late = () => Date.now() - 2 * FIVE_MINUTES;
    const [a, b] = await mismatch('HANDSHAKE_CLOCK', () => ({ wallClock: late }));
    for (const error of [a, b]) {
      expect(error.message).toMatch(/is (599|600|601) seconds (behind|ahead of) that of node/);
    }
  });

  test('a clock less than five minutes off is accepted', async () => {
    const made = await cluster();
    running = made;
    for (const node of [0, 1, 2] as const) {
      await made.make(node, { wallClock: () => Date.now() + node * 140_000 }).start();
    }
    await Promise.all(made.meshes.map((mesh) => mesh.whenUp(5000)));
    expect(made.meshes.every((mesh) => mesh.status().every((peer) => peer.up))).toBe(true);
  });

  test('an expired certificate', async () => {
    const expired = await makeIdentity('node 1', -10, -1);
    const made = await cluster();
    running = made;
    const [a, b] = [faults(), faults()];
    const peers = [
      { node: 1 as const, host: '127.0.0.1', port: at(made.ports, 1), certificates: [expired.certificate] },
    ];
    await made.make(0, { ...a, peers }).start();
    await made.make(1, { ...b, tls: expired }).start();
    for (const { list } of [a, b]) {
      await until(
        () => list.some(([error]) => error.message.includes('expired on')),
        'both hear of the expiry',
      );
    }
    expect(a.list.some(([error]) => error.code === 'HANDSHAKE_CERTIFICATE')).toBe(true);
  });

  test('a self-made certificate', async () => {
    const [a, b] = await mismatch('HANDSHAKE_CERTIFICATE', async () => ({
      tls: await makeIdentity('node 1'),
    }));
    expect(a.message).toContain('it is self-made');
    expect(b.message).toContain('refused this node: certificate refused');
  });

  test("another node's certificate", async () => {
    const [a] = await mismatch('HANDSHAKE_CERTIFICATE', (made) => ({ tls: at(made.identities, 2) }));
    expect(a.message).toMatch(/certificate/);
  });

  test('a second pinned certificate is as good as the first', async () => {
    const made = await cluster();
    running = made;
    const renewed = await makeIdentity('node 1');
    const peer = { host: '127.0.0.1', port: at(made.ports, 1), node: 1 as const };
    const certificates = [at(made.identities, 1).certificate, renewed.certificate];
    await made.make(0, { peers: [{ ...peer, certificates }] }).start();
    const zero = {
      node: 0 as const,
      host: '127.0.0.1',
      port: at(made.ports, 0),
      certificates: [at(made.identities, 0).certificate],
    };
    await made.make(1, { tls: renewed, peers: [zero] }).start();
    await Promise.all(made.meshes.map((mesh) => mesh.whenUp(5000)));
    expect(made.meshes.map((mesh) => at(mesh.status(), 0).up)).toEqual([true, true]);
  });
});

describe('the peer port', () => {
  test('tells strangers why they are refused, and reads nothing of theirs', async () => {
    const heard = faults();
    const made = await started(heard);
    running = made;
    const plain = await rawTls(at(made.ports, 0), {});
    plain.write('GET /warifu-peer HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\n\r\n');
    expect(decodeURIComponent(await untilHungUp(plain))).toContain(
      'HANDSHAKE_CERTIFICATE certificate refused: no certificate was presented',
    );
    const stranger = await makeIdentity('stranger');
    const refused = await rawTls(at(made.ports, 0), { key: stranger.key, cert: stranger.certificate });
    expect(decodeURIComponent(await untilHungUp(refused))).toContain('it is self-made');
    expect(heard.list.map(([error]) => error.code)).toContain('HANDSHAKE_CERTIFICATE');
    expect(made.meshes.every((mesh) => mesh.status().every((peer) => peer.up))).toBe(true);
  });

  test('speaks TLS 1.3 only, and resumes nothing', async () => {
    const made = await started();
    running = made;
    const port = at(made.ports, 0);
    await expect(rawTls(port, { maxVersion: 'TLSv1.2' })).rejects.toThrow(/version/i);
    const identity = { key: at(made.identities, 1).key, cert: at(made.identities, 1).certificate };
    const first = await rawTls(port, identity);
    const ticket = new Promise<Buffer>((resolve) => first.once('session', resolve));
    first.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    const session = await Promise.race([
      ticket,
      new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), 300)),
    ]);
    first.destroy();
    if (session === undefined) return;
    const second = await rawTls(port, { ...identity, session });
    expect(second.isSessionReused()).toBe(false);
    second.destroy();
  });

  test('plain HTTP, plain TCP and silence are hung up on', async () => {
    const made = await started({ limits: { handshakeMs: 300 } });
    running = made;
    const port = at(made.ports, 0);
    const tcp = connectTcp(port, '127.0.0.1');
    tcp.on('error', () => undefined);
    tcp.write(randomBytes(100));
    await new Promise<void>((resolve) => tcp.once('close', () => resolve()));
    const identity = { key: at(made.identities, 1).key, cert: at(made.identities, 1).certificate };
    const http = await rawTls(port, identity);
    http.write('GET /warifu-peer HTTP/1.1\r\nhost: x\r\n\r\n');
    expect(await untilHungUp(http)).toContain('426');
    const silent = await rawTls(port, identity);
    expect(await untilHungUp(silent)).toBe('');
    expect(made.meshes.every((mesh) => mesh.status().every((peer) => peer.up))).toBe(true);
  });
});

describe('a peer that breaks the rules', () => {
  /** Nodes 0 and 2 run; the test plays node 1 on the connection on which node 0 sends data. */
  async function misbehaving(): Promise<{
    made: Cluster;
    peer: Awaited<ReturnType<typeof rawPeer>>;
    heard: Faults;
  }> {
    const made = await cluster();
    running = made;
    const heard = faults();
    await made.make(0, heard).start();
    return { made, heard, peer: await rawPeer(at(made.ports, 0), at(made.identities, 1)) };
  }

  test.each([
    ['an oversized frame', () => new Uint8Array(2 * 1024 * 1024)],
    ['data against its direction', () => dataFrame()],
    ['a second hello', () => helloFrame(1)],
    ['half a frame', () => encodeReady(newId(), 'k'.repeat(16), 1).subarray(0, 30)],
  ])('%s ends the connection', async (_name, frame) => {
    const { peer } = await misbehaving();
    peer.webSocket.send(helloFrame(1));
    await until(() => peer.received.length > 0, 'node 0 says hello');
    peer.webSocket.send(frame());
    expect([1006, 1009]).toContain(await peer.closed);
  });

  test('text instead of a hello, and a hello of another node, are answered with the reason', async () => {
    const { peer, heard, made } = await misbehaving();
    peer.webSocket.send('hello');
    await peer.closed;
    expect(heard.list.map(([error]) => error.code)).toContain('FRAME_INVALID');
    const liar = await rawPeer(at(made.ports, 0), at(made.identities, 1));
    liar.webSocket.send(helloFrame(2));
    await liar.closed;
    expect(Buffer.concat(liar.received).toString('latin1')).toContain('HANDSHAKE_CERTIFICATE');
  });

  test('no hello at all is not waited for', async () => {
    const made = await cluster({ limits: { handshakeMs: 200 } });
    running = made;
    await made.make(0).start();
    const peer = await rawPeer(at(made.ports, 0), at(made.identities, 1));
    expect(await peer.closed).toBe(1006);
  });
});

describe('a stopped node', () => {
  test('is noticed by missing heartbeats though its connections stay open', async () => {
    const made = await cluster();
    running = made;
    // Everything that reaches node 1, and everything it reaches, goes through relays that can freeze.
    const relays = [await relay(at(made.ports, 0)), await relay(at(made.ports, 1))];
    const address = (node: 0 | 1) => ({
      node,
      host: '127.0.0.1',
      port: at(relays, node).port,
      certificates: [at(made.identities, node).certificate],
    });
    await made.make(0, { peers: [address(1)] }).start();
    await made.make(1, { peers: [address(0)] }).start();
    await Promise.all(made.meshes.map((mesh) => mesh.whenUp(5000)));
    const session = at(made.meshes, 0).openSession(newId(), { peers: [1] });
    const waiting = failure(session.channel().receive(1, KEY, 1));
    for (const { freeze } of relays) freeze();
    const error = await waiting;
    expect([error.code, error.details['node']]).toEqual(['NODE_LOST', 1]);
    expect(error.message).toContain('silent');
    for (const { close } of relays) close();
  });
});

function dataFrame(): Uint8Array {
  const payload = Uint8Array.of(1);
  const frame = {
    session: newId(),
    key: 'k'.repeat(16),
    clock: 1,
    total: 1,
    offset: 0,
    charged: true,
    payload,
  };
  return Buffer.concat(encodeData(frame));
}

async function relay(target: number): Promise<{ port: number; freeze: () => void; close: () => void }> {
  const sockets = new Set<Socket>();
  let frozen = false;
  const server: Server = createServer((inner) => {
    if (frozen) {
      sockets.add(inner.pause());
      return;
    }
    const outer = connectTcp(target, '127.0.0.1');
    inner.pipe(outer).pipe(inner);
    for (const socket of [inner, outer]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        inner.destroy();
        outer.destroy();
      });
    }
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    port,
    freeze: () => {
      frozen = true;
      for (const socket of sockets) {
        socket.unpipe();
        socket.pause();
      }
    },
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
