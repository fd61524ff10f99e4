/**
 * From numbers to rows of bits, 16 elements at a time.
 *
 * A 32-bit limb of 16 elements, four v128, is zipped four times into four v128 that hold byte 0, 1, 2 and 3 of
 * every element (16 x 4 bytes, transposed). i8x16.bitmask takes the highest bit of each of 16 bytes, which is 16
 * bits of one row; adding the bytes to themselves brings the next bit up. Only wanted rows are made.
 */
import { zipHigh, zipLow } from './zip';

/**
 * @param x the first element's limb; `step` bytes to the next element's (4, 8 or 16).
 * @param out row 0; `rowBytes` to the next row.
 * @param rows how many of the limb's 32 bits are wanted.
 * @param elements rounded up to a multiple of 16.
 */
export function limbToBits(
  x: usize,
  step: usize,
  out: usize,
  rowBytes: usize,
  rows: i32,
  elements: i32,
): void {
  for (let i = 0; i < elements; i += 16) {
    transposeBytes(x, step);
    storeRows(plane0, out, rowBytes, rows);
    if (rows > 8) storeRows(plane1, out + 8 * rowBytes, rowBytes, rows - 8);
    if (rows > 16) storeRows(plane2, out + 16 * rowBytes, rowBytes, rows - 16);
    if (rows > 24) storeRows(plane3, out + 24 * rowBytes, rowBytes, rows - 24);
    x += 16 * step;
    out += 2;
  }
}

let plane0: v128 = i32x4(0, 0, 0, 0);
let plane1: v128 = i32x4(0, 0, 0, 0);
let plane2: v128 = i32x4(0, 0, 0, 0);
let plane3: v128 = i32x4(0, 0, 0, 0);

/** Byte j of 16 limbs into plane j. Each round zips a with c and b with d: the address turns left by a bit. */
function transposeBytes(x: usize, step: usize): void {
  const a0 = fourLimbs(x, step);
  const b0 = fourLimbs(x + 4 * step, step);
  const c0 = fourLimbs(x + 8 * step, step);
  const d0 = fourLimbs(x + 12 * step, step);
  const a1 = zipLow(a0, c0);
  const b1 = zipHigh(a0, c0);
  const c1 = zipLow(b0, d0);
  const d1 = zipHigh(b0, d0);
  const a2 = zipLow(a1, c1);
  const b2 = zipHigh(a1, c1);
  const c2 = zipLow(b1, d1);
  const d2 = zipHigh(b1, d1);
  const a3 = zipLow(a2, c2);
  const b3 = zipHigh(a2, c2);
  const c3 = zipLow(b2, d2);
  const d3 = zipHigh(b2, d2);
  plane0 = zipLow(a3, c3);
  plane1 = zipHigh(a3, c3);
  plane2 = zipLow(b3, d3);
  plane3 = zipHigh(b3, d3);
}

/** The limbs of four elements. */
function fourLimbs(x: usize, step: usize): v128 {
  if (step == 4) return v128.load(x);
  if (step == 8) return i32x4.shuffle(v128.load(x), v128.load(x, 16), 0, 2, 4, 6);
  const first = i32x4.shuffle(v128.load(x), v128.load(x, 16), 0, 4, 0, 4);
  const second = i32x4.shuffle(v128.load(x, 32), v128.load(x, 48), 0, 4, 0, 4);
  return i64x2.shuffle(first, second, 0, 2);
}

/** Bit j of 16 bytes into row j, for the first rows only. */
function storeRows(bytes: v128, out: usize, rowBytes: usize, rows: i32): void {
  if (rows >= 8) {
    storeEightRows(bytes, out, rowBytes);
    return;
  }
  const shifted = i8x16.shl(bytes, 8 - rows);
  let v = shifted;
  for (let row = out + usize(rows - 1) * rowBytes; row >= out; row -= rowBytes) {
    store<u16>(row, i8x16.bitmask(v));
    v = i8x16.add(v, v);
  }
}

function storeEightRows(bytes: v128, out: usize, rowBytes: usize): void {
  let v = bytes;
  let row = out + 7 * rowBytes;
  store<u16>(row, i8x16.bitmask(v));
  v = i8x16.add(v, v);
  row -= rowBytes;
  store<u16>(row, i8x16.bitmask(v));
  v = i8x16.add(v, v);
  row -= rowBytes;
  store<u16>(row, i8x16.bitmask(v));
  v = i8x16.add(v, v);
  row -= rowBytes;
  store<u16>(row, i8x16.bitmask(v));
  v = i8x16.add(v, v);
  row -= rowBytes;
  store<u16>(row, i8x16.bitmask(v));
  v = i8x16.add(v, v);
  row -= rowBytes;
  store<u16>(row, i8x16.bitmask(v));
  v = i8x16.add(v, v);
  row -= rowBytes;
  store<u16>(row, i8x16.bitmask(v));
  v = i8x16.add(v, v);
  store<u16>(out, i8x16.bitmask(v));
}
