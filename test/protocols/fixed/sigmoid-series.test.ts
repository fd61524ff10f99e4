import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SERIES_MARGIN, sigmoidSeries } from '../../../src/protocols/fixed/sigmoid-series.js';

const FRACTION = 40;
const WIDTH = 64;
const ALL = Number.POSITIVE_INFINITY;

function valueAt(x: number, { turns, amplitudes }: NonNullable<ReturnType<typeof sigmoidSeries>>): number {
  const angle = (2 * Math.PI * x * Number(turns)) / 2 ** (WIDTH - FRACTION);
  return amplitudes.reduce((sum, a, j) => sum + a * Math.sin((2 * j + 1) * angle), 0.5);
}

describe('the sine series of the sigmoid', () => {
  it('is within 2^-14 of it up to the largest number', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1500, noNaN: true }), (largest) => {
        const series = sigmoidSeries(largest, WIDTH, FRACTION, ALL);
        if (series === undefined) throw new Error(`no series up to ${largest}`);
        const near = Array.from({ length: 400 }, (_, i) => (i / 400) * Math.min(largest, 12));
        const far = Array.from({ length: 100 }, (_, i) => largest * (1 - (i / 100) ** 3));
        for (const x of [...near, ...far]) {
          const error = Math.abs(valueAt(x, series) - 1 / (1 + Math.exp(-x)));
          expect(error, `at ${x} of ${largest}`).toBeLessThan(0.92 * 2 ** -14);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('has about a term for 2 of the largest number', () => {
    for (const largest of [0, 10, 100, 1000]) {
      const terms = sigmoidSeries(largest, WIDTH, FRACTION, ALL)?.amplitudes.length ?? 0;
      expect(Math.abs(terms - (largest + SERIES_MARGIN) / 1.96)).toBeLessThan(1.5);
      expect(sigmoidSeries(largest, WIDTH, FRACTION, terms - 1)).toBeUndefined();
    }
  });

  it('needs room for a period', () => {
    expect(sigmoidSeries(5, WIDTH, 58, ALL)?.turns).toBe(2n);
    expect(sigmoidSeries(5, WIDTH, 59, ALL)?.turns).toBe(1n);
    expect(sigmoidSeries(5, WIDTH, 60, ALL)).toBeUndefined();
  });
});
