/** Products of binary fractions, each truncated. */
import { multiplyFixed } from '../../src/protocols/fixed/multiply.js';
import type { ProtocolBench } from './protocol-bench.js';
import { signed, signedView } from './values.js';

const PRODUCTS = 10;
const FRACTION = 20;
const ONE = 2n ** BigInt(FRACTION);

export const fixedMultiplyBench: ProtocolBench = {
  name: 'fixed-multiply',
  about: 'products with truncation of fractions of 20 bits; ten in a row, figures are of one',
  items: 1_000_000,
  repeat: PRODUCTS,
  prepare(deal, n) {
    const secret = (name: string) => ({
      value: deal.ring({
        name,
        length: n,
        bounds: { min: -ONE, max: ONE },
        values: () => signed(name, n, FRACTION),
      }),
      fraction: FRACTION,
    });
    const [x, a, b] = [secret('x'), secret('a'), secret('b')];
    return async (ctx) => {
      let product = x;
      for (let i = 0; i < PRODUCTS; i++) {
        product = await multiplyFixed(ctx.step(`product-${i}`), product, i % 2 === 0 ? a : b);
      }
      return product.value;
    };
  },
  expected(n) {
    const plain = (name: string) => signedView(signed(name, n, FRACTION));
    const [x, a, b] = [plain('x'), plain('a'), plain('b')];
    const fraction = (value: bigint) => Number(value) / Number(ONE);
    return {
      kind: 'approximate',
      length: n,
      fraction: FRACTION,
      valueAt: (i) => fraction(x[i]!) * (fraction(a[i]!) * fraction(b[i]!)) ** (PRODUCTS / 2),
      error: 'absolute',
      // less than a unit in the last place each
      allowed: PRODUCTS * 2 ** -FRACTION,
    };
  },
};
