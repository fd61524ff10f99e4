/**
 * Three rows of packed bits and the products of their subsets, 128 bits at a time. Row j is at `rows` + j*step, the
 * product of the rows in t (bit j of t for row j) at `products` + (t-1)*step.
 */

/** The products of the subsets are XORed to the masks that are there. */
export function subsetProducts(rows: usize, products: usize, step: usize, bytes: usize): void {
  const end = rows + bytes;
  let out = products;
  for (let row = rows; row < end; row += 16) {
    const a = v128.load(row);
    const b = v128.load(row + step);
    const c = v128.load(row + 2 * step);
    const ab = v128.and(a, b);
    xorTo(out, a);
    xorTo(out + step, b);
    xorTo(out + 2 * step, ab);
    xorTo(out + 3 * step, c);
    xorTo(out + 4 * step, v128.and(a, c));
    xorTo(out + 5 * step, v128.and(b, c));
    xorTo(out + 6 * step, v128.and(ab, c));
    out += 16;
  }
}

function xorTo(at: usize, x: v128): void {
  v128.store(at, v128.xor(v128.load(at), x));
}

/**
 * Halves of generate and propagate of a span (../../../protocols/rep3/carry-spans.ts), from halves of the products of
 * one operand's bits, the other operand's rows, and a half of 1: all ones or zeros.
 */
export function spanCarry(
  rows: usize,
  products: usize,
  step: usize,
  one: i32,
  generate: usize,
  propagate: usize,
  bytes: usize,
): void {
  const unit = i32x4.splat(-one);
  for (let i: usize = 0; i < bytes; i += 16) {
    const a = v128.load(rows + i);
    const b = v128.load(rows + step + i);
    const c = v128.load(rows + 2 * step + i);
    const h = products + i;
    const h1 = v128.load(h);
    const h2 = v128.load(h + step);
    const h3 = v128.load(h + 2 * step);
    const h4 = v128.load(h + 3 * step);
    const h5 = v128.load(h + 4 * step);
    const h6 = v128.load(h + 5 * step);
    const h7 = v128.load(h + 6 * step);
    // of the lowest bit, times the products of none, b, c and both
    const g = v128.and(a, h1);
    const gB = v128.and(a, h3);
    const gC = v128.and(a, h5);
    const gBC = v128.and(a, h7);
    const p = v128.xor(h1, v128.and(a, unit));
    const pB = v128.xor(h3, v128.and(a, h2));
    const pC = v128.xor(h5, v128.and(a, h4));
    const pBC = v128.xor(h7, v128.and(a, h6));
    // of the lower two, times the products of none and c
    const g2 = v128.xor(gB, v128.and(b, v128.xor(h2, g)));
    const g2C = v128.xor(gBC, v128.and(b, v128.xor(h6, gC)));
    const p2 = v128.xor(pB, v128.and(b, p));
    const p2C = v128.xor(pBC, v128.and(b, pC));
    v128.store(generate + i, v128.xor(g2C, v128.and(c, v128.xor(h4, g2))));
    v128.store(propagate + i, v128.xor(p2C, v128.and(c, p2)));
  }
}

/**
 * The carries that two terms x*y and x*z make (`spanTermsInto`): products of x at `x`, of y after those, of z after those;
 * generate and propagate of both terms at `carries`, where the masks are.
 */
export function spanTerms(bits: i32, x: usize, carries: usize, step: usize, bytes: usize): void {
  const count: usize = (1 << bits) - 1;
  for (let term: usize = 1; term < 3; term++) {
    const y = x + term * count * step;
    const generate = carries + 2 * (term - 1) * step;
    if (bits === 3) threeBits(x, y, generate, step, bytes);
    else if (bits === 2) twoBits(x, y, generate, step, bytes);
    else oneBit(x, y, generate, bytes);
  }
}

function threeBits(x: usize, y: usize, generate: usize, step: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) {
    const a = x + i;
    const b = y + i;
    const x1 = v128.load(a);
    const x2 = v128.load(a + step);
    const x3 = v128.load(a + 2 * step);
    const x4 = v128.load(a + 3 * step);
    const x5 = v128.load(a + 4 * step);
    const x6 = v128.load(a + 5 * step);
    const y1 = v128.load(b);
    const y2 = v128.load(b + step);
    const y3 = v128.load(b + 2 * step);
    const y4 = v128.load(b + 3 * step);
    const y5 = v128.load(b + 4 * step);
    const y6 = v128.load(b + 5 * step);
    const outer = v128.xor(v128.and(x1, v128.load(b + 6 * step)), v128.and(v128.load(a + 6 * step), y1));
    const middle = v128.xor(v128.and(x2, y6), v128.and(x6, y2));
    const inner = v128.xor(v128.xor(v128.and(x3, y5), v128.and(x5, y3)), v128.and(x4, y4));
    xorTo(generate + i, v128.xor(v128.xor(outer, middle), inner));
    const far = v128.xor(v128.and(x1, y6), v128.and(x6, y1));
    const near = v128.xor(v128.and(x2, y5), v128.and(x5, y2));
    const next = v128.xor(v128.and(x3, y4), v128.and(x4, y3));
    xorTo(generate + step + i, v128.xor(v128.xor(far, near), next));
  }
}

function twoBits(x: usize, y: usize, generate: usize, step: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) {
    const a = x + i;
    const b = y + i;
    const x1 = v128.load(a);
    const x2 = v128.load(a + step);
    const y1 = v128.load(b);
    const y2 = v128.load(b + step);
    const outer = v128.xor(v128.and(x1, v128.load(b + 2 * step)), v128.and(v128.load(a + 2 * step), y1));
    xorTo(generate + i, v128.xor(outer, v128.and(x2, y2)));
    xorTo(generate + step + i, v128.xor(v128.and(x1, y2), v128.and(x2, y1)));
  }
}

/** No product of one bit with another makes a carry pass. */
function oneBit(x: usize, y: usize, generate: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) {
    xorTo(generate + i, v128.and(v128.load(x + i), v128.load(y + i)));
  }
}
