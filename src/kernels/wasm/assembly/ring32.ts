/**
 * Z_2^32, four elements to a v128. x, y, ... and out are byte addresses; spans are given in bytes, are rounded
 * up to whole v128 and filled with zeros there (`Scratch.put`).
 */
import { total32 } from './lanes';

export function add32(x: usize, y: usize, out: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) {
    v128.store(out + i, i32x4.add(v128.load(x + i), v128.load(y + i)));
  }
}

export function subtract32(x: usize, y: usize, out: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) {
    v128.store(out + i, i32x4.sub(v128.load(x + i), v128.load(y + i)));
  }
}

export function multiply32(x: usize, y: usize, out: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) {
    v128.store(out + i, i32x4.mul(v128.load(x + i), v128.load(y + i)));
  }
}

export function addConstant32(x: usize, c: usize, out: usize, bytes: usize): void {
  const constant = i32x4.splat(load<i32>(c));
  for (let i: usize = 0; i < bytes; i += 16) v128.store(out + i, i32x4.add(v128.load(x + i), constant));
}

export function scale32(x: usize, c: usize, out: usize, bytes: usize): void {
  const constant = i32x4.splat(load<i32>(c));
  for (let i: usize = 0; i < bytes; i += 16) v128.store(out + i, i32x4.mul(v128.load(x + i), constant));
}

/** sum += all elements. */
export function sum32(x: usize, sum: usize, bytes: usize): void {
  let sums = i32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) sums = i32x4.add(sums, v128.load(x + i));
  store<i32>(sum, load<i32>(sum) + total32(sums));
}

/** `sum` is the sum of what came before, and is left as that of all. */
export function prefixSum32(x: usize, sum: usize, out: usize, bytes: usize): void {
  let before = load<i32>(sum);
  for (let i: usize = 0; i < bytes; i += 4) {
    before += load<i32>(x + i);
    store<i32>(out + i, before);
  }
  store<i32>(sum, before);
}

export function multiplyReplicated32(
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
    const first = i32x4.mul(v128.load(x0 + i), i32x4.add(y, v128.load(y1 + i)));
    const second = i32x4.mul(v128.load(x1 + i), y);
    const mask = i32x4.sub(v128.load(plus + i), v128.load(minus + i));
    v128.store(out + i, i32x4.add(i32x4.add(first, second), mask));
  }
}

/** sum += the inner products x0 * both and x1 * y0. */
export function addInnerProduct32(
  x0: usize,
  x1: usize,
  both: usize,
  y0: usize,
  sum: usize,
  bytes: usize,
): void {
  let sums = i32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) {
    const first = i32x4.mul(v128.load(x0 + i), v128.load(both + i));
    sums = i32x4.add(sums, i32x4.add(first, i32x4.mul(v128.load(x1 + i), v128.load(y0 + i))));
  }
  store<i32>(sum, load<i32>(sum) + total32(sums));
}

/** sum += the inner product x0 * (x0 + 2 x1). */
export function addSquares32(x0: usize, x1: usize, sum: usize, bytes: usize): void {
  let sums = i32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) {
    const x = v128.load(x0 + i);
    const other = v128.load(x1 + i);
    sums = i32x4.add(sums, i32x4.mul(x, i32x4.add(x, i32x4.add(other, other))));
  }
  store<i32>(sum, load<i32>(sum) + total32(sums));
}
