import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rational } from '../../../src/statistics/finish/rational.js';
import {
  studentT,
  studentTTwoSided,
  studentTUpperQuantile,
  studentTUpperTail,
  upperQuantile,
  upperTail,
} from '../../../src/statistics/finish/student-t.js';

type Row = [number, number, string];
const vectors = JSON.parse(
  readFileSync(new URL('../../vectors/student-t.json', import.meta.url), 'utf8'),
) as { tails: Row[]; quantiles: Row[] };

/** Significant digits in which two decimal strings d.ddde±x agree, at least. */
function agreeTo(digits: number, ours: { numerator: bigint; denominator: bigint }, theirs: string): boolean {
  const [, whole = '', fraction = '', exponent = '0'] = /^(\d)\.(\d+)e([+-]\d+)$/.exec(theirs) ?? [];
  const scale = fraction.length - Number(exponent);
  const reference = BigInt(whole + fraction);
  const scaled =
    scale >= 0
      ? (ours.numerator * 10n ** BigInt(scale)) / ours.denominator
      : ours.numerator / (ours.denominator * 10n ** BigInt(-scale));
  const difference = scaled > reference ? scaled - reference : reference - scaled;
  return difference * 10n ** BigInt(digits) <= reference;
}

describe('upper tail of Student t', () => {
  it('is the double nearest to the reference at every vector, two-sided too', () => {
    expect(vectors.tails.length).toBeGreaterThan(300);
    const missed = vectors.tails.filter(
      ([t, df, p]) => studentTUpperTail(t, df) !== Number(p) || studentTTwoSided(-t, df) !== 2 * Number(p),
    );
    expect(missed).toEqual([]);
  });

  it('keeps the digits that cancellation in a confidence limit may take', () => {
    const integers = vectors.tails.filter(([t, df]) => Number.isInteger(t) && Number.isInteger(df));
    const missed = integers.filter(([t, df, p]) => {
      const exact = upperTail(studentT(rational(BigInt(df))), rational(BigInt(t) ** 2n));
      return !agreeTo(23, exact, p);
    });
    expect(integers.length).toBeGreaterThan(50);
    expect(missed).toEqual([]);
  });

  it('has the closed forms of df = 1 and 2', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-3, max: 1e6, noNaN: true }), (t) => {
        expect(Math.abs(studentTUpperTail(t, 1) / (Math.atan(1 / t) / Math.PI) - 1)).toBeLessThan(1e-15);
        const root = Math.sqrt(2 + t * t);
        expect(Math.abs(studentTUpperTail(t, 2) * root * (root + t) - 1)).toBeLessThan(2e-15);
      }),
    );
  });

  it('falls in t, and is continuous where the two expansions meet', () => {
    for (const df of [1, 2.5, 30, 1e4, 1e9]) {
      const meeting = Math.sqrt((9 * df) / (df + 6));
      for (const t of [0, 0.5, meeting, 8]) {
        const [below, above] = [t * (1 - 1e-12), t * (1 + 1e-12)];
        const [high, low] = [studentTUpperTail(below, df), studentTUpperTail(above, df)];
        expect(high).toBeGreaterThanOrEqual(low);
        expect(low / high).toBeGreaterThan(1 - 1e-9);
      }
    }
  });

  it('has its edges', () => {
    expect(studentTUpperTail(0, 5)).toBe(0.5);
    expect(studentTTwoSided(0, 5)).toBe(1);
    expect(studentTUpperTail(Number.POSITIVE_INFINITY, 5)).toBe(0);
    expect(studentTUpperTail(Number.NEGATIVE_INFINITY, 5)).toBe(1);
    expect(studentTTwoSided(Number.NEGATIVE_INFINITY, 5)).toBe(0);
    expect(studentTUpperTail(1e3, 1e9)).toBe(0);
    expect(studentTUpperTail(-1, 1)).toBe(0.75);
    // The normal distribution: 1 - Phi(2) by its published digits (DLMF 7, erfc(sqrt 2) / 2).
    expect(studentTUpperTail(2, Number.POSITIVE_INFINITY)).toBe(
      Number('0.02275013194817920720028263716653344'),
    );
    expect(() => studentTUpperTail(Number.NaN, 5)).toThrow(RangeError);
    expect(() => studentTTwoSided(Number.NaN, 5)).toThrow(RangeError);
    for (const df of [0, -1, Number.NaN, 1e-9]) expect(() => studentTUpperTail(1, df)).toThrow(RangeError);
  });
});

describe('upper quantile of Student t', () => {
  it('is the double nearest to the reference at every vector', () => {
    expect(vectors.quantiles.length).toBe(100);
    const missed = vectors.quantiles.filter(([p, df, t]) => studentTUpperQuantile(p, df) !== Number(t));
    expect(missed).toEqual([]);
  });

  it('inverts the tail to 25 digits', () => {
    const df = fc.bigInt({ min: 1n, max: 10n ** 12n });
    const p = fc.bigInt({ min: 1n, max: 10n ** 9n });
    fc.assert(
      fc.property(df, p, (milliDf, part) => {
        const distribution = studentT(rational(milliDf + 999n, 1000n));
        const wanted = rational(part, 2n * 10n ** 9n + 1n);
        const t = upperQuantile(distribution, wanted);
        if (t === undefined) throw new Error('no quantile');
        const square = rational(t.numerator ** 2n, t.denominator ** 2n);
        const tail = upperTail(distribution, square);
        const error = tail.numerator * wanted.denominator - wanted.numerator * tail.denominator;
        const size = wanted.numerator * tail.denominator;
        expect((error < 0n ? -error : error) * 10n ** 25n < size).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('has its edges', () => {
    expect(studentTUpperQuantile(0.5, 3)).toBe(0);
    expect(studentTUpperQuantile(0, 3)).toBe(Number.POSITIVE_INFINITY);
    expect(studentTUpperQuantile(1, 3)).toBe(Number.NEGATIVE_INFINITY);
    expect(studentTUpperQuantile(0.75, 1)).toBe(-1);
    expect(studentTUpperQuantile(Number.MIN_VALUE, 1)).toBe(Number.POSITIVE_INFINITY);
    // t ~ p^-1 / pi for df = 1, and 2 (1/2 - p) / (2 f(0)) next to the median.
    expect(studentTUpperQuantile(1e-300, 1) * 1e-300 * Math.PI).toBeCloseTo(1, 14);
    expect(studentTUpperQuantile(0.5 - 2 ** -54, 1) / (Math.PI * 2 ** -54)).toBeCloseTo(1, 14);
    expect(studentTUpperQuantile(0.025, Number.POSITIVE_INFINITY)).toBe(Number('1.95996398454005423552'));
    for (const p of [-0.1, 1.1, Number.NaN]) expect(() => studentTUpperQuantile(p, 3)).toThrow(RangeError);
  });
});
