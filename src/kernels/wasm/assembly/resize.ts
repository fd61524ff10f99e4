/** Elements of one width as those of another. Spans are those of the wider vector, in bytes. */

/** Low halves of 64-bit elements. */
export function narrow64To32(x: usize, out: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 32) {
    const low = i32x4.shuffle(v128.load(x + i), v128.load(x + i, 16), 0, 2, 4, 6);
    v128.store(out + (i >> 1), low);
  }
}

/** Low words of 128-bit elements. */
export function narrow128To64(x: usize, out: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) store<u64>(out + (i >> 1), load<u64>(x + i));
}

/** Lowest quarters of 128-bit elements. */
export function narrow128To32(x: usize, out: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) store<u32>(out + (i >> 2), load<u32>(x + i));
}

export function widen32To64(x: usize, out: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) {
    v128.store(out + i, v128.load_ext<u32>(x + (i >> 1)));
  }
}

export function widen64To128(x: usize, out: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) v128.store(out + i, v128.load_zero<u64>(x + (i >> 1)));
}

export function widen32To128(x: usize, out: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) v128.store(out + i, v128.load_zero<u32>(x + (i >> 2)));
}
