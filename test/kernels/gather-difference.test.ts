import { describe, expect, it } from 'vitest';
import { kernels } from '../../src/kernels/kernels.js';
import { RingVector, type RingWidth } from '../../src/kernels/ring-vector.js';
import { TestRandom } from '../support/random.js';

/** Numbers whose limbs are 0, 1 or all ones, so that borrows go through; and random ones. */
function numbersOf(width: RingWidth, random: TestRandom): bigint[] {
  const limbs = [0n, 1n, (1n << 32n) - 1n];
  const edges = Array.from({ length: 81 }, (_, i) =>
    [1, 3, 9, 27].reduce(
      (sum, place, j) => sum | ((limbs[Math.floor(i / place) % 3] ?? 0n) << BigInt(32 * j)),
      0n,
    ),
  );
  return [...edges, ...random.values(40, 0n, (1n << BigInt(width)) - 1n)].map((x) =>
    BigInt.asUintN(width, x),
  );
}

describe.each([32, 64, 128] as const)('differences of gathered elements, of width %i', (width) => {
  const numbers = numbersOf(width, new TestRandom(`differences-${width}`));
  const x = RingVector.fromBigInts(width, numbers);

  it('are those of all pairs', () => {
    const count = numbers.length ** 2;
    const left = Uint32Array.from({ length: count }, (_, i) => i % numbers.length);
    const right = Uint32Array.from({ length: count }, (_, i) => Math.floor(i / numbers.length));
    const expected = Array.from(left, (row, i) =>
      BigInt.asUintN(width, (numbers[row] ?? 0n) - (numbers[right[i] ?? 0] ?? 0n)),
    );
    expect(kernels.gatherDifference(x, left, right).toBigInts()).toEqual(expected);
  });

  it('of none are none', () => {
    expect(kernels.gatherDifference(x, new Uint32Array(0), new Uint32Array(0))).toHaveLength(0);
  });

  it('are refused for indices past the end and lists of different lengths', () => {
    const [inside, outside] = [Uint32Array.of(0), Uint32Array.of(numbers.length)];
    expect(() => kernels.gatherDifference(x, inside, outside)).toThrow(RangeError);
    expect(() => kernels.gatherDifference(x, outside, inside)).toThrow(RangeError);
    expect(() => kernels.gatherDifference(x, inside, Uint32Array.of(0, 0))).toThrow(RangeError);
  });
});
