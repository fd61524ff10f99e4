import { bytesToHex } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  amac,
  equalBytes,
  hmacSha256,
  pureAmac,
  pureHmacSha256,
  pureSha256,
  sha256,
} from '../../src/core/digest.js';

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('digest', () => {
  it('gives the vectors of FIPS 180-4', () => {
    expect(bytesToHex(sha256(ascii('abc')))).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
    expect(bytesToHex(sha256())).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(
      bytesToHex(sha256(ascii('abcdbcdecdefdefgefghfghighijhi'), ascii('jkijkljklmklmnlmnomnopnopq'))),
    ).toBe('248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1');
  });

  it('gives the same with and without native code', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 4 }), (pieces) => {
        expect(sha256(...pieces)).toEqual(pureSha256(...pieces));
      }),
    );
  });

  it('gives the HMAC of RFC 4231, test case 2, and the same with and without native code', () => {
    expect(bytesToHex(hmacSha256(ascii('Jefe'), 'what do ya want for nothing?'))).toBe(
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.string({ unit: 'grapheme' }), (key, text) => {
        expect(hmacSha256(key, text)).toEqual(pureHmacSha256(key, text));
      }),
    );
  });

  it('gives 16 bytes of SHA-256 of a padded key and a text, the same with and without native code', () => {
    const key = fc.uint8Array({ maxLength: 64 });
    const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ minLength: 1000, maxLength: 1100 }));
    fc.assert(
      fc.property(key, text, (own, message) => {
        const padded = new Uint8Array(64);
        padded.set(own);
        expect(amac(own, message)).toEqual(sha256(padded, ascii(message)).slice(0, 16));
        expect(amac(own, message)).toEqual(pureAmac(own, message));
      }),
    );
  });

  it('compares bytes by content and length', () => {
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true);
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false);
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2, 0))).toBe(false);
    expect(equalBytes(new Uint8Array(), new Uint8Array())).toBe(true);
  });
});
