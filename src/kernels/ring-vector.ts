/**
 * A vector over Z_2^32, Z_2^64 or Z_2^128 in an ordinary typed array (docs/decisions/0001-who-frees-a-vector.md).
 *
 * Holds plain residues and knows nothing of sharing. Vectors are immutable by convention: kernels always
 * return new ones, so views may be handed out freely.
 */
import './little-endian.js';
import { WarifuError } from '../core/errors.js';
import { uninitialised } from '../core/uninitialised.js';

export type RingWidth = 32 | 64 | 128;

const LIMB = (1n << 64n) - 1n;

export class RingVector {
  readonly width: RingWidth;
  /** Number of elements. */
  readonly length: number;
  /** Width 32: n words. 64: n words. 128: 2n words, each element as its low word, then its high word. */
  readonly data: Uint32Array | BigUint64Array;

  /** Adopts the array without copying it. */
  constructor(width: RingWidth, data: Uint32Array | BigUint64Array) {
    const fits = width === 32 ? data instanceof Uint32Array : data instanceof BigUint64Array;
    if (!fits) throw new TypeError(`a ring vector of width ${width} cannot hold ${data.constructor.name}`);
    if (width === 128 && data.length % 2 !== 0) throw new RangeError('width 128 needs two words an element');
    this.width = width;
    this.data = data;
    this.length = width === 128 ? data.length / 2 : data.length;
  }

  static zeros(width: RingWidth, n: number): RingVector {
    if (width === 32) return new RingVector(32, new Uint32Array(n));
    return new RingVector(width, new BigUint64Array(width === 128 ? 2 * n : n));
  }

  /** For a result whose every element is about to be written: until then it holds whatever the memory held. */
  static uninitialised(width: RingWidth, n: number): RingVector {
    const buffer = uninitialised((n * width) / 8);
    return new RingVector(width, width === 32 ? new Uint32Array(buffer) : new BigUint64Array(buffer));
  }

  /** Values reduced mod 2^width, negative ones included. For constants, tests and small vectors. */
  static fromBigInts(width: RingWidth, values: readonly bigint[]): RingVector {
    if (width === 32) {
      return new RingVector(
        32,
        Uint32Array.from(values, (value) => Number(BigInt.asUintN(32, value))),
      );
    }
    if (width === 64) {
      return new RingVector(
        64,
        BigUint64Array.from(values, (value) => BigInt.asUintN(64, value)),
      );
    }
    return new RingVector(
      128,
      BigUint64Array.from(values.flatMap((value) => [value & LIMB, (value >> 64n) & LIMB])),
    );
  }

  /**
   * The elements that little-endian bytes hold: a view of them where they are aligned to the element's words,
   * else a copy.
   *
   * Errors: MESSAGE_LENGTH unless the bytes are a whole number of elements.
   */
  static fromBytes(width: RingWidth, bytes: Uint8Array): RingVector {
    if (bytes.length % (width / 8) !== 0) {
      throw new WarifuError('MESSAGE_LENGTH', `${bytes.length} bytes are not whole ${width}-bit elements`);
    }
    const word = width === 32 ? 4 : 8;
    const aligned = bytes.byteOffset % word === 0 ? bytes : Uint8Array.from(bytes);
    const words = bytes.length / word;
    return new RingVector(
      width,
      width === 32
        ? new Uint32Array(aligned.buffer, aligned.byteOffset, words)
        : new BigUint64Array(aligned.buffer, aligned.byteOffset, words),
    );
  }

  /** One vector with the elements of all, which have the same width; at least one. */
  static concat(vectors: readonly RingVector[]): RingVector {
    const [first] = vectors;
    if (first === undefined) throw new RangeError('nothing to concatenate');
    if (vectors.some((vector) => vector.width !== first.width)) throw new TypeError('widths differ');
    const out = RingVector.uninitialised(
      first.width,
      vectors.reduce((sum, vector) => sum + vector.length, 0),
    );
    const bytes = out.bytes();
    let at = 0;
    for (const vector of vectors) {
      bytes.set(vector.bytes(), at);
      at += vector.byteLength;
    }
    return out;
  }

  get byteLength(): number {
    return this.data.byteLength;
  }

  /** Element i, from 0 to 2^width - 1. */
  get(i: number): bigint {
    if (!Number.isInteger(i) || i < 0 || i >= this.length) {
      throw new RangeError(`element ${i} of a vector of ${this.length}`);
    }
    if (this.width === 128) return BigInt(this.data[2 * i]!) | (BigInt(this.data[2 * i + 1]!) << 64n);
    return BigInt(this.data[i]!);
  }

  toBigInts(): bigint[] {
    return Array.from({ length: this.length }, (_, i) => this.get(i));
  }

  /** The vector's memory as little-endian bytes: a view, not a copy. */
  bytes(): Uint8Array {
    return new Uint8Array(this.data.buffer, this.data.byteOffset, this.data.byteLength);
  }

  /** Elements start..end-1: a view, not a copy. */
  slice(start: number, end: number): RingVector {
    checkSpan(start, end, this.length);
    const words = this.width === 128 ? 2 : 1;
    return new RingVector(this.width, this.data.subarray(start * words, end * words));
  }
}

/** Throws a RangeError unless 0 <= start <= end <= length, all whole. */
export function checkSpan(start: number, end: number, length: number): void {
  if (!Number.isInteger(start) || !Number.isInteger(end) || start < 0 || end < start || end > length) {
    throw new RangeError(`${start}..${end} is not a span of ${length}`);
  }
}
