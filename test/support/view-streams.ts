/** The streams of a run as one node's view has them: which it knows, which it lacks, and what they give. */
import { sha256 } from '../../src/core/digest.js';
import { type NodeIndex, type PartIndex, partsHeldBy, type Scheme } from '../../src/core/scheme.js';
import type { StepPath } from '../../src/core/step.js';
import { tailMask, wordsPerRow } from '../../src/kernels/bit-matrix.js';
import { keystream } from '../../src/kernels/keystream.js';
import type { RingWidth } from '../../src/kernels/ring-vector.js';
import { KeyedRandomness, type MaskStream } from '../../src/protocols/randomness.js';
import { bitBytes, ringBytes } from '../../src/protocols/sizes.js';

/** What a step asked randomness for: the shape of its messages. */
export interface StepShape {
  readonly kind: 'ring' | 'bits';
  /** Bits in a row, or elements of each of the vectors that lie one after the other. */
  readonly columns: number;
  /** Bytes of an element of a message of so many bytes; nothing for bits. */
  readonly elementBytes: ReadonlyMap<number, number>;
}

/** What one stream was asked for. */
export interface StreamShape {
  readonly step: StepPath;
  /** Of its elements; nothing for bits. */
  readonly width: RingWidth | undefined;
  readonly bytes: number;
  /** Bits in a row, or elements. */
  readonly columns: number;
}

/** Names a stream of a run. */
export interface StreamKey {
  readonly part: PartIndex;
  readonly step: StepPath;
  readonly label: string;
}

/** What the streams of a run depend on. */
export interface StreamChoice {
  readonly scheme: Scheme;
  readonly viewer: NodeIndex;
  /** Every secret is the smallest value of its bounds (bits: 0) or the largest (bits: 1). */
  readonly secret: 'smallest' | 'largest';
  /**
   * What the viewer knows, streams and parts. Zeros: nothing but masks that it lacks hides the secret, which the part that
   * it lacks carries whole. Numbers: the same in all runs; no product vanishes because of them.
   */
  readonly known: 'zeros' | 'numbers';
  /** Gives the streams that the viewer lacks: other numbers, other streams. */
  readonly repetition: number;
  /** Bytes of streams (`streamName`) that the viewer lacks, instead of their own; zeros after their end. */
  readonly streams?: ReadonlyMap<string, Uint8Array>;
  /** Which stream is given where one is asked for, or zeros: a protocol with a fault. */
  readonly instead?: (asked: StreamKey) => StreamKey | undefined;
  /** Rows that the permutation which the viewer lacks turns around; without it all permutations leave all as it is. */
  readonly turned?: number;
}

/** The part that a node lacks. */
export function missingAt(scheme: Scheme, node: NodeIndex): PartIndex {
  const held = partsHeldBy(scheme, node);
  const missing = scheme.parts.find((part) => !held.includes(part));
  if (missing === undefined) throw new RangeError(`node ${node} lacks no part`);
  return missing;
}

/** What names a stream that the viewer lacks. */
export function streamName(step: StepPath, label: string): string {
  return `${step} '${label}'`;
}

/** Bytes that a text names, always the same. */
export function bytesNamed(text: string, length: number): Uint8Array {
  return keystream(sha256(new TextEncoder().encode(text)).subarray(0, 16), length);
}

/** What a stream gives that the viewer lacks, where nothing else was chosen. */
export function ownBytes({ viewer, secret, repetition }: StreamChoice, name: string, length: number) {
  return bytesNamed(`transcript ${viewer} ${secret} ${repetition} ${name}`, length);
}

/** Streams of all nodes of a run. */
export class ViewStreams {
  readonly shapes = new Map<StepPath, StepShape>();
  /** Those that the viewer lacks, in the order in which they were asked for. */
  readonly lacked = new Map<string, StreamShape>();
  readonly #choice: StreamChoice;
  readonly #missing: PartIndex;

  constructor(choice: StreamChoice) {
    this.#choice = choice;
    this.#missing = missingAt(choice.scheme, choice.viewer);
  }

  mask(asked: StreamKey, shape: StreamShape): MaskStream {
    const { known, instead } = this.#choice;
    this.shapes.set(asked.step, joined(this.shapes.get(asked.step), stepShape(shape)));
    const given = instead === undefined ? asked : instead(asked);
    if (given === undefined) return reader(new Uint8Array());
    const { part, step, label } = given;
    const name = streamName(step, label);
    if (part === this.#missing) {
      this.lacked.set(name, shape);
      return reader(this.#choice.streams?.get(name) ?? ownBytes(this.#choice, name, shape.bytes));
    }
    if (known === 'zeros') return reader(new Uint8Array());
    return reader(bytesNamed(`known ${part} ${name}`, shape.bytes));
  }

  /** Of which `randomPermutation` makes the identity, or rows in reverse. */
  permutation(part: PartIndex): MaskStream {
    const { turned } = this.#choice;
    return turned !== undefined && part === this.#missing ? turningAround(turned) : countingDown();
  }
}

/** Reads bytes piece by piece; after their end zeros. */
function reader(bytes: Uint8Array): MaskStream {
  let at = 0;
  return {
    next: (length) => {
      const out = new Uint8Array(length);
      out.set(bytes.subarray(at, at + length));
      at += length;
      return out;
    },
  };
}

/** Words from the highest down: place i takes the first below i + 1, which is i. */
function countingDown(): MaskStream {
  let word = 0xffffffff;
  return wordStream(() => word--);
}

/** Words for n rows: in the upper half place i changes with place n - 1 - i, in the lower half each stays. */
function turningAround(n: number): MaskStream {
  let i = n;
  return wordStream(() => {
    i--;
    if (i < 1) return 0xffffffff + i;
    const from = i >= n / 2 ? n - 1 - i : i;
    // In the middle of the words that lead to this place.
    return Math.floor(((from + 0.5) * 2 ** 32) / (i + 1));
  });
}

function wordStream(word: () => number): MaskStream {
  return {
    next: (length) => {
      const words = new Uint32Array(length / 4);
      for (let i = 0; i < words.length; i++) words[i] = word();
      return new Uint8Array(words.buffer);
    },
  };
}

function stepShape({ width, bytes, columns }: StreamShape): StepShape {
  if (width === undefined) return { kind: 'bits', columns, elementBytes: new Map() };
  return { kind: 'ring', columns, elementBytes: new Map([[bytes, width / 8]]) };
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

/** The bits of a stream that a message can have: without those after the end of a row. */
export function withoutTails({ width, columns }: StreamShape, bytes: Uint8Array): Uint8Array {
  if (width !== undefined || columns % 64 === 0) return bytes;
  const words = new BigUint64Array(Uint8Array.from(bytes).buffer);
  const perRow = wordsPerRow(columns);
  for (let at = perRow - 1; at < words.length; at += perRow)
    words[at] = (words[at] ?? 0n) & tailMask(columns);
  return new Uint8Array(words.buffer);
}

export class ViewRandomness extends KeyedRandomness {
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
    const shape = { step, width, bytes: ringBytes(width, n), columns: n };
    return this.#streams.mask({ part, step, label }, shape);
  }

  override bitStream(part: PartIndex, step: StepPath, label: string, rows: number, n: number): MaskStream {
    const shape = { step, width: undefined, bytes: bitBytes(rows, n), columns: n };
    return this.#streams.mask({ part, step, label }, shape);
  }

  /** That of a permutation: masks alone must hide the rows, even if it is known. */
  override byteStream(part: PartIndex): MaskStream {
    return this.#streams.permutation(part);
  }
}
