import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  mean,
  type Scale,
  standardDeviation,
  sumText,
  variance,
} from '../../../src/statistics/finish/moments.js';
import { sqrtToDouble, toDouble } from '../../../src/statistics/finish/rational.js';
import { decimals, released } from './encoded.js';

const scaleArbitrary = fc.record({
  min: fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }),
  digits: fc.integer({ min: 0, max: 9 }),
});

/** A column and values of it: min + offsets. */
const column = fc.tuple(scaleArbitrary, fc.array(fc.bigInt({ min: 0n, max: 2n ** 40n }), { maxLength: 20 }));

describe('moments of any column', () => {
  it('do not depend on the encoding: they are those of the plain values, to the last bit', () => {
    fc.assert(
      fc.property(column, ([scale, offsets]) => {
        const values = offsets.map((offset) => offset + scale.min);
        const { n, sum, q } = released(values, scale);
        fc.pre(n > 1n);
        const unit = 10n ** BigInt(scale.digits);
        const total = values.reduce((a, b) => a + b, 0n);
        expect(mean(n, sum, scale)).toBe(toDouble(total, n * unit));
        // The definition of the variance, the sum of squared deviations from the mean, with n times each deviation.
        const deviations = values.reduce((a, x) => a + (n * x - total) ** 2n, 0n);
        expect(variance('pop', n, q, scale)).toBe(toDouble(deviations, n ** 3n * unit ** 2n));
        expect(standardDeviation('pop', n, q, scale)).toBe(sqrtToDouble(deviations, n ** 3n * unit ** 2n));
        const divisor = n ** 2n * (n - 1n) * unit ** 2n;
        expect(variance('samp', n, q, scale)).toBe(toDouble(deviations, divisor));
        expect(standardDeviation('samp', n, q, scale)).toBe(sqrtToDouble(deviations, divisor));
      }),
    );
  });

  it('print a sum with all its digits', () => {
    fc.assert(
      fc.property(column, ([scale, offsets]) => {
        const values = offsets.map((offset) => offset + scale.min);
        const { n, sum } = released(values, scale);
        const text = sumText(n, sum, scale);
        fc.pre(n > 0n);
        expect(text).toMatch(scale.digits === 0 ? /^-?\d+$/ : new RegExp(`^-?\\d+\\.\\d{${scale.digits}}$`));
        expect(decimals([text ?? ''], scale.digits)).toEqual([values.reduce((a, b) => a + b, 0n)]);
      }),
    );
    expect(sumText(2n, 3n, { min: -10n, digits: 1 })).toBe('-1.7');
    expect(sumText(2n ** 31n, 2n ** 95n, { min: 0n, digits: 0 })).toBe((2n ** 95n).toString());
    expect(sumText(3n, 0n, { min: 0n, digits: 2 })).toBe('0.00');
  });
});

describe('edges', () => {
  const scale: Scale = { min: 5n, digits: 0 };

  it('gives NULL where SQL does', () => {
    expect(sumText(0n, 0n, scale)).toBeNull();
    expect(mean(0n, 0n, scale)).toBeNull();
    for (const kind of ['samp', 'pop'] as const) {
      expect(variance(kind, 0n, 0n, scale)).toBeNull();
      expect(standardDeviation(kind, 0n, 0n, scale)).toBeNull();
    }
    expect(variance('samp', 1n, 0n, scale)).toBeNull();
    expect(standardDeviation('samp', 1n, 0n, scale)).toBeNull();
    expect(variance('pop', 1n, 0n, scale)).toBe(0);
    expect(standardDeviation('pop', 1n, 0n, scale)).toBe(0);
    expect(variance('samp', 7n, 0n, scale)).toBe(0);
  });

  it('refuses what no data gives', () => {
    expect(() => mean(-1n, 0n, scale)).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
    expect(() => sumText(-1n, 0n, scale)).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
    expect(() => variance('pop', 2n, -1n, scale)).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
  });

  it('gives the mean of the demonstration of Sanshi: 67.95', () => {
    const weights = decimals(['71.7', '70', '63', '67.1'], 1);
    const column: Scale = { min: 300n, digits: 1 };
    const { n, sum } = released(weights, column);
    expect(mean(n, sum, column)).toBe(67.95);
    expect(sumText(n, sum, column)).toBe('271.8');
  });
});

/** Michelson's 100 speeds of light, in thousandths of km/s above 299000 km/s (NIST StRD "Michelso"). */
const MICHELSON = `
  850 740 900 1070 930 850 950 980 980 880 1000 980 930 650 760 810 1000 1000 960 960
  960 940 960 940 880 800 850 880 900 840 830 790 810 880 880 830 800 790 760 800
  880 880 880 860 720 720 620 860 970 950 880 910 850 870 840 840 850 840 840 840
  890 810 810 820 800 770 760 740 750 760 910 920 890 860 880 720 840 850 850 780
  890 840 780 810 760 810 790 810 820 850 870 870 810 740 810 940 950 800 810 870`;

/** first, then 500 pairs: how NIST constructs NumAcc2 to NumAcc4. */
const pairs = (first: string, low: string, high: string): string[] => [
  first,
  ...Array.from({ length: 500 }, () => [low, high]).flat(),
];

describe('NIST Statistical Reference Datasets, univariate, certified values', () => {
  it.each([
    { name: 'NumAcc1', digits: 0, data: ['10000001', '10000003', '10000002'], mean: 10000002, sd: 1 },
    { name: 'NumAcc2', digits: 1, data: pairs('1.2', '1.1', '1.3'), mean: 1.2, sd: 0.1 },
    {
      name: 'NumAcc3',
      digits: 1,
      data: pairs('1000000.2', '1000000.1', '1000000.3'),
      mean: 1000000.2,
      sd: 0.1,
    },
    {
      name: 'NumAcc4',
      digits: 1,
      data: pairs('10000000.2', '10000000.1', '10000000.3'),
      mean: 10000000.2,
      sd: 0.1,
    },
    {
      name: 'Michelso',
      digits: 3,
      data: MICHELSON.trim()
        .split(/\s+/)
        .map((speed) => String(299 + Number(speed) / 1000)),
      mean: 299.8524,
      sd: 0.0790105478190518,
    },
  ])('$name', ({ digits, data, mean: certifiedMean, sd }) => {
    const scale: Scale = { min: 0n, digits };
    const { n, sum, q } = released(decimals(data, digits), scale);
    expect(mean(n, sum, scale)).toBe(certifiedMean);
    // Certified to 15 digits.
    expect(standardDeviation('samp', n, q, scale)?.toPrecision(15)).toBe(sd.toPrecision(15));
  });
});
