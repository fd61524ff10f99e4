/** Products and dot products of 64-bit ring elements. */
import { RingVector } from '../../src/kernels/ring-vector.js';
import { dot, multiply } from '../../src/protocols/multiply.js';
import type { ProtocolBench } from './protocol-bench.js';
import { signedView, signs, unsigned } from './values.js';

/** -1, 0 and 1 are closed under products, so ten in a row are proved to stay in the ring; the cost knows no values. */
const SIGNS = { min: -1n, max: 1n };
const PRODUCTS = 10;
const DOTS = 100;
const DOT_BITS = 16;

export const multiplyBench: ProtocolBench = {
  name: 'multiply',
  about: 'products of 64-bit elements; ten in a row, figures are of one',
  items: 1_000_000,
  repeat: PRODUCTS,
  prepare(deal, n) {
    const secret = (name: string) =>
      deal.ring({ name, length: n, bounds: SIGNS, values: () => signs(name, n) });
    const [x, a, b] = [secret('x'), secret('a'), secret('b')];
    return async (ctx) => {
      let product = x;
      for (let i = 0; i < PRODUCTS; i++) {
        product = await multiply(ctx.step(`product-${i}`), product, i % 2 === 0 ? a : b);
      }
      return product;
    };
  },
  /** x * a^5 * b^5, and the fifth power of a sign is the sign. */
  expected(n) {
    const plain = (name: string) => signedView(signs(name, n));
    const [x, a, b] = [plain('x'), plain('a'), plain('b')];
    return new RingVector(64, new BigUint64Array(x.map((value, i) => value * a[i]! * b[i]!).buffer));
  },
};

export const dotBench: ProtocolBench = {
  name: 'dot',
  about: 'dot product of a vector with itself; a hundred in a row, figures are of one',
  items: 1_000_000,
  repeat: DOTS,
  prepare(deal, n) {
    const bounds = { min: 0n, max: 2n ** BigInt(DOT_BITS) - 1n };
    const x = deal.ring({ name: 'x', length: n, bounds, values: () => unsigned('x', n, DOT_BITS) });
    return async (ctx) => {
      let result = await dot(ctx.step('dot-0'), x, x);
      for (let i = 1; i < DOTS; i++) {
        // each starts when the one before has ended, so its messages count as later rounds
        const after = x.with({ clock: result.clock });
        result = await dot(ctx.step(`dot-${i}`), after, after);
      }
      return result;
    };
  },
  expected(n) {
    let sum = 0n;
    for (const value of unsigned('x', n, DOT_BITS).data as BigUint64Array) sum += value * value;
    return RingVector.fromBigInts(64, [sum]);
  },
};
