import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { indices } from '../../src/kernels/indices.js';
import { prefixXor } from '../../src/kernels/prefix-xor.js';
import { RingVector } from '../../src/kernels/ring-vector.js';

describe('prefixXor', () => {
  it.each([32, 64, 128] as const)('is the XOR of all words up to each, over %i bits', (width) => {
    const words = fc.array(fc.bigInt(0n, (1n << BigInt(width)) - 1n), { maxLength: 9 });
    fc.assert(
      fc.property(words, words, (skipped, list) => {
        // A view that does not begin where its memory does.
        const whole = RingVector.fromBigInts(width, [...skipped, ...list]);
        const found = prefixXor(whole.slice(skipped.length, whole.length)).toBigInts();
        expect(found).toEqual(list.map((_, i) => list.slice(0, i + 1).reduce((all, word) => all ^ word)));
      }),
    );
  });
});

describe('indices', () => {
  it('are row numbers in steps', () => {
    expect([...indices(4)]).toEqual([0, 1, 2, 3]);
    expect([...indices(3, 5, 2)]).toEqual([5, 7, 9]);
    expect([...indices(3, 2, -1)]).toEqual([2, 1, 0]);
    expect([...indices(0)]).toEqual([]);
  });
});
