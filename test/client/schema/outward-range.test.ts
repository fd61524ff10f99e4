import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outwardDays, outwardRange } from '../../../src/client/schema/outward-range.js';
import { formatDay, parseDay } from '../../../src/share/schema.js';

describe('outwardRange', () => {
  it.each([
    [23, 87, 0, 100],
    [412, 1399, 0, 1500],
    [1, 10, 0, 15],
    [0, 100, -50, 150],
    [100, 200, 50, 250],
    [-7, 3, -10, 5],
    [5, 5, 0, 10],
    [0, 0, -2, 2],
    [-40, -40, -60, -20],
    [0, 1, -2, 2],
    [1, 2, 0, 4],
    [17_179_869_184, 17_179_869_190, 17_179_869_180, 17_179_869_195],
  ])('of %i..%i is %i..%i', (min, max, from, to) => {
    expect(outwardRange(BigInt(min), BigInt(max))).toEqual({ min: BigInt(from), max: BigInt(to) });
  });

  it('is the same for different extremes, also of few values', () => {
    const texts = [
      [0, 0],
      [0, 1],
      [-1, 1],
    ].map(([min = 0, max = 0]) => String(Object.values(outwardRange(BigInt(min), BigInt(max)))));
    expect(new Set(texts)).toEqual(new Set(['-2,2']));
  });

  it('never ends at an extreme', () => {
    const value = fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n });
    fc.assert(
      fc.property(value, value, (a, b) => {
        const [min, max] = a < b ? [a, b] : [b, a];
        const range = outwardRange(min, max);
        expect(range.min < min && range.max > max).toBe(true);
        // and is not needlessly wide
        expect(range.max - range.min <= 6n * (max - min) + 5n * (max < 0n ? -max : max) + 4n).toBe(true);
      }),
    );
  });
});

describe('outwardDays', () => {
  it.each([
    ['2021-04-03', '2023-11-30', '2021-01-01', '2023-12-31'],
    ['1932-05-01', '2009-01-31', '1900-01-01', '2049-12-31'],
    ['2023-01-01', '2023-12-31', '2022-01-01', '2024-12-31'],
    ['2023-06-01', '2023-06-01', '2023-01-01', '2023-12-31'],
    ['0001-01-01', '9999-12-31', '0001-01-01', '9999-12-31'],
  ])('of %s..%s is %s..%s', (min, max, from, to) => {
    const range = outwardDays(parseDay(min)!, parseDay(max)!);
    expect([formatDay(range.min), formatDay(range.max)]).toEqual([from, to]);
  });

  it('never ends at an extreme within the calendar', () => {
    const day = fc.integer({ min: -600_000, max: 2_000_000 });
    fc.assert(
      fc.property(day, day, (a, b) => {
        const [min, max] = [BigInt(Math.min(a, b)), BigInt(Math.max(a, b))];
        const range = outwardDays(min, max);
        expect(range.min < min && range.max > max).toBe(true);
        expect([formatDay(range.min).slice(5), formatDay(range.max).slice(5)]).toEqual(['01-01', '12-31']);
      }),
    );
  });
});
