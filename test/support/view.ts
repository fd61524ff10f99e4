/**
 * One node's view of a run in which all that it knows is fixed: what it receives shows the masks that it lacks, and the
 * secret, of which it lacks a part.
 */
import { type NodeIndex, type PartIndex, partsHeldBy } from '../../src/core/scheme.js';
import type { StepPath } from '../../src/core/step.js';
import { BitMatrix, clearTails } from '../../src/kernels/bit-matrix.js';
import { kernels } from '../../src/kernels/kernels.js';
import { RingVector, type RingWidth } from '../../src/kernels/ring-vector.js';
import type { Backend } from '../../src/protocols/backend.js';
import { Context } from '../../src/protocols/context.js';
import { Rep4Backend } from '../../src/protocols/rep4/backend.js';
import { bitBytes, ringBytes } from '../../src/protocols/sizes.js';
import { turn } from '../../src/protocols/turn.js';
import type { Bounds } from '../../src/share/bounds.js';
import { ArithmeticShare, BinaryShare } from '../../src/share/shares.js';
import type { Channel } from '../../src/transport/channel.js';
import { type Envelope, MemoryNetwork } from '../../src/transport/memory-network.js';
import { TEST_SEED } from './random.js';
import {
  bytesNamed,
  missingAt,
  type StepShape,
  type StreamChoice,
  type StreamShape,
  ViewRandomness,
  ViewStreams,
} from './view-streams.js';
import { type Told, WatchedParty } from './watched-party.js';
import { type Dealer, nodeBackend, type Program, testTagKeys } from './world.js';

export interface View extends StreamChoice {
  /** Changes what the viewer sends. */
  readonly lie?: (message: Envelope) => Uint8Array;
}

export interface Received {
  /** Last those of which nothing but a tag came, since their sender had stopped: what their backup knows. */
  readonly messages: readonly Envelope[];
  /** Tags of messages, which say nothing beside them: the receiver has their keys. */
  readonly checks: readonly Envelope[];
  /** Names of the checks whose message did not come. */
  readonly unseen: readonly string[];
  readonly shapes: ReadonlyMap<StepPath, StepShape>;
  /** The streams that the viewer lacks, by name, in the order in which they were asked for. */
  readonly lacked: ReadonlyMap<string, StreamShape>;
}

class ViewDealer implements Dealer {
  readonly #held: readonly PartIndex[];
  readonly #view: View;

  constructor(node: NodeIndex, view: View) {
    this.#held = partsHeldBy(view.scheme, node);
    this.#view = view;
  }

  ring<W extends RingWidth>(name: string, width: W, n: number, bounds: Bounds): ArithmeticShare<W> {
    const secret = this.#view.secret === 'smallest' ? bounds.min : bounds.max;
    const parts = this.#parts(constantVector(width, n, secret), kernels.subtract, (part) =>
      RingVector.fromBytes(width, this.#known(name, part, ringBytes(width, n))),
    );
    return new ArithmeticShare({ width, length: n, bounds, held: this.#held, parts, clock: 0 });
  }

  bits(name: string, rows: number, n: number): BinaryShare {
    const secret = this.#view.secret === 'smallest' ? BitMatrix.zeros(rows, n) : onesMatrix(rows, n);
    const parts = this.#parts(secret, kernels.xor, (part) => {
      const words = new BigUint64Array(this.#known(name, part, bitBytes(rows, n)).buffer);
      const matrix = new BitMatrix(rows, n, words);
      clearTails(matrix);
      return matrix;
    });
    return new BinaryShare({ rows, length: n, held: this.#held, parts, clock: 0 });
  }

  /** The part that the viewer lacks is the secret less the others. */
  #parts<T>(secret: T, less: (x: T, y: T) => T, known: (part: PartIndex) => T): T[] {
    const { scheme, viewer } = this.#view;
    const missing = missingAt(scheme, viewer);
    const rest = (): T => partsHeldBy(scheme, viewer).reduce((left, part) => less(left, known(part)), secret);
    return this.#held.map((part) => (part === missing ? rest() : known(part)));
  }

  #known(name: string, part: PartIndex, bytes: number): Uint8Array {
    return this.#view.known === 'zeros' ? new Uint8Array(bytes) : bytesNamed(`dealt ${part} ${name}`, bytes);
  }
}

function constantVector(width: RingWidth, n: number, value: bigint): RingVector {
  const out = RingVector.zeros(width, n);
  const element = RingVector.fromBigInts(width, [value]).data;
  // Typed separately, since the two kinds of words have no common fill.
  if (out.data instanceof Uint32Array) out.data.fill(Number(element[0]));
  else if (width === 64) out.data.fill(BigInt(element[0] ?? 0n));
  else for (let i = 0; i < out.data.length; i++) out.data[i] = BigInt(element[i % 2] ?? 0n);
  return out;
}

function onesMatrix(rows: number, n: number): BitMatrix {
  const out = BitMatrix.zeros(rows, n);
  out.words.fill((1n << 64n) - 1n);
  clearTails(out);
  return out;
}

/** What a lie may lead to: an order that is none, unequal copies, and nodes that wait for one that has stopped. */
const ENDS_OF_LIES: readonly unknown[] = ['PEER_MISBEHAVED', 'COPIES_DIFFER', 'NO_PROGRESS'];

/** True for the tag of a message. */
export function isCheck({ tag }: Pick<Envelope, 'tag'>): boolean {
  return tag.endsWith('-check');
}

/** Runs a program and gives what the viewer received; where it lies, until nodes stopped for it. */
export async function receivedBy(program: Program<unknown>, view: View): Promise<Received> {
  const { scheme } = view;
  const network = new MemoryNetwork(scheme.nodes.length, view.lie === undefined ? {} : { stallMs: 16 });
  const received: Envelope[] = [];
  const told = new Map<string, Uint8Array>();
  const streams = new ViewStreams(view);
  // Every view begins with a turn of the event loop in which nothing was done yet, so that orders are comparable.
  for (let i = 0; i < 2; i++) await turn();
  network.intercept((message) => {
    if (message.to === view.viewer) received.push({ ...message, bytes: new Uint8Array(message.bytes) });
    return message.from === view.viewer ? view.lie?.(message) : undefined;
  });
  const runs = await Promise.allSettled(
    scheme.nodes.map((node) => {
      const randomness = new ViewRandomness(streams);
      const backend = watchedBackend(view, network.channel(node), randomness, (step, tag, message) =>
        told.set(checkOf({ step, tag }), message),
      );
      return program(Context.root(backend, 'test'), new ViewDealer(node, view));
    }),
  );
  network.close();
  for (const run of runs) {
    if (run.status === 'fulfilled') continue;
    const { code } = run.reason as { code?: unknown };
    if (view.lie === undefined || !ENDS_OF_LIES.includes(code)) throw run.reason;
  }
  const checks = received.filter(isCheck);
  const messages = received.filter((message) => !isCheck(message));
  const seen = new Set(messages.map(checkOf));
  const orphans = checks.filter((check) => !seen.has(nameOf(check)));
  return {
    messages: [...messages, ...orphans.map((check) => messageOf(check, told))],
    checks,
    unseen: orphans.map(nameOf),
    shapes: streams.shapes,
    lacked: streams.lacked,
  };
}

type Key = Pick<Envelope, 'step' | 'tag'>;

function nameOf({ step, tag }: Key): string {
  return `${step} ${tag}`;
}

function checkOf({ step, tag }: Key): string {
  return nameOf({ step, tag: `${tag}-check` });
}

function messageOf(check: Envelope, told: ReadonlyMap<string, Uint8Array>): Envelope {
  const bytes = told.get(nameOf(check));
  if (bytes === undefined) throw new Error(`a tag of nothing: ${nameOf(check)} from ${check.from}`);
  return { ...check, tag: check.tag.replace(/-check$/, ''), bytes };
}

function watchedBackend(view: View, channel: Channel, randomness: ViewRandomness, told: Told): Backend {
  if (view.scheme.name !== 'rep4') return nodeBackend(view.scheme, channel, randomness, TEST_SEED);
  const keys = testTagKeys(channel.self, TEST_SEED);
  return new Rep4Backend(new WatchedParty(channel, randomness, keys, view.viewer, told));
}
