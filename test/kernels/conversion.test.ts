import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BitMatrix } from '../../src/kernels/bit-matrix.js';
import { kernels } from '../../src/kernels/kernels.js';
import { RingVector } from '../../src/kernels/ring-vector.js';
import { bitRows, LENGTHS, matrixOf, RUNS, tailsAreClear, toRows, values, WIDTHS } from './arbitrary.js';
import { aVector } from './seeded.js';

describe.each(WIDTHS)('bits of ring elements of width %i', (width) => {
  const COUNTS = [0, 1, 5, 31, 32, 33, 63, 64, 65, 127, 128].filter((k) => k <= width);

  it.each(LENGTHS)('toBits of %i elements', (n) => {
    fc.assert(
      fc.property(values(width, n), fc.constantFrom(...COUNTS), (x, k) => {
        const out = kernels.toBits(RingVector.fromBigInts(width, x), k);
        expect(toRows(out)).toEqual(
          Array.from({ length: k }, (_, j) => x.map((v) => Number((v >> BigInt(j)) & 1n))),
        );
        expect(out.length).toBe(n);
        expect(tailsAreClear(out)).toBe(true);
      }),
      RUNS,
    );
  });

  it.each(LENGTHS)('fromBits of %i columns', (n) => {
    fc.assert(
      fc.property(
        fc.constantFrom(...COUNTS).chain((k) => bitRows(k, n)),
        (rows) => {
          const expected = Array.from({ length: n }, (_, i) =>
            rows.reduce((v, row, j) => v | (BigInt(row[i]!) << BigInt(j)), 0n),
          );
          expect(kernels.fromBits(matrixOf(rows, n), width).toBigInts()).toEqual(expected);
        },
      ),
      RUNS,
    );
  });

  it.each(LENGTHS)('expandBit of %i bits', (n) => {
    fc.assert(
      fc.property(bitRows(1, n), (rows) => {
        const bits = matrixOf(rows, n);
        expect(kernels.expandBit(bits, width).toBigInts()).toEqual(rows[0]!.map(BigInt));
        const masks = aVector(width, n, n);
        const masked = masks.toBigInts().map((mask, i) => BigInt.asUintN(width, BigInt(rows[0]![i]!) - mask));
        expect(kernels.expandBit(bits, width, masks).toBigInts()).toEqual(masked);
      }),
      RUNS,
    );
  });

  it('refuses what does not fit', () => {
    const x = RingVector.zeros(width, 3);
    for (const k of [-1, width + 1, 1.5]) expect(() => kernels.toBits(x, k)).toThrow(RangeError);
    expect(() => kernels.fromBits(BitMatrix.zeros(width + 1, 3), width)).toThrow(RangeError);
    for (const rows of [0, 2]) {
      expect(() => kernels.expandBit(BitMatrix.zeros(rows, 3), width)).toThrow(RangeError);
    }
    const bit = BitMatrix.zeros(1, 3);
    expect(() => kernels.expandBit(bit, width, RingVector.zeros(width, 4))).toThrow(RangeError);
    expect(() => kernels.expandBit(bit, width, RingVector.zeros(width === 32 ? 64 : 32, 3))).toThrow(
      TypeError,
    );
  });
});
