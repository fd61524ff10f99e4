import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { identifierKey, normaliseIdentifier } from '../../src/share/identifier-key.js';

describe('identifiers', () => {
  it.each([
    ['P-001', 'p-001'],
    [' 0012 Ａ', '12a'],
    ['００１２ａ', '12a'],
    ['12\u3000A\t', '12a'],
    ['ﾊﾝｶｸ', 'ハンカク'],
    ['0', '0'],
    ['000', '0'],
    ['0x', 'x'],
    ['10', '10'],
  ])('%j is %j', (text, normal) => {
    expect(normaliseIdentifier(text)).toBe(normal);
  });

  it('takes the first 16 bytes of SHA-256 over the domain tag and the normal form', () => {
    const expected = createHash('sha256').update('warifu/identifier/1\0ハンカク7').digest().subarray(0, 16);
    expect(Buffer.from(identifierKey('00 ﾊﾝｶｸ７')).toString('hex')).toBe(expected.toString('hex'));
    expect(identifierKey('a')).toHaveLength(16);
    expect(Buffer.from(identifierKey('1')).equals(identifierKey('2'))).toBe(false);
  });
});
