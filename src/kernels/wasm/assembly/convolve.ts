/**
 * Sums of products of the entries of two vectors at places whose XOR is z, less masks (contract of `convolveUnits` in
 * `Kernels`). Entries lie `step` bytes apart; spans are those of one entry's vector, in bytes, rounded up to 16.
 */
import { add128, multiply128, subtract128 } from './ring128';

export function convolve32(
  x: usize,
  y: usize,
  z: i32,
  values: i32,
  step: usize,
  masks: usize,
  out: usize,
  bytes: usize,
): void {
  for (let i: usize = 0; i < bytes; i += 16) {
    let sum = i32x4.neg(v128.load(masks + i));
    let from = x + i;
    for (let k = 0; k < values; k++) {
      const other = y + usize(k ^ z) * step + i;
      sum = i32x4.add(sum, i32x4.mul(v128.load(from), v128.load(other)));
      from += step;
    }
    v128.store(out + i, sum);
  }
}

export function convolve64(
  x: usize,
  y: usize,
  z: i32,
  values: i32,
  step: usize,
  masks: usize,
  out: usize,
  bytes: usize,
): void {
  for (let i: usize = 0; i < bytes; i += 16) {
    let sum = i64x2.neg(v128.load(masks + i));
    let from = x + i;
    for (let k = 0; k < values; k++) {
      const other = y + usize(k ^ z) * step + i;
      sum = i64x2.add(sum, i64x2.mul(v128.load(from), v128.load(other)));
      from += step;
    }
    v128.store(out + i, sum);
  }
}

/** As the others; the span after `out` is overwritten, too. */
export function convolve128(
  x: usize,
  y: usize,
  z: i32,
  values: i32,
  step: usize,
  masks: usize,
  out: usize,
  bytes: usize,
): void {
  const product = out + bytes;
  multiply128(x, y + usize(z) * step, out, bytes);
  for (let k = 1; k < values; k++) {
    multiply128(x + usize(k) * step, y + usize(k ^ z) * step, product, bytes);
    add128(out, product, out, bytes);
  }
  subtract128(out, masks, out, bytes);
}
