/** Elements of two vectors exchanged where a third holds 1 and not where it holds 0. Addresses and spans as in ring32.ts. */

function exchange(a: usize, b: usize, mask: v128): void {
  const x = v128.load(a);
  const y = v128.load(b);
  const different = v128.and(v128.xor(x, y), mask);
  v128.store(a, v128.xor(x, different));
  v128.store(b, v128.xor(y, different));
}

export function exchange32(a: usize, b: usize, bits: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) exchange(a + i, b + i, i32x4.neg(v128.load(bits + i)));
}

export function exchange64(a: usize, b: usize, bits: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) exchange(a + i, b + i, i64x2.neg(v128.load(bits + i)));
}

export function exchange128(a: usize, b: usize, bits: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) {
    exchange(a + i, b + i, i64x2.neg(v128.load_splat<u64>(bits + i)));
  }
}
