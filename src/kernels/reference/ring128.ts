/**
 * Loops over Z_2^128, four 32-bit limbs an element, in exact arithmetic on doubles (below 2^53).
 *
 * Math.floor takes carries without a branch, and borrows too, since it rounds negative limbs down. Products
 * are gathered in eight columns: column j counts 2^(16 j), and a 32-bit limb of x times a 16-bit half limb of
 * y adds less than 2^48 to it. Measured faster than 64-bit BigInt halves, which V8 does not keep in machine
 * words in so long an expression.
 */
import type { MatrixShape } from './loops.js';

const LIMB = 2 ** 32;
const HALF = 2 ** 16;
const ZERO = new Uint32Array(4);

/** Eight doubles; after `carry` each is below 2^16. */
type Columns = Float64Array;

/** columns = x[i..i+3]. */
function loadColumns(columns: Columns, x: Uint32Array, i: number): void {
  columns[0] = x[i]! & 0xffff;
  columns[1] = x[i]! >>> 16;
  columns[2] = x[i + 1]! & 0xffff;
  columns[3] = x[i + 1]! >>> 16;
  columns[4] = x[i + 2]! & 0xffff;
  columns[5] = x[i + 2]! >>> 16;
  columns[6] = x[i + 3]! & 0xffff;
  columns[7] = x[i + 3]! >>> 16;
}

/** columns -= x[i..i+3]: columns of any sign are carried alike. */
function subtractFrom(columns: Columns, x: Uint32Array, i: number): void {
  for (let limb = 0; limb < 4; limb++) {
    columns[2 * limb] = columns[2 * limb]! - (x[i + limb]! & 0xffff);
    columns[2 * limb + 1] = columns[2 * limb + 1]! - (x[i + limb]! >>> 16);
  }
}

/** columns += x[i..i+3] * y[j..j+3]: less than 2^50 an entry, so seven products fit before a carry. */
function addProduct(columns: Columns, x: Uint32Array, i: number, y: Uint32Array, j: number): void {
  const x0 = x[i]!;
  const x1 = x[i + 1]!;
  const x2 = x[i + 2]!;
  const x3 = x[i + 3]!;
  const y0 = y[j]! & 0xffff;
  const y1 = y[j]! >>> 16;
  const y2 = y[j + 1]! & 0xffff;
  const y3 = y[j + 1]! >>> 16;
  const y4 = y[j + 2]! & 0xffff;
  const y5 = y[j + 2]! >>> 16;
  const y6 = y[j + 3]! & 0xffff;
  const y7 = y[j + 3]! >>> 16;
  columns[0] = columns[0]! + x0 * y0;
  columns[1] = columns[1]! + x0 * y1;
  columns[2] = columns[2]! + x0 * y2 + x1 * y0;
  columns[3] = columns[3]! + x0 * y3 + x1 * y1;
  columns[4] = columns[4]! + x0 * y4 + x1 * y2 + x2 * y0;
  columns[5] = columns[5]! + x0 * y5 + x1 * y3 + x2 * y1;
  columns[6] = columns[6]! + x0 * y6 + x1 * y4 + x2 * y2 + x3 * y0;
  columns[7] = columns[7]! + x0 * y7 + x1 * y5 + x2 * y3 + x3 * y1;
}

/** Brings every column below 2^16, dropping what passes 2^128. */
function carry(columns: Columns): void {
  let over = 0;
  for (let j = 0; j < 8; j++) {
    const column = columns[j]! + over;
    over = Math.floor(column / HALF);
    columns[j] = column - over * HALF;
  }
}

/** out[i..i+3] = columns, which are carried first. */
function storeColumns(columns: Columns, out: Uint32Array, i: number): void {
  carry(columns);
  out[i] = columns[0]! + columns[1]! * HALF;
  out[i + 1] = columns[2]! + columns[3]! * HALF;
  out[i + 2] = columns[4]! + columns[5]! * HALF;
  out[i + 3] = columns[6]! + columns[7]! * HALF;
}

/** out[i..i+3] = the four limbs, each an integer of any sign, with carries; the store reduces mod 2^32. */
function storeLimbs(out: Uint32Array, i: number, s0: number, s1: number, s2: number, s3: number): void {
  const t1 = s1 + Math.floor(s0 / LIMB);
  const t2 = s2 + Math.floor(t1 / LIMB);
  out[i] = s0;
  out[i + 1] = t1;
  out[i + 2] = t2;
  out[i + 3] = s3 + Math.floor(t2 / LIMB);
}

export const ring128 = {
  add(x: Uint32Array, y: Uint32Array, out: Uint32Array): void {
    for (let i = 0; i < out.length; i += 4) {
      storeLimbs(out, i, x[i]! + y[i]!, x[i + 1]! + y[i + 1]!, x[i + 2]! + y[i + 2]!, x[i + 3]! + y[i + 3]!);
    }
  },

  subtract(x: Uint32Array, y: Uint32Array, out: Uint32Array): void {
    for (let i = 0; i < out.length; i += 4) {
      storeLimbs(out, i, x[i]! - y[i]!, x[i + 1]! - y[i + 1]!, x[i + 2]! - y[i + 2]!, x[i + 3]! - y[i + 3]!);
    }
  },

  multiply(x: Uint32Array, y: Uint32Array, out: Uint32Array): void {
    const columns = new Float64Array(8);
    for (let i = 0; i < out.length; i += 4) {
      loadColumns(columns, ZERO, 0);
      addProduct(columns, x, i, y, i);
      storeColumns(columns, out, i);
    }
  },

  addConstant(x: Uint32Array, c: Uint32Array, out: Uint32Array): void {
    for (let i = 0; i < out.length; i += 4) {
      storeLimbs(out, i, x[i]! + c[0]!, x[i + 1]! + c[1]!, x[i + 2]! + c[2]!, x[i + 3]! + c[3]!);
    }
  },

  scale(x: Uint32Array, c: Uint32Array, out: Uint32Array): void {
    const columns = new Float64Array(8);
    for (let i = 0; i < out.length; i += 4) {
      loadColumns(columns, ZERO, 0);
      addProduct(columns, x, i, c, 0);
      storeColumns(columns, out, i);
    }
  },

  sum(x: Uint32Array, out: Uint32Array): void {
    // limb by limb, carried after at most 2^20 elements: below 2^32 + 2^52
    for (let start = 0; start < x.length; start += 2 ** 22) {
      let s0 = out[0]!;
      let s1 = out[1]!;
      let s2 = out[2]!;
      let s3 = out[3]!;
      for (let i = start; i < Math.min(x.length, start + 2 ** 22); i += 4) {
        s0 += x[i]!;
        s1 += x[i + 1]!;
        s2 += x[i + 2]!;
        s3 += x[i + 3]!;
      }
      storeLimbs(out, 0, s0, s1, s2, s3);
    }
  },

  prefixSum(x: Uint32Array, out: Uint32Array): void {
    for (let i = 0; i < x.length; i += 4) {
      const before = i === 0 ? ZERO : out;
      const j = i === 0 ? 0 : i - 4;
      storeLimbs(
        out,
        i,
        x[i]! + before[j]!,
        x[i + 1]! + before[j + 1]!,
        x[i + 2]! + before[j + 2]!,
        x[i + 3]! + before[j + 3]!,
      );
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
    const columns = new Float64Array(8);
    for (let i = 0; i < out.length; i += 4) {
      loadColumns(columns, plus, i);
      subtractFrom(columns, minus, i);
      addProduct(columns, x0, i, y0, i);
      addProduct(columns, x0, i, y1, i);
      addProduct(columns, x1, i, y0, i);
      storeColumns(columns, out, i);
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
    const sum = new Float64Array(8);
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) {
        loadColumns(sum, out, 4 * (r * columns + c));
        for (let i = start; i < end; i++) {
          addProduct(sum, x, 4 * (r * inner + i), y, 4 * (c * inner + i));
          carry(sum);
        }
        storeColumns(sum, out, 4 * (r * columns + c));
      }
    }
  },
};
