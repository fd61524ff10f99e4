/**
 * Bounded little-endian binary reading and writing, for frames and files.
 *
 * The reader never reads past its end and never allocates more than a stated limit.
 */
import { WarifuError } from './errors.js';

export class ByteWriter {
  #buffer: Uint8Array;
  #view: DataView;
  #length = 0;

  constructor(capacity = 256) {
    this.#buffer = new Uint8Array(capacity);
    this.#view = new DataView(this.#buffer.buffer);
  }

  /** Call it in a statement of its own: it may replace the buffer and the view. */
  #reserve(extra: number): number {
    const at = this.#length;
    if (at + extra > this.#buffer.length) {
      const grown = new Uint8Array(Math.max(this.#buffer.length * 2, at + extra));
      grown.set(this.#buffer);
      this.#buffer = grown;
      this.#view = new DataView(grown.buffer);
    }
    this.#length = at + extra;
    return at;
  }

  u8(value: number): this {
    const at = this.#reserve(1);
    this.#view.setUint8(at, value);
    return this;
  }

  u16(value: number): this {
    const at = this.#reserve(2);
    this.#view.setUint16(at, value, true);
    return this;
  }

  u32(value: number): this {
    const at = this.#reserve(4);
    this.#view.setUint32(at, value, true);
    return this;
  }

  u64(value: bigint): this {
    const at = this.#reserve(8);
    this.#view.setBigUint64(at, value, true);
    return this;
  }

  raw(bytes: Uint8Array): this {
    const at = this.#reserve(bytes.length);
    this.#buffer.set(bytes, at);
    return this;
  }

  /** Bytes preceded by their u32 length. */
  sized(bytes: Uint8Array): this {
    return this.u32(bytes.length).raw(bytes);
  }

  /** UTF-8 text preceded by its u32 byte length. */
  text(value: string): this {
    return this.sized(new TextEncoder().encode(value));
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return this.#buffer.slice(0, this.#length);
  }

  /** What was written so far, not copied: a view that later writes may leave behind. */
  written(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }
}

export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #what: string;
  #at = 0;

  /** @param what names the frame or file in errors. */
  constructor(bytes: Uint8Array, what: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#what = what;
  }

  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  #take(count: number): number {
    if (count > this.remaining) {
      throw new WarifuError('MESSAGE_FORM', `${this.#what} ends too early`, { at: this.#at, wanted: count });
    }
    const at = this.#at;
    this.#at += count;
    return at;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#take(8), true);
  }

  /** A view (not a copy) of the next bytes. */
  raw(count: number): Uint8Array {
    const at = this.#take(count);
    return this.#bytes.subarray(at, at + count);
  }

  sized(limit: number): Uint8Array {
    const length = this.u32();
    if (length > limit) {
      throw new WarifuError('MESSAGE_FORM', `${this.#what}: field of ${length} bytes is over ${limit}`);
    }
    return this.raw(length);
  }

  text(limit: number): string {
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(this.sized(limit));
    } catch (thrown) {
      if (thrown instanceof WarifuError) throw thrown;
      throw new WarifuError('MESSAGE_FORM', `${this.#what}: text is not UTF-8`);
    }
  }

  /** Throws unless everything was read. */
  end(): void {
    if (this.remaining !== 0) {
      throw new WarifuError('MESSAGE_FORM', `${this.#what} has ${this.remaining} bytes too many`);
    }
  }
}
