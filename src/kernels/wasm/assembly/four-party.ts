/**
 * The products of one of four parties (contract of `multiplyTermsInto` in `Kernels`). Three vectors each, `step` bytes
 * apart: x and y (the pair's first and second part, then the lone one), masks and messages (the pair's term, then those of
 * the lone part with the first and with the second), sums in the order of x. Spans as in ring32.ts.
 */
import { total32, total64 } from './lanes';

export function productTerms32(
  x: usize,
  y: usize,
  masks: usize,
  messages: usize,
  sums: usize,
  step: usize,
  crossed: i32,
  bytes: usize,
): void {
  for (let i: usize = 0; i < bytes; i += 16) {
    const x0 = v128.load(x + i);
    const x1 = v128.load(x + step + i);
    const x2 = v128.load(x + 2 * step + i);
    const y0 = v128.load(y + i);
    const y1 = v128.load(y + step + i);
    const y2 = v128.load(y + 2 * step + i);
    const k0 = v128.load(masks + i);
    const k1 = v128.load(masks + step + i);
    const k2 = v128.load(masks + 2 * step + i);
    const m0 = i32x4.sub(i32x4.mul(i32x4.add(x0, x1), i32x4.add(y0, y1)), k0);
    const m1 = i32x4.sub(i32x4.add(i32x4.mul(x2, y0), i32x4.mul(x0, y2)), k1);
    const m2 = i32x4.sub(i32x4.add(i32x4.mul(x2, y1), i32x4.mul(x1, y2)), k2);
    v128.store(messages + i, m0);
    v128.store(messages + step + i, m1);
    v128.store(messages + 2 * step + i, m2);
    const s0 = i32x4.add(k0, crossed ? m1 : k1);
    const s1 = i32x4.add(m0, crossed ? k2 : m2);
    const s2 = i32x4.add(crossed ? k1 : m1, crossed ? m2 : k2);
    v128.store(sums + i, i32x4.add(v128.load(sums + i), s0));
    v128.store(sums + step + i, i32x4.add(v128.load(sums + step + i), s1));
    v128.store(sums + 2 * step + i, i32x4.add(v128.load(sums + 2 * step + i), s2));
  }
}

export function productTerms64(
  x: usize,
  y: usize,
  masks: usize,
  messages: usize,
  sums: usize,
  step: usize,
  crossed: i32,
  bytes: usize,
): void {
  for (let i: usize = 0; i < bytes; i += 16) {
    const x0 = v128.load(x + i);
    const x1 = v128.load(x + step + i);
    const x2 = v128.load(x + 2 * step + i);
    const y0 = v128.load(y + i);
    const y1 = v128.load(y + step + i);
    const y2 = v128.load(y + 2 * step + i);
    const k0 = v128.load(masks + i);
    const k1 = v128.load(masks + step + i);
    const k2 = v128.load(masks + 2 * step + i);
    const m0 = i64x2.sub(i64x2.mul(i64x2.add(x0, x1), i64x2.add(y0, y1)), k0);
    const m1 = i64x2.sub(i64x2.add(i64x2.mul(x2, y0), i64x2.mul(x0, y2)), k1);
    const m2 = i64x2.sub(i64x2.add(i64x2.mul(x2, y1), i64x2.mul(x1, y2)), k2);
    v128.store(messages + i, m0);
    v128.store(messages + step + i, m1);
    v128.store(messages + 2 * step + i, m2);
    const s0 = i64x2.add(k0, crossed ? m1 : k1);
    const s1 = i64x2.add(m0, crossed ? k2 : m2);
    const s2 = i64x2.add(crossed ? k1 : m1, crossed ? m2 : k2);
    v128.store(sums + i, i64x2.add(v128.load(sums + i), s0));
    v128.store(sums + step + i, i64x2.add(v128.load(sums + step + i), s1));
    v128.store(sums + 2 * step + i, i64x2.add(v128.load(sums + 2 * step + i), s2));
  }
}

/** With AND and XOR instead of products and sums. */
export function productTermsWords(
  x: usize,
  y: usize,
  masks: usize,
  messages: usize,
  sums: usize,
  step: usize,
  crossed: i32,
  bytes: usize,
): void {
  for (let i: usize = 0; i < bytes; i += 16) {
    const x0 = v128.load(x + i);
    const x1 = v128.load(x + step + i);
    const x2 = v128.load(x + 2 * step + i);
    const y0 = v128.load(y + i);
    const y1 = v128.load(y + step + i);
    const y2 = v128.load(y + 2 * step + i);
    const k0 = v128.load(masks + i);
    const k1 = v128.load(masks + step + i);
    const k2 = v128.load(masks + 2 * step + i);
    const m0 = v128.xor(v128.and(v128.xor(x0, x1), v128.xor(y0, y1)), k0);
    const m1 = v128.xor(v128.xor(v128.and(x2, y0), v128.and(x0, y2)), k1);
    const m2 = v128.xor(v128.xor(v128.and(x2, y1), v128.and(x1, y2)), k2);
    v128.store(messages + i, m0);
    v128.store(messages + step + i, m1);
    v128.store(messages + 2 * step + i, m2);
    const s0 = v128.xor(k0, crossed ? m1 : k1);
    const s1 = v128.xor(m0, crossed ? k2 : m2);
    const s2 = v128.xor(crossed ? k1 : m1, crossed ? m2 : k2);
    v128.store(sums + i, v128.xor(v128.load(sums + i), s0));
    v128.store(sums + step + i, v128.xor(v128.load(sums + step + i), s1));
    v128.store(sums + 2 * step + i, v128.xor(v128.load(sums + 2 * step + i), s2));
  }
}

/**
 * Of bits as ring elements (contract of `xorTermsInto`): masks and messages of the lone part with the first and with the
 * second, sums as above. Each `one` is 0 or 1.
 */
export function xorTerms32(
  x: usize,
  one0: i32,
  one1: i32,
  one2: i32,
  masks: usize,
  messages: usize,
  sums: usize,
  step: usize,
  crossed: i32,
  bytes: usize,
): void {
  const all0 = i32x4.splat(-one0);
  const all1 = i32x4.splat(-one1);
  const all2 = i32x4.splat(-one2);
  for (let i: usize = 0; i < bytes; i += 16) {
    const x0 = v128.load(x + i);
    const x1 = v128.load(x + step + i);
    const x2 = v128.load(x + 2 * step + i);
    const k0 = v128.load(masks + i);
    const k1 = v128.load(masks + step + i);
    const linear0 = i32x4.add(v128.and(x0, all2), v128.and(x2, all0));
    const linear1 = i32x4.add(v128.and(x1, all2), v128.and(x2, all1));
    const m0 = i32x4.sub(i32x4.sub(linear0, i32x4.shl(i32x4.mul(x0, x2), 1)), k0);
    const m1 = i32x4.sub(i32x4.sub(linear1, i32x4.shl(i32x4.mul(x1, x2), 1)), k1);
    v128.store(messages + i, m0);
    v128.store(messages + step + i, m1);
    const s0 = crossed ? m0 : k0;
    const s1 = crossed ? k1 : m1;
    const s2 = i32x4.add(crossed ? k0 : m0, crossed ? m1 : k1);
    v128.store(sums + i, i32x4.add(v128.load(sums + i), s0));
    v128.store(sums + step + i, i32x4.add(v128.load(sums + step + i), s1));
    v128.store(sums + 2 * step + i, i32x4.add(v128.load(sums + 2 * step + i), s2));
  }
}

export function xorTerms64(
  x: usize,
  one0: i32,
  one1: i32,
  one2: i32,
  masks: usize,
  messages: usize,
  sums: usize,
  step: usize,
  crossed: i32,
  bytes: usize,
): void {
  const all0 = i64x2.splat(-i64(one0));
  const all1 = i64x2.splat(-i64(one1));
  const all2 = i64x2.splat(-i64(one2));
  for (let i: usize = 0; i < bytes; i += 16) {
    const x0 = v128.load(x + i);
    const x1 = v128.load(x + step + i);
    const x2 = v128.load(x + 2 * step + i);
    const k0 = v128.load(masks + i);
    const k1 = v128.load(masks + step + i);
    const linear0 = i64x2.add(v128.and(x0, all2), v128.and(x2, all0));
    const linear1 = i64x2.add(v128.and(x1, all2), v128.and(x2, all1));
    const m0 = i64x2.sub(i64x2.sub(linear0, i64x2.shl(i64x2.mul(x0, x2), 1)), k0);
    const m1 = i64x2.sub(i64x2.sub(linear1, i64x2.shl(i64x2.mul(x1, x2), 1)), k1);
    v128.store(messages + i, m0);
    v128.store(messages + step + i, m1);
    const s0 = crossed ? m0 : k0;
    const s1 = crossed ? k1 : m1;
    const s2 = i64x2.add(crossed ? k0 : m0, crossed ? m1 : k1);
    v128.store(sums + i, i64x2.add(v128.load(sums + i), s0));
    v128.store(sums + step + i, i64x2.add(v128.load(sums + step + i), s1));
    v128.store(sums + 2 * step + i, i64x2.add(v128.load(sums + 2 * step + i), s2));
  }
}

/**
 * Inner products of the terms (contract of `addInnerTerms`): x and y as above, the three sums side by side at `sums`.
 */
export function innerTerms32(x: usize, y: usize, step: usize, sums: usize, bytes: usize): void {
  let s0 = i32x4.splat(0);
  let s1 = i32x4.splat(0);
  let s2 = i32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) {
    const x0 = v128.load(x + i);
    const x1 = v128.load(x + step + i);
    const x2 = v128.load(x + 2 * step + i);
    const y0 = v128.load(y + i);
    const y1 = v128.load(y + step + i);
    const y2 = v128.load(y + 2 * step + i);
    s0 = i32x4.add(s0, i32x4.mul(i32x4.add(x0, x1), i32x4.add(y0, y1)));
    s1 = i32x4.add(s1, i32x4.add(i32x4.mul(x2, y0), i32x4.mul(x0, y2)));
    s2 = i32x4.add(s2, i32x4.add(i32x4.mul(x2, y1), i32x4.mul(x1, y2)));
  }
  store<i32>(sums, load<i32>(sums) + total32(s0));
  store<i32>(sums, load<i32>(sums, 4) + total32(s1), 4);
  store<i32>(sums, load<i32>(sums, 8) + total32(s2), 8);
}

/**
 * Inner products of the terms (contract of `addInnerTerms`): x and y as above, the three sums side by side at `sums`.
 */
export function innerTerms64(x: usize, y: usize, step: usize, sums: usize, bytes: usize): void {
  let s0 = i64x2.splat(0);
  let s1 = i64x2.splat(0);
  let s2 = i64x2.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) {
    const x0 = v128.load(x + i);
    const x1 = v128.load(x + step + i);
    const x2 = v128.load(x + 2 * step + i);
    const y0 = v128.load(y + i);
    const y1 = v128.load(y + step + i);
    const y2 = v128.load(y + 2 * step + i);
    s0 = i64x2.add(s0, i64x2.mul(i64x2.add(x0, x1), i64x2.add(y0, y1)));
    s1 = i64x2.add(s1, i64x2.add(i64x2.mul(x2, y0), i64x2.mul(x0, y2)));
    s2 = i64x2.add(s2, i64x2.add(i64x2.mul(x2, y1), i64x2.mul(x1, y2)));
  }
  store<i64>(sums, load<i64>(sums) + total64(s0));
  store<i64>(sums, load<i64>(sums, 8) + total64(s1), 8);
  store<i64>(sums, load<i64>(sums, 16) + total64(s2), 16);
}
