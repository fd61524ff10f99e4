import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BitMatrix } from '../../src/kernels/bit-matrix.js';
import { bitsBetween, joinRows } from '../../src/kernels/join-rows.js';

const bit = fc.constantFrom(0 as const, 1 as const);
const LENGTHS = [0, 1, 2, 63, 64, 65, 127, 128, 129, 200];
const row = fc
  .oneof(fc.constantFrom(...LENGTHS), fc.integer({ min: 0, max: 300 }))
  .chain((length) => fc.array(bit, { minLength: length, maxLength: length }));

function bitsOf(matrix: BitMatrix): number[] {
  return Array.from({ length: matrix.length }, (_, i) => matrix.get(0, i));
}

function matrixOf(bits: readonly (0 | 1)[]): BitMatrix {
  return bits.length === 0 ? BitMatrix.zeros(1, 0) : BitMatrix.fromBits([bits]);
}

describe('joinRows', () => {
  test('is concatenation, for rows of any lengths', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 8 }), (rows) => {
        const joined = joinRows(rows.map(matrixOf));
        expect(joined.rows).toBe(1);
        expect(bitsOf(joined)).toEqual(rows.flat());
        // Nothing stands after the last bit: packed rows are compared and XORed whole.
        const tail = joined.length % 64;
        if (tail !== 0) expect((joined.words.at(-1) ?? 0n) >> BigInt(tail)).toBe(0n);
      }),
      { numRuns: 300 },
    );
  });

  test('leaves its inputs as they were', () => {
    const rows = [matrixOf([1, 0, 1]), matrixOf(Array.from({ length: 64 }, () => 1 as const))];
    joinRows(rows);
    expect(rows.map(bitsOf)).toEqual([[1, 0, 1], Array.from({ length: 64 }, () => 1)]);
  });

  test('takes matrices of one row only', () => {
    expect(() => joinRows([BitMatrix.zeros(2, 3)])).toThrow(RangeError);
  });
});

describe('bitsBetween', () => {
  test('gives just these bits, wherever they begin and end', () => {
    fc.assert(
      fc.property(row, fc.nat(), fc.nat(), (bits, a, b) => {
        const [start, end] = [a % (bits.length + 1), b % (bits.length + 1)].sort((x, y) => x - y) as [
          number,
          number,
        ];
        const { words } = matrixOf(bits);
        const before = words.slice();
        const between = bitsBetween(words, start, end);
        expect(bitsOf(between)).toEqual(bits.slice(start, end));
        const tail = between.length % 64;
        if (tail !== 0) expect((between.words.at(-1) ?? 0n) >> BigInt(tail)).toBe(0n);
        expect(words).toEqual(before);
      }),
      { numRuns: 300 },
    );
  });

  test('refuses bits that are not there', () => {
    const words = new BigUint64Array(2);
    for (const [start, end] of [
      [0, 129],
      [-1, 3],
      [5, 4],
    ] as const) {
      expect(() => bitsBetween(words, start, end)).toThrow(RangeError);
    }
  });
});
