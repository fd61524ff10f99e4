/** Three or four nodes in this process, over real TLS on loopback, with users in memory. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../../src/cli/local-cluster/ports.js';
import { clusterText } from '../../../src/core/cluster-file.js';
import { type NamedKey, newNamedKey } from '../../../src/core/key-file.js';
import { createCluster, parseCluster } from '../../../src/server/identity/cluster.js';
import {
  createCard,
  createNodeIdentity,
  type NodeIdentity,
} from '../../../src/server/identity/node-identity.js';
import { SILENT } from '../../../src/server/log.js';
import { type RunningNode, startNode } from '../../../src/server/node.js';
import type { NodeOptions } from '../../../src/server/node-options.js';
import { createStore } from '../../../src/server/store/new-store.js';
import type { VaultSecret } from '../../../src/server/store/vault.js';
import { EnrolledUsers, type Role } from '../../../src/server/users/enrolled-users.js';

export interface LocalNodes {
  readonly cluster: ReturnType<typeof parseCluster>;
  readonly identities: readonly NodeIdentity[];
  readonly directories: readonly string[];
  readonly nodes: RunningNode[];
  user(name: string, ...roles: Role[]): NamedKey;
  /** Starts node i (again). */
  start(i: number, change?: Partial<NodeOptions>): Promise<void>;
  stop(i: number): Promise<void>;
  close(): Promise<void>;
}

export interface LocalNodesOptions {
  /** Keeps everything in memory; otherwise nodes can be restarted on their directories. Default true. */
  readonly ephemeral?: boolean;
  readonly floor?: number;
  /** Default 3. */
  readonly count?: 3 | 4;
  readonly now?: () => number;
  /** Options of single nodes, at every start of theirs. */
  readonly change?: (i: number) => Partial<NodeOptions>;
  /** Default true. */
  readonly linked?: boolean;
}

export async function localNodes(options: LocalNodesOptions = {}): Promise<LocalNodes> {
  const { ephemeral = true, floor = 1, count = 3, now = Date.now, linked = true } = options;
  const names = ['alpha', 'beta', 'gamma', 'delta'].slice(0, count);
  const ports = await freePorts(2 * count);
  const identities = await Promise.all(names.map((name) => createNodeIdentity(name, Date.now())));
  const cards = identities.map((identity, i) =>
    createCard(identity, { peer: `127.0.0.1:${ports[2 * i]}`, client: `127.0.0.1:${ports[2 * i + 1]}` }),
  );
  const cluster = parseCluster(clusterText(createCluster(cards)));
  const directories = await Promise.all(names.map((name) => mkdtemp(join(tmpdir(), `warifu-test-${name}-`))));
  let users = new EnrolledUsers([]);
  const nodes: RunningNode[] = [];
  const start = async (i: number, change: Partial<NodeOptions> = {}): Promise<void> => {
    nodes[i] = await startNode({
      identity: identities[i] as NodeIdentity,
      cluster,
      directory: directories[i] as string,
      secret: ephemeral ? 'ephemeral' : secretOf(i),
      users: { read: async () => users },
      minCountFloor: floor,
      log: process.env.WARIFU_TEST_LOG === undefined ? SILENT : consoleLog(names[i] as string),
      now,
      ...options.change?.(i),
      ...change,
    });
  };
  if (!ephemeral) {
    const stores = directories.map((directory, i) => createStore({ directory, secret: secretOf(i) }));
    await Promise.all(stores);
  }
  await Promise.all(names.map((_, i) => start(i)));
  if (linked) await Promise.all(nodes.map((node) => node.whenLinked(10_000)));
  return {
    cluster,
    identities,
    directories,
    nodes,
    user(name, ...roles) {
      const key = newNamedKey('user', name);
      users = users.enrol({ name, publicKey: key.publicKey }, roles, Date.now());
      return key;
    },
    start,
    stop: async (i) => await nodes[i]?.stop(),
    close: async () => {
      await Promise.all(nodes.map((node) => node.stop().catch(() => undefined)));
      await Promise.all(directories.map((directory) => rm(directory, { recursive: true, force: true })));
    },
  };
}

function secretOf(i: number): VaultSecret {
  return { kind: 'key', key: new Uint8Array(32).fill(i + 1) };
}

function consoleLog(name: string): NodeOptions['log'] {
  const write =
    (level: string) =>
    (fields: object, message: string): void =>
      console.error(name, level, message, JSON.stringify(fields));
  return { info: write('info'), warn: write('warn'), error: write('error') };
}
