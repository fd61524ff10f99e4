/**
 * Loops over Z_2^64. A BigInt expression whose result is cut to 64 bits (by `asUintN` or by the store into a
 * BigUint64Array) runs on machine words in V8's optimised code, which a long loop reaches at once: hundreds of
 * millions of elements a second, no allocation. Cut every intermediate that is kept, or that is lost.
 */
import type { MatrixShape } from './loops.js';

export const ring64 = {
  add(x: BigUint64Array, y: BigUint64Array, out: BigUint64Array): void {
    for (let i = 0; i < out.length; i++) out[i] = BigInt.asUintN(64, x[i]! + y[i]!);
  },

  subtract(x: BigUint64Array, y: BigUint64Array, out: BigUint64Array): void {
    for (let i = 0; i < out.length; i++) out[i] = BigInt.asUintN(64, x[i]! - y[i]!);
  },

  multiply(x: BigUint64Array, y: BigUint64Array, out: BigUint64Array): void {
    for (let i = 0; i < out.length; i++) out[i] = BigInt.asUintN(64, x[i]! * y[i]!);
  },

  addConstant(x: BigUint64Array, c: BigUint64Array, out: BigUint64Array): void {
    const constant = c[0]!;
    for (let i = 0; i < out.length; i++) out[i] = BigInt.asUintN(64, x[i]! + constant);
  },

  scale(x: BigUint64Array, c: BigUint64Array, out: BigUint64Array): void {
    const constant = c[0]!;
    for (let i = 0; i < out.length; i++) out[i] = BigInt.asUintN(64, x[i]! * constant);
  },

  sum(x: BigUint64Array, out: BigUint64Array): void {
    let sum = 0n;
    for (let i = 0; i < x.length; i++) sum = BigInt.asUintN(64, sum + x[i]!);
    out[0] = sum;
  },

  prefixSum(x: BigUint64Array, out: BigUint64Array): void {
    let sum = 0n;
    for (let i = 0; i < x.length; i++) {
      sum = BigInt.asUintN(64, sum + x[i]!);
      out[i] = sum;
    }
  },

  multiplyReplicated(
    x0: BigUint64Array,
    x1: BigUint64Array,
    y0: BigUint64Array,
    y1: BigUint64Array,
    plus: BigUint64Array,
    minus: BigUint64Array,
    out: BigUint64Array,
  ): void {
    for (let i = 0; i < out.length; i++) {
      const first = BigInt.asUintN(64, x0[i]! * BigInt.asUintN(64, y0[i]! + y1[i]!));
      const second = BigInt.asUintN(64, x1[i]! * y0[i]!);
      const mask = BigInt.asUintN(64, plus[i]! - minus[i]!);
      out[i] = BigInt.asUintN(64, BigInt.asUintN(64, first + second) + mask);
    }
  },

  addProducts(
    x: BigUint64Array,
    y: BigUint64Array,
    out: BigUint64Array,
    { rows, inner, columns }: MatrixShape,
    start: number,
    end: number,
  ): void {
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) {
        let sum = out[r * columns + c]!;
        const toY = (c - r) * inner;
        for (let i = r * inner + start; i < r * inner + end; i++) {
          sum = BigInt.asUintN(64, sum + BigInt.asUintN(64, x[i]! * y[i + toY]!));
        }
        out[r * columns + c] = sum;
      }
    }
  },
};
