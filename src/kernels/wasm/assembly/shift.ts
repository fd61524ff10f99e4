/** Shifts of 64-bit elements. Addresses and spans as in ring32.ts. */

/** x >> shift; with `up` 1 it is rounded up where a dropped bit is set. */
export function shiftRight64(x: usize, out: usize, shift: i32, up: i32, bytes: usize): void {
  const dropped = i64x2.splat(up == 0 ? 0 : ((<i64>1) << shift) - 1);
  const zero = i64x2.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) {
    const value = v128.load(x + i);
    // all ones, so -1, where a dropped bit is set
    const rise = i64x2.ne(v128.and(value, dropped), zero);
    v128.store(out + i, i64x2.sub(i64x2.shr_u(value, shift), rise));
  }
}
