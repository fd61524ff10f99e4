/**
 * Keyed randomness: AES-128 in counter mode from a zero counter, so a key gives one stream and must be fresh
 * for each use (the caller derives one per step and purpose).
 *
 * Native through node:crypto where there is one, else @noble/ciphers (browsers): the same bytes.
 */
import { ctr } from '@noble/ciphers/aes.js';
import { BitMatrix, clearTails, wordsPerRow } from './bit-matrix.js';
import { RingVector, type RingWidth } from './ring-vector.js';

export const KEY_BYTES = 16;

/** Bytes per call of the native cipher: larger calls leave the cache, smaller ones pay for the call. */
const PIECE = 1 << 17;

// Not an import, so that this file also loads where there is no node:crypto.
const nodeCrypto = globalThis.process?.getBuiltinModule?.('node:crypto');

/**
 * The first `length` bytes of the key's stream, in a buffer of their own.
 *
 * Errors: RangeError for a key that is not 16 bytes or a length that is not a whole number.
 */
export function keystream(key: Uint8Array, length: number): Uint8Array {
  return nodeCrypto === undefined ? portableKeystream(key, length) : nativeKeystream(key, length);
}

/** As `keystream`, by node:crypto. */
export function nativeKeystream(key: Uint8Array, length: number): Uint8Array {
  checkRequest(key, length);
  if (nodeCrypto === undefined) throw new TypeError('there is no node:crypto here');
  const cipher = nodeCrypto.createCipheriv('aes-128-ctr', key, new Uint8Array(16));
  const out = new Uint8Array(length);
  const zeros = new Uint8Array(Math.min(length, PIECE));
  for (let at = 0; at < length; at += PIECE) {
    out.set(cipher.update(zeros.subarray(0, Math.min(PIECE, length - at))), at);
  }
  return out;
}

/** As `keystream`, by @noble/ciphers. */
export function portableKeystream(key: Uint8Array, length: number): Uint8Array {
  checkRequest(key, length);
  return ctr(key, new Uint8Array(16)).encrypt(new Uint8Array(length), new Uint8Array(length));
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

function checkRequest(key: Uint8Array, length: number): void {
  if (key.length !== KEY_BYTES)
    throw new RangeError(`a stream key has ${KEY_BYTES} bytes, not ${key.length}`);
  if (!Number.isInteger(length) || length < 0) throw new RangeError(`a stream of ${length} bytes`);
}
