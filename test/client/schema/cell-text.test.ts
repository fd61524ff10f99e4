import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decimalsOf,
  numberShape,
  plainText,
  readDay,
  readScaled,
} from '../../../src/client/schema/cell-text.js';
import { formatDecimal, parseDay } from '../../../src/share/schema.js';

describe('numbers', () => {
  it.each([
    ['0', 'number'],
    ['-0.5', 'number'],
    ['+12', 'number'],
    ['.5', 'number'],
    ['5.', 'number'],
    ['0.100000000', 'number'],
    ['1.5000000000000', 'number'],
    ['007', 'leading-zeros'],
    ['-00.5', 'leading-zeros'],
    ['1e3', 'exponent'],
    ['1.20E+05', 'exponent'],
    ['1,234', 'separators'],
    ['12,345,678.9', 'separators'],
    ['1,23', 'no-number'],
    ['0.1234567891', 'too-many-digits'],
    ['9'.repeat(26), 'too-many-digits'],
    ['.', 'no-number'],
    ['-', 'no-number'],
    ['', 'no-number'],
    ['12a', 'no-number'],
    ['0x10', 'no-number'],
    ['Infinity', 'no-number'],
    ['1 000', 'no-number'],
  ])('%s is %s', (text, shape) => {
    expect(numberShape(text)).toBe(shape);
  });

  it('reads full-width digits and other minus signs', () => {
    expect(['１２３．５', '－１', '\u22125', '1２'].map((text) => readScaled(plainText(text), 1))).toEqual([
      1235, -10, -50, 120,
    ]);
  });

  it('counts decimals as written, and long ones without their last zeros', () => {
    expect(['70', '70.', '70.0', '1.50', '1.50000000000'].map(decimalsOf)).toEqual([0, 0, 1, 2, 1]);
  });

  it('reads back every number that it could have written, short or long', () => {
    const value = fc.oneof(
      fc.bigInt({ min: -99_999n, max: 99_999n }),
      fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }),
    );
    fc.assert(
      fc.property(value, fc.integer({ min: 0, max: 18 }), fc.nat(3), (one, digits, more) => {
        const read = readScaled(formatDecimal(one, digits), digits + more);
        expect(read === undefined ? undefined : BigInt(read)).toBe(one * 10n ** BigInt(more));
      }),
    );
  });

  it.each([
    ['7.55', 1],
    ['7.5', 0],
    ['0.0000000000000001', 15],
    ['12345678901234567.5', 0],
    ['007', 0],
    ['0000000000000000007', 0],
    ['1e3', 3],
    ['1,234', 0],
    ['.', 2],
    ['+', 0],
    ['1.2.3', 3],
    ['9'.repeat(26), 0],
  ])('does not read %s with %i decimals', (text, digits) => {
    expect(readScaled(text, digits)).toBeUndefined();
  });

  it('takes zeros beyond the decimals', () => {
    expect([readScaled('7.500', 1), readScaled('-0', 0), readScaled('70.0', 0)]).toEqual([75, 0, 70]);
  });
});

describe('dates', () => {
  it.each(['2024-02-29', '2024/02/29', '2024/2/29', '2024-2-29', '2024年2月29日', '２０２４年０２月２９日'])(
    'reads %s',
    (text) => {
      expect(readDay(plainText(text))).toBe(Number(parseDay('2024-02-29')));
    },
  );

  it.each([
    '2023-02-29',
    '2024-02/29',
    '24-02-29',
    '2024-02-29 10:00',
    '20240229',
    '2024年2月',
    '29.2.2024',
    '',
  ])('does not read %j', (text) => {
    expect(readDay(plainText(text))).toBeUndefined();
  });

  it('has the same calendar as the schema', () => {
    const part = (most: number) => fc.integer({ min: 0, max: most });
    fc.assert(
      fc.property(part(9999), part(13), part(32), (year, month, day) => {
        const padded = [
          String(year).padStart(4, '0'),
          String(month).padStart(2, '0'),
          String(day).padStart(2, '0'),
        ];
        const expected = parseDay(padded.join('-'));
        expect(readDay(padded.join('/'))).toBe(expected === undefined ? undefined : Number(expected));
      }),
      { numRuns: 2000 },
    );
  });
});
