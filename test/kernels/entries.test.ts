/** Entries of small tables, moved from place j to j XOR d by each table's own digit d. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BitMatrix } from '../../src/kernels/bit-matrix.js';
import { kernels } from '../../src/kernels/kernels.js';
import { RingVector } from '../../src/kernels/ring-vector.js';
import { LENGTHS, RUNS, values, WIDTHS } from './arbitrary.js';

describe.each(WIDTHS)('exchangeEntries of %i bits', (width) => {
  it.each(LENGTHS)('moves each entry by the digit of its table, %i tables', (n) => {
    for (const rows of [1, 2, 3]) {
      const count = 2 ** rows;
      fc.assert(
        fc.property(
          values(width, n * count),
          fc.array(fc.integer({ min: 0, max: count - 1 }), { minLength: n, maxLength: n }),
          (entries, digits) => {
            const bits = Array.from({ length: rows }, (_, j) => digits.map((digit) => (digit >> j) & 1));
            const moved = kernels.exchangeEntries(
              RingVector.fromBigInts(width, entries),
              BitMatrix.fromBits(bits),
            );
            const expected = entries.map(
              (_, at) => entries[(Math.floor(at / n) ^ digits[at % n]!) * n + (at % n)],
            );
            expect(moved.toBigInts()).toEqual(expected);
          },
        ),
        RUNS,
      );
    }
  });

  it('refuses another number of entries, and digits of more than eight bits', () => {
    const entries = RingVector.zeros(width, 9);
    expect(() => kernels.exchangeEntries(entries, BitMatrix.zeros(1, 4))).toThrow(RangeError);
    expect(() => kernels.exchangeEntries(RingVector.zeros(width, 512), BitMatrix.zeros(9, 1))).toThrow(
      RangeError,
    );
  });
});
