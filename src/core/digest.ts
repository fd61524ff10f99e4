/** SHA-256 and HMAC-SHA-256: by the runtime's native code where there is one, else by @noble/hashes. */
import { hmac as nobleHmac } from '@noble/hashes/hmac.js';
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';

/** In a browser there is no `process`; the pure implementation gives the same bytes there. */
const nodeCrypto = globalThis.process?.getBuiltinModule?.('node:crypto');

export const DIGEST_BYTES = 32;

/** SHA-256 of the concatenation of the pieces. Callers frame the pieces so that their borders are unambiguous. */
export function sha256(...pieces: readonly Uint8Array[]): Uint8Array {
  return nodeCrypto === undefined ? pureSha256(...pieces) : nativeSha256(nodeCrypto, pieces);
}

/** The same without native code; exported so that a test can compare the two. */
export function pureSha256(...pieces: readonly Uint8Array[]): Uint8Array {
  const hash = nobleSha256.create();
  for (const piece of pieces) hash.update(piece);
  return hash.digest();
}

function nativeSha256(crypto: typeof import('node:crypto'), pieces: readonly Uint8Array[]): Uint8Array {
  const hash = crypto.createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return new Uint8Array(hash.digest());
}

/** HMAC-SHA-256 of a text in UTF-8. */
export function hmacSha256(key: Uint8Array, text: string): Uint8Array {
  if (nodeCrypto === undefined) return pureHmacSha256(key, text);
  return new Uint8Array(nodeCrypto.createHmac('sha256', key).update(text).digest());
}

/** The same without native code; exported so that a test can compare the two. */
export function pureHmacSha256(key: Uint8Array, text: string): Uint8Array {
  return nobleHmac(nobleSha256, key, new TextEncoder().encode(text));
}

/** Whether two byte strings are equal, in a time that depends on their lengths only. */
export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false;
  let difference = 0;
  for (let i = 0; i < left.length; i++) difference |= (left[i] ?? 0) ^ (right[i] ?? 0);
  return difference === 0;
}
