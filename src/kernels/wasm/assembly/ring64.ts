/**
 * Z_2^64, two elements to a v128. Addresses and spans as in ring32.ts.
 *
 * i64x2.mul becomes three 32-bit products with shifts where the machine has no 64-bit one (AVX-512), and is level
 * with or faster than i64.mul all the same (measured: docs/decisions/0007).
 */
import { total64 } from './lanes';

export function add64(x: usize, y: usize, out: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) {
    v128.store(out + i, i64x2.add(v128.load(x + i), v128.load(y + i)));
  }
}

export function subtract64(x: usize, y: usize, out: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) {
    v128.store(out + i, i64x2.sub(v128.load(x + i), v128.load(y + i)));
  }
}

export function addConstant64(x: usize, c: usize, out: usize, bytes: usize): void {
  const constant = i64x2.splat(load<i64>(c));
  for (let i: usize = 0; i < bytes; i += 16) v128.store(out + i, i64x2.add(v128.load(x + i), constant));
}

export function scale64(x: usize, c: usize, out: usize, bytes: usize): void {
  const constant = i64x2.splat(load<i64>(c));
  for (let i: usize = 0; i < bytes; i += 16) v128.store(out + i, i64x2.mul(v128.load(x + i), constant));
}

/** sum += all elements. */
export function sum64(x: usize, sum: usize, bytes: usize): void {
  let sums = i64x2.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) sums = i64x2.add(sums, v128.load(x + i));
  store<i64>(sum, load<i64>(sum) + total64(sums));
}

/** `sum` is the sum of what came before, and is left as that of all. */
export function prefixSum64(x: usize, sum: usize, out: usize, bytes: usize): void {
  let before = load<u64>(sum);
  for (let i: usize = 0; i < bytes; i += 8) {
    before += load<u64>(x + i);
    store<u64>(out + i, before);
  }
  store<u64>(sum, before);
}

export function multiplyReplicated64(
  x0: usize,
  x1: usize,
  y0: usize,
  y1: usize,
  plus: usize,
  minus: usize,
  out: usize,
  bytes: usize,
): void {
  for (let i: usize = 0; i < bytes; i += 16) {
    const y = v128.load(y0 + i);
    const first = i64x2.mul(v128.load(x0 + i), i64x2.add(y, v128.load(y1 + i)));
    const second = i64x2.mul(v128.load(x1 + i), y);
    const mask = i64x2.sub(v128.load(plus + i), v128.load(minus + i));
    v128.store(out + i, i64x2.add(i64x2.add(first, second), mask));
  }
}

export function multiply64(x: usize, y: usize, out: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 16)
    v128.store(out + i, i64x2.mul(v128.load(x + i), v128.load(y + i)));
}

/** sum += the inner products x0 * both and x1 * y0. */
export function addInnerProduct64(
  x0: usize,
  x1: usize,
  both: usize,
  y0: usize,
  sum: usize,
  bytes: usize,
): void {
  let sums = i64x2.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) {
    const first = i64x2.mul(v128.load(x0 + i), v128.load(both + i));
    sums = i64x2.add(sums, i64x2.add(first, i64x2.mul(v128.load(x1 + i), v128.load(y0 + i))));
  }
  store<i64>(sum, load<i64>(sum) + total64(sums));
}

/** sum += the inner product x0 * (x0 + 2 x1). */
export function addSquares64(x0: usize, x1: usize, sum: usize, bytes: usize): void {
  let sums = i64x2.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) {
    const x = v128.load(x0 + i);
    const other = v128.load(x1 + i);
    sums = i64x2.add(sums, i64x2.mul(x, i64x2.add(x, i64x2.add(other, other))));
  }
  store<i64>(sum, load<i64>(sum) + total64(sums));
}
