/** Packed bits, 128 to a v128. Addresses and spans as in ring32.ts. */

export function xorWords(x: usize, y: usize, out: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) {
    v128.store(out + i, v128.xor(v128.load(x + i), v128.load(y + i)));
  }
}

export function andWords(x: usize, y: usize, out: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) {
    v128.store(out + i, v128.and(v128.load(x + i), v128.load(y + i)));
  }
}

export function notWords(x: usize, out: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) v128.store(out + i, v128.not(v128.load(x + i)));
}

/** a0 & (b0 ^ b1) ^ a1 & b0 ^ plus ^ minus. */
export function andReplicatedWords(
  a0: usize,
  a1: usize,
  b0: usize,
  b1: usize,
  plus: usize,
  minus: usize,
  out: usize,
  bytes: usize,
): void {
  for (let i: usize = 0; i < bytes; i += 16) {
    const b = v128.load(b0 + i);
    const first = v128.and(v128.load(a0 + i), v128.xor(b, v128.load(b1 + i)));
    const second = v128.and(v128.load(a1 + i), b);
    const mask = v128.xor(v128.load(plus + i), v128.load(minus + i));
    v128.store(out + i, v128.xor(v128.xor(first, second), mask));
  }
}
