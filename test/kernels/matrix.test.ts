import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kernels } from '../../src/kernels/kernels.js';
import { RingVector } from '../../src/kernels/ring-vector.js';
import { RUNS, values, WIDTHS } from './arbitrary.js';

/** x * transpose(yT) by definition, unreduced. */
function product(x: bigint[], yT: bigint[], rows: number, inner: number, columns: number): bigint[] {
  return Array.from({ length: rows * columns }, (_, at) => {
    const [r, c] = [Math.floor(at / columns), at % columns];
    let sum = 0n;
    for (let i = 0; i < inner; i++) sum += x[r * inner + i]! * yT[c * inner + i]!;
    return sum;
  });
}

const SHAPES = [
  [1, 1, 1],
  [1, 1000, 1],
  [2, 3, 4],
  [4, 65, 2],
  [3, 1024, 1],
  [2, 1025, 3],
  [5, 1, 7],
  [2, 0, 3],
  [0, 4, 2],
  [2, 4, 0],
] as const;

describe.each(WIDTHS)('matrix products of width %i', (width) => {
  it.each(SHAPES)('%i x %i times %i columns', (rows, inner, columns) => {
    const [left, right] = [values(width, rows * inner), values(width, columns * inner)];
    fc.assert(
      fc.property(left, left, right, right, values(width, rows * columns), (x0, x1, y0, y1, mask) => {
        const [a, b, c, d, m] = [x0, x1, y0, y1, mask].map((v) => RingVector.fromBigInts(width, v));
        const of = (x: bigint[], y: bigint[]) => product(x, y, rows, inner, columns);
        const reduced = (numbers: bigint[]) => numbers.map((v) => BigInt.asUintN(width, v));
        expect(kernels.matrixMultiply(a!, c!, rows, inner, columns).toBigInts()).toEqual(reduced(of(x0, y0)));
        const [p, q, r] = [of(x0, y0), of(x0, y1), of(x1, y0)];
        const exact = mask.map((v, i) => v + p[i]! + q[i]! + r[i]!);
        const out = kernels.matrixMultiplyReplicated(a!, b!, c!, d!, m!, rows, inner, columns);
        expect(out.toBigInts()).toEqual(reduced(exact));
        expect(m!.toBigInts()).toEqual(mask);
      }),
      { ...RUNS, numRuns: 3 },
    );
  });

  it('refuses wrong sizes', () => {
    const [six, four] = [RingVector.zeros(width, 6), RingVector.zeros(width, 4)];
    const other = RingVector.zeros(width === 64 ? 32 : 64, 6);
    expect(() => kernels.matrixMultiply(six, six, 2, 2, 3)).toThrow(RangeError);
    expect(() => kernels.matrixMultiply(six, four, 2, 3, 2)).toThrow(RangeError);
    expect(() => kernels.matrixMultiply(six, other, 2, 3, 2)).toThrow(TypeError);
    expect(() => kernels.matrixMultiply(six, six, -2, -3, -2)).toThrow(RangeError);
    expect(() => kernels.matrixMultiply(six, six, 1.5, 4, 1.5)).toThrow(RangeError);
    expect(() => kernels.matrixMultiplyReplicated(six, six, six, six, six, 2, 3, 2)).toThrow(RangeError);
    expect(() => kernels.matrixMultiplyReplicated(six, four, six, six, four, 2, 3, 2)).toThrow(RangeError);
    expect(() => kernels.matrixMultiplyReplicated(six, six, six, four, four, 2, 3, 2)).toThrow(RangeError);
    expect(() => kernels.matrixMultiplyReplicated(six, six, six, other, four, 2, 3, 2)).toThrow(TypeError);
  });
});
