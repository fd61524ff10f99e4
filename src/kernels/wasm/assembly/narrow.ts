/** Elements of 20 bits, in groups of 32 in 80 bytes (src/kernels/narrow-entries.ts). */

/** Stores eight elements: low halves in `low`, high bits in the lower eight bytes of `high`. */
function storeWide(low: v128, high: v128, to: usize): void {
  v128.store(to, v128.or(i32x4.extend_low_i16x8_u(low), i32x4.shl(i32x4.extend_low_i16x8_u(high), 16)));
  v128.store(to, v128.or(i32x4.extend_high_i16x8_u(low), i32x4.shl(i32x4.extend_high_i16x8_u(high), 16)), 16);
}

/** Groups become elements of 32 bits. */
export function widenGroups(from: usize, to: usize, groups: i32): void {
  const low4 = i8x16.splat(15);
  for (let group = 0; group < groups; group++) {
    const bits = v128.load(from, 64);
    const first = v128.and(bits, low4);
    const second = i8x16.shr_u(bits, 4);
    storeWide(v128.load(from), i16x8.extend_low_i8x16_u(first), to);
    storeWide(v128.load(from, 16), i16x8.extend_high_i8x16_u(first), to + 32);
    storeWide(v128.load(from, 32), i16x8.extend_low_i8x16_u(second), to + 64);
    storeWide(v128.load(from, 48), i16x8.extend_high_i8x16_u(second), to + 96);
    from += 80;
    to += 128;
  }
}

/** The low halves of eight elements of 32 bits. */
function lowHalves(from: usize): v128 {
  return i16x8.shuffle(v128.load(from), v128.load(from, 16), 0, 2, 4, 6, 8, 10, 12, 14);
}

/** Bits 16 to 19 of sixteen elements of 32 bits, as bytes. */
function highBits(from: usize): v128 {
  const low4 = i16x8.splat(15);
  const first = i16x8.shuffle(v128.load(from), v128.load(from, 16), 1, 3, 5, 7, 9, 11, 13, 15);
  const second = i16x8.shuffle(v128.load(from, 32), v128.load(from, 48), 1, 3, 5, 7, 9, 11, 13, 15);
  return i8x16.narrow_i16x8_u(v128.and(first, low4), v128.and(second, low4));
}

/** Elements of 32 bits become groups of their low 20. */
export function narrowToGroups(from: usize, to: usize, groups: i32): void {
  for (let group = 0; group < groups; group++) {
    v128.store(to, lowHalves(from));
    v128.store(to, lowHalves(from + 32), 16);
    v128.store(to, lowHalves(from + 64), 32);
    v128.store(to, lowHalves(from + 96), 48);
    v128.store(to, v128.or(highBits(from), i8x16.shl(highBits(from + 64), 4)), 64);
    from += 128;
    to += 80;
  }
}

/** out = x + y, modulo 2^20. */
export function addGroups(x: usize, y: usize, out: usize, bytes: usize): void {
  const low4 = i8x16.splat(15);
  for (let i: usize = 0; i < bytes; i += 80) {
    const a = x + i;
    const b = y + i;
    const to = out + i;
    const s0 = i16x8.add(v128.load(a), v128.load(b));
    const s1 = i16x8.add(v128.load(a, 16), v128.load(b, 16));
    const s2 = i16x8.add(v128.load(a, 32), v128.load(b, 32));
    const s3 = i16x8.add(v128.load(a, 48), v128.load(b, 48));
    // -1 where the low halves pass 2^16.
    const first = i8x16.narrow_i16x8_s(i16x8.lt_u(s0, v128.load(a)), i16x8.lt_u(s1, v128.load(a, 16)));
    const second = i8x16.narrow_i16x8_s(i16x8.lt_u(s2, v128.load(a, 32)), i16x8.lt_u(s3, v128.load(a, 48)));
    const c = v128.load(a, 64);
    const d = v128.load(b, 64);
    const low = i8x16.sub(i8x16.add(c, d), first);
    const high = i8x16.sub(i8x16.add(i8x16.shr_u(c, 4), i8x16.shr_u(d, 4)), second);
    v128.store(to, s0);
    v128.store(to, s1, 16);
    v128.store(to, s2, 32);
    v128.store(to, s3, 48);
    v128.store(to, v128.or(v128.and(low, low4), i8x16.shl(high, 4)), 64);
  }
}
