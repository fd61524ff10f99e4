/** Binary fractions: every protocol on inputs of any shape. */
import { exponential } from '../../../src/protocols/fixed/exponential.js';
import { withFraction } from '../../../src/protocols/fixed/forms.js';
import { logarithm } from '../../../src/protocols/fixed/logarithm.js';
import {
  dotFixed,
  matrixMultiplyFixed,
  matrixMultiplyFixedTo,
  multiplyFixed,
  multiplyFixedTo,
  sumOfProductsFixed,
  sumOfProductsFixedTo,
} from '../../../src/protocols/fixed/multiply.js';
import { piecesOf, piecewise } from '../../../src/protocols/fixed/piecewise.js';
import { fit, polynomial } from '../../../src/protocols/fixed/polynomial.js';
import { quickSigmoid } from '../../../src/protocols/fixed/quick-sigmoid.js';
import { divide, reciprocal } from '../../../src/protocols/fixed/reciprocal.js';
import { sigmoid, tanh } from '../../../src/protocols/fixed/sigmoid.js';
import { magnitude } from '../../../src/protocols/fixed/sign.js';
import { softmax } from '../../../src/protocols/fixed/softmax.js';
import { inverseSquareRoot, squareRoot } from '../../../src/protocols/fixed/square-root.js';
import {
  roundExactly,
  truncate,
  truncateExactly,
  truncateTo,
} from '../../../src/protocols/fixed/truncate.js';
import { type Entries, entry } from './entry.js';

export const FIXED_ENTRIES: Entries = {
  exponential: entry('wwwwwwwb', async (ctx, inp) => exponential(ctx, inp.fixed('x', 64, -2, 2)), 8n),
  logarithm: entry('wwwwwwwb', async (ctx, inp) => logarithm(ctx, inp.fixed('x', 64, 0, 4)), 8n),
  multiplyFixed: entry(
    'wwwwwrrb',
    async (ctx, inp) => multiplyFixed(ctx, inp.fixed('x', 64, -2, 2), inp.fixed('y', 64, -2, 2, inp.m)),
    8n,
  ),
  multiplyFixedTo: entry(
    'wwwwwrrb',
    async (ctx, inp) =>
      multiplyFixedTo(ctx, inp.fixed('x', 64, -2, 2), inp.fixed('y', 64, -2, 2, inp.m), {
        width: 128,
        fraction: 30,
      }),
    8n,
  ),
  sumOfProductsFixed: entry(
    'wwwwwrrb',
    async (ctx, inp) =>
      sumOfProductsFixed(ctx, [[inp.fixed('x', 64, -2, 2), inp.fixed('y', 64, -2, 2, inp.m)]]),
    8n,
  ),
  sumOfProductsFixedTo: entry(
    'wwwwwrrb',
    async (ctx, inp) =>
      sumOfProductsFixedTo(
        ctx,
        [[inp.fixed('x', 64, -2, 2), inp.fixed('x', 64, -2, 2)]],
        { width: 32, fraction: 10 },
        { value: inp.small('z', 64, -9n, 9n, inp.m), fraction: 40 },
      ),
    8n,
  ),
  dotFixed: entry(
    'wwwwwrrb',
    async (ctx, inp) => dotFixed(ctx, inp.fixed('x', 64, -2, 2), inp.fixed('y', 64, -2, 2, inp.m)),
    8n,
  ),
  matrixMultiplyFixed: entry(
    'wwwwwrrb',
    async (ctx, inp) =>
      matrixMultiplyFixed(ctx, inp.fixed('x', 64, -2, 2), inp.fixed('y', 64, -2, 2, inp.m), {
        rows: inp.n,
        inner: 1,
        columns: inp.n,
      }),
    8n,
  ),
  matrixMultiplyFixedTo: entry(
    'wwwwwrrb',
    async (ctx, inp) =>
      matrixMultiplyFixedTo(
        ctx,
        inp.fixed('x', 64, -2, 2),
        inp.fixed('y', 64, -2, 2, inp.m),
        { rows: 1, inner: inp.n, columns: 1 },
        { width: 32, fraction: 9 },
      ),
    8n,
  ),
  withFraction: entry('wwwwwwwb', async (ctx, inp) => withFraction(ctx, inp.fixed('x', 64, -2, 2), 7), 8n),
  piecewise: entry(
    'wwwwwwwb',
    async (ctx, inp) =>
      piecewise(
        ctx,
        inp.fixed('x', 64, -2, 2),
        piecesOf(Math.tanh, { half: 8, bits: 3, degree: 4 }, { min: -1, max: 1 }),
      ),
    8n,
  ),
  polynomial: entry(
    'wwwwwwwb',
    async (ctx, inp) => polynomial(ctx, inp.fixed('x', 64, -1, 1), fit(Math.exp, 4)),
    8n,
  ),
  reciprocal: entry('wwwwwwwb', async (ctx, inp) => reciprocal(ctx, inp.fixed('x', 64, -2, 2)), 1n << 14n),
  divide: entry(
    'wwwwwrrb',
    async (ctx, inp) => divide(ctx, inp.fixed('x', 64, -2, 2), inp.fixed('y', 64, 0.5, 2, inp.m)),
    8n,
  ),
  quickSigmoid: entry('wwwwwwwb', async (ctx, inp) => quickSigmoid(ctx, inp.fixed('x', 64, -2, 2)), 8n),
  sigmoid: entry('wwwwwwwb', async (ctx, inp) => sigmoid(ctx, inp.fixed('x', 64, -2, 2)), 8n),
  tanh: entry('wwwwwwwb', async (ctx, inp) => tanh(ctx, inp.fixed('x', 64, -2, 2)), 8n),
  magnitude: entry('wwwwwwwb', async (ctx, inp) => magnitude(ctx, inp.x)),
  softmax: entry('wwwwwwwb', async (ctx, inp) => softmax(ctx, inp.fixed('x', 64, -2, 2), 1, inp.n), 8n),
  squareRoot: entry('wwwwwwwb', async (ctx, inp) => squareRoot(ctx, inp.fixed('x', 64, 0, 2)), 8n),
  inverseSquareRoot: entry(
    'wwwwwwwb',
    async (ctx, inp) => inverseSquareRoot(ctx, inp.fixed('x', 64, 0, 2)),
    1n << 14n,
  ),
  truncate: entry('wwwwwwwb', async (ctx, inp) => truncate(ctx, inp.x, 2), 1n),
  truncateTo: entry('wwwwwwwb', async (ctx, inp) => truncateTo(ctx, inp.x, 2, 128), 1n),
  truncateExactly: entry('wwwwwwwb', async (ctx, inp) => truncateExactly(ctx, inp.x, 2)),
  roundExactly: entry('wwwwwwwb', async (ctx, inp) => roundExactly(ctx, inp.x, 2)),
};
