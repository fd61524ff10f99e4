/**
 * One node's view, fixed: all parts that it holds are zero and all streams that it knows are zero, so whatever it
 * receives shows the masks that it lacks, and nothing else hides the secret, which the part it lacks carries whole.
 */

import { sha256 } from '../../src/core/digest.js';
import { type NodeIndex, type PartIndex, partsHeldBy, type Scheme } from '../../src/core/scheme.js';
import type { StepPath } from '../../src/core/step.js';
import { BitMatrix, clearTails } from '../../src/kernels/bit-matrix.js';
import { Keystream } from '../../src/kernels/keystream.js';
import { RingVector, type RingWidth } from '../../src/kernels/ring-vector.js';
import { Context } from '../../src/protocols/context.js';
import { KeyedRandomness, type MaskStream } from '../../src/protocols/randomness.js';
import { ringBytes } from '../../src/protocols/sizes.js';
import { turn } from '../../src/protocols/turn.js';
import type { Bounds } from '../../src/share/bounds.js';
import { ArithmeticShare, BinaryShare } from '../../src/share/shares.js';
import { type Envelope, MemoryNetwork } from '../../src/transport/memory-network.js';
import { TEST_SEED } from './random.js';
import { type Dealer, nodeBackend, type Program } from './world.js';

/** The part that a node lacks. */
export function missingAt(scheme: Scheme, node: NodeIndex): PartIndex {
  const held = partsHeldBy(scheme, node);
  const missing = scheme.parts.find((part) => !held.includes(part));
  if (missing === undefined) throw new RangeError(`node ${node} lacks no part`);
  return missing;
}

/** What a step asked randomness for: the shape of its messages. */
export interface StepShape {
  readonly kind: 'ring' | 'bits';
  /** Bits in a row, or elements of each of the vectors that lie one after the other. */
  readonly columns: number;
  /** Bytes of an element of a message of so many bytes; nothing for bits. */
  readonly elementBytes: ReadonlyMap<number, number>;
}

export interface View {
  readonly scheme: Scheme;
  readonly viewer: NodeIndex;
  /** Every secret is the smallest value of its bounds (bits: 0) or the largest (bits: 1). */
  readonly secret: 'smallest' | 'largest';
  /** Gives the streams that the viewer lacks: other numbers, other streams. */
  readonly repetition: number;
  /** Streams (`streamName`) that are zeros although the viewer lacks them. */
  readonly removed?: readonly string[];
  /** Changes what the viewer sends. */
  readonly lie?: (message: Envelope) => Uint8Array;
}

export interface Received {
  readonly messages: readonly Envelope[];
  /**
   * Tags of messages, which say nothing beside them: the receiver has their keys, and has compared each with the one that
   * it makes itself of the message that it has.
   */
  readonly checks: readonly Envelope[];
  readonly shapes: ReadonlyMap<StepPath, StepShape>;
  /** Names of the streams that the viewer lacks, in the order in which they were asked for. */
  readonly lacked: ReadonlyMap<string, StepShape>;
}

/** What names a stream of a run. */
export function streamName(step: StepPath, label: string): string {
  return `${step} '${label}'`;
}

/** Streams of all nodes of a run: zeros, but for those of the part that the viewer lacks. */
class ViewStreams {
  readonly shapes = new Map<StepPath, StepShape>();
  readonly lacked = new Map<string, StepShape>();
  readonly #view: View;
  readonly #missing: PartIndex;

  constructor(view: View) {
    this.#view = view;
    this.#missing = missingAt(view.scheme, view.viewer);
  }

  mask(part: PartIndex, step: StepPath, label: string, asked: StepShape): MaskStream {
    const shape = joined(this.shapes.get(step), asked);
    this.shapes.set(step, shape);
    if (part === this.#missing) this.lacked.set(streamName(step, label), shape);
    const key = this.#keyOf(part, step, label);
    return key === undefined ? { next: (length) => new Uint8Array(length) } : new Keystream(key);
  }

  /** The key of a stream that the viewer lacks; nothing for one that is zeros. */
  #keyOf(part: PartIndex, step: StepPath, label: string): Uint8Array | undefined {
    if (part !== this.#missing) return undefined;
    const name = streamName(step, label);
    if (this.#view.removed?.includes(name)) return undefined;
    const text = `transcript ${this.#view.viewer} ${this.#view.secret} ${this.#view.repetition} ${name}`;
    return sha256(new TextEncoder().encode(text)).subarray(0, 16);
  }
}

/** Words from the highest down, of which `randomPermutation` makes the identity: place i takes the first below i + 1. */
function countingDown(): MaskStream {
  let word = 0xffffffff;
  return { next: (length) => new Uint8Array(Uint32Array.from({ length: length / 4 }, () => word--).buffer) };
}

/** The shape of a step that asks for masks of several lengths: vectors of a length that divides all. */
function joined(known: StepShape | undefined, asked: StepShape): StepShape {
  if (known?.kind !== asked.kind) return asked;
  const elementBytes = new Map([...known.elementBytes, ...asked.elementBytes]);
  return { kind: asked.kind, columns: divisor(known.columns, asked.columns), elementBytes };
}

function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b);
}

class ViewRandomness extends KeyedRandomness {
  readonly #streams: ViewStreams;

  constructor(streams: ViewStreams) {
    super(new Map());
    this.#streams = streams;
  }

  override ringStream(
    part: PartIndex,
    step: StepPath,
    label: string,
    width: RingWidth,
    n: number,
  ): MaskStream {
    const elementBytes = new Map([[ringBytes(width, n), width / 8]]);
    return this.#streams.mask(part, step, label, { kind: 'ring', columns: n, elementBytes });
  }

  override bitStream(part: PartIndex, step: StepPath, label: string, _: number, n: number): MaskStream {
    return this.#streams.mask(part, step, label, { kind: 'bits', columns: n, elementBytes: new Map() });
  }

  /** That of a permutation. All leave everything at its place: masks alone must hide the rows, even if one is known. */
  override byteStream(): MaskStream {
    return countingDown();
  }
}

class ViewDealer implements Dealer {
  readonly #held: readonly PartIndex[];
  readonly #view: View;

  constructor(node: NodeIndex, view: View) {
    this.#held = partsHeldBy(view.scheme, node);
    this.#view = view;
  }

  ring<W extends RingWidth>(_name: string, width: W, n: number, bounds: Bounds): ArithmeticShare<W> {
    const secret = this.#view.secret === 'smallest' ? bounds.min : bounds.max;
    const parts = this.#parts(
      () => constantVector(width, n, secret),
      () => RingVector.zeros(width, n),
    );
    return new ArithmeticShare({ width, length: n, bounds, held: this.#held, parts, clock: 0 });
  }

  bits(_name: string, rows: number, n: number): BinaryShare {
    const parts = this.#parts(
      () => (this.#view.secret === 'smallest' ? BitMatrix.zeros(rows, n) : onesMatrix(rows, n)),
      () => BitMatrix.zeros(rows, n),
    );
    return new BinaryShare({ rows, length: n, held: this.#held, parts, clock: 0 });
  }

  #parts<T>(secret: () => T, zeros: () => T): T[] {
    return this.#held.map((part) =>
      part === missingAt(this.#view.scheme, this.#view.viewer) ? secret() : zeros(),
    );
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
  const streams = new ViewStreams(view);
  // Every view begins with a turn of the event loop in which nothing was done yet, so that orders are comparable.
  for (let i = 0; i < 2; i++) await turn();
  network.intercept((message) => {
    if (message.to === view.viewer) received.push(message);
    return message.from === view.viewer ? view.lie?.(message) : undefined;
  });
  const runs = await Promise.allSettled(
    scheme.nodes.map((node) => {
      const backend = nodeBackend(scheme, network.channel(node), new ViewRandomness(streams), TEST_SEED);
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
  return { messages, checks, shapes: streams.shapes, lacked: streams.lacked };
}
