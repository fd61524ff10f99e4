/**
 * The loops of rescaling a sum of two operands of 64 bits within their ring, with a correction of 32 bits (contracts
 * in `Kernels`). Spans are those of the 64-bit vectors, in bytes, rounded up to 32.
 */

/** The top bits of four 64-bit elements as 32-bit ones, all ones where the bit is 0 and 0 where it is 1. */
function withoutTop(low: v128, high: v128): v128 {
  // the upper halves, whose sign is the top bit
  return v128.not(i32x4.shr_s(i32x4.shuffle(low, high, 1, 3, 5, 7), 31));
}

/** `constants`: the offset, and what it adds to the quotient. */
export function splitOperand64(
  x: usize,
  y: usize,
  constants: usize,
  shift: i32,
  at: i32,
  first: usize,
  second: usize,
  mask: usize,
  half: usize,
  quotient: usize,
  top: usize,
  bytes: usize,
): void {
  const added = v128.load_splat<u64>(constants);
  const back = v128.load_splat<u64>(constants, 8);
  for (let i: usize = 0; i < bytes; i += 32) {
    const low = i64x2.add(i64x2.add(v128.load(x + i), v128.load(y + i)), added);
    const high = i64x2.add(i64x2.add(v128.load(x + i, 16), v128.load(y + i, 16)), added);
    const correction = i32x4.add(v128.load(first + (i >> 1)), v128.load(second + (i >> 1)));
    const lowMask = i64x2.add(v128.load(mask + i), back);
    const highMask = i64x2.add(v128.load(mask + i, 16), back);
    const lowTerm = i64x2.sub(i64x2.shl(i64x2.extend_low_i32x4_u(correction), at), lowMask);
    const highTerm = i64x2.sub(i64x2.shl(i64x2.extend_high_i32x4_u(correction), at), highMask);
    v128.store(quotient + i, i64x2.add(i64x2.shr_u(low, shift), lowTerm));
    v128.store(quotient + i, i64x2.add(i64x2.shr_u(high, shift), highTerm), 16);
    const one = i32x4.neg(withoutTop(low, high));
    v128.store(top + (i >> 1), i32x4.sub(one, v128.load(half + (i >> 1))));
  }
}

export function maskedCorrection64(
  half: usize,
  operand: usize,
  plus: i32,
  mask: usize,
  out: usize,
  bytes: usize,
): void {
  const added = i32x4.splat(plus);
  for (let i: usize = 0; i < bytes; i += 32) {
    const kept = withoutTop(v128.load(operand + i), v128.load(operand + i, 16));
    const term = i32x4.add(v128.and(v128.load(half + (i >> 1)), kept), added);
    v128.store(out + (i >> 1), i32x4.sub(term, v128.load(mask + (i >> 1))));
  }
}

export function roundUpCorrected64(
  operand: usize,
  shift: i32,
  at: i32,
  first: usize,
  second: usize,
  out: usize,
  bytes: usize,
): void {
  const dropped = i64x2.splat(((<i64>1) << shift) - 1);
  const zero = i64x2.splat(0);
  for (let i: usize = 0; i < bytes; i += 32) {
    const correction = i32x4.add(v128.load(first + (i >> 1)), v128.load(second + (i >> 1)));
    const low = v128.load(operand + i);
    const high = v128.load(operand + i, 16);
    const lowUp = i64x2.sub(i64x2.shr_u(low, shift), i64x2.ne(v128.and(low, dropped), zero));
    const highUp = i64x2.sub(i64x2.shr_u(high, shift), i64x2.ne(v128.and(high, dropped), zero));
    v128.store(out + i, i64x2.add(lowUp, i64x2.shl(i64x2.extend_low_i32x4_u(correction), at)));
    v128.store(out + i, i64x2.add(highUp, i64x2.shl(i64x2.extend_high_i32x4_u(correction), at)), 16);
  }
}
