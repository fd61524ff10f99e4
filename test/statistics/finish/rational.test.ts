import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  add,
  bitLength,
  compare,
  divide,
  fromDouble,
  integerSquareRoot,
  multiply,
  type Rational,
  rational,
  shortened,
  sqrtToBits,
  sqrtToDouble,
  subtract,
  toDouble,
} from '../../../src/statistics/finish/rational.js';

/** The neighbour of x > 0 by its bit pattern; direction +1 or -1. */
function neighbour(x: number, direction: 1n | -1n): number {
  const bits = new BigUint64Array(new Float64Array([x]).buffer)[0] ?? 0n;
  return new Float64Array(new BigUint64Array([bits + direction]).buffer)[0] ?? Number.NaN;
}

const isEven = (x: number): boolean =>
  ((new BigUint64Array(new Float64Array([x]).buffer)[0] ?? 0n) & 1n) === 0n;

function distance(a: Rational, b: Rational): Rational {
  const difference = subtract(a, b);
  return difference.numerator < 0n ? subtract(b, a) : difference;
}

/** Fails unless x >= 0 is the nearest double to the value, or the even one of two. */
function expectNearest(x: number, value: Rational): void {
  const error = distance(fromDouble(x), value);
  for (const direction of [1n, -1n] as const) {
    if (x === 0 && direction === -1n) continue;
    const other = neighbour(x, direction);
    const farther = compare(distance(fromDouble(other), value), error);
    expect(farther > 0 || (farther === 0 && isEven(x))).toBe(true);
  }
}

const wide = fc.bigInt({ min: 1n, max: 2n ** 200n });

describe('toDouble', () => {
  it('is nearer to the ratio than both neighbours', () => {
    fc.assert(
      fc.property(wide, wide, (n, d) => {
        const x = toDouble(n, d);
        expectNearest(x, rational(n, d));
        expect(toDouble(-n, d)).toBe(-x);
        expect(toDouble(n, -d)).toBe(-x);
      }),
      { numRuns: 2000 },
    );
  });

  it('rounds ties to even, also between subnormals', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e300, noNaN: true }), (x) => {
        const middle = divide(add(fromDouble(x), fromDouble(neighbour(x, 1n))), rational(2n));
        const rounded = toDouble(middle.numerator, middle.denominator);
        expect(rounded).toBe(isEven(x) ? x : neighbour(x, 1n));
      }),
    );
    expect(toDouble(2n ** 53n + 1n, 1n)).toBe(2 ** 53);
    expect(toDouble(2n ** 53n + 3n, 1n)).toBe(2 ** 53 + 4);
  });

  it('gives every double back', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x) => {
        const { numerator, denominator } = fromDouble(x);
        expect(toDouble(numerator, denominator)).toBe(x === 0 ? 0 : x);
      }),
    );
  });

  it('agrees with the engine where that rounds correctly: one division of integers below 2^53', () => {
    const small = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
    fc.assert(
      fc.property(small, small, (n, d) => {
        expect(toDouble(BigInt(n), BigInt(d))).toBe(n / d);
      }),
    );
  });

  it('underflows and overflows as IEEE 754 does', () => {
    expect(toDouble(1n, 2n ** 1074n)).toBe(Number.MIN_VALUE);
    expect(toDouble(1n, 2n ** 1075n)).toBe(0);
    expect(toDouble(2n ** 60n + 1n, 2n ** 1135n)).toBe(Number.MIN_VALUE);
    expect(toDouble(3n, 2n ** 1075n)).toBe(2 * Number.MIN_VALUE);
    expect(toDouble(2n ** 1024n - 2n ** 971n, 1n)).toBe(Number.MAX_VALUE);
    expect(toDouble(2n ** 1024n - 2n ** 970n - 1n, 1n)).toBe(Number.MAX_VALUE);
    expect(toDouble(2n ** 1024n - 2n ** 970n, 1n)).toBe(Number.POSITIVE_INFINITY);
    expect(toDouble(-(10n ** 400n), 3n)).toBe(Number.NEGATIVE_INFINITY);
    expect(toDouble(1n, 10n ** 400n)).toBe(0);
    expect(Object.is(toDouble(0n, -5n), 0)).toBe(true);
    expect(() => toDouble(1n, 0n)).toThrow(RangeError);
  });
});

describe('sqrtToDouble', () => {
  it('is nearer to the root than the midpoints to both neighbours', () => {
    fc.assert(
      fc.property(wide, wide, (n, d) => {
        const x = sqrtToDouble(n, d);
        // |x - r| < |y - r| for a neighbour y > x means r < (x+y)/2, which squares to an exact comparison.
        const squaredMiddle = (y: number): Rational => {
          const sum = add(fromDouble(x), fromDouble(y));
          return divide(multiply(sum, sum), rational(4n));
        };
        expect(compare(rational(n, d), squaredMiddle(neighbour(x, 1n)))).toBeLessThanOrEqual(0);
        expect(compare(rational(n, d), squaredMiddle(neighbour(x, -1n)))).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 2000 },
    );
  });

  it('is exact on squares of doubles, and breaks the tie of a squared midpoint to even', () => {
    fc.assert(
      fc.property(fc.double({ min: Number.MIN_VALUE, max: 1e300, noNaN: true }), (x) => {
        const exact = fromDouble(x);
        const square = multiply(exact, exact);
        expect(sqrtToDouble(square.numerator, square.denominator)).toBe(x);
        const middle = divide(add(exact, fromDouble(neighbour(x, 1n))), rational(2n));
        const squared = multiply(middle, middle);
        const even = isEven(x) ? x : neighbour(x, 1n);
        expect(sqrtToDouble(squared.numerator, squared.denominator)).toBe(even);
        // A hair above the midpoint goes up, however small the hair.
        const above = add(squared, multiply(squared, rational(1n, 10n ** 400n)));
        expect(sqrtToDouble(above.numerator, above.denominator)).toBe(neighbour(x, 1n));
      }),
    );
  });

  it('agrees with Math.sqrt, which IEEE 754 defines, and has its edges', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }), (x) => {
        const { numerator, denominator } = fromDouble(x);
        expect(sqrtToDouble(numerator, denominator)).toBe(Math.sqrt(x));
      }),
    );
    expect(sqrtToDouble(0n, 7n)).toBe(0);
    expect(sqrtToDouble(10n ** 700n, 1n)).toBe(Number.POSITIVE_INFINITY);
    expect(sqrtToDouble(1n, 2n ** 2148n)).toBe(Number.MIN_VALUE);
    expect(sqrtToDouble(1n, 10n ** 700n)).toBe(0);
    expect(() => sqrtToDouble(-1n, 4n)).toThrow(RangeError);
    expect(() => sqrtToDouble(1n, 0n)).toThrow(RangeError);
  });
});

describe('integers', () => {
  it('counts bits', () => {
    fc.assert(
      fc.property(wide, (x) => {
        expect(bitLength(x)).toBe(x.toString(2).length);
      }),
    );
    expect(bitLength(0n)).toBe(0);
    expect(bitLength(-8n)).toBe(4);
  });

  it('takes the floor of the root', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 400n }), (x) => {
        const root = integerSquareRoot(x);
        expect(root * root <= x && (root + 1n) * (root + 1n) > x).toBe(true);
        expect(integerSquareRoot(x * x)).toBe(x);
      }),
    );
    expect(() => integerSquareRoot(-1n)).toThrow(RangeError);
  });
});

describe('shortened and sqrtToBits', () => {
  it('stay within the stated relative precision, from below', () => {
    fc.assert(
      fc.property(wide, wide, (n, d) => {
        const value = rational(n, d);
        const least = subtract(rational(1n), rational(1n, 2n ** 98n));
        const short = divide(shortened(value, 100), value);
        expect(compare(short, least) >= 0 && compare(short, rational(1n)) <= 0).toBe(true);
        const root = sqrtToBits(value, 100);
        const square = divide(multiply(root, root), value);
        expect(compare(square, least) >= 0 && compare(square, rational(1n)) <= 0).toBe(true);
      }),
    );
    const zero = rational(0n, 3n);
    expect(toDouble(sqrtToBits(zero, 100).numerator, 1n)).toBe(0);
  });

  it('refuses what is no rational', () => {
    expect(() => rational(1n, 0n)).toThrow(RangeError);
    expect(() => divide(rational(1n), rational(0n))).toThrow(RangeError);
    expect(() => fromDouble(Number.NaN)).toThrow(RangeError);
    expect(() => fromDouble(Number.POSITIVE_INFINITY)).toThrow(RangeError);
  });
});
