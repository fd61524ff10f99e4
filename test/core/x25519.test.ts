import * as crypto from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { nativeX25519, portableX25519, x25519PublicKey, x25519Secret } from '../../src/core/x25519.js';

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Points of small order, 2^255 - 19 and its neighbours among them: the shared secret would be 0. */
const SMALL_ORDER = [
  `${'00'.repeat(32)}`,
  `01${'00'.repeat(31)}`,
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  `ec${'ff'.repeat(30)}7f`,
  `ed${'ff'.repeat(30)}7f`,
  `ee${'ff'.repeat(30)}7f`,
];

describe.each([
  ['node:crypto', nativeX25519(crypto)],
  ['@noble/curves', portableX25519],
  ['the choice of this machine', { publicKey: x25519PublicKey, secret: x25519Secret }],
])('X25519 by %s', (_, { publicKey, secret }) => {
  it('gives the vectors of RFC 7748, section 5.2', () => {
    const first = secret(
      hex('a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4'),
      hex('e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c'),
    );
    expect(text(first)).toBe('c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552');
    // Its public key has the bit set that is to be ignored.
    const second = secret(
      hex('4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d'),
      hex('e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493'),
    );
    expect(text(second)).toBe('95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957');
    // Iterated: k = u = 9, once.
    const nine = hex(`09${'00'.repeat(31)}`);
    const once = '422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079';
    expect(text(secret(nine, nine))).toBe(once);
    expect(text(publicKey(nine))).toBe(once);
  });

  it('agrees with the other side and with the other implementations', () => {
    for (let i = 0; i < 20; i++) {
      const [a, b] = [new Uint8Array(crypto.randomBytes(32)), new Uint8Array(crypto.randomBytes(32))];
      const shared = text(secret(a, publicKey(b)));
      expect(text(secret(b, publicKey(a)))).toBe(shared);
      expect(text(portableX25519.publicKey(a))).toBe(text(publicKey(a)));
      expect(text(portableX25519.secret(a, publicKey(b)))).toBe(shared);
      // Any 32 bytes are a public key, on the curve or on its twist.
      const any = new Uint8Array(crypto.randomBytes(32));
      expect(text(secret(a, any))).toBe(text(portableX25519.secret(a, any)));
    }
  });

  it.each(SMALL_ORDER)('refuses the point of small order %s', (point) => {
    expect(() => secret(new Uint8Array(crypto.randomBytes(32)), hex(point))).toThrow(Error);
  });

  it('leaves the keys as they were', () => {
    const key = new Uint8Array(crypto.randomBytes(32));
    const before = text(key);
    secret(key, publicKey(key));
    expect(text(key)).toBe(before);
  });
});

it('keys have 32 bytes', () => {
  const key = new Uint8Array(32).fill(9);
  for (const bytes of [0, 31, 33, 64]) {
    expect(() => x25519PublicKey(new Uint8Array(bytes))).toThrow(RangeError);
    expect(() => x25519Secret(key, new Uint8Array(bytes))).toThrow(RangeError);
    expect(() => x25519Secret(new Uint8Array(bytes), key)).toThrow(RangeError);
  }
});
