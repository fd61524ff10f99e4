import { randomBytes } from 'node:crypto';
import { freePorts } from '../../../src/cli/local-cluster/ports.js';
import { WarifuError } from '../../../src/core/errors.js';
import type { NodeIndex } from '../../../src/core/scheme.js';
import { type MeshOptions, PeerMesh } from '../../../src/transport/peer-mesh.js';
import type { TlsIdentity } from '../../../src/transport/sockets.js';
import { makeIdentity } from './certificates.js';

export const CLUSTER = 'c1'.repeat(32);
export const NODES = [0, 1, 2] as const;
export const peersOf = (node: NodeIndex): NodeIndex[] => NODES.filter((other) => other !== node);
export const newId = () => randomBytes(16).toString('hex');

/** Beats fast enough for tests; every other limit as in production unless a test says otherwise. */
export const FAST = { heartbeatMs: 50, silentBeats: 8, redialMs: 10, redialMaxMs: 60, handshakeMs: 2000 };

export async function freePort(): Promise<number> {
  const [port = 0] = await freePorts(1);
  return port;
}

export interface Cluster {
  readonly identities: readonly TlsIdentity[];
  readonly ports: readonly number[];
  readonly meshes: PeerMesh[];
  /** Makes (not starts) the mesh of one node. */
  make(node: NodeIndex, overrides?: Partial<MeshOptions>): PeerMesh;
  stop(): Promise<void>;
}

/** Three nodes on loopback (or more), not started. */
export async function cluster(
  common: Partial<MeshOptions> = {},
  nodes: readonly NodeIndex[] = NODES,
): Promise<Cluster> {
  const identities = await Promise.all(nodes.map((node) => makeIdentity(`node ${node}`)));
  const ports = await Promise.all(nodes.map(() => freePort()));
  const meshes: PeerMesh[] = [];
  const make = (node: NodeIndex, overrides: Partial<MeshOptions> = {}): PeerMesh => {
    const mesh = new PeerMesh({
      self: node,
      listen: { host: '127.0.0.1', port: at(ports, node) },
      tls: at(identities, node),
      peers: nodes
        .filter((other) => other !== node)
        .map((peer) => ({
          node: peer,
          host: '127.0.0.1',
          port: at(ports, peer),
          certificates: [at(identities, peer).certificate],
        })),
      cluster: CLUSTER,
      software: `test ${node}`,
      ...common,
      ...overrides,
      limits: { ...FAST, ...common.limits, ...overrides.limits },
    });
    meshes.push(mesh);
    return mesh;
  };
  return {
    identities,
    ports,
    meshes,
    make,
    stop: async () => {
      await Promise.all(meshes.map((mesh) => mesh.stop()));
    },
  };
}

/** Three nodes, started and connected. */
export async function started(common: Partial<MeshOptions> = {}): Promise<Cluster> {
  const made = await cluster(common);
  for (const node of NODES) await made.make(node).start();
  await Promise.all(made.meshes.map((mesh) => mesh.whenUp(10_000)));
  return made;
}

export function at<T>(list: readonly T[], index: number): T {
  const item = list[index];
  if (item === undefined) throw new RangeError(`no item ${index}`);
  return item;
}

/** The WarifuError with which a promise is rejected. */
export async function failure(promise: Promise<unknown>): Promise<WarifuError> {
  const thrown: unknown = await promise.then(
    () => new Error('should have failed'),
    (error: unknown) => error,
  );
  if (thrown instanceof WarifuError) return thrown;
  throw thrown;
}

/** Resolves when the condition holds. */
export async function until(condition: () => boolean, what: string, ms = 8000): Promise<void> {
  const end = performance.now() + ms;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`never happened: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
