/** Sums of products of entries by the XOR of their places: of parts of unit vectors, that of the XOR of their digits. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kernels } from '../../src/kernels/kernels.js';
import { RingVector } from '../../src/kernels/ring-vector.js';
import { RUNS, values, WIDTHS } from './arbitrary.js';

/** Entry 1 of all unit vectors, then entry 2, and so on. */
function unitsOf(digits: readonly number[], count: number): bigint[] {
  return Array.from({ length: count - 1 }, (_, j) =>
    digits.map((digit) => (digit === j + 1 ? 1n : 0n)),
  ).flat();
}

const lists = (count: number, n: number) =>
  fc.array(fc.integer({ min: 0, max: count - 1 }), { minLength: n, maxLength: n });

describe.each(WIDTHS)('convolveUnits of %i bits', (width) => {
  it.each([
    [2, 0],
    [2, 1],
    [2, 700],
    [4, 65],
    [8, 300],
    [32, 3],
    [256, 2],
  ])('of parts of unit vectors adds up to that of the XOR, %i values, %i rows', (count, n) => {
    const size = n * (count - 1);
    fc.assert(
      fc.property(
        lists(count, n),
        lists(count, n),
        values(width, size),
        values(width, size),
        (u, w, r, s) => {
          const vector = (list: readonly bigint[]): RingVector => RingVector.fromBigInts(width, list);
          const split = (units: bigint[], part: bigint[]): [RingVector, RingVector] => [
            vector(part),
            vector(units.map((unit, i) => unit - part[i]!)),
          ];
          const [low, high] = [split(unitsOf(u, count), r), split(unitsOf(w, count), s)];
          const masks = vector(r);
          const terms = [0, 1].flatMap((i) =>
            [0, 1].map((j) =>
              kernels.convolveUnits(low[i]!, high[j]!, count, [i === 0 ? 1 : 0, j === 1 ? 1 : 0], masks),
            ),
          );
          const sum = terms.reduce(
            (total, term) => kernels.add(total, kernels.add(term, masks)),
            vector(s.map(() => 0n)),
          );
          const both = u.map((digit, i) => digit ^ w[i]!);
          expect(sum.toBigInts()).toEqual(unitsOf(both, count));
        },
      ),
      { ...RUNS, numRuns: 2 },
    );
  });

  it('refuses other sizes', () => {
    const of = (length: number): RingVector => RingVector.zeros(width, length);
    for (const [x, y, count, masks] of [
      [of(9), of(9), 3, undefined],
      [of(9), of(8), 4, undefined],
      [of(8), of(8), 4, undefined],
      [of(9), of(9), 4, of(8)],
      [of(511), of(511), 512, undefined],
      [of(0), of(0), 1, undefined],
    ] as const) {
      expect(() => kernels.convolveUnits(x, y, count, [1, 1], masks)).toThrow(RangeError);
    }
    const other = RingVector.zeros(width === 32 ? 64 : 32, 9);
    expect(() => kernels.convolveUnits(of(9), other, 4, [1, 1], undefined)).toThrow(TypeError);
  });
});
