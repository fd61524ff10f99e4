/**
 * A network of n nodes inside one process, for tests and dry comparisons: the same contract as the real links
 * (exact lengths, one message a key, typed errors instead of hanging), with an interceptor that may alter,
 * drop or multiply messages, a recorder of what every node received, and waves as a second measure of rounds.
 */
import { WarifuError } from '../core/errors.js';
import type { NodeIndex } from '../core/scheme.js';
import type { StepPath } from '../core/step.js';
import type { Channel, GrowingMessage, MessageKey } from './channel.js';
import { checkGrowth, duplicateMessage, noProgress, reusedKey, wrongLength } from './errors.js';
import { TrafficMeter } from './meter.js';

/** A message on its way, as the interceptor and the transcript see it. */
export interface Envelope {
  readonly session: string;
  readonly from: NodeIndex;
  readonly to: NodeIndex;
  readonly step: StepPath;
  readonly tag: string;
  readonly clock: number;
  readonly bytes: Uint8Array;
}

/**
 * Sees every message before delivery. Nothing returned: deliver as it is; bytes: deliver these instead; a list:
 * deliver each of these (an empty list drops the message, two entries are a duplicate).
 */
export type Interceptor = (message: Envelope) => Uint8Array | readonly Uint8Array[] | undefined | void;

export interface MemoryNetworkOptions {
  /** Keep what every node received, in order, with its bytes. Default false. */
  readonly record?: boolean;
  /** Hold messages back until all nodes are idle, deliver them at once, and count such waves. Default false. */
  readonly waves?: boolean;
  /** Turns of the event loop without a send or receive after which all nodes count as idle. Default 8. */
  readonly idleTurns?: number;
  /** Milliseconds without a send, delivery or receive after which waiting receives fail. Default 2000. */
  readonly stallMs?: number;
}

export interface MeteredChannel extends Channel {
  readonly meter: TrafficMeter;
}

interface Waiting {
  readonly key: MessageKey;
  readonly from: NodeIndex;
  readonly length: number;
  readonly resolve: (bytes: Uint8Array) => void;
  readonly reject: (error: WarifuError) => void;
}

/** One node's side of one session. */
interface Endpoint {
  readonly meter: TrafficMeter;
  readonly sent: Set<string>;
  readonly claimed: Set<string>;
  readonly delivered: Set<string>;
  readonly arrived: Map<string, Envelope>;
  readonly waiting: Map<string, Waiting>;
  failure: WarifuError | undefined;
}

/** Checks of a silent network before its waiting receives fail, so that one slow turn is not a stall. */
const STALL_CHECKS = 8;

export class MemoryNetwork {
  readonly nodes: number;
  readonly #options: Required<MemoryNetworkOptions>;
  readonly #endpoints = new Map<string, Endpoint>();
  readonly #interceptors: Interceptor[] = [];
  readonly #transcripts: Envelope[][];
  #held: Envelope[] = [];
  #waves = 0;
  #drain: NodeJS.Immediate | undefined;
  #watch: NodeJS.Timeout | undefined;
  /** Counts sends, deliveries and receives: the network is idle while it stands still. */
  #activity = 0;
  #closed: WarifuError | undefined;

  /** @param nodes number of nodes, 1 to 4. */
  constructor(nodes: number, options: MemoryNetworkOptions = {}) {
    if (!Number.isInteger(nodes) || nodes < 1 || nodes > 4) {
      throw new RangeError(`a memory network has 1 to 4 nodes, not ${nodes}`);
    }
    this.nodes = nodes;
    this.#options = { record: false, waves: false, idleTurns: 8, stallMs: 2000, ...options };
    this.#transcripts = Array.from({ length: nodes }, () => []);
  }

  /** Waves delivered so far (option `waves`): rounds counted without trusting any clock. */
  get waves(): number {
    return this.#waves;
  }

  /** The channel of a node in a session; the same one when asked again. */
  channel(node: NodeIndex, session = 'main'): MeteredChannel {
    this.#checkNode(node);
    const endpoint = this.#endpoint(session, node);
    return {
      self: node,
      meter: endpoint.meter,
      send: async (to, key, bytes, clock) => {
        await this.#begin(session, node, to, key, bytes, clock).advance(bytes.length);
      },
      begin: (to, key, bytes, clock) => this.#begin(session, node, to, key, bytes, clock),
      receive: (from, key, length) => this.#receive(session, node, from, key, length),
    };
  }

  /** Adds an interceptor; each sees what the one before it let through. Returns how to take it away. */
  intercept(interceptor: Interceptor): () => void {
    this.#interceptors.push(interceptor);
    return () => {
      const at = this.#interceptors.indexOf(interceptor);
      if (at >= 0) this.#interceptors.splice(at, 1);
    };
  }

  /** What a node received so far, in order of arrival (option `record`). */
  transcript(node: NodeIndex): readonly Envelope[] {
    this.#checkNode(node);
    return this.#transcripts[node] ?? [];
  }

  /** Ends one session at all nodes: what waits, and whatever comes later, fails with that error. */
  abort(session: string, error: WarifuError): void {
    for (let node = 0; node < this.nodes; node++)
      this.#fail(this.#endpoint(session, node as NodeIndex), error);
  }

  /** Ends the network: everything that waits, and whatever comes later, fails with that error. */
  close(error: WarifuError = new WarifuError('CANCELLED', 'the in-memory network was closed')): void {
    this.#closed ??= error;
    this.#held = [];
    if (this.#drain !== undefined) clearImmediate(this.#drain);
    if (this.#watch !== undefined) clearInterval(this.#watch);
    for (const endpoint of this.#endpoints.values()) this.#fail(endpoint, error);
  }

  #checkNode(node: number): void {
    if (!Number.isInteger(node) || node < 0 || node >= this.nodes) {
      throw new RangeError(`there is no node ${node} among ${this.nodes}`);
    }
  }

  #endpoint(session: string, node: NodeIndex): Endpoint {
    const id = `${node}\0${session}`;
    let endpoint = this.#endpoints.get(id);
    if (endpoint === undefined) {
      endpoint = {
        meter: new TrafficMeter(true),
        sent: new Set(),
        claimed: new Set(),
        delivered: new Set(),
        arrived: new Map(),
        waiting: new Map(),
        failure: this.#closed,
      };
      this.#endpoints.set(id, endpoint);
    }
    return endpoint;
  }

  /** Delivered in one piece, when the last byte is final. */
  #begin(
    session: string,
    from: NodeIndex,
    to: NodeIndex,
    key: MessageKey,
    bytes: Uint8Array,
    clock: number,
  ): GrowingMessage {
    this.#checkNode(to);
    if (to === from) throw new RangeError(`node ${from} sends to itself in ${key.step}`);
    const endpoint = this.#endpoint(session, from);
    if (endpoint.failure !== undefined) throw endpoint.failure;
    const id = keyId(to, key);
    if (endpoint.sent.has(id)) throw reusedKey('sent', key);
    endpoint.sent.add(id);
    endpoint.meter.sent(key.step, bytes.length, clock);
    let final: number | undefined;
    return {
      advance: async (end) => {
        if (endpoint.failure !== undefined) throw endpoint.failure;
        checkGrowth(final, end, bytes.length);
        final = end;
        this.#activity++;
        if (end < bytes.length) return;
        const message: Envelope = { session, from, to, step: key.step, tag: key.tag, clock, bytes };
        if (this.#options.waves) this.#hold(message);
        else this.#deliver(message);
      },
    };
  }

  #receive(
    session: string,
    self: NodeIndex,
    from: NodeIndex,
    key: MessageKey,
    length: number,
  ): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      this.#checkNode(from);
      if (from === self) throw new RangeError(`node ${self} receives from itself in ${key.step}`);
      const endpoint = this.#endpoint(session, self);
      if (endpoint.failure !== undefined) throw endpoint.failure;
      const id = keyId(from, key);
      if (endpoint.claimed.has(id)) throw reusedKey('received', key);
      endpoint.claimed.add(id);
      this.#activity++;
      const waiting = { key, from, length, resolve, reject };
      const message = endpoint.arrived.get(id);
      if (message === undefined) {
        endpoint.waiting.set(id, waiting);
        this.#watchForStall();
      } else {
        endpoint.arrived.delete(id);
        settle(waiting, message);
      }
    });
  }

  #hold(message: Envelope): void {
    this.#held.push(message);
    if (this.#drain === undefined) this.#drainWhenIdle(this.#activity, 0);
  }

  #drainWhenIdle(activity: number, quiet: number): void {
    this.#drain = setImmediate(() => {
      this.#drain = undefined;
      if (this.#activity !== activity) this.#drainWhenIdle(this.#activity, 0);
      else if (quiet < this.#options.idleTurns) this.#drainWhenIdle(activity, quiet + 1);
      else this.#deliverWave();
    });
  }

  #deliverWave(): void {
    const wave = this.#held;
    this.#held = [];
    this.#waves++;
    for (const message of wave) this.#deliver(message);
  }

  #deliver(original: Envelope): void {
    let messages: readonly Envelope[] = [original];
    for (const interceptor of this.#interceptors) {
      messages = messages.flatMap((message) => intercepted(message, interceptor(message)));
    }
    for (const message of messages) this.#arrive({ ...message, bytes: new Uint8Array(message.bytes) });
  }

  #arrive(message: Envelope): void {
    const endpoint = this.#endpoint(message.session, message.to);
    if (endpoint.failure !== undefined) return;
    this.#activity++;
    // The recorder keeps a copy: a receiver owns what it gets and may write into it.
    if (this.#options.record) {
      this.#transcripts[message.to]?.push({ ...message, bytes: new Uint8Array(message.bytes) });
    }
    const id = keyId(message.from, message);
    if (endpoint.delivered.has(id)) {
      this.#fail(endpoint, duplicateMessage(message, message.from));
      return;
    }
    endpoint.delivered.add(id);
    const waiting = endpoint.waiting.get(id);
    if (waiting === undefined) {
      endpoint.arrived.set(id, message);
    } else {
      endpoint.waiting.delete(id);
      settle(waiting, message);
    }
  }

  #fail(endpoint: Endpoint, error: WarifuError): void {
    endpoint.failure ??= error;
    endpoint.arrived.clear();
    const waiting = [...endpoint.waiting.values()];
    endpoint.waiting.clear();
    for (const one of waiting) one.reject(endpoint.failure);
  }

  /** While something waits: a network that stands still for several checks in a row will never move again. */
  #watchForStall(): void {
    if (this.#watch !== undefined || this.#closed !== undefined) return;
    let activity = this.#activity;
    let quiet = 0;
    this.#watch = setInterval(() => {
      const waiting = [...this.#endpoints.values()].some((endpoint) => endpoint.waiting.size > 0);
      quiet = this.#activity === activity && this.#held.length === 0 ? quiet + 1 : 0;
      activity = this.#activity;
      if (waiting && quiet < STALL_CHECKS) return;
      clearInterval(this.#watch);
      this.#watch = undefined;
      for (const endpoint of this.#endpoints.values()) this.#failStalled(endpoint);
    }, this.#options.stallMs / STALL_CHECKS);
  }

  #failStalled(endpoint: Endpoint): void {
    const first = endpoint.waiting.values().next().value;
    if (first !== undefined) this.#fail(endpoint, noProgress('all nodes are idle', first.key, first.from));
  }
}

function keyId(node: NodeIndex, key: MessageKey): string {
  return `${node}\0${key.step}\0${key.tag}`;
}

function intercepted(message: Envelope, answer: ReturnType<Interceptor>): Envelope[] {
  if (answer === undefined) return [message];
  const replacements = answer instanceof Uint8Array ? [answer] : answer;
  return replacements.map((bytes) => ({ ...message, bytes }));
}

function settle(waiting: Waiting, message: Envelope): void {
  if (message.bytes.length !== waiting.length) {
    waiting.reject(wrongLength(waiting.key, waiting.from, waiting.length, message.bytes.length));
    return;
  }
  waiting.resolve(message.bytes);
}
