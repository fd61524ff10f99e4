import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { oddHarmonics, sineSums } from '../../src/kernels/harmonics.js';
import { RingVector, type RingWidth } from '../../src/kernels/ring-vector.js';

const BITS = 26;
const AMPLITUDES = [1, -0.5, 0, 3, ...Array.from({ length: 300 }, (_, j) => 1 / (j + 1))];

/** The angle of multiple k, reduced before it becomes a double. */
function angleOf(x: bigint, width: RingWidth, turns: bigint, k: number): number {
  const place = BigInt.asIntN(width, x * turns * BigInt(k));
  return (Number(place) / 2 ** width) * 2 * Math.PI;
}

const widths = fc.constantFrom<RingWidth>(32, 64, 128);

describe('sines and cosines of odd multiples of an angle', () => {
  it('are rounded right, for any elements', () => {
    fc.assert(
      fc.property(
        widths,
        fc.bigInt(1n, 1n << 60n),
        fc.array(fc.bigInt(-(1n << 127n), 1n << 127n)),
        (...given) => {
          const [width, turns, values] = given;
          const x = RingVector.fromBigInts(width, [0n, 1n << BigInt(width - 1), -1n, ...values]);
          const n = x.length;
          const numbers = x.toBigInts();
          for (const first of ['sine', 'cosine'] as const) {
            const found = oddHarmonics(x, turns, AMPLITUDES, BITS, first).toBigInts();
            expect(found).toHaveLength(2 * AMPLITUDES.length * n);
            const errors = found.map((value, at) => {
              const j = Math.floor(at / (2 * n));
              const isSine = (Math.floor(at / n) % 2 === 0) === (first === 'sine');
              const angle = angleOf(numbers[at % n]!, width, turns, 2 * j + 1);
              const right = AMPLITUDES[j]! * 2 ** BITS * (isSine ? Math.sin(angle) : Math.cos(angle));
              return Math.abs(Number(BigInt.asIntN(64, value)) - right);
            });
            expect(Math.max(...errors)).toBeLessThan(0.5001);
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it('add up', () => {
    const amplitudes = [0.5, 0.25, -0.125];
    const x = RingVector.fromBigInts(64, [0n, 1n << 62n, 1n << 61n, -(1n << 62n)]);
    const found = sineSums(x, 1n, amplitudes, 40).toBigInts();
    const angles = [0, Math.PI / 2, Math.PI / 4, -Math.PI / 2];
    found.forEach((value, i) => {
      const right = amplitudes.reduce((sum, a, j) => sum + a * Math.sin((2 * j + 1) * angles[i]!), 0);
      expect(Number(BigInt.asIntN(64, value)) / 2 ** 40).toBeCloseTo(right, 11);
    });
    expect(oddHarmonics(RingVector.zeros(64, 0), 1n, [1], BITS, 'sine')).toHaveLength(0);
  });
});
