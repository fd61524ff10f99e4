/**
 * Tags of messages: GMAC (AES-128-GCM without a plaintext, NIST SP 800-38D) under a key that is used once.
 *
 * Who does not know the key gets a tag right for other bytes with a probability of at most (blocks + 1) / 2^128.
 * Native through node:crypto where there is one, else @noble/ciphers: the same tags.
 */
import { gcm } from '@noble/ciphers/aes.js';
import { concatBytes } from '@noble/ciphers/utils.js';

export const TAG_BYTES = 16;
const KEY_BYTES = 16;

/** A key tags one message, so that its nonce may be fixed. */
const NONCE = new Uint8Array(12);

// Not an import, so that this file also loads where there is no node:crypto.
const nodeCrypto = globalThis.process?.getBuiltinModule?.('node:crypto');

/** The tag of a message. RangeError for a key that is not 16 bytes. */
export function messageTag(key: Uint8Array, message: Uint8Array): Uint8Array {
  if (nodeCrypto === undefined) return portableMessageTag(key, message);
  checkKey(key);
  const cipher = nodeCrypto.createCipheriv('aes-128-gcm', key, NONCE);
  cipher.setAAD(message);
  cipher.final();
  return new Uint8Array(cipher.getAuthTag());
}

/** What is used of a cipher of node:crypto. */
interface Gmac {
  setAAD(piece: Uint8Array): unknown;
  final(): unknown;
  getAuthTag(): Uint8Array;
}

/** The tag of a message that comes piece by piece. */
export class MessageTagger {
  readonly #key: Uint8Array;
  /** Without native code: the pieces so far. */
  readonly #pieces: Uint8Array[] = [];
  readonly #cipher: Gmac | undefined;

  /** RangeError for a key that is not 16 bytes. */
  constructor(key: Uint8Array) {
    checkKey(key);
    this.#key = key;
    this.#cipher = nodeCrypto?.createCipheriv('aes-128-gcm', key, NONCE);
  }

  /** The next bytes; they may be overwritten afterwards. */
  update(piece: Uint8Array): void {
    if (this.#cipher === undefined) this.#pieces.push(piece.slice());
    else if (piece.length > 0) this.#cipher.setAAD(piece);
  }

  /** Of all pieces together; once. */
  tag(): Uint8Array {
    if (this.#cipher === undefined) return portableMessageTag(this.#key, concatBytes(...this.#pieces));
    this.#cipher.final();
    return new Uint8Array(this.#cipher.getAuthTag());
  }
}

/** The same without native code; exported so that a test can compare the two. */
export function portableMessageTag(key: Uint8Array, message: Uint8Array): Uint8Array {
  checkKey(key);
  return gcm(key, NONCE, message).encrypt(new Uint8Array(0));
}

/** True for equal tags, in a time that does not depend on where they differ. */
export function equalTags(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}

function checkKey(key: Uint8Array): void {
  if (key.length !== KEY_BYTES) throw new RangeError(`a tag key has ${KEY_BYTES} bytes, not ${key.length}`);
}
