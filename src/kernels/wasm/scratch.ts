/**
 * The small fixed memory through which operands pass block by block (docs/decisions/0001): a few bytes for
 * constants and sums, then slots of one block each, which may also be used side by side as one larger place.
 */

/** Bytes of a block: seven of them and the result stay in a second-level cache. Measured: decision 0007. */
export const BLOCK = 32 * 1024;

/** From one slot to the next: not a power of two, so that slots do not want the same places of a cache. */
const SLOT = BLOCK + 1024;

/** Blocks that there is room for. */
export const SLOTS = 32;

/** Where constants and sums stand; 64 bytes. */
export const SMALL = 64;

const FIRST = 1024;

/** What is put is filled with zeros up to a multiple of this. */
const PADDED = 64;

/** The address of a slot. */
export function slot(index: number): number {
  return FIRST + index * SLOT;
}

export class Scratch {
  readonly #bytes: Uint8Array;
  /** A slot's whole block as a view, made once. */
  readonly #blocks: readonly Uint8Array[];

  constructor(buffer: ArrayBuffer) {
    this.#bytes = new Uint8Array(buffer);
    this.#blocks = Array.from({ length: SLOTS }, (_, k) => new Uint8Array(buffer, slot(k), BLOCK));
  }

  /**
   * Copies source[start..end) to an address, and zeros after it.
   *
   * @param padded zeros up to a multiple of so many bytes.
   */
  put(address: number, source: Uint8Array, start: number, end: number, padded: number = PADDED): void {
    const whole = start === 0 && end === source.length;
    this.#bytes.set(whole ? source : source.subarray(start, end), address);
    const rest = (end - start) % padded;
    if (rest !== 0) this.#bytes.fill(0, address + end - start, address + end - start + padded - rest);
  }

  /** Copies `length` bytes at an address to target[at..]. */
  take(address: number, target: Uint8Array, at: number, length: number): void {
    target.set(this.#bytes.subarray(address, address + length), at);
  }

  /** Copies the first bytes of a slot to target[at..]. */
  takeBlock(index: number, target: Uint8Array, at: number, length: number): void {
    if (length === BLOCK) target.set(this.#blocks[index]!, at);
    else this.take(slot(index), target, at, length);
  }

  clear(address: number, length: number): void {
    this.#bytes.fill(0, address, address + length);
  }
}

/** The memory of a typed array as bytes: a view. */
export function bytesOf(words: Uint32Array | BigUint64Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}
