/** Loops over Z_2^32: a store into a Uint32Array reduces mod 2^32, Math.imul gives the low word of a product. */
import type { MatrixShape } from './loops.js';

export const ring32 = {
  add(x: Uint32Array, y: Uint32Array, out: Uint32Array): void {
    for (let i = 0; i < out.length; i++) out[i] = x[i]! + y[i]!;
  },

  subtract(x: Uint32Array, y: Uint32Array, out: Uint32Array): void {
    for (let i = 0; i < out.length; i++) out[i] = x[i]! - y[i]!;
  },

  multiply(x: Uint32Array, y: Uint32Array, out: Uint32Array): void {
    for (let i = 0; i < out.length; i++) out[i] = Math.imul(x[i]!, y[i]!);
  },

  addConstant(x: Uint32Array, c: Uint32Array, out: Uint32Array): void {
    const constant = c[0]!;
    for (let i = 0; i < out.length; i++) out[i] = x[i]! + constant;
  },

  scale(x: Uint32Array, c: Uint32Array, out: Uint32Array): void {
    const constant = c[0]!;
    for (let i = 0; i < out.length; i++) out[i] = Math.imul(x[i]!, constant);
  },

  sum(x: Uint32Array, out: Uint32Array): void {
    let sum = 0;
    for (let i = 0; i < x.length; i++) sum = (sum + x[i]!) | 0;
    out[0] = sum;
  },

  prefixSum(x: Uint32Array, out: Uint32Array): void {
    let sum = 0;
    for (let i = 0; i < x.length; i++) {
      sum = (sum + x[i]!) | 0;
      out[i] = sum;
    }
  },

  multiplyReplicated(
    x0: Uint32Array,
    x1: Uint32Array,
    y0: Uint32Array,
    y1: Uint32Array,
    plus: Uint32Array,
    minus: Uint32Array,
    out: Uint32Array,
  ): void {
    for (let i = 0; i < out.length; i++) {
      out[i] = Math.imul(x0[i]!, y0[i]! + y1[i]!) + Math.imul(x1[i]!, y0[i]!) + plus[i]! - minus[i]!;
    }
  },

  addProducts(
    x: Uint32Array,
    y: Uint32Array,
    out: Uint32Array,
    { rows, inner, columns }: MatrixShape,
    start: number,
    end: number,
  ): void {
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) {
        let sum = out[r * columns + c]! | 0;
        const toY = (c - r) * inner;
        for (let i = r * inner + start; i < r * inner + end; i++) {
          sum = (sum + Math.imul(x[i]!, y[i + toY]!)) | 0;
        }
        out[r * columns + c] = sum;
      }
    }
  },
};
