import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kernels } from '../../src/kernels/kernels.js';
import { RingVector } from '../../src/kernels/ring-vector.js';
import { LENGTHS, RUNS, values, WIDTHS } from './arbitrary.js';

/** A permutation of n places. */
const permutation = (n: number) =>
  fc.shuffledSubarray(
    Array.from({ length: n }, (_, i) => i),
    { minLength: n, maxLength: n },
  );

describe.each(WIDTHS)('width %i', (width) => {
  describe.each(LENGTHS)('%i elements', (n) => {
    it('gather, with indices repeated and left out', () => {
      const indices = n === 0 ? fc.constant([]) : fc.array(fc.nat(n - 1), { maxLength: 2 * n });
      fc.assert(
        fc.property(values(width, n), indices, (x, at) => {
          const out = kernels.gather(RingVector.fromBigInts(width, x), Uint32Array.from(at));
          expect(out.width).toBe(width);
          expect(out.toBigInts()).toEqual(at.map((i) => x[i]));
        }),
        RUNS,
      );
    });

    it('scatter, which gather undoes', () => {
      fc.assert(
        fc.property(values(width, n), permutation(n), (x, at) => {
          const indices = Uint32Array.from(at);
          const out = kernels.scatter(RingVector.fromBigInts(width, x), indices);
          const expected: bigint[] = [];
          at.forEach((place, i) => {
            expected[place] = x[i]!;
          });
          expect(out.toBigInts()).toEqual(expected);
          expect(kernels.gather(out, indices).toBigInts()).toEqual(x);
        }),
        RUNS,
      );
    });

    it('prefixSum', () => {
      fc.assert(
        fc.property(values(width, n), (x) => {
          let sum = 0n;
          const expected = x.map((v) => {
            sum = BigInt.asUintN(width, sum + v);
            return sum;
          });
          const from = RingVector.fromBigInts(width, x);
          expect(kernels.prefixSum(from).toBigInts()).toEqual(expected);
          expect(from.toBigInts()).toEqual(x);
        }),
        RUNS,
      );
    });
  });

  it('scatter: the last of repeated indices wins, places without one are 0', () => {
    const x = RingVector.fromBigInts(width, [1n, 2n, 3n, 4n]);
    expect(kernels.scatter(x, Uint32Array.of(2, 0, 2, 0)).toBigInts()).toEqual([4n, 0n, 3n, 0n]);
  });

  it('refuses indices that do not fit', () => {
    const x = RingVector.zeros(width, 3);
    for (const at of [3, 4, 0xffffffff]) {
      expect(() => kernels.gather(x, Uint32Array.of(0, at))).toThrow(RangeError);
      expect(() => kernels.scatter(x, Uint32Array.of(0, at, 1))).toThrow(RangeError);
    }
    expect(() => kernels.gather(x.slice(0, 0), Uint32Array.of(0))).toThrow(RangeError);
    expect(() => kernels.scatter(x, Uint32Array.of(0, 1))).toThrow(RangeError);
    expect(() => kernels.scatter(x, Uint32Array.of(0, 1, 2, 0))).toThrow(RangeError);
  });
});
