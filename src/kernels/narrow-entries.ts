/**
 * Entries of unit vectors over Z_2^20: enough for places among up to a million rows, at 2.5 bytes instead of 4.
 *
 * Each entry's vector is a row of groups of 32 elements: their low halves, 16 bits each, then 16 bytes of which byte j holds
 * the high 4 bits of element j and, above them, those of element j+16. What is past the last element is 0 or not looked at.
 */
import { RingVector } from './ring-vector.js';

export const NARROW_BITS = 20;

/** Elements of a group, and its bytes. */
export const GROUP = 32;
export const GROUP_BYTES = 80;

const LOW_BYTES = 2 * GROUP;
const PAIRED = GROUP / 2;

export class NarrowEntries {
  readonly entries: number;
  /** Elements of an entry's vector. */
  readonly length: number;
  readonly #bytes: Uint8Array;

  /** @throws RangeError for bytes of another length. */
  constructor(entries: number, length: number, bytes: Uint8Array) {
    if (bytes.length !== NarrowEntries.byteLength(entries, length)) {
      throw new RangeError(`${bytes.length} bytes for ${entries} entries of ${length} rows`);
    }
    this.entries = entries;
    this.length = length;
    this.#bytes = bytes;
  }

  static byteLength(entries: number, length: number): number {
    return entries * Math.ceil(length / GROUP) * GROUP_BYTES;
  }

  /** The low bits of elements over Z_2^32: entry after entry, each of so many elements. */
  static of(x: RingVector, length: number): NarrowEntries {
    const entries = length === 0 ? 0 : x.length / length;
    const bytes = new Uint8Array(NarrowEntries.byteLength(entries, length));
    for (let i = 0; i < x.length; i++) {
      const { low, high, shift } = placeOf(i, length);
      const value = x.data[i] as number;
      bytes[low] = value;
      bytes[low + 1] = value >>> 8;
      bytes[high] = bytes[high]! | (((value >>> 16) & 15) << shift);
    }
    return new NarrowEntries(entries, length, bytes);
  }

  get byteLength(): number {
    return this.#bytes.length;
  }

  /** The memory itself. */
  bytes(): Uint8Array {
    return this.#bytes;
  }

  /** The same numbers over Z_2^32, entry after entry. */
  widened(): RingVector {
    const out = new Uint32Array(this.entries * this.length);
    const bytes = this.#bytes;
    for (let i = 0; i < out.length; i++) {
      const { low, high, shift } = placeOf(i, this.length);
      out[i] = bytes[low]! | (bytes[low + 1]! << 8) | (((bytes[high]! >> shift) & 15) << 16);
    }
    return new RingVector(32, out);
  }
}

/** Where the bits of element i are, of entries of so many elements. */
function placeOf(i: number, length: number): { low: number; high: number; shift: number } {
  const row = i % length;
  const group = Math.floor(i / length) * Math.ceil(length / GROUP) + Math.floor(row / GROUP);
  const at = row % GROUP;
  const start = group * GROUP_BYTES;
  return { low: start + 2 * at, high: start + LOW_BYTES + (at % PAIRED), shift: at < PAIRED ? 0 : 4 };
}
