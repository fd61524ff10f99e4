/**
 * The loops of a stable sort by a digit, over Z_2^32 (contracts in `Kernels`). Entries of unit vectors lie `step` bytes
 * apart. Spans are those of one entry's vector, in bytes, rounded up to 16.
 */

/** Entries 1 to count-1 of the unit vectors of digits, less masks. `digit` holds the digits as elements. */
export function unitEntries32(
  digit: usize,
  count: i32,
  masks: usize,
  out: usize,
  step: usize,
  bytes: usize,
): void {
  for (let j = 1; j < count; j++) {
    const wanted = i32x4.splat(j);
    for (let i: usize = 0; i < bytes; i += 16) {
      const entry = i32x4.neg(i32x4.eq(v128.load(digit + i), wanted));
      v128.store(out + i, i32x4.sub(entry, v128.load(masks + i)));
    }
    masks += step;
    out += step;
  }
}

/** sum += bit << place. */
export function addBit32(bits: usize, place: i32, sum: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) {
    v128.store(sum + i, i32x4.add(v128.load(sum + i), i32x4.shl(v128.load(bits + i), place)));
  }
}

/** Of two elements the exclusive-or of what differs, under a mask: XORed to both it exchanges them. */
function different(x: v128, y: v128, mask: v128): v128 {
  return v128.and(v128.xor(x, y), mask);
}

/** Entries 1 to 3, where entry j was at place j XOR digit and entry 0 is one less the others, less masks. */
export function moveUnits4(
  entries: usize,
  digit: usize,
  one: i32,
  masks: usize,
  out: usize,
  step: usize,
  bytes: usize,
): void {
  const whole = i32x4.splat(one);
  for (let i: usize = 0; i < bytes; i += 16) {
    const value = v128.load(digit + i);
    let e1 = v128.load(entries + i);
    let e2 = v128.load(entries + step + i);
    let e3 = v128.load(entries + 2 * step + i);
    let e0 = i32x4.sub(whole, i32x4.add(e1, i32x4.add(e2, e3)));
    let mask = i32x4.shr_s(i32x4.shl(value, 31), 31);
    let d = different(e0, e1, mask);
    e0 = v128.xor(e0, d);
    e1 = v128.xor(e1, d);
    d = different(e2, e3, mask);
    e2 = v128.xor(e2, d);
    e3 = v128.xor(e3, d);
    mask = i32x4.shr_s(i32x4.shl(value, 30), 31);
    e2 = v128.xor(e2, different(e0, e2, mask));
    d = different(e1, e3, mask);
    v128.store(out + i, i32x4.sub(v128.xor(e1, d), v128.load(masks + i)));
    v128.store(out + step + i, i32x4.sub(e2, v128.load(masks + step + i)));
    v128.store(out + 2 * step + i, i32x4.sub(v128.xor(e3, d), v128.load(masks + 2 * step + i)));
  }
}

/** Entries 1 to 7, as moveUnits4. */
export function moveUnits8(
  entries: usize,
  digit: usize,
  one: i32,
  masks: usize,
  out: usize,
  step: usize,
  bytes: usize,
): void {
  const whole = i32x4.splat(one);
  for (let i: usize = 0; i < bytes; i += 16) {
    const value = v128.load(digit + i);
    const from = entries + i;
    let e1 = v128.load(from);
    let e2 = v128.load(from + step);
    let e3 = v128.load(from + 2 * step);
    let e4 = v128.load(from + 3 * step);
    let e5 = v128.load(from + 4 * step);
    let e6 = v128.load(from + 5 * step);
    let e7 = v128.load(from + 6 * step);
    const others = i32x4.add(
      i32x4.add(i32x4.add(e1, e2), i32x4.add(e3, e4)),
      i32x4.add(i32x4.add(e5, e6), e7),
    );
    let e0 = i32x4.sub(whole, others);

    let mask = i32x4.shr_s(i32x4.shl(value, 31), 31);
    let d = different(e0, e1, mask);
    e0 = v128.xor(e0, d);
    e1 = v128.xor(e1, d);
    d = different(e2, e3, mask);
    e2 = v128.xor(e2, d);
    e3 = v128.xor(e3, d);
    d = different(e4, e5, mask);
    e4 = v128.xor(e4, d);
    e5 = v128.xor(e5, d);
    d = different(e6, e7, mask);
    e6 = v128.xor(e6, d);
    e7 = v128.xor(e7, d);

    mask = i32x4.shr_s(i32x4.shl(value, 30), 31);
    d = different(e0, e2, mask);
    e0 = v128.xor(e0, d);
    e2 = v128.xor(e2, d);
    d = different(e1, e3, mask);
    e1 = v128.xor(e1, d);
    e3 = v128.xor(e3, d);
    d = different(e4, e6, mask);
    e4 = v128.xor(e4, d);
    e6 = v128.xor(e6, d);
    d = different(e5, e7, mask);
    e5 = v128.xor(e5, d);
    e7 = v128.xor(e7, d);

    mask = i32x4.shr_s(i32x4.shl(value, 29), 31);
    e4 = v128.xor(e4, different(e0, e4, mask));
    d = different(e1, e5, mask);
    e1 = v128.xor(e1, d);
    e5 = v128.xor(e5, d);
    d = different(e2, e6, mask);
    e2 = v128.xor(e2, d);
    e6 = v128.xor(e6, d);
    d = different(e3, e7, mask);
    e3 = v128.xor(e3, d);
    e7 = v128.xor(e7, d);

    const to = out + i;
    const less = masks + i;
    v128.store(to, i32x4.sub(e1, v128.load(less)));
    v128.store(to + step, i32x4.sub(e2, v128.load(less + step)));
    v128.store(to + 2 * step, i32x4.sub(e3, v128.load(less + 2 * step)));
    v128.store(to + 3 * step, i32x4.sub(e4, v128.load(less + 3 * step)));
    v128.store(to + 4 * step, i32x4.sub(e5, v128.load(less + 4 * step)));
    v128.store(to + 5 * step, i32x4.sub(e6, v128.load(less + 5 * step)));
    v128.store(to + 6 * step, i32x4.sub(e7, v128.load(less + 6 * step)));
  }
}

/** out = one - the sum of entries 1 to count-1. */
export function entryZero32(
  entries: usize,
  count: i32,
  one: i32,
  out: usize,
  step: usize,
  bytes: usize,
): void {
  const whole = i32x4.splat(one);
  for (let i: usize = 0; i < bytes; i += 16) {
    let sum = whole;
    let from = entries + i;
    for (let j = 1; j < count; j++) {
      sum = i32x4.sub(sum, v128.load(from));
      from += step;
    }
    v128.store(out + i, sum);
  }
}

/** The running sums of four lanes. */
function running(x: v128): v128 {
  const zero = i32x4.splat(0);
  const pairs = i32x4.add(x, i32x4.shuffle(zero, x, 0, 4, 5, 6));
  return i32x4.add(pairs, i32x4.shuffle(zero, pairs, 0, 0, 4, 5));
}

/**
 * out += x0 * (c0 + c1) + x1 * c0 for the running sums c0 of x0 and c1 of x1, which go on from the two elements at
 * `counts` and are left there; without squares += x0 * c1 + x1 * c0.
 */
export function addRunningProducts32(
  x0: usize,
  x1: usize,
  squares: i32,
  counts: usize,
  out: usize,
  bytes: usize,
): void {
  const kept = i32x4.splat(-squares);
  let c0 = v128.load_splat<u32>(counts);
  let c1 = v128.load_splat<u32>(counts, 4);
  for (let i: usize = 0; i < bytes; i += 16) {
    const x = v128.load(x0 + i);
    const y = v128.load(x1 + i);
    c0 = i32x4.add(c0, running(x));
    c1 = i32x4.add(c1, running(y));
    const term = i32x4.add(i32x4.mul(x, i32x4.add(v128.and(c0, kept), c1)), i32x4.mul(y, c0));
    v128.store(out + i, i32x4.add(v128.load(out + i), term));
    c0 = i32x4.shuffle(c0, c0, 3, 3, 3, 3);
    c1 = i32x4.shuffle(c1, c1, 3, 3, 3, 3);
  }
  v128.store_lane<u32>(counts, c0, 0);
  v128.store_lane<u32>(counts, c1, 0, 4);
}
