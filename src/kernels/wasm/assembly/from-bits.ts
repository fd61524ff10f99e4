/**
 * From rows of bits to numbers, 128 columns at a time.
 *
 * Eight rows of 16 bytes are zipped three times, so that the eight rows' bytes of the same columns lie together;
 * such eight bytes are 8 x 8 bits, transposed in place by three exchanges (Warren, Hacker's Delight, 2nd ed.,
 * section 7-3). What comes out is one byte of each of 128 numbers, a plane. Planes are then zipped to numbers.
 */
import { zipHigh, zipLow } from './zip';

/** Elements of a plane. */
const PLANE: usize = 128;

/** Eight rows of 128 columns, `rowBytes` apart, to a plane of 128 bytes. */
function rowsToPlane(x: usize, rowBytes: usize, plane: usize): void {
  const r0 = v128.load(x);
  const r1 = v128.load(x + rowBytes);
  const r2 = v128.load(x + 2 * rowBytes);
  const r3 = v128.load(x + 3 * rowBytes);
  const r4 = v128.load(x + 4 * rowBytes);
  const r5 = v128.load(x + 5 * rowBytes);
  const r6 = v128.load(x + 6 * rowBytes);
  const r7 = v128.load(x + 7 * rowBytes);
  // rows r and r + 4, then r and r + 2, then r and r + 1: bytes of row 0, 1, ... 7 in order
  const a0 = zipLow(r0, r4);
  const a1 = zipHigh(r0, r4);
  const b0 = zipLow(r1, r5);
  const b1 = zipHigh(r1, r5);
  const c0 = zipLow(r2, r6);
  const c1 = zipHigh(r2, r6);
  const d0 = zipLow(r3, r7);
  const d1 = zipHigh(r3, r7);
  zipFour(a0, b0, c0, d0, plane);
  zipFour(a1, b1, c1, d1, plane + 64);
}

/** Rows (0, 4), (1, 5), (2, 6), (3, 7) of eight byte columns to 64 bytes of the plane. */
function zipFour(a: v128, b: v128, c: v128, d: v128, plane: usize): void {
  const even0 = zipLow(a, c);
  const even1 = zipHigh(a, c);
  const odd0 = zipLow(b, d);
  const odd1 = zipHigh(b, d);
  v128.store(plane, transposeEights(zipLow(even0, odd0)));
  v128.store(plane, transposeEights(zipHigh(even0, odd0)), 16);
  v128.store(plane, transposeEights(zipLow(even1, odd1)), 32);
  v128.store(plane, transposeEights(zipHigh(even1, odd1)), 48);
}

/** Each half's 8 x 8 bits, transposed: bit j of byte i becomes bit i of byte j. */
function transposeEights(v: v128): v128 {
  v = exchange(v, 7, i64x2.splat(0x00aa00aa00aa00aa));
  v = exchange(v, 14, i64x2.splat(0x0000cccc0000cccc));
  return exchange(v, 28, i64x2.splat(0x00000000f0f0f0f0));
}

/** Bits of the mask change places with those `shift` higher. */
function exchange(v: v128, shift: i32, mask: v128): v128 {
  const t = v128.and(v128.xor(v, i64x2.shr_u(v, shift)), mask);
  return v128.xor(v128.xor(v, t), i64x2.shl(t, shift));
}

/**
 * Rows of bits to elements of width 32.
 *
 * @param x row 0; `rowBytes` to the next; `groups` x 8 rows.
 * @param planes 16 planes, of which those after `groups` are 0.
 * @param elements rounded up to a multiple of 128.
 */
export function fromBits32(
  x: usize,
  rowBytes: usize,
  groups: i32,
  planes: usize,
  out: usize,
  elements: i32,
): void {
  for (let i = 0; i < elements; i += 128) {
    rowsToPlanes(x + usize(i >> 3), rowBytes, groups, planes);
    planesTo32(planes, out + usize(i) * 4);
  }
}

/** As `fromBits32`, to width 64. */
export function fromBits64(
  x: usize,
  rowBytes: usize,
  groups: i32,
  planes: usize,
  out: usize,
  elements: i32,
): void {
  for (let i = 0; i < elements; i += 128) {
    rowsToPlanes(x + usize(i >> 3), rowBytes, groups, planes);
    planesTo64(planes, out + usize(i) * 8);
  }
}

/** As `fromBits32`, to width 128. */
export function fromBits128(
  x: usize,
  rowBytes: usize,
  groups: i32,
  planes: usize,
  out: usize,
  elements: i32,
): void {
  for (let i = 0; i < elements; i += 128) {
    rowsToPlanes(x + usize(i >> 3), rowBytes, groups, planes);
    planesToWords(planes, out + usize(i) * 16);
    planesToWords(planes + 8 * PLANE, out + usize(i) * 16 + 8);
  }
}

function rowsToPlanes(x: usize, rowBytes: usize, groups: i32, planes: usize): void {
  for (let g = 0; g < groups; g++)
    rowsToPlane(x + usize(8 * g) * rowBytes, rowBytes, planes + usize(g) * PLANE);
}

/** Four planes to 128 elements of width 32. */
function planesTo32(planes: usize, out: usize): void {
  for (let i: usize = 0; i < PLANE; i += 16) {
    zipLimbs(planes + i);
    v128.store(out, limbs0);
    v128.store(out, limbs1, 16);
    v128.store(out, limbs2, 32);
    v128.store(out, limbs3, 48);
    out += 64;
  }
}

/** Eight planes to 128 elements of width 64. */
function planesTo64(planes: usize, out: usize): void {
  for (let i: usize = 0; i < PLANE; i += 16) {
    zipLimbs(planes + i + 4 * PLANE);
    const h0 = limbs0;
    const h1 = limbs1;
    const h2 = limbs2;
    const h3 = limbs3;
    zipLimbs(planes + i);
    storeZipped(out, limbs0, h0);
    storeZipped(out + 32, limbs1, h1);
    storeZipped(out + 64, limbs2, h2);
    storeZipped(out + 96, limbs3, h3);
    out += 128;
  }
}

/** Four low and four high limbs to four words. */
function storeZipped(out: usize, low: v128, high: v128): void {
  v128.store(out, i32x4.shuffle(low, high, 0, 4, 1, 5));
  v128.store(out, i32x4.shuffle(low, high, 2, 6, 3, 7), 16);
}

/** Eight planes to the words of 128 elements of width 128 (16 bytes from one to the next). */
function planesToWords(planes: usize, out: usize): void {
  for (let i: usize = 0; i < PLANE; i += 16) {
    zipLimbs(planes + i + 4 * PLANE);
    const h0 = limbs0;
    const h1 = limbs1;
    const h2 = limbs2;
    const h3 = limbs3;
    zipLimbs(planes + i);
    storeApart(out, limbs0, h0);
    storeApart(out + 64, limbs1, h1);
    storeApart(out + 128, limbs2, h2);
    storeApart(out + 192, limbs3, h3);
    out += 256;
  }
}

/** Four low and four high limbs to four words, 16 bytes from one to the next. */
function storeApart(out: usize, low: v128, high: v128): void {
  const first = i32x4.shuffle(low, high, 0, 4, 1, 5);
  const last = i32x4.shuffle(low, high, 2, 6, 3, 7);
  store<i64>(out, i64x2.extract_lane(first, 0));
  store<i64>(out, i64x2.extract_lane(first, 1), 16);
  store<i64>(out, i64x2.extract_lane(last, 0), 32);
  store<i64>(out, i64x2.extract_lane(last, 1), 48);
}

let limbs0: v128 = i32x4(0, 0, 0, 0);
let limbs1: v128 = i32x4(0, 0, 0, 0);
let limbs2: v128 = i32x4(0, 0, 0, 0);
let limbs3: v128 = i32x4(0, 0, 0, 0);

/** 16 bytes of each of four planes to 16 limbs. */
function zipLimbs(planes: usize): void {
  const p0 = v128.load(planes);
  const p1 = v128.load(planes, PLANE);
  const p2 = v128.load(planes, 2 * PLANE);
  const p3 = v128.load(planes, 3 * PLANE);
  const low0 = zipLow(p0, p1);
  const low1 = zipHigh(p0, p1);
  const high0 = zipLow(p2, p3);
  const high1 = zipHigh(p2, p3);
  limbs0 = i16x8.shuffle(low0, high0, 0, 8, 1, 9, 2, 10, 3, 11);
  limbs1 = i16x8.shuffle(low0, high0, 4, 12, 5, 13, 6, 14, 7, 15);
  limbs2 = i16x8.shuffle(low1, high1, 0, 8, 1, 9, 2, 10, 3, 11);
  limbs3 = i16x8.shuffle(low1, high1, 4, 12, 5, 13, 6, 14, 7, 15);
}
