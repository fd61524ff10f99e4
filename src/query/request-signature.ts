/**
 * Ed25519 signatures (RFC 8032) with a domain tag, so that a signature made for one purpose fits no other.
 *
 * Signing is native where there is node:crypto: RFC 8032 leaves one signature for a key and a message, so the bytes
 * are those of @noble/curves. Verifying is not: libraries differ in what malformed keys and points they accept.
 */
import { ed25519 } from '@noble/curves/ed25519.js';
import { randomBytes } from '@noble/hashes/utils.js';
import { ByteWriter } from '../core/bytes.js';
import { SecretBytes } from '../core/secret.js';

/** In a browser there is no `process`. */
const nodeCrypto = globalThis.process?.getBuiltinModule?.('node:crypto');

export const SIGNATURE_BYTES = 64;
export const PUBLIC_KEY_BYTES = 32;
export const PRIVATE_KEY_BYTES = 32;

export type SignatureDomain = 'request' | 'upload-frame' | 'manifest';

/** A user's key pair; the private key is the 32-byte seed of RFC 8032. */
export interface SigningKey {
  readonly privateKey: SecretBytes;
  readonly publicKey: Uint8Array;
}

export function newSigningKey(): SigningKey {
  const privateKey = new SecretBytes(randomBytes(PRIVATE_KEY_BYTES));
  return { privateKey, publicKey: publicKeyOf(privateKey) };
}

export function publicKeyOf(privateKey: SecretBytes): Uint8Array {
  return ed25519.getPublicKey(privateKey.reveal());
}

/** Signs a short message (long content is signed through its digest). */
export function sign(domain: SignatureDomain, message: Uint8Array, privateKey: SecretBytes): Uint8Array {
  const seed = privateKey.reveal();
  const content = tagged(domain, message);
  return nodeCrypto === undefined ? ed25519.sign(content, seed) : nativeSign(nodeCrypto, content, seed);
}

/** RFC 8410: what stands before the 32-byte seed in a PKCS #8 key. */
const PKCS8_HEAD = Uint8Array.of(48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32);

function nativeSign(crypto: typeof import('node:crypto'), content: Uint8Array, seed: Uint8Array): Uint8Array {
  const der = Buffer.concat([PKCS8_HEAD, seed]);
  try {
    const key = crypto.createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    return new Uint8Array(crypto.sign(null, content, key));
  } finally {
    der.fill(0);
  }
}

/** Strict verification (canonical encodings only); false for anything malformed, never an exception. */
export function verify(
  domain: SignatureDomain,
  message: Uint8Array,
  signature: Uint8Array,
  publicKey: Uint8Array,
): boolean {
  if (signature.length !== SIGNATURE_BYTES || publicKey.length !== PUBLIC_KEY_BYTES) return false;
  try {
    return ed25519.verify(signature, tagged(domain, message), publicKey, { zip215: false });
  } catch {
    return false;
  }
}

function tagged(domain: SignatureDomain, message: Uint8Array): Uint8Array {
  return new ByteWriter(message.length + 64).text(`warifu ${domain} v1`).sized(message).finish();
}
