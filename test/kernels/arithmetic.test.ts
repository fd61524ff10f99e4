import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kernels } from '../../src/kernels/kernels.js';
import { ringFromStream } from '../../src/kernels/keystream.js';
import { RingVector, type RingWidth } from '../../src/kernels/ring-vector.js';
import { LENGTHS, RUNS, values, vector, WIDTHS } from './arbitrary.js';

const reduced = (width: RingWidth, numbers: bigint[]) => numbers.map((v) => BigInt.asUintN(width, v));

type Pairwise = 'add' | 'subtract' | 'multiply';
const EXACT: Record<Pairwise, (x: bigint, y: bigint) => bigint> = {
  add: (x, y) => x + y,
  subtract: (x, y) => x - y,
  multiply: (x, y) => x * y,
};

describe.each(WIDTHS)('arithmetic of width %i', (width) => {
  const CONSTANTS = [0n, 1n, -1n, 3n, 1n << 31n, (1n << 63n) - 1n, 1n << 64n, -(1n << 200n) - 9n];

  describe.each(LENGTHS)('on %i elements', (n) => {
    it.each(Object.keys(EXACT) as Pairwise[])('%s', (name) => {
      fc.assert(
        fc.property(values(width, n), values(width, n), (x, y) => {
          const [left, right] = [RingVector.fromBigInts(width, x), RingVector.fromBigInts(width, y)];
          const out = kernels[name](left, right);
          expect(out.toBigInts()).toEqual(
            reduced(
              width,
              x.map((v, i) => EXACT[name](v, y[i]!)),
            ),
          );
          // inputs are untouched and unshared
          expect(left.toBigInts()).toEqual(x);
          expect(right.toBigInts()).toEqual(y);
          expect([left.data.buffer, right.data.buffer]).not.toContain(out.data.buffer);
        }),
        RUNS,
      );
    });

    it('negate, addConstant, scale', () => {
      fc.assert(
        fc.property(values(width, n), fc.constantFrom(...CONSTANTS), (x, c) => {
          const from = RingVector.fromBigInts(width, x);
          expect(kernels.negate(from).toBigInts()).toEqual(
            reduced(
              width,
              x.map((v) => -v),
            ),
          );
          expect(kernels.addConstant(from, c).toBigInts()).toEqual(
            reduced(
              width,
              x.map((v) => v + c),
            ),
          );
          expect(kernels.scale(from, c).toBigInts()).toEqual(
            reduced(
              width,
              x.map((v) => v * c),
            ),
          );
        }),
        RUNS,
      );
    });

    it('sum and sumRange', () => {
      fc.assert(
        fc.property(values(width, n), fc.nat(n), fc.nat(n), (x, a, b) => {
          const from = RingVector.fromBigInts(width, x);
          const total = (numbers: bigint[]) => reduced(width, [numbers.reduce((s, v) => s + v, 0n)]);
          const [start, end] = [Math.min(a, b), Math.max(a, b)];
          expect(kernels.sum(from).toBigInts()).toEqual(total(x));
          expect(kernels.sumRange(from, start, end).toBigInts()).toEqual(total(x.slice(start, end)));
        }),
        RUNS,
      );
    });
  });

  it('is exact where every carry and every column is largest', () => {
    const ones = RingVector.fromBigInts(
      width,
      Array.from({ length: 9 }, () => -1n),
    );
    expect(kernels.multiply(ones, ones).toBigInts()).toEqual(Array.from({ length: 9 }, () => 1n));
    const out = RingVector.zeros(width, 9);
    kernels.multiplyReplicatedInto(ones, ones, ones, ones, ones, ones, out);
    expect(out.toBigInts()).toEqual(Array.from({ length: 9 }, () => 3n));
    expect(kernels.sum(ones).toBigInts()).toEqual(reduced(width, [-9n]));
  });

  it('works on views', () => {
    const x = RingVector.fromBigInts(width, [10n, 20n, 30n, 40n]);
    expect(kernels.multiply(x.slice(1, 3), x.slice(2, 4)).toBigInts()).toEqual([600n, 1200n]);
    expect(kernels.sumRange(x.slice(1, 4), 1, 3).toBigInts()).toEqual([70n]);
  });

  it('refuses other widths and lengths', () => {
    const x = RingVector.zeros(width, 2);
    const longer = RingVector.zeros(width, 3);
    const other = RingVector.zeros(width === 64 ? 32 : 64, 2);
    for (const name of Object.keys(EXACT) as Pairwise[]) {
      expect(() => kernels[name](x, longer)).toThrow(RangeError);
      expect(() => kernels[name](x, other)).toThrow(TypeError);
    }
    expect(() => kernels.sumRange(x, 1, 3)).toThrow(RangeError);
  });
});

describe('reduce and extend', () => {
  const PAIRS = WIDTHS.flatMap((wide) =>
    WIDTHS.filter((width) => width <= wide).map((width) => [wide, width] as const),
  );

  describe.each(PAIRS)('between widths %i and %i', (wide, narrow) => {
    it.each(LENGTHS)('%i elements', (n) => {
      fc.assert(
        fc.property(vector(wide, n), vector(narrow, n), (x, y) => {
          expect(kernels.reduce(x, narrow).toBigInts()).toEqual(reduced(narrow, x.toBigInts()));
          expect(kernels.extend(y, wide).toBigInts()).toEqual(y.toBigInts());
        }),
        RUNS,
      );
    });
  });

  it('always copy', () => {
    const x = RingVector.zeros(64, 3);
    expect(kernels.reduce(x, 64).data.buffer).not.toBe(x.data.buffer);
    expect(kernels.extend(x, 64).data.buffer).not.toBe(x.data.buffer);
  });

  it('refuse the other direction', () => {
    expect(() => kernels.reduce(RingVector.zeros(32, 1), 64)).toThrow(RangeError);
    expect(() => kernels.extend(RingVector.zeros(128, 1), 64)).toThrow(RangeError);
  });
});

it('sums more 128-bit elements than one carry block holds', () => {
  const n = 2 ** 20 + 3;
  const x = new RingVector(128, new BigUint64Array(2 * n).fill((1n << 64n) - 1n));
  expect(kernels.sum(x).toBigInts()).toEqual([BigInt.asUintN(128, BigInt(-n))]);
});

it('gives the same in optimised loops: widths agree with each other on long vectors', () => {
  // The three widths compute products in three unrelated ways, so none is its own judge.
  const n = 100_000;
  const [x0, x1, y0, y1, plus, minus] = [1, 2, 3, 4, 5, 6].map((k) =>
    ringFromStream(new Uint8Array(16).fill(k), 128, n),
  );
  const wide = RingVector.zeros(128, n);
  kernels.multiplyReplicatedInto(x0!, x1!, y0!, y1!, plus!, minus!, wide);
  const total = kernels.matrixMultiply(x0!, y0!, 1, n, 1);
  for (const width of [32, 64] as const) {
    const [a, b, c, d, p, m] = [x0, x1, y0, y1, plus, minus].map((v) => kernels.reduce(v!, width));
    for (let round = 0; round < 3; round++) {
      const narrow = RingVector.zeros(width, n);
      kernels.multiplyReplicatedInto(a!, b!, c!, d!, p!, m!, narrow);
      expect(Buffer.compare(narrow.bytes(), kernels.reduce(wide, width).bytes())).toBe(0);
      expect(kernels.matrixMultiply(a!, c!, 1, n, 1).get(0)).toBe(BigInt.asUintN(width, total.get(0)));
    }
  }
});
