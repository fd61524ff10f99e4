/**
 * Keyed correlated randomness: streams that exactly the holders of one part know.
 *
 * Each part j of a replicated sharing has a 32-byte key known to the holders of part j (agreed per query, see
 * server/identity/pairwise-keys.ts). A stream is AES-128-CTR under a key made of key_j, step and
 * label by a pseudo-random function (`amac`), so it belongs to one step and one purpose. Asking twice for the same stream throws RANDOMNESS_REUSED: a mask is a
 * one-time pad.
 */
import { amac } from '../core/digest.js';
import { WarifuError } from '../core/errors.js';
import type { PartIndex } from '../core/scheme.js';
import type { StepPath } from '../core/step.js';
import { BitMatrix, clearTails } from '../kernels/bit-matrix.js';
import { Keystream } from '../kernels/keystream.js';
import { RingVector, type RingWidth } from '../kernels/ring-vector.js';
import { bitBytes, ringBytes } from './sizes.js';

/** The masks of one step and purpose, in order. */
export interface MaskStream {
  /** The following `length` bytes, in a buffer of their own; RangeError past the end of a stream that has one. */
  next(length: number): Uint8Array;
}

export class KeyedRandomness {
  readonly #keys: ReadonlyMap<PartIndex, Uint8Array>;
  readonly #used = new Set<string>();

  /** @param keys for each held part, the 32-byte key shared by its holders. */
  constructor(keys: ReadonlyMap<PartIndex, Uint8Array>) {
    for (const key of keys.values()) {
      if (key.length !== 32) throw new RangeError('a part key has 32 bytes');
    }
    this.#keys = keys;
  }

  /** n uniform elements known to the holders of `part`. */
  ring(part: PartIndex, step: StepPath, label: string, width: RingWidth, n: number): RingVector {
    const stream = this.ringStream(part, step, label, width, n);
    return RingVector.fromBytes(width, stream.next(ringBytes(width, n)));
  }

  /** rows x n uniform bits known to the holders of `part`. */
  bits(part: PartIndex, step: StepPath, label: string, rows: number, n: number): BitMatrix {
    const { buffer } = this.bitStream(part, step, label, rows, n).next(bitBytes(rows, n));
    const out = new BitMatrix(rows, n, new BigUint64Array(buffer));
    clearTails(out);
    return out;
  }

  /** Uniform bytes known to the holders of `part`. */
  bytes(part: PartIndex, step: StepPath, label: string, length: number): Uint8Array {
    return this.byteStream(part, step, label).next(length);
  }

  /** The stream of `ring`, to be read piece by piece. */
  ringStream(part: PartIndex, step: StepPath, label: string, width: RingWidth, n: number): MaskStream {
    return new BoundedStream(this.#streamKey(part, step, label), ringBytes(width, n));
  }

  /** The stream of `bits`, to be read piece by piece: all bits of whole words, also after the end of a row. */
  bitStream(part: PartIndex, step: StepPath, label: string, rows: number, n: number): MaskStream {
    return new BoundedStream(this.#streamKey(part, step, label), bitBytes(rows, n));
  }

  /** Uniform bytes known to the holders of `part`, as many as are read. */
  byteStream(part: PartIndex, step: StepPath, label: string): MaskStream {
    return new Keystream(this.#streamKey(part, step, label));
  }

  #streamKey(part: PartIndex, step: StepPath, label: string): Uint8Array {
    const key = this.#keys.get(part);
    if (key === undefined) throw new WarifuError('INTERNAL', `this node has no key for part ${part}`);
    const name = `${part}\0${step}\0${label}`;
    if (this.#used.has(name)) {
      throw new WarifuError('RANDOMNESS_REUSED', `randomness of ${step} '${label}' used twice`);
    }
    this.#used.add(name);
    return amac(key, `warifu stream v2\0${name}`);
  }
}

class BoundedStream implements MaskStream {
  readonly #stream: Keystream;
  #left: number;

  constructor(key: Uint8Array, bytes: number) {
    this.#stream = new Keystream(key);
    this.#left = bytes;
  }

  next(length: number): Uint8Array {
    if (length > this.#left) throw new RangeError(`${length} bytes of a stream that has ${this.#left} left`);
    this.#left -= length;
    return this.#stream.next(length);
  }
}
