/** Z_2^128, an element as its low word, then its high word. Addresses and spans as in ring32.ts. */

const LOW_HALF: u64 = 0xffffffff;

export function add128(x: usize, y: usize, out: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) {
    addTo(out + i, load<u64>(x + i), load<u64>(x + i, 8), load<u64>(y + i), load<u64>(y + i, 8));
  }
}

export function subtract128(x: usize, y: usize, out: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) {
    const low = load<u64>(x + i);
    const other = load<u64>(y + i);
    store<u64>(out + i, low - other);
    store<u64>(out + i, load<u64>(x + i, 8) - load<u64>(y + i, 8) - u64(low < other), 8);
  }
}

export function multiply128(x: usize, y: usize, out: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) {
    multiplyTo(out + i, load<u64>(x + i), load<u64>(x + i, 8), load<u64>(y + i), load<u64>(y + i, 8));
  }
}

export function addConstant128(x: usize, c: usize, out: usize, bytes: usize): void {
  const low = load<u64>(c);
  const high = load<u64>(c, 8);
  for (let i: usize = 0; i < bytes; i += 16) {
    addTo(out + i, load<u64>(x + i), load<u64>(x + i, 8), low, high);
  }
}

export function scale128(x: usize, c: usize, out: usize, bytes: usize): void {
  const low = load<u64>(c);
  const high = load<u64>(c, 8);
  for (let i: usize = 0; i < bytes; i += 16) {
    multiplyTo(out + i, load<u64>(x + i), load<u64>(x + i, 8), low, high);
  }
}

/** sum += all elements. */
export function sum128(x: usize, sum: usize, bytes: usize): void {
  let low = load<u64>(sum);
  let high = load<u64>(sum, 8);
  for (let i: usize = 0; i < bytes; i += 16) {
    const word = load<u64>(x + i);
    low += word;
    high += load<u64>(x + i, 8) + u64(low < word);
  }
  store<u64>(sum, low);
  store<u64>(sum, high, 8);
}

/** `sum` is the sum of what came before, and is left as that of all. */
export function prefixSum128(x: usize, sum: usize, out: usize, bytes: usize): void {
  let low = load<u64>(sum);
  let high = load<u64>(sum, 8);
  for (let i: usize = 0; i < bytes; i += 16) {
    const word = load<u64>(x + i);
    low += word;
    high += load<u64>(x + i, 8) + u64(low < word);
    store<u64>(out + i, low);
    store<u64>(out + i, high, 8);
  }
  store<u64>(sum, low);
  store<u64>(sum, high, 8);
}

export function multiplyReplicated128(
  x0: usize,
  x1: usize,
  y0: usize,
  y1: usize,
  plus: usize,
  minus: usize,
  out: usize,
  bytes: usize,
): void {
  for (let i: usize = 0; i < bytes; i += 16) {
    const yLow = load<u64>(y0 + i);
    const yHigh = load<u64>(y0 + i, 8);
    const bothLow = yLow + load<u64>(y1 + i);
    const bothHigh = yHigh + load<u64>(y1 + i, 8) + u64(bothLow < yLow);
    const a = load<u64>(x0 + i);
    const b = load<u64>(x1 + i);
    const first = a * bothLow;
    const second = b * yLow;
    const products = first + second;
    const plusLow = load<u64>(plus + i);
    const minusLow = load<u64>(minus + i);
    const masked = products + plusLow;
    store<u64>(out + i, masked - minusLow);
    const carries = u64(products < first) + u64(masked < products) - u64(masked < minusLow);
    const high =
      highProduct(a, bothLow) +
      a * bothHigh +
      load<u64>(x0 + i, 8) * bothLow +
      highProduct(b, yLow) +
      b * yHigh +
      load<u64>(x1 + i, 8) * yLow;
    store<u64>(out + i, high + load<u64>(plus + i, 8) - load<u64>(minus + i, 8) + carries, 8);
  }
}

/** sum += the inner products x0 * both and x1 * y0. */
export function addInnerProduct128(
  x0: usize,
  x1: usize,
  both: usize,
  y0: usize,
  sum: usize,
  bytes: usize,
): void {
  addProducts128(x0, both, sum, bytes);
  addProducts128(x1, y0, sum, bytes);
}

/** sum += the inner product x * y. */
export function addProducts128(x: usize, y: usize, sum: usize, bytes: usize): void {
  let low = load<u64>(sum);
  let high = load<u64>(sum, 8);
  for (let i: usize = 0; i < bytes; i += 16) {
    const a = load<u64>(x + i);
    const b = load<u64>(y + i);
    const product = a * b;
    low += product;
    high += highProduct(a, b) + a * load<u64>(y + i, 8) + load<u64>(x + i, 8) * b + u64(low < product);
  }
  store<u64>(sum, low);
  store<u64>(sum, high, 8);
}

/** sum += the inner product x0 * (x0 + 2 x1). */
export function addSquares128(x0: usize, x1: usize, sum: usize, bytes: usize): void {
  let low = load<u64>(sum);
  let high = load<u64>(sum, 8);
  for (let i: usize = 0; i < bytes; i += 16) {
    const a = load<u64>(x0 + i);
    const aHigh = load<u64>(x0 + i, 8);
    const other = load<u64>(x1 + i);
    const b = a + 2 * other;
    const bHigh = aHigh + 2 * load<u64>(x1 + i, 8) + (other >> 63) + u64(b < a);
    const product = a * b;
    low += product;
    high += highProduct(a, b) + a * bHigh + aHigh * b + u64(low < product);
  }
  store<u64>(sum, low);
  store<u64>(sum, high, 8);
}

function addTo(out: usize, xLow: u64, xHigh: u64, yLow: u64, yHigh: u64): void {
  const low = xLow + yLow;
  store<u64>(out, low);
  store<u64>(out, xHigh + yHigh + u64(low < xLow), 8);
}

function multiplyTo(out: usize, xLow: u64, xHigh: u64, yLow: u64, yHigh: u64): void {
  store<u64>(out, xLow * yLow);
  store<u64>(out, highProduct(xLow, yLow) + xLow * yHigh + xHigh * yLow, 8);
}

/** floor(x y / 2^64), by halves (Warren, Hacker's Delight, 2nd ed., section 8-2). */
function highProduct(x: u64, y: u64): u64 {
  const xLow = x & LOW_HALF;
  const xHigh = x >> 32;
  const yLow = y & LOW_HALF;
  const yHigh = y >> 32;
  const first = xHigh * yLow + ((xLow * yLow) >> 32);
  const second = xLow * yHigh + (first & LOW_HALF);
  return xHigh * yHigh + (first >> 32) + (second >> 32);
}
