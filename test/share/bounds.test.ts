import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addBounds,
  type Bounds,
  fitsRing,
  fromResidue,
  joinBounds,
  multiplyBounds,
  proveFits,
  scaleBounds,
  signedBits,
  spreadBits,
  squareBounds,
  subtractBounds,
} from '../../src/share/bounds.js';

/** Small intervals, all of whose values can be tried. */
const small = fc
  .tuple(fc.bigInt(-20n, 20n), fc.bigInt(0n, 12n))
  .map(([min, size]): Bounds => ({ min, max: min + size }));
const large = fc
  .tuple(fc.bigInt(-(1n << 130n), 1n << 130n), fc.bigInt(0n, 1n << 130n))
  .map(([min, size]): Bounds => ({ min, max: min + size }));

function valuesOf({ min, max }: Bounds): bigint[] {
  return Array.from({ length: Number(max - min) + 1 }, (_, i) => min + BigInt(i));
}

function hull(values: readonly bigint[]): Bounds {
  const sorted = values.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return { min: sorted.at(0) as bigint, max: sorted.at(-1) as bigint };
}

function hullOfPairs(x: Bounds, y: Bounds, combine: (a: bigint, b: bigint) => bigint): Bounds {
  return hull(valuesOf(x).flatMap((a) => valuesOf(y).map((b) => combine(a, b))));
}

describe('bounds of results are the tightest', () => {
  it.each([
    ['sum', addBounds, (a: bigint, b: bigint) => a + b],
    ['difference', subtractBounds, (a: bigint, b: bigint) => a - b],
    ['product', multiplyBounds, (a: bigint, b: bigint) => a * b],
  ] as const)('%s', (_, derive, combine) => {
    fc.assert(
      fc.property(small, small, (x, y) => {
        expect(derive(x, y)).toEqual(hullOfPairs(x, y, combine));
      }),
    );
  });

  it('square, public factor, union', () => {
    fc.assert(
      fc.property(small, small, fc.bigInt(-9n, 9n), (x, y, factor) => {
        expect(squareBounds(x)).toEqual(hull(valuesOf(x).map((v) => v * v)));
        expect(scaleBounds(x, factor)).toEqual(hull(valuesOf(x).map((v) => v * factor)));
        expect(joinBounds(x, y)).toEqual(hull([...valuesOf(x), ...valuesOf(y)]));
      }),
    );
  });
});

describe('widths', () => {
  it('signedBits is the least k whose two-complement form holds every value', () => {
    fc.assert(
      fc.property(fc.oneof(small, large), (x) => {
        const holds = (k: number): boolean => {
          const half = 1n << BigInt(k - 1);
          return x.min >= -half && x.max < half;
        };
        const k = signedBits(x);
        expect(holds(k)).toBe(true);
        expect(k === 1 || !holds(k - 1)).toBe(true);
      }),
      {
        examples: [
          [{ min: 0n, max: 0n }],
          [{ min: -1n, max: 0n }],
          [{ min: -128n, max: 127n }],
          [{ min: 0n, max: 128n }],
        ],
      },
    );
  });

  it('spreadBits is the least k for which 0 is the only multiple of 2^k in bounds around 0', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 40n), fc.bigInt(0n, 40n), (below, above) => {
        const x = { min: -below, max: above };
        const separates = (k: number): boolean =>
          valuesOf(x).every((v) => v === 0n || BigInt.asUintN(k, v) !== 0n);
        const k = spreadBits(x);
        expect(separates(k)).toBe(true);
        expect(k === 0 || !separates(k - 1)).toBe(true);
      }),
    );
  });

  it('a vector fits a ring exactly when its values have different residues', () => {
    fc.assert(
      fc.property(small, fc.integer({ min: 0, max: 5 }), (x, width) => {
        const residues = new Set(valuesOf(x).map((v) => BigInt.asUintN(width, v)));
        expect(fitsRing(x, width)).toBe(residues.size === valuesOf(x).length);
      }),
    );
    expect(fitsRing({ min: -(1n << 63n), max: (1n << 63n) - 1n }, 64)).toBe(true);
    expect(fitsRing({ min: -(1n << 63n), max: 1n << 63n }, 64)).toBe(false);
  });

  it('residues stand for the values within bounds', () => {
    fc.assert(
      fc.property(large, fc.bigInt(0n, 1n << 130n), fc.constantFrom(32, 64, 128), (x, offset, width) => {
        const bounds = { min: x.min, max: x.min + (1n << BigInt(width)) - 1n };
        const value = x.min + BigInt.asUintN(width, offset);
        expect(fromResidue(BigInt.asUintN(width, value), bounds, width)).toBe(value);
      }),
    );
  });

  it('what could leave the ring is refused, with the bits that it needs', () => {
    expect(() => proveFits({ min: 0n, max: (1n << 64n) - 1n }, 64, 'x')).not.toThrow();
    let thrown: unknown;
    try {
      proveFits({ min: 0n, max: 1n << 64n }, 64, 'SUM(weight)');
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: 'BOUND_NOT_PROVED', details: { bits: 65, width: 64 } });
    expect((thrown as Error).message).toContain('SUM(weight)');
  });
});
