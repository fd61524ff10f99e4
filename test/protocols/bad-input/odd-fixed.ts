/** Binary fractions: options and shapes that make no sense, or only just do. */
import { exponential } from '../../../src/protocols/fixed/exponential.js';
import { withFraction } from '../../../src/protocols/fixed/forms.js';
import { logarithm } from '../../../src/protocols/fixed/logarithm.js';
import {
  matrixMultiplyFixed,
  multiplyFixedTo,
  sumOfProductsFixed,
} from '../../../src/protocols/fixed/multiply.js';
import { reciprocal } from '../../../src/protocols/fixed/reciprocal.js';
import { sigmoid } from '../../../src/protocols/fixed/sigmoid.js';
import { softmax } from '../../../src/protocols/fixed/softmax.js';
import { squareRoot } from '../../../src/protocols/fixed/square-root.js';
import { roundExactly, truncate, truncateExactly } from '../../../src/protocols/fixed/truncate.js';
import type { Fixed } from '../../../src/share/fixed.js';
import type { Inputs } from './inputs.js';
import { type OddCall, odd } from './odd-call.js';

function fixed(inp: Inputs): Fixed<64> {
  return inp.fixed('x', 64, -1, 1);
}

export const ODD_FIXED: readonly OddCall[] = [
  odd('truncation by less than nothing', 'RangeError', (ctx, inp) => truncate(ctx, inp.x, -1)),
  odd('truncation by all bits', 'RangeError', (ctx, inp) => truncate(ctx, inp.x, 64)),
  odd('truncation by half a bit', 'RangeError', (ctx, inp) => truncate(ctx, inp.x, 0.5)),
  odd('exact truncation by less than nothing', 'RangeError', (ctx, inp) => truncateExactly(ctx, inp.x, -1)),
  odd('exact truncation by half a bit', 'RangeError', (ctx, inp) => truncateExactly(ctx, inp.x, 0.5)),
  odd('rounding by less than nothing', 'RangeError', (ctx, inp) => roundExactly(ctx, inp.x, -1)),
  odd('rounding by half a bit', 'RangeError', (ctx, inp) => roundExactly(ctx, inp.x, 0.5)),
  odd('rounding by all bits', 'RangeError', (ctx, inp) => roundExactly(ctx, inp.x, 64)),
  odd('a fraction below nothing', 'RangeError', (ctx, inp) => withFraction(ctx, fixed(inp), -1)),
  odd('a fraction beyond the ring', 'BOUND_NOT_PROVED', (ctx, inp) => withFraction(ctx, fixed(inp), 64)),
  odd('a product with more fraction than its factors have', 'RangeError', (ctx, inp) =>
    multiplyFixedTo(ctx, fixed(inp), fixed(inp), { width: 64, fraction: 41 }),
  ),
  odd('a sum of no products', 'RangeError', (ctx) => sumOfProductsFixed(ctx, [])),
  odd('a sum of products of different fractions', 'RangeError', (ctx, inp) =>
    sumOfProductsFixed(ctx, [
      [fixed(inp), fixed(inp)],
      [fixed(inp), { value: inp.x, fraction: 3 }],
    ]),
  ),
  odd('a matrix product of other sizes', 'RangeError', (ctx, inp) =>
    matrixMultiplyFixed(ctx, fixed(inp), fixed(inp), { rows: -1, inner: -5, columns: -1 }),
  ),
  odd('an exponential with too many bits of fraction', 'BOUND_NOT_PROVED', (ctx, inp) =>
    exponential(ctx, { value: inp.x, fraction: 62 }),
  ),
  odd('a reciprocal with too many bits of fraction', 'BOUND_NOT_PROVED', (ctx, inp) =>
    reciprocal(ctx, { value: inp.x, fraction: 62 }),
  ),
  odd('a logarithm with too many bits of fraction', 'BOUND_NOT_PROVED', (ctx, inp) =>
    logarithm(ctx, { value: inp.x, fraction: 63 }),
  ),
  odd('a square root with too many bits of fraction', 'works', (ctx, inp) =>
    squareRoot(ctx, { value: inp.ring('x', 64, 0n, 9n), fraction: 63 }),
  ),
  odd('a sigmoid with too many bits of fraction', 'works', (ctx, inp) =>
    sigmoid(ctx, { value: inp.x, fraction: 63 }),
  ),
  odd('a softmax of another shape', 'RangeError', (ctx, inp) => softmax(ctx, fixed(inp), 2, 3)),
  odd('an exponential that cannot reach 1', 'BOUND_NOT_PROVED', (ctx, inp) =>
    exponential(ctx, { value: inp.x, fraction: 41 }),
  ),
  odd('an exponential that just reaches 1', 'works', async (ctx, inp) => {
    const { value } = await exponential(ctx, { value: inp.x, fraction: 40 });
    return value.bounds;
  }),
];
