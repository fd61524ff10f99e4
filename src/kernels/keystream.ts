/**
 * Keyed randomness: AES-128 in counter mode from a zero counter, so a key gives one stream and must be fresh
 * for each use (the caller derives one per step and purpose).
 *
 * Native through node:crypto where there is one, else @noble/ciphers (browsers): the same bytes.
 */
import { ctr } from '@noble/ciphers/aes.js';
import { release } from '../core/release.js';
import { uninitialised } from '../core/uninitialised.js';
import { BitMatrix, clearTails, wordsPerRow } from './bit-matrix.js';
import { RingVector, type RingWidth } from './ring-vector.js';

export const KEY_BYTES = 16;

/** Bytes of a block of the cipher. */
const BLOCK = 16;

/** Bytes per call of the native cipher: larger calls leave the cache, smaller ones pay for the call. */
const PIECE = 1 << 17;

/** What the native cipher encrypts to give its stream; never written. */
const ZEROS = new Uint8Array(PIECE);

// Not an import, so that this file also loads where there is no node:crypto.
const nodeCrypto = globalThis.process?.getBuiltinModule?.('node:crypto');

/** Which cipher makes a stream: node:crypto, or @noble/ciphers. */
export type Implementation = 'native' | 'portable';

/** The next `length` bytes of a stream, in a buffer of their own. */
type Source = (length: number) => Uint8Array;

/** One key's stream, read piece by piece: the pieces are the stream, however it is cut. */
export class Keystream {
  readonly #next: Source;

  /**
   * @param implementation by default the native one where there is one.
   *
   * Errors: RangeError for a key that is not 16 bytes; TypeError where there is no node:crypto.
   */
  constructor(
    key: Uint8Array,
    implementation: Implementation = nodeCrypto === undefined ? 'portable' : 'native',
  ) {
    if (key.length !== KEY_BYTES)
      throw new RangeError(`a stream key has ${KEY_BYTES} bytes, not ${key.length}`);
    this.#next = implementation === 'native' ? nativeSource(key) : portableSource(key);
  }

  /**
   * The following `length` bytes, in a buffer of their own. Natively, up to 128 KiB are not copied, and pieces of
   * 64 to 128 KiB are fastest.
   *
   * Errors: RangeError for a length that is not a whole number.
   */
  next(length: number): Uint8Array {
    if (!Number.isInteger(length) || length < 0) throw new RangeError(`a stream of ${length} bytes`);
    return this.#next(length);
  }
}

/** The first `length` bytes of the key's stream, in a buffer of their own; errors as those of `Keystream`. */
export function keystream(key: Uint8Array, length: number): Uint8Array {
  return new Keystream(key).next(length);
}

/** n uniform ring elements from the key's stream. */
export function ringFromStream(key: Uint8Array, width: RingWidth, n: number): RingVector {
  return RingVector.fromBytes(width, keystream(key, (n * width) / 8));
}

/** rows x n uniform bits from the key's stream; the bits after a row's length are cleared, not skipped. */
export function bitsFromStream(key: Uint8Array, rows: number, n: number): BitMatrix {
  const bytes = keystream(key, rows * wordsPerRow(n) * 8);
  const out = new BitMatrix(rows, n, new BigUint64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8));
  clearTails(out);
  return out;
}

function nativeSource(key: Uint8Array): Source {
  if (nodeCrypto === undefined) throw new TypeError('there is no node:crypto here');
  const cipher = nodeCrypto.createCipheriv('aes-128-ctr', key, new Uint8Array(BLOCK));
  return (length) => {
    if (length <= PIECE) return inOwnBuffer(cipher.update(ZEROS.subarray(0, length)));
    const out = new Uint8Array(uninitialised(length));
    for (let at = 0; at < length; at += PIECE) {
      const piece = cipher.update(ZEROS.subarray(0, Math.min(PIECE, length - at)));
      out.set(piece, at);
      release([piece]);
    }
    return out;
  };
}

/** A counter of blocks, big-endian, is the cipher's nonce; what the last piece took of its block is skipped. */
function portableSource(key: Uint8Array): Source {
  const ownKey = Uint8Array.from(key);
  const nonce = new Uint8Array(BLOCK);
  let at = 0;
  return (length) => {
    const skipped = at % BLOCK;
    new DataView(nonce.buffer).setBigUint64(8, BigInt((at - skipped) / BLOCK));
    const bytes = ctr(ownKey, nonce).encrypt(new Uint8Array(skipped + length));
    at += length;
    return skipped === 0 ? inOwnBuffer(bytes) : bytes.slice(skipped);
  };
}

/** The bytes themselves where they have their buffer alone, as those of the ciphers do; else a copy. */
function inOwnBuffer(bytes: Uint8Array): Uint8Array {
  const alone = bytes.byteLength === bytes.buffer.byteLength;
  return alone ? new Uint8Array(bytes.buffer) : Uint8Array.from(bytes);
}
