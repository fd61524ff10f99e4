import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type CommitmentContext, commitment, expectCommitment } from '../../src/share/commitment.js';

const context: CommitmentContext = {
  cluster: 'c1'.repeat(32),
  table: '患者',
  slice: 'north',
  version: 'a5'.repeat(16),
  column: 3,
  kind: 'values',
  part: 1,
  chunk: 7,
};
const salt = new Uint8Array(32).fill(9);
const bytes = Uint8Array.of(1, 2, 3);
const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex');

describe('commitment', () => {
  it('is the SHA-256 of the documented bytes, put together by hand', () => {
    const text = (value: string): Buffer => {
      const encoded = Buffer.from(value, 'utf8');
      const length = Buffer.alloc(4);
      length.writeUInt32LE(encoded.length);
      return Buffer.concat([length, encoded]);
    };
    const expected = createHash('sha256')
      .update(text('warifu commitment v1'))
      .update(text(context.cluster))
      .update(text('患者'))
      .update(text('north'))
      .update(text(context.version))
      .update(Buffer.from('0300000000010700000003000000' + '00000000', 'hex'))
      .update(salt)
      .update(bytes)
      .digest('hex');
    expect(hex(commitment(salt, context, bytes))).toBe(expected);
  });

  it('changes with every field of the context, the salt and the bytes', () => {
    const others: CommitmentContext[] = [
      { ...context, cluster: 'c2'.repeat(32) },
      { ...context, table: '患者2' },
      { ...context, slice: 'south' },
      { ...context, version: 'a6'.repeat(16) },
      { ...context, column: 4 },
      { ...context, kind: 'validity' },
      { ...context, part: 2 },
      { ...context, chunk: 8 },
      // the border between two texts matters
      { ...context, table: '患者n', slice: 'orth' },
    ];
    const seen = new Set([hex(commitment(salt, context, bytes))]);
    for (const other of others) seen.add(hex(commitment(salt, other, bytes)));
    seen.add(hex(commitment(new Uint8Array(32).fill(8), context, bytes)));
    seen.add(hex(commitment(salt, context, Uint8Array.of(1, 2))));
    seen.add(hex(commitment(salt, context, Uint8Array.of(1, 2, 3, 0))));
    expect(seen.size).toBe(others.length + 4);
  });

  it('names the place, not the bytes, when a copy is not what was committed to', () => {
    const expected = commitment(salt, context, bytes);
    expect(() => {
      expectCommitment(expected, commitment(salt, context, bytes), context);
    }).not.toThrow();
    expect(() => {
      expectCommitment(expected, commitment(salt, context, Uint8Array.of(1, 2, 4)), context);
    }).toThrow(/table '患者', slice 'north', column 4, values, part 1, chunk 7/);
  });

  it('refuses a salt of another length', () => {
    expect(() => commitment(new Uint8Array(16), context, bytes)).toThrow(RangeError);
  });
});
