/**
 * Matrix products of width 32: out[r, c] += the inner product of row r of x and row c of y, both panels of rows
 * that lie `PANEL_STRIDE` bytes apart, so that four rows of x are read by one pointer; out is row-major.
 *
 * Four rows by two at a time: eight sums, and each element that is read serves in two or four products.
 */
import { total32 } from './lanes';
import { PANEL_STRIDE } from './panel';

export function matrixProduct32(x: usize, y: usize, out: usize, rows: i32, columns: i32, bytes: usize): void {
  const outRow = usize(columns) << 2;
  for (let c = 0; c < columns; c += 2) {
    const yRow = y + usize(c) * PANEL_STRIDE;
    for (let r = 0; r < rows; r += 4) {
      const xRow = x + usize(r) * PANEL_STRIDE;
      const to = out + usize(r) * outRow + (usize(c) << 2);
      if (r + 4 <= rows && c + 2 <= columns) fourByTwo(xRow, yRow, to, outRow, bytes);
      else oneByOne(xRow, yRow, to, outRow, min(4, rows - r), min(2, columns - c), bytes);
    }
  }
}

function fourByTwo(x: usize, y: usize, out: usize, outRow: usize, bytes: usize): void {
  let s00 = i32x4.splat(0);
  let s01 = i32x4.splat(0);
  let s10 = i32x4.splat(0);
  let s11 = i32x4.splat(0);
  let s20 = i32x4.splat(0);
  let s21 = i32x4.splat(0);
  let s30 = i32x4.splat(0);
  let s31 = i32x4.splat(0);
  for (const end = x + bytes; x < end; x += 16, y += 16) {
    const y0 = v128.load(y);
    const y1 = v128.load(y, PANEL_STRIDE);
    const x0 = v128.load(x);
    s00 = i32x4.add(s00, i32x4.mul(x0, y0));
    s01 = i32x4.add(s01, i32x4.mul(x0, y1));
    const x1 = v128.load(x, PANEL_STRIDE);
    s10 = i32x4.add(s10, i32x4.mul(x1, y0));
    s11 = i32x4.add(s11, i32x4.mul(x1, y1));
    const x2 = v128.load(x, 2 * PANEL_STRIDE);
    s20 = i32x4.add(s20, i32x4.mul(x2, y0));
    s21 = i32x4.add(s21, i32x4.mul(x2, y1));
    const x3 = v128.load(x, 3 * PANEL_STRIDE);
    s30 = i32x4.add(s30, i32x4.mul(x3, y0));
    s31 = i32x4.add(s31, i32x4.mul(x3, y1));
  }
  addTwo(out, s00, s01);
  addTwo(out + outRow, s10, s11);
  addTwo(out + 2 * outRow, s20, s21);
  addTwo(out + 3 * outRow, s30, s31);
}

function addTwo(out: usize, first: v128, second: v128): void {
  store<i32>(out, load<i32>(out) + total32(first));
  store<i32>(out, load<i32>(out, 4) + total32(second), 4);
}

function oneByOne(
  x: usize,
  y: usize,
  out: usize,
  outRow: usize,
  rows: i32,
  columns: i32,
  bytes: usize,
): void {
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      const to = out + usize(r) * outRow + (usize(c) << 2);
      addProducts32(x + usize(r) * PANEL_STRIDE, y + usize(c) * PANEL_STRIDE, to, bytes);
    }
  }
}

function addProducts32(x: usize, y: usize, sum: usize, bytes: usize): void {
  let sums = i32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) {
    sums = i32x4.add(sums, i32x4.mul(v128.load(x + i), v128.load(y + i)));
  }
  store<i32>(sum, load<i32>(sum) + total32(sums));
}
