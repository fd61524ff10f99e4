/**
 * Three or four coordinators in one process. Messages and whatever else waits for a turn happen one at a time, in an order
 * drawn from a seed; nodes crash, links break, and what a dead process still does has no effect.
 */
import { setImmediate } from 'node:timers/promises';
import { WarifuError } from '../../../src/core/errors.js';
import { type NodeIndex, peersOf as peersIn, REP3, type Scheme } from '../../../src/core/scheme.js';
import { type ControlMessage, controlMessage } from '../../../src/server/jobs/control-message.js';
import { JobCoordinator } from '../../../src/server/jobs/coordinator.js';
import type { CoordinatorOptions, JobWish } from '../../../src/server/jobs/coordinator-options.js';
import type { JobMesh } from '../../../src/server/jobs/job-mesh.js';
import type { RunningJob } from '../../../src/server/jobs/running-job.js';
import { MemoryNetwork } from '../../../src/transport/memory-network.js';
import { TestRandom } from '../../support/random.js';

export const NAMES = ['alpha', 'beta', 'gamma', 'delta'] as const;
export const NODES: readonly NodeIndex[] = [0, 1, 2];
export const CLUSTER = 'c'.repeat(64);

interface Action {
  readonly run: () => void;
  /** Actions of one lane keep their order. */
  readonly lane: string;
}

export interface WorldNode {
  readonly index: NodeIndex;
  readonly coordinator: JobCoordinator;
  readonly mesh: JobMesh;
  /** False once it has crashed. */
  alive: boolean;
  onDecision: (from: NodeIndex, message: Extract<ControlMessage, { attempt: string }>) => void;
}

export class JobWorld {
  readonly nodes: WorldNode[] = [];
  readonly scheme: Scheme;
  readonly network: MemoryNetwork;
  /** A liar at a node: what it sends instead of a message; undefined sends nothing. */
  bend: (from: NodeIndex, to: NodeIndex, message: ControlMessage) => ControlMessage | undefined = (
    _f,
    _t,
    m,
  ) => m;
  readonly random: TestRandom;
  readonly #limits: Partial<CoordinatorOptions>;
  readonly #down = new Set<string>();
  #actions: Action[] = [];
  #epochs = 0;

  constructor(label: string, limits: Partial<CoordinatorOptions> = {}) {
    this.random = new TestRandom(label);
    this.#limits = limits;
    this.scheme = limits.scheme ?? REP3;
    this.network = new MemoryNetwork(this.scheme.nodes.length);
    for (const index of this.scheme.nodes) this.start(index);
  }

  /** Starts a node (again), with empty memory. */
  start(index: NodeIndex): WorldNode {
    const node: WorldNode = {
      index,
      alive: true,
      mesh: this.#mesh(index, () => node),
      coordinator: undefined as never,
      onDecision: () => undefined,
    };
    const coordinator = new JobCoordinator({
      mesh: node.mesh,
      cluster: CLUSTER,
      scheme: this.scheme,
      self: index,
      peers: peersIn(this.scheme, index),
      nameOf: (other) => NAMES[other],
      epoch: ++this.#epochs,
      memory: 1000,
      maxRunning: 4,
      maxWaiting: 64,
      ...this.#limits,
    });
    const started = Object.assign(node, { coordinator });
    this.nodes[index] = started;
    return started;
  }

  node(index: number): WorldNode {
    return this.nodes[index] as WorldNode;
  }

  /** The process ends: its messages on the way are lost, and its peers notice. */
  crash(index: NodeIndex): void {
    const node = this.node(index);
    node.alive = false;
    for (const peer of peersIn(this.scheme, index)) this.cut(index, peer);
  }

  /** A link breaks both ways. */
  cut(a: NodeIndex, b: NodeIndex): void {
    if (!this.isUp(a, b)) return;
    this.#down.add(linkOf(a, b));
    this.#actions = this.#actions.filter(({ lane }) => lane !== `${a} ${b}` && lane !== `${b} ${a}`);
    for (const [self, peer] of [
      [a, b],
      [b, a],
    ] as const) {
      if (this.node(self).alive)
        this.node(self).coordinator.peerDown(peer, new WarifuError('NODE_LOST', `node ${peer} is lost`));
    }
  }

  mend(a: NodeIndex, b: NodeIndex): void {
    this.#down.delete(linkOf(a, b));
  }

  isUp(a: NodeIndex, b: NodeIndex): boolean {
    return !this.#down.has(linkOf(a, b));
  }

  /** Resolves when the scheduler gives the turn; never, if the process has ended by then. */
  turn(node: WorldNode): Promise<void> {
    return new Promise((resolve) => {
      this.#actions.push({ lane: `turn ${this.#actions.length}`, run: () => node.alive && resolve() });
    });
  }

  get waiting(): number {
    return this.#actions.length;
  }

  /** One action, drawn at random among the first of each lane. */
  async step(): Promise<void> {
    const firsts = [...new Map(this.#actions.toReversed().map((action) => [action.lane, action])).values()];
    const drawn = this.random.between(0n, BigInt(Math.max(firsts.length - 1, 0)));
    const chosen = firsts[Number(drawn)];
    if (chosen !== undefined) {
      this.#actions.splice(this.#actions.indexOf(chosen), 1);
      chosen.run();
    }
    await setImmediate();
  }

  /** Steps until nothing is on its way. */
  async settle(): Promise<void> {
    await setImmediate();
    for (let steps = 0; this.#actions.length > 0; steps++) {
      if (steps > 20_000) throw new Error('the nodes never come to rest');
      await this.step();
    }
    await setImmediate();
  }

  #mesh(self: NodeIndex, node: () => WorldNode): JobMesh {
    return {
      status: () => peersIn(this.scheme, self).map((peer) => ({ node: peer, up: this.isUp(self, peer) })),
      sendControl: (to, message) => {
        if (!node().alive) return;
        if (!this.isUp(self, to)) throw new WarifuError('NODE_UNREACHABLE', `node ${to} is not connected`);
        // As on the wire: only JSON of a known form arrives.
        const parsed = this.bend(self, to, controlMessage.parse(JSON.parse(JSON.stringify(message))));
        if (parsed === undefined) return;
        this.#actions.push({ lane: `${self} ${to}`, run: () => this.#deliver(self, to, parsed) });
      },
      openSession: (id) => {
        let failure: WarifuError | undefined;
        return {
          get failure() {
            return failure;
          },
          abort: (error) => {
            failure ??= error;
            this.network.abort(id, error);
          },
          channel: () => this.network.channel(self, id),
          close: async () => undefined,
        };
      },
    };
  }

  #deliver(from: NodeIndex, to: NodeIndex, message: ControlMessage): void {
    const receiver = this.node(to);
    if (!receiver.alive) return;
    if (message.type === 'ask' || message.type === 'tell') receiver.onDecision(from, message);
    else if ('job' in message) receiver.coordinator.handle(from, message);
  }
}

function linkOf(a: NodeIndex, b: NodeIndex): string {
  return `${Math.min(a, b)} ${Math.max(a, b)}`;
}

export function peersOf(index: NodeIndex): NodeIndex[] {
  return NODES.filter((node) => node !== index);
}

export function jobId(n: number): string {
  return n.toString(16).padStart(64, '0');
}

export function wish(change: Partial<JobWish> = {}): JobWish {
  return { kind: 'query', agreed: { table: 't', plan: 'p' }, minCount: 1, memory: 10, ...change };
}

/** A run at one node with its end, observed from the start. */
export interface Observed<T> {
  state: 'pending' | 'done' | 'failed';
  value?: T;
  error?: WarifuError;
}

export function observe<T>(work: Promise<T>): Observed<T> {
  const seen: Observed<T> = { state: 'pending' };
  work.then(
    (value) => Object.assign(seen, { state: 'done', value }),
    (error: unknown) => Object.assign(seen, { state: 'failed', error }),
  );
  return seen;
}

export function run<T>(
  world: JobWorld,
  node: number,
  id: string,
  work: (job: RunningJob) => Promise<T>,
  {
    wish: wanted = wish(),
    signal = new AbortController().signal,
  }: { wish?: JobWish; signal?: AbortSignal } = {},
): Observed<T> {
  return observe(world.node(node).coordinator.run(id, wanted, signal, work));
}
