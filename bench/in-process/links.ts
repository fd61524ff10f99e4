/**
 * A long message through the links of two nodes, beside as many bytes through the bare TLS socket under them.
 *
 * Both ends run in this process, so the CPU time of a run is that of sending and receiving together, and both ways
 * take turns, so that they see the same machine.
 */
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { freePorts } from '../../src/cli/local-cluster/ports.js';
import { WarifuError } from '../../src/core/errors.js';
import type { NodeIndex } from '../../src/core/scheme.js';
import { childStep, rootStep } from '../../src/core/step.js';
import { privateKeyPem } from '../../src/server/identity/certificate.js';
import { createNodeIdentity, type NodeIdentity } from '../../src/server/identity/node-identity.js';
import { listen } from '../../src/transport/listen.js';
import { PeerMesh } from '../../src/transport/peer-mesh.js';
import { Pins } from '../../src/transport/pins.js';
import { type PeerSockets, TlsSockets } from '../../src/transport/sockets.js';
import type { Bench, BenchRequest } from '../bench.js';
import { type Measured, median } from '../result/measured.js';

/** Bytes of one message, that of a million 64-bit elements. */
const MESSAGE = 8_000_000;
const MESSAGES = 20;
const WRITE = 128 * 1024;
const UP_LIMIT_MS = 20_000;

export const LINKS_BENCH: Bench = {
  name: 'links',
  about: 'bytes through a TLS link and through the bare socket, both ends in this process; items are bytes',
  items: undefined,
  nodes: 'none',
  run: links,
};

/** Carries MESSAGES messages; resolves when the last byte has arrived. */
type Carry = () => Promise<void>;

async function links({ runs }: BenchRequest): Promise<Measured> {
  const identities = [await createNodeIdentity('a', Date.now()), await createNodeIdentity('b', Date.now())];
  const session = await throughSession(identities);
  const socket = await throughSocket(identities);
  const [seconds, cpuSeconds, bare]: [number[], number[], number[]] = [[], [], []];
  try {
    for (let run = 0; run <= runs; run++) {
      const own = await timed(session.carry);
      const raw = await timed(socket.carry);
      if (run === 0) continue;
      seconds.push(own.seconds / MESSAGES);
      cpuSeconds.push(own.cpu / MESSAGES);
      bare.push(raw.cpu / MESSAGES);
    }
  } finally {
    await session.stop();
    await socket.stop();
  }
  const perGigabyte = (values: number[]): string => `${((median(values) * 1e9) / MESSAGE).toFixed(2)} s`;
  return {
    name: 'links',
    n: MESSAGE,
    seconds,
    cpuSeconds,
    rounds: 1,
    bytes: [MESSAGE],
    peakRssMb: [(process.resourceUsage().maxRSS * 1024) / 1e6],
    notes: [
      ['CPU per GB, sent and received', perGigabyte(cpuSeconds)],
      ['the same, bare TLS socket', perGigabyte(bare)],
      ['share of the bare socket', `${Math.round((100 * median(bare)) / median(cpuSeconds))} %`],
    ],
  };
}

async function timed(carry: Carry): Promise<{ seconds: number; cpu: number }> {
  const [cpu, start] = [process.cpuUsage(), performance.now()];
  await carry();
  const { user, system } = process.cpuUsage(cpu);
  return { seconds: (performance.now() - start) / 1000, cpu: (user + system) / 1e6 };
}

interface Way {
  readonly carry: Carry;
  readonly stop: () => Promise<void>;
}

function identityOf({ key, certificate }: NodeIdentity): { key: string; certificate: string } {
  return { key: privateKeyPem(key.privateKey), certificate };
}

async function throughSession(identities: readonly NodeIdentity[]): Promise<Way> {
  const ports = await freePorts(identities.length);
  const cluster = randomBytes(32).toString('hex');
  const addresses = identities.map(({ certificate }, node) => {
    return { node: node as NodeIndex, host: '127.0.0.1', port: ports[node]!, certificates: [certificate] };
  });
  const meshes = identities.map(
    (identity, self) =>
      new PeerMesh({
        self: self as NodeIndex,
        listen: { host: '127.0.0.1', port: ports[self]! },
        tls: identityOf(identity),
        peers: addresses.filter(({ node }) => node !== self),
        cluster,
        software: 'bench',
      }),
  );
  await Promise.all(meshes.map((mesh) => mesh.start()));
  await Promise.all(meshes.map((mesh) => mesh.whenUp(UP_LIMIT_MS)));
  const message = new Uint8Array(randomBytes(MESSAGE));
  const carry = async (): Promise<void> => {
    const id = randomBytes(16).toString('hex');
    const [from, to] = meshes.map((mesh, self) => mesh.openSession(id, { peers: [(1 - self) as NodeIndex] }));
    for (let i = 0; i < MESSAGES; i++) {
      const key = { step: childStep(rootStep('links'), `${i}`), tag: 'bytes' };
      const receiving = to!.channel().receive(0, key, MESSAGE);
      await from!.channel().send(1, key, message, i + 1);
      check((await receiving)[MESSAGE - 1] === message[MESSAGE - 1]);
    }
    await Promise.all([from!.close(), to!.close()]);
  };
  return { carry, stop: async () => void (await Promise.all(meshes.map((mesh) => mesh.stop()))) };
}

async function throughSocket(identities: readonly NodeIdentity[]): Promise<Way> {
  const pins = new Pins(
    identities.map(({ certificate }, node) => ({ node: node as NodeIndex, certificates: [certificate] })),
  );
  const [sender, receiver] = identities.map(
    (identity): PeerSockets => new TlsSockets(identityOf(identity), pins),
  );
  let accepted: (socket: Socket) => void = () => undefined;
  const outgoing = new Promise<Socket>((resolve) => {
    accepted = resolve;
  });
  const server = sender!.createServer({ onSocket: (socket) => accepted(socket), onFault: fail }, UP_LIMIT_MS);
  const port = await listen(server, '127.0.0.1', 0);
  let onBytes: (bytes: Uint8Array) => void = () => undefined;
  const buffer = Buffer.alloc(64 * 1024);
  const incoming = receiver!.connect({
    host: '127.0.0.1',
    port,
    onread: {
      buffer,
      callback: (length) => {
        onBytes(buffer.subarray(0, length));
        return true;
      },
    },
  });
  const out = await outgoing;
  out.resume();
  incoming.resume();
  const message = randomBytes(MESSAGE);
  const carry = async (): Promise<void> => {
    for (let i = 0; i < MESSAGES; i++) {
      const target = Buffer.allocUnsafeSlow(MESSAGE);
      let at = 0;
      const received = new Promise<void>((resolve) => {
        onBytes = (bytes) => {
          target.set(bytes, at);
          at += bytes.length;
          if (at === MESSAGE) resolve();
        };
      });
      await write(out, message);
      await received;
      check(target[MESSAGE - 1] === message[MESSAGE - 1]);
    }
  };
  const stop = async (): Promise<void> => {
    incoming.destroy();
    out.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  return { carry, stop };
}

async function write(socket: Socket, message: Buffer): Promise<void> {
  for (let at = 0; at < message.length; at += WRITE) {
    if (socket.write(message.subarray(at, at + WRITE))) continue;
    await new Promise((resolve) => socket.once('drain', resolve));
  }
}

function check(same: boolean): void {
  if (!same) throw new WarifuError('INTERNAL', 'the bytes that arrived are not those that were sent');
}

function fail(error: Error): never {
  throw error;
}
