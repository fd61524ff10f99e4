/**
 * Ed25519 signatures (RFC 8032) with a domain tag, so that a signature made for one purpose fits no other.
 *
 * Native where there is node:crypto, with the same results as @noble/curves. For signing, RFC 8032 leaves one signature
 * for a key and a message. In verifying, libraries differ in what malformed keys and points they accept: see `verify`.
 */
import { ed25519 } from '@noble/curves/ed25519.js';
import { bytesToHex, randomBytes } from '@noble/hashes/utils.js';
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

/**
 * Strict verification (canonical encodings only); false for anything malformed, never an exception.
 *
 * What counts is whether @noble/curves accepts. It does whatever OpenSSL accepts under a key that is well formed:
 * OpenSSL wants the equation without cofactor, which implies the one with it, and the very bytes of R. So a native yes
 * saves the slow answer, and a native no does not decide.
 */
export function verify(
  domain: SignatureDomain,
  message: Uint8Array,
  signature: Uint8Array,
  publicKey: Uint8Array,
): boolean {
  if (signature.length !== SIGNATURE_BYTES || publicKey.length !== PUBLIC_KEY_BYTES) return false;
  const content = tagged(domain, message);
  try {
    if (nodeCrypto !== undefined && isWellFormed(publicKey)) {
      const key = { key: Buffer.concat([SPKI_HEAD, publicKey]), format: 'der', type: 'spki' } as const;
      if (nodeCrypto.verify(null, content, key, signature)) return true;
    }
    return ed25519.verify(signature, content, publicKey, { zip215: false });
  } catch {
    return false;
  }
}

/** RFC 8410: what stands before the 32 bytes of a public key. */
const SPKI_HEAD = Uint8Array.of(48, 42, 48, 5, 6, 3, 43, 101, 112, 3, 33, 0);

/** Public keys seen last that are canonical encodings of points of large order, in hexadecimal. */
const wellFormed = new Set<string>();
const MOST_WELL_FORMED = 256;

/** @throws Error for what is no point at all. */
function isWellFormed(publicKey: Uint8Array): boolean {
  const name = bytesToHex(publicKey);
  if (wellFormed.has(name)) return true;
  if (ed25519.Point.fromBytes(publicKey, false).isSmallOrder()) return false;
  const [oldest] = wellFormed;
  if (wellFormed.size === MOST_WELL_FORMED && oldest !== undefined) wellFormed.delete(oldest);
  wellFormed.add(name);
  return true;
}

function tagged(domain: SignatureDomain, message: Uint8Array): Uint8Array {
  return new ByteWriter(message.length + 64).text(`warifu ${domain} v1`).sized(message).finish();
}
