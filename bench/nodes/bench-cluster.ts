/** Three or four node processes on loopback with identities of their own, and runs of a protocol among them. */
import { randomBytes } from 'node:crypto';
import type { LinkOptions } from '../../src/cli/link-options.js';
import { newLocalCluster } from '../../src/cli/local-cluster/local-cluster.js';
import { clusterText } from '../../src/core/cluster-file.js';
import type { Cost } from '../../src/core/cost.js';
import { encodeKeyFile } from '../../src/core/key-file.js';
import { type NodeIndex, partsHeldBy, peersOf, type Scheme } from '../../src/core/scheme.js';
import type { JobKeys } from '../../src/server/jobs/job-keys.js';
import type { PartSummary } from '../protocols/verify.js';
import { onEnd } from '../support/on-end.js';
import { BenchNode, type Reply } from './bench-node.js';
import { type FromNode, machineClock, type ToNode } from './messages.js';

const STEP_LIMIT_MS = 120_000;
/** A run over a slow imitated network takes long; one in which nothing moves is ended by the links, in a minute. */
const RUN_LIMIT_MS = 3_600_000;

export interface ClusterOptions {
  readonly scheme: Scheme;
  readonly links: LinkOptions;
  /** Links without TLS. */
  readonly plain: boolean;
}

/** What one run took, all nodes together. */
export interface RunFigures {
  /** From the signal to the end of the last node. */
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly cost: Cost;
  /** Largest so far, of each node. */
  readonly peakRssMb: readonly number[];
}

export class BenchCluster {
  readonly scheme: Scheme;
  readonly #nodes: readonly BenchNode[];
  readonly #forget: () => void;

  private constructor(scheme: Scheme) {
    const nodes = scheme.nodes.map((node) => new BenchNode(`node ${node}`));
    this.scheme = scheme;
    this.#nodes = nodes;
    this.#forget = onEnd(() => {
      for (const node of nodes) node.kill();
    });
  }

  /** Starts the processes and waits until they are linked. */
  static async start({ scheme, links, plain }: ClusterOptions): Promise<BenchCluster> {
    const { identities, cluster } = await newLocalCluster(scheme.nodes.length === 4 ? 4 : 3);
    const started = new BenchCluster(scheme);
    const text = clusterText(cluster);
    try {
      await Promise.all(
        started.#nodes.map(async (node, self) => {
          const { key, certificate } = identities[self]!;
          const settings = { certificate, cluster: text, links, plain };
          await node.start({
            ...settings,
            self: self as NodeIndex,
            key: await encodeKeyFile(key, undefined),
          });
        }),
      );
      return started;
    } catch (thrown) {
      await started.stop();
      throw thrown;
    }
  }

  /** Deals the inputs of a bench at all nodes. */
  async prepare(bench: string, n: number): Promise<void> {
    await this.#all(() => ({ kind: 'prepare', bench, n }), 'prepared');
  }

  /** One run in a session of its own, under fresh keys. */
  async run(): Promise<RunFigures> {
    const session = randomBytes(16).toString('hex');
    const keysOf = this.#freshKeys();
    await this.#all((node) => ({ kind: 'open', session, keys: keysOf(node) }), 'opened');
    const start = machineClock();
    const ends = await this.#all(() => ({ kind: 'go' }), 'finished', RUN_LIMIT_MS);
    const closed = await this.#all(() => ({ kind: 'close' }), 'closed');
    const costs = closed.map(({ cost }) => cost);
    const last = ends.map(({ atNs }) => atNs).reduce((a, b) => (a > b ? a : b));
    return {
      seconds: Number(last - start) / 1e9,
      cpuSeconds: costs.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
      cost: {
        rounds: Math.max(...costs.map(({ rounds }) => rounds)),
        bytes: costs.map(({ bytes }) => bytes),
      },
      peakRssMb: costs.map(({ peakRssMb }) => peakRssMb),
    };
  }

  /** What all nodes hold of the result of the last run. */
  async result(): Promise<PartSummary[]> {
    return (await this.#all(() => ({ kind: 'result' }), 'result')).flatMap(({ parts }) => parts);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.stop()));
    this.#forget();
  }

  /** A key for each part and for each pair of nodes. */
  #freshKeys(): (node: NodeIndex) => JobKeys {
    const { scheme } = this;
    const key = (): Uint8Array => new Uint8Array(randomBytes(32));
    const parts = scheme.parts.map(key);
    const pairs = scheme.nodes.map(() => scheme.nodes.map(key));
    const ofPair = (a: NodeIndex, b: NodeIndex): Uint8Array => pairs[Math.min(a, b)]![Math.max(a, b)]!;
    return (node) => ({
      parts: new Map(partsHeldBy(scheme, node).map((part) => [part, parts[part]!] as const)),
      tags: new Map(peersOf(scheme, node).map((peer) => [peer, ofPair(node, peer)] as const)),
    });
  }

  #all<K extends FromNode['kind']>(
    message: (node: NodeIndex) => ToNode,
    kind: K,
    limitMs = STEP_LIMIT_MS,
  ): Promise<Reply<K>[]> {
    return Promise.all(this.#nodes.map((node, i) => node.ask(message(i as NodeIndex), kind, limitMs)));
  }
}
