/** Three or four node processes on loopback, for `try`, `demo` and `dev`. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Cluster, clusterText } from '../../core/cluster-file.js';
import { WarifuError } from '../../core/errors.js';
import { encodeKeyFile, type NamedKey } from '../../core/key-file.js';
import { createCluster } from '../../server/identity/cluster.js';
import { createCard, createNodeIdentity, type NodeIdentity } from '../../server/identity/node-identity.js';
import type { LinkShape } from '../../server/node-options.js';
import type { VaultSecret } from '../../server/store/vault.js';
import { NodeChild } from './child.js';
import type { ChildSettings, ChildUser } from './child-messages.js';
import { freePorts, LOOPBACK } from './ports.js';
import { makeRunDirectory, removeNow, removeRunDirectory, sweepRunDirectories } from './run-directory.js';

const NODE_NAMES = ['node-a', 'node-b', 'node-c', 'node-d'] as const;
/** From the start of the processes until every node is linked to the others. */
const START_LIMIT_MS = 60_000;
/** Another process may take a port between our finding it free and a node's using it. */
const PORT_TRIES = 3;

export interface LocalNode {
  readonly identity: NodeIdentity;
  readonly directory: string;
  readonly secret: VaultSecret | 'ephemeral';
}

/** What is the same for all the processes. */
export interface LocalClusterPlan {
  readonly cluster: Cluster;
  readonly nodes: readonly LocalNode[];
  /** Undefined: each node has its own list in its directory. */
  readonly users: readonly ChildUser[] | undefined;
  readonly minCountFloor: number;
  /** Slows the links between the nodes down; undefined leaves them as they are. */
  readonly shape?: LinkShape | undefined;
  /** Removed when the nodes have stopped, however they stop. */
  readonly runDirectory: string | undefined;
}

export class LocalCluster {
  readonly cluster: Cluster;
  readonly children: readonly NodeChild[];
  readonly #runDirectory: string | undefined;
  readonly #onExit = (): void => {
    for (const child of this.children) child.kill();
    if (this.#runDirectory !== undefined) removeNow(this.#runDirectory);
  };

  private constructor(plan: LocalClusterPlan, settings: readonly ChildSettings[]) {
    this.cluster = plan.cluster;
    this.#runDirectory = plan.runDirectory;
    this.children = settings.map((each, i) => new NodeChild(plan.cluster.nodes[i]!.name, each));
    process.on('exit', this.#onExit);
  }

  /**
   * Starts the nodes and waits until they are linked.
   *
   * @throws WarifuError naming the node that did not come up, with its last log lines.
   */
  static async start(plan: LocalClusterPlan, signal: AbortSignal): Promise<LocalCluster> {
    const settings = await Promise.all(plan.nodes.map((node) => childSettings(plan, node)));
    signal.throwIfAborted();
    const started = new LocalCluster(plan, settings);
    try {
      await started.#linked(signal);
      return started;
    } catch (thrown) {
      await started.stop();
      throw thrown;
    }
  }

  /** Nodes that keep everything in memory, gone without trace when they stop. */
  static async startEphemeral(
    users: readonly NamedKeyWithRoles[],
    minCountFloor: number,
    signal: AbortSignal,
    nodes: 3 | 4 = 3,
  ): Promise<LocalCluster> {
    sweepRunDirectories(Date.now());
    const children = users.map(({ key, roles }) => ({ name: key.name, publicKey: key.publicKey, roles }));
    for (let tries = 1; ; tries++) {
      const plan = await ephemeralPlan(nodes);
      try {
        return await LocalCluster.start({ ...plan, users: children, minCountFloor }, signal);
      } catch (thrown) {
        await removeRunDirectory(plan.runDirectory);
        if (!isPortTaken(thrown) || tries === PORT_TRIES) throw thrown;
      }
    }
  }

  /** Stops the nodes and removes what they leave. */
  async stop(): Promise<void> {
    await Promise.all(this.children.map((child) => child.stop()));
    if (this.#runDirectory !== undefined) await removeRunDirectory(this.#runDirectory);
    process.off('exit', this.#onExit);
  }

  async #linked(signal: AbortSignal): Promise<void> {
    const limit = AbortSignal.timeout(START_LIMIT_MS);
    const either = AbortSignal.any([limit, signal]);
    try {
      await aborted(either, Promise.all(this.children.map((child) => child.ready)));
    } catch (thrown) {
      signal.throwIfAborted();
      if (limit.aborted) throw this.#late();
      throw thrown;
    }
  }

  #late(): WarifuError {
    const logs = this.children.map((child) => `  ${child.name}: ${child.log.at(-1) ?? '(no log)'}`);
    return new WarifuError(
      'NO_PROGRESS',
      `the local nodes were not linked after ${START_LIMIT_MS / 1000} seconds; their last log lines:\n${logs.join('\n')}`,
    );
  }
}

export interface NamedKeyWithRoles {
  readonly key: NamedKey;
  readonly roles: ChildUser['roles'];
}

/** A cluster of new identities on free ports. */
export async function newLocalCluster(
  nodes: 3 | 4 = 3,
): Promise<{ identities: NodeIdentity[]; cluster: Cluster }> {
  const names = NODE_NAMES.slice(0, nodes);
  const identities = await Promise.all(names.map((name) => createNodeIdentity(name, Date.now())));
  const ports = await freePorts(identities.length * 2);
  const cards = identities.map((identity, i) =>
    createCard(identity, {
      peer: `${LOOPBACK}:${ports[2 * i]!}`,
      client: `${LOOPBACK}:${ports[2 * i + 1]!}`,
    }),
  );
  return { identities, cluster: createCluster(cards) };
}

async function ephemeralPlan(
  count: 3 | 4,
): Promise<Pick<LocalClusterPlan, 'cluster' | 'nodes'> & { readonly runDirectory: string }> {
  const { identities, cluster } = await newLocalCluster(count);
  const runDirectory = makeRunDirectory();
  const nodes = identities.map((identity) => {
    const directory = join(runDirectory, identity.key.name);
    mkdirSync(directory, { mode: 0o700 });
    return { identity, directory, secret: 'ephemeral' as const };
  });
  return { cluster, nodes, runDirectory };
}

async function childSettings(
  plan: LocalClusterPlan,
  { identity, directory, secret }: LocalNode,
): Promise<ChildSettings> {
  return {
    key: await encodeKeyFile(identity.key, undefined),
    certificate: identity.certificate,
    cluster: clusterText(plan.cluster),
    directory,
    runDirectory: plan.runDirectory,
    secret,
    users: plan.users,
    minCountFloor: plan.minCountFloor,
    shape: plan.shape,
  };
}

function isPortTaken(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.message.includes('EADDRINUSE');
}

async function aborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  // When the signal wins, nobody is left to see how the work fails.
  work.catch(() => undefined);
  signal.throwIfAborted();
  let onAbort: () => void = () => undefined;
  const abort = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work, abort]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
