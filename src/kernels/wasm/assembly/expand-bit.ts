/** Bits of one row as elements 0 and 1. A span of bits is a whole number of bytes. */

export function expandBit32(bits: usize, out: usize, count: i32): void {
  const places = i32x4(1, 2, 4, 8);
  for (let i = 0; i < count; i += 8) {
    const byte = i32x4.splat(load<u8>(bits++));
    v128.store(out, i32x4.shr_u(i32x4.eq(v128.and(byte, places), places), 31));
    const high = i32x4.shl(places, 4);
    v128.store(out, i32x4.shr_u(i32x4.eq(v128.and(byte, high), high), 31), 16);
    out += 32;
  }
}

export function expandBit64(bits: usize, out: usize, count: i32): void {
  for (let i = 0; i < count; i += 8) {
    let byte = i64x2.splat(load<u8>(bits++));
    const places = i64x2(1, 2);
    for (let j = 0; j < 4; j++) {
      v128.store(out, i64x2.shr_u(i64x2.eq(v128.and(byte, places), places), 63));
      byte = i64x2.shr_u(byte, 2);
      out += 16;
    }
  }
}

export function expandBit128(bits: usize, out: usize, count: i32): void {
  for (let i = 0; i < count; i += 8) {
    let byte: u64 = load<u8>(bits++);
    for (let j = 0; j < 8; j++) {
      v128.store(out, i64x2.replace_lane(i64x2.splat(0), 0, byte & 1));
      byte >>= 1;
      out += 16;
    }
  }
}
