/**
 * Are received messages uniform? Marginally (every bit position, bytes by chi-square, ones of every row), and
 * jointly (no XOR of received bits is constant, the XOR of any two is even). All tests are at 6 standard deviations
 * (those of pairs, of which there are many, at 7); with the fixed streams of view.ts they give the same answer on
 * each run.
 */
import type { StepPath } from '../../src/core/step.js';
import { BitMatrix } from '../../src/kernels/bit-matrix.js';
import type { Envelope } from '../../src/transport/memory-network.js';
import type { StepShape } from './view.js';

const SIGMAS = 6;
const PAIR_SIGMAS = 7;
const VALUES = 256;
/**
 * Columns from which a missing mask stands out. The unmasked message of an AND is 1 in 3/8 of all columns at worst
 * (the XOR of two ANDs), 11 standard deviations off; where each run gives one column only it is 1/4 or 3/4, and
 * fewer do.
 */
const ENOUGH_COLUMNS = 2048;
const ENOUGH_RUNS = 512;
/** Bytes at one place from which the chi-square of 256 cells is near its limit law: 10 a cell. */
const ENOUGH_FOR_CHI_SQUARE = 10 * VALUES;

type Shapes = ReadonlyMap<StepPath, StepShape>;

/** Counts of byte values at each place of a word. */
class ByteCounts {
  readonly #size: number;
  readonly #counts: Uint32Array;

  constructor(size: number) {
    this.#size = size;
    this.#counts = new Uint32Array(size * VALUES);
  }

  add(bytes: Uint8Array): void {
    const counts = this.#counts;
    const size = this.#size;
    for (let at = 0; at < bytes.length; at += size) {
      for (let place = 0; place < size; place++) {
        const cell = place * VALUES + bytes[at + place]!;
        counts[cell] = counts[cell]! + 1;
      }
    }
  }

  faults(what: string): string[] {
    return Array.from({ length: this.#size }, (_, place) => this.#faultsAt(what, place)).flat();
  }

  #faultsAt(what: string, place: number): string[] {
    const counts = this.#counts.subarray(place * VALUES, (place + 1) * VALUES);
    const total = counts.reduce((sum, count) => sum + count, 0);
    const faults: string[] = [];
    for (let bit = 0; bit < 8; bit++) {
      const ones = counts.reduce((sum, count, value) => sum + ((value >> bit) & 1) * count, 0);
      if (!likelyHalf(ones, total))
        faults.push(`${what}: bit ${8 * place + bit} is 1 in ${ones} of ${total}`);
    }
    if (total >= ENOUGH_FOR_CHI_SQUARE) {
      const expected = total / VALUES;
      const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
      const freedom = VALUES - 1;
      if (Math.abs(chiSquare - freedom) > SIGMAS * Math.sqrt(2 * freedom)) {
        faults.push(`${what}: chi-square of byte ${place} is ${chiSquare} over ${total}`);
      }
    }
    return faults;
  }
}

/** Ones in each row of bit matrices. */
class RowCounts {
  readonly #ones: number[] = [];
  #bits = 0;

  add(matrix: BitMatrix): void {
    this.#bits += matrix.length;
    for (let row = 0; row < matrix.rows; row++) {
      this.#ones[row] = (this.#ones[row] ?? 0) + onesIn(matrix.row(row).bytes());
    }
  }

  faults(what: string): string[] {
    return this.#ones.flatMap((ones, row) =>
      likelyHalf(ones, this.#bits) ? [] : [`${what}: row ${row} has ${ones} ones in ${this.#bits} bits`],
    );
  }
}

/** Marginal statistics over the messages of many runs of one program. */
export class Marginals {
  /** 64-bit words received so far. */
  words = 0;
  readonly #all = new ByteCounts(8);
  readonly #elements = new Map<string, ByteCounts>();
  readonly #rows = new Map<string, RowCounts>();

  add(messages: readonly Envelope[], shapes: Shapes): void {
    for (const message of messages) {
      this.words += message.bytes.length / 8;
      const shape = shapeOf(shapes, message);
      const name = `${message.step} '${message.tag}' from ${message.from}`;
      if (shape.kind === 'bits') {
        countsOf(this.#rows, name, () => new RowCounts()).add(matrixOf(message, shape));
        if (shape.columns % 64 !== 0) continue;
      }
      const size = shape.kind === 'bits' ? 8 : elementBytes(message, shape);
      countsOf(this.#elements, name, () => new ByteCounts(size)).add(message.bytes);
      if (message.bytes.length % 8 === 0) this.#all.add(message.bytes);
    }
  }

  /** What is not uniform; nothing where all is well. */
  faults(): string[] {
    return [
      ...this.#all.faults('all messages'),
      ...[...this.#elements].flatMap(([name, counts]) => counts.faults(name)),
      ...[...this.#rows].flatMap(([name, counts]) => counts.faults(name)),
    ];
  }
}

/**
 * Samples of whole columns: for each number of columns, the messages of that shape read column by column, all bits
 * of a column as one sample. Samples of jointly uniform bits span the whole affine space.
 */
export class JointSamples {
  readonly #samples = new Map<number, Uint32Array[]>();
  readonly #bits = new Map<number, number>();

  add(messages: readonly Envelope[], shapes: Shapes): void {
    const groups = new Map<number, Envelope[]>();
    for (const message of messages.filter((sent) => !isLastOfOrder(sent))) {
      countsOf(groups, shapeOf(shapes, message).columns, () => []).push(message);
    }
    for (const [columns, group] of groups) {
      const readers = group.map((message) => columnReader(message, shapeOf(shapes, message)));
      const bits = readers.reduce((total, reader) => total + reader.bits, 0);
      this.#bits.set(columns, bits);
      const samples = countsOf(this.#samples, columns, () => []);
      for (let column = 0; column < columns && samples.length < samplesFor(bits, columns); column++) {
        const sample = new Uint32Array(Math.ceil(bits / 32));
        let at = 0;
        for (const reader of readers) {
          reader.read(column, sample, at);
          at += reader.bits;
        }
        samples.push(sample);
      }
    }
  }

  /** More runs needed so that a shape of at least `columns` columns has its samples; 0 when all have them. */
  runsNeeded(columns: number): number {
    const needed = [...this.#bits].map(([n, bits]) =>
      n < columns ? 0 : Math.ceil((samplesFor(bits, n) - (this.#samples.get(n)?.length ?? 0)) / n),
    );
    return Math.max(0, ...needed);
  }

  /** Shapes that have all their samples and whose bits depend on each other: linearly, or in pairs. */
  faults(): string[] {
    return [...this.#bits].flatMap(([columns, bits]) => {
      const samples = this.#samples.get(columns) ?? [];
      if (samples.length < samplesFor(bits, columns)) return [];
      const rank = affineRank(samples);
      const linear =
        rank === bits ? [] : [`messages of ${columns} columns: ${bits} bits have rank ${rank} only`];
      return [...linear, ...pairFaults(samples, bits, `messages of ${columns} columns`)];
    });
  }
}

/** Uniform samples fail to span the space with probability 2^-64. */
function samplesFor(bits: number, columns: number): number {
  return Math.max(bits + 64, columns === 1 ? ENOUGH_RUNS : ENOUGH_COLUMNS);
}

interface ColumnReader {
  readonly bits: number;
  read(column: number, into: Uint32Array, at: number): void;
}

function columnReader(message: Envelope, shape: StepShape): ColumnReader {
  if (shape.kind === 'bits') {
    const matrix = matrixOf(message, shape);
    return {
      bits: matrix.rows,
      read: (column, into, at) => {
        for (let row = 0; row < matrix.rows; row++) setBit(into, at + row, matrix.get(row, column));
      },
    };
  }
  const size = elementBytes(message, shape);
  const vectors = message.bytes.length / (size * shape.columns);
  const bits = size * 8;
  return {
    bits: vectors * bits,
    read: (column, into, at) => {
      for (let bit = 0; bit < vectors * bits; bit++) {
        const element = Math.floor(bit / bits) * shape.columns + column;
        const byte = message.bytes[element * size + Math.floor((bit % bits) / 8)] ?? 0;
        setBit(into, at + bit, (byte >> (bit % 8)) & 1);
      }
    },
  };
}

function elementBytes(message: Envelope, shape: StepShape): number {
  return shape.elementBytes.get(message.bytes.length) ?? message.bytes.length / shape.columns;
}

/**
 * Of the messages that show an order the one that others determine, given the order: each is uniform, and what they
 * add up to is public as a set. That the order is uniform too is tested in test/protocols/permute.
 */
function isLastOfOrder({ tag, from, to }: Envelope): boolean {
  return tag === 'order-last' || (tag === 'order-reveal' && to === 1 && from === 2);
}

function setBit(words: Uint32Array, at: number, bit: number): void {
  const word = Math.floor(at / 32);
  words[word] = words[word]! | (bit << (at % 32));
}

/** Dimension over GF(2) of the affine space that the samples span. */
function affineRank(samples: readonly Uint32Array[]): number {
  const [origin] = samples;
  if (origin === undefined) return 0;
  const pivots = new Map<number, Uint32Array>();
  for (const sample of samples.slice(1)) {
    const vector = sample.map((word, i) => word ^ origin[i]!);
    for (;;) {
      const lead = leadingBit(vector);
      if (lead < 0) break;
      const pivot = pivots.get(lead);
      if (pivot === undefined) {
        pivots.set(lead, vector);
        break;
      }
      for (let i = 0; i < vector.length; i++) vector[i] = vector[i]! ^ pivot[i]!;
    }
  }
  return pivots.size;
}

/**
 * Pairs of bits that are equal too often or too seldom: the message of an AND to which another received vector is
 * added is even by itself, and without its mask uneven together with that vector.
 */
function pairFaults(samples: readonly Uint32Array[], bits: number, what: string): string[] {
  const series = Array.from({ length: bits }, (_, bit) => seriesOf(samples, bit));
  const faults: string[] = [];
  for (let a = 1; a < bits; a++) {
    for (let b = 0; b < a; b++) {
      const differ = onesOfXor(series[a]!, series[b]!);
      if (!likelyHalf(differ, samples.length, PAIR_SIGMAS)) {
        faults.push(`${what}: bits ${a} and ${b} differ in ${differ} of ${samples.length}`);
      }
    }
  }
  return faults;
}

/** One bit of all samples. */
function seriesOf(samples: readonly Uint32Array[], bit: number): Uint32Array {
  const series = new Uint32Array(Math.ceil(samples.length / 32));
  samples.forEach((sample, i) => {
    setBit(series, i, (sample[Math.floor(bit / 32)]! >>> (bit % 32)) & 1);
  });
  return series;
}

function leadingBit(words: Uint32Array): number {
  for (let i = words.length - 1; i >= 0; i--) {
    if (words[i] !== 0) return 32 * i + 31 - Math.clz32(words[i]!);
  }
  return -1;
}

function likelyHalf(ones: number, total: number, sigmas = SIGMAS): boolean {
  return Math.abs(ones - total / 2) <= (sigmas / 2) * Math.sqrt(total);
}

function onesIn(bytes: Uint8Array): number {
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  let ones = 0;
  for (const word of words) ones += onesOf(word);
  return ones;
}

function onesOfXor(a: Uint32Array, b: Uint32Array): number {
  let ones = 0;
  for (let i = 0; i < a.length; i++) ones += onesOf(a[i]! ^ b[i]!);
  return ones;
}

function onesOf(bits: number): number {
  let word = bits - ((bits >>> 1) & 0x55555555);
  word = (word & 0x33333333) + ((word >>> 2) & 0x33333333);
  return Math.imul((word + (word >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

function shapeOf(shapes: Shapes, message: Envelope): StepShape {
  const shape = shapes.get(message.step);
  if (shape === undefined) throw new Error(`step ${message.step} sends, but asked for no randomness`);
  return shape;
}

function matrixOf(message: Envelope, shape: StepShape): BitMatrix {
  const rows = message.bytes.length / 8 / Math.ceil(shape.columns / 64);
  return BitMatrix.fromBytes(rows, shape.columns, message.bytes);
}

function countsOf<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key) ?? make();
  map.set(key, found);
  return found;
}
