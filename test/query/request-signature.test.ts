import { createHash } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519.js';
import { hexToBytes } from '@noble/hashes/utils.js';
import { describe, expect, it } from 'vitest';
import { SecretBytes } from '../../src/core/secret.js';
import { newSigningKey, publicKeyOf, sign, verify } from '../../src/query/request-signature.js';
import { flipped } from './request-fixtures.js';

/** RFC 8032, section 7.1, tests 1 to 3: secret key, public key, message, signature. */
const RFC8032: readonly [string, string, string, string][] = [
  [
    '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    '',
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  ],
  [
    '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    '72',
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  ],
  [
    'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
    'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    'af82',
    '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  ],
];

function u32(value: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(value).buffer);
}

describe('signatures', () => {
  it.each(RFC8032)(
    'stand on a library that gives the vectors of RFC 8032: %#',
    (secret, publicKey, message, signature) => {
      expect(publicKeyOf(new SecretBytes(hexToBytes(secret)))).toEqual(hexToBytes(publicKey));
      expect(ed25519.sign(hexToBytes(message), hexToBytes(secret))).toEqual(hexToBytes(signature));
    },
  );

  it('verify for the same domain, message and key only', () => {
    const key = newSigningKey();
    const message = Uint8Array.of(1, 2, 3);
    const signature = sign('request', message, key.privateKey);
    expect(verify('request', message, signature, key.publicKey)).toBe(true);
    expect(verify('manifest', message, signature, key.publicKey)).toBe(false);
    expect(verify('request', Uint8Array.of(1, 2, 4), signature, key.publicKey)).toBe(false);
    expect(verify('request', message, signature, newSigningKey().publicKey)).toBe(false);
    for (let at = 0; at < signature.length; at++) {
      expect(verify('request', message, flipped(signature, at), key.publicKey)).toBe(false);
    }
  });

  it('are, natively, the bytes that the pure implementation gives', () => {
    for (let length = 0; length < 40; length++) {
      const key = newSigningKey();
      const message = new Uint8Array(length).fill(length);
      const tag = new TextEncoder().encode('warifu manifest v1');
      const content = Buffer.concat([u32(tag.length), tag, u32(length), message]);
      expect(sign('manifest', message, key.privateKey)).toEqual(
        ed25519.sign(content, key.privateKey.reveal()),
      );
    }
  });

  it('answer false, and do not throw, for malformed keys and signatures', () => {
    const key = newSigningKey();
    const message = Uint8Array.of(1);
    const signature = sign('request', message, key.privateKey);
    expect(verify('request', message, signature.subarray(1), key.publicKey)).toBe(false);
    expect(verify('request', message, signature, new Uint8Array(31))).toBe(false);
    expect(verify('request', message, signature, new Uint8Array(32).fill(255))).toBe(false);
  });

  it('refuse a key of small order, under which one signature fits every message', () => {
    const identity = new Uint8Array(32);
    identity[0] = 1;
    const signature = new Uint8Array(64);
    signature[0] = 1;
    expect(ed25519.verify(signature, Uint8Array.of(5), identity, { zip215: true })).toBe(true);
    expect(verify('request', Uint8Array.of(5), signature, identity)).toBe(false);
  });

  it('are accepted also where only the equation with the cofactor holds, as by the pure implementation', () => {
    const { Point } = ed25519;
    const key = newSigningKey();
    const { scalar } = ed25519.utils.getExtendedPublicKey(key.privateKey.reveal());
    const tag = new TextEncoder().encode('warifu manifest v1');
    const message = Uint8Array.of(7);
    const content = Buffer.concat([u32(tag.length), tag, u32(1), message]);
    // a point of order 2 beside that of the nonce
    const nonce = 123_456_789n;
    const twisted = Point.BASE.multiply(nonce).add(new Point(0n, Point.Fp.neg(1n), 1n, 0n));
    const r = twisted.toBytes();
    const digest = createHash('sha512').update(r).update(key.publicKey).update(content).digest();
    const challenge = BigInt(`0x${Buffer.from(digest).reverse().toString('hex')}`);
    const s = Point.Fn.toBytes(Point.Fn.create(nonce + challenge * scalar));
    const signature = new Uint8Array([...r, ...s]);
    expect(ed25519.verify(signature, content, key.publicKey, { zip215: false })).toBe(true);
    expect(verify('manifest', message, signature, key.publicKey)).toBe(true);
    expect(verify('manifest', Uint8Array.of(8), signature, key.publicKey)).toBe(false);
  });
});
