/** Matrices and gradient descent: every protocol on inputs of any shape. */
import { gram, matrixMultiply, matrixVector } from '../../../src/protocols/linear-algebra/matrix-multiply.js';
import { inverse, solve } from '../../../src/protocols/linear-algebra/solve.js';
import { symmetricEigenvalues } from '../../../src/protocols/linear-algebra/symmetric-eigenvalues.js';
import type { RegressionData } from '../../../src/protocols/sgd/regression.js';
import { linearRegression, logisticRegression } from '../../../src/protocols/sgd/regression.js';
import type { Fixed } from '../../../src/share/fixed.js';
import { type Entries, entry } from './entry.js';
import type { Inputs } from './inputs.js';

/** n x n: 1 on the diagonal and a quarter elsewhere; all 1 where elements are equal. */
function matrixOf(inp: Inputs): Fixed<128> {
  const one = 1n << 40n;
  const list = Array.from({ length: inp.n * inp.n }, (_, i) => {
    if (inp.shape === 'missing') return 0n;
    return inp.shape === 'equal' || i % (inp.n + 1) === 0 ? one : one >> 2n;
  });
  const bounds =
    inp.shape === 'wide' ? { min: -(1n << 127n), max: (1n << 127n) - 1n } : { min: 0n, max: one };
  return { value: inp.exact('a', 128, list, bounds), fraction: 40 };
}

function regressionData(inp: Inputs, min: number, max: number): RegressionData {
  return { features: [inp.fixed('x', 64, -2, 2)], target: inp.fixed('t', 64, min, max, inp.m) };
}

const DESCENT = { batch: 3, epochs: 2, learningRate: 0.1 };

export const ALGEBRA_ENTRIES: Entries = {
  matrixMultiply: entry('wwwwwrrb', async (ctx, inp) =>
    matrixMultiply(ctx, inp.x, inp.y, { rows: 1, inner: inp.n, columns: 1 }),
  ),
  gram: entry('wwwwwwwb', async (ctx, inp) => gram(ctx, inp.x, inp.n, 1)),
  matrixVector: entry('wwwwwrrb', async (ctx, inp) => matrixVector(ctx, inp.x, inp.y, 1)),
  solve: entry(
    'wwwwwrrb',
    async (ctx, inp) =>
      solve(ctx, matrixOf(inp), inp.fixed('b', 128, -2, 2, inp.m), { size: inp.n, columns: 1 }),
    1n << 20n,
  ),
  inverse: entry('wwwwwrrb', async (ctx, inp) => inverse(ctx, matrixOf(inp), inp.m), 1n << 20n),
  // In any order.
  symmetricEigenvalues: entry(
    'wwwwwrrb',
    async (ctx, inp) => (await symmetricEigenvalues(ctx, matrixOf(inp), inp.m)).values,
    'random',
  ),
  logisticRegression: entry(
    'wwwwwrrr',
    async (ctx, inp) => logisticRegression(ctx, regressionData(inp, 0, 1), { ...DESCENT, sigmoid: 'quick' }),
    'random',
  ),
  linearRegression: entry(
    'wwwwwrrb',
    async (ctx, inp) => linearRegression(ctx, regressionData(inp, -2, 2), { ...DESCENT, limit: 4 }),
    'random',
  ),
};
