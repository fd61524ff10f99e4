/**
 * X25519 (RFC 7748): by node:crypto where there is one, else by @noble/curves (browsers); the same results.
 */
import { x25519 } from '@noble/curves/ed25519.js';

/** Of private keys, public keys and shared secrets. */
export const X25519_BYTES = 32;

/** In a browser there is no `process`. */
const nodeCrypto = globalThis.process?.getBuiltinModule?.('node:crypto');

type NodeCrypto = NonNullable<typeof nodeCrypto>;

/** RFC 8410: what stands before the 32 bytes of a key in PKCS #8 and in SubjectPublicKeyInfo. */
const PKCS8_HEAD = Uint8Array.of(48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 110, 4, 34, 4, 32);
const SPKI_HEAD = Uint8Array.of(48, 42, 48, 5, 6, 3, 43, 101, 110, 3, 33, 0);

/** The public key of a private key of 32 random bytes. */
export function x25519PublicKey(privateKey: Uint8Array): Uint8Array {
  checkLength(privateKey);
  return nodeCrypto === undefined
    ? portableX25519.publicKey(privateKey)
    : nativeX25519(nodeCrypto).publicKey(privateKey);
}

/**
 * The secret that the private key shares with the owner of the public key.
 *
 * @throws for a public key of small order, with which there is no secret; RangeError for another length.
 */
export function x25519Secret(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array {
  checkLength(privateKey);
  checkLength(publicKey);
  return nodeCrypto === undefined
    ? portableX25519.secret(privateKey, publicKey)
    : nativeX25519(nodeCrypto).secret(privateKey, publicKey);
}

interface X25519 {
  publicKey(privateKey: Uint8Array): Uint8Array;
  secret(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array;
}

/** By @noble/curves. */
export const portableX25519: X25519 = {
  publicKey: (privateKey) => x25519.getPublicKey(privateKey),
  secret: (privateKey, publicKey) => x25519.getSharedSecret(privateKey, publicKey),
};

/** By node:crypto. */
export function nativeX25519(crypto: NodeCrypto): X25519 {
  return {
    publicKey: (privateKey) => {
      const exported = crypto.createPublicKey(privateKeyOf(crypto, privateKey));
      return new Uint8Array(exported.export({ format: 'der', type: 'spki' }).subarray(SPKI_HEAD.length));
    },
    secret: (privateKey, publicKey) => {
      const der = Buffer.concat([SPKI_HEAD, publicKey]);
      const theirs = crypto.createPublicKey({ key: der, format: 'der', type: 'spki' });
      const ours = privateKeyOf(crypto, privateKey);
      return new Uint8Array(crypto.diffieHellman({ privateKey: ours, publicKey: theirs }));
    },
  };
}

function privateKeyOf(crypto: NodeCrypto, bytes: Uint8Array): ReturnType<NodeCrypto['createPrivateKey']> {
  const der = Buffer.concat([PKCS8_HEAD, bytes]);
  try {
    return crypto.createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  } finally {
    der.fill(0);
  }
}

function checkLength(key: Uint8Array): void {
  if (key.length !== X25519_BYTES) throw new RangeError(`an X25519 key has 32 bytes, not ${key.length}`);
}
