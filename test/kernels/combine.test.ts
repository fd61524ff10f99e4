import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kernels } from '../../src/kernels/kernels.js';
import { reference } from '../../src/kernels/reference/reference.js';
import { RingVector } from '../../src/kernels/ring-vector.js';
import { RUNS, values, WIDTHS } from './arbitrary.js';

describe.each(WIDTHS)('combineEntries of %i bits', (width) => {
  it.each([0, 1, 3, 700])('makes sums of entries of %i elements times factors', (n) => {
    const count = 4;
    const factor = fc.constantFrom(0n, 1n, -1n, 3n, (1n << BigInt(width)) - 5n);
    const tables = fc.array(fc.array(factor, { minLength: count, maxLength: count }), {
      minLength: 1,
      maxLength: 3,
    });
    fc.assert(
      fc.property(values(width, n * count), tables, (numbers, factors) => {
        const sums = kernels.combineEntries(
          RingVector.fromBigInts(width, numbers),
          factors.map((own) => RingVector.fromBigInts(width, own)),
        );
        const expected = factors.map((own) =>
          Array.from({ length: n }, (_, i) =>
            BigInt.asUintN(
              width,
              own.reduce((sum, each, j) => sum + each * numbers[j * n + i]!, 0n),
            ),
          ),
        );
        expect(sums.map((sum) => sum.toBigInts())).toEqual(expected);
      }),
      RUNS,
    );
  });

  it('is that of the reference for long entries and more sums than there is room for', () => {
    const n = 5000;
    const entries = RingVector.fromBigInts(
      width,
      Array.from({ length: 2 * n }, (_, i) => BigInt(i) ** 9n),
    );
    const factors = Array.from({ length: 40 }, (_, t) =>
      RingVector.fromBigInts(width, [BigInt(t), -BigInt(t * t)]),
    );
    const found = kernels.combineEntries(entries, factors);
    expect(found.map((sum) => sum.data)).toEqual(
      reference.combineEntries(entries, factors).map((sum) => sum.data),
    );
  });

  it('refuses no factors, and sizes that do not fit', () => {
    const of = (length: number): RingVector => RingVector.zeros(width, length);
    expect(() => kernels.combineEntries(of(4), [])).toThrow(RangeError);
    expect(() => kernels.combineEntries(of(4), [of(0)])).toThrow(RangeError);
    expect(() => kernels.combineEntries(of(4), [of(2), of(4)])).toThrow(RangeError);
    expect(() => kernels.combineEntries(of(5), [of(2)])).toThrow(RangeError);
    expect(() => kernels.combineEntries(of(4), [RingVector.zeros(width === 64 ? 32 : 64, 2)])).toThrow(
      TypeError,
    );
  });
});
