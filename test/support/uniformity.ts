/**
 * Are received messages uniform? Every bit position, bytes by chi-square, ones of every row. All tests are at 6 standard
 * deviations; with the fixed streams of a view they give the same answer on each run.
 */
import type { StepPath } from '../../src/core/step.js';
import { BitMatrix } from '../../src/kernels/bit-matrix.js';
import type { Envelope } from '../../src/transport/memory-network.js';
import type { StepShape } from './view-streams.js';

const SIGMAS = 6;
const VALUES = 256;
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

function elementBytes(message: Envelope, shape: StepShape): number {
  return shape.elementBytes.get(message.bytes.length) ?? message.bytes.length / shape.columns;
}

function likelyHalf(ones: number, total: number): boolean {
  return Math.abs(ones - total / 2) <= (SIGMAS / 2) * Math.sqrt(total);
}

function onesIn(bytes: Uint8Array): number {
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  let ones = 0;
  for (const word of words) ones += onesOf(word);
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
