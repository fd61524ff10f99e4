/** Matrices and gradient descent: options and shapes that make no sense, or only just do. */
import type { Context } from '../../../src/protocols/context.js';
import { gram, matrixMultiply } from '../../../src/protocols/linear-algebra/matrix-multiply.js';
import { solve } from '../../../src/protocols/linear-algebra/solve.js';
import { symmetricEigenvalues } from '../../../src/protocols/linear-algebra/symmetric-eigenvalues.js';
import type { LogisticOptions } from '../../../src/protocols/sgd/regression.js';
import { linearRegression, logisticRegression } from '../../../src/protocols/sgd/regression.js';
import type { Fixed } from '../../../src/share/fixed.js';
import type { Inputs } from './inputs.js';
import { type OddCall, odd } from './odd-call.js';

const DESCENT = { batch: 3, epochs: 2, learningRate: 0.1 };

function fixed(inp: Inputs): Fixed<64> {
  return inp.fixed('x', 64, -1, 1);
}

/** 1 x 1. */
function unit(inp: Inputs): Fixed<128> {
  return { value: inp.exact('a', 128, [1n << 40n], { min: 0n, max: 1n << 40n }), fraction: 40 };
}

async function logistic(ctx: Context, inp: Inputs, odd: Partial<LogisticOptions>): Promise<unknown> {
  const data = { features: [fixed(inp)], target: inp.fixed('t', 64, 0, 1) };
  return await logisticRegression(ctx, data, { ...DESCENT, sigmoid: 'exact', ...odd });
}

export const ODD_ALGEBRA: readonly OddCall[] = [
  odd('a product of matrices of negative sizes', 'RangeError', (ctx, inp) =>
    matrixMultiply(ctx, inp.x, inp.x, { rows: -1, inner: -5, columns: -1 }),
  ),
  odd('a product of matrices of other sizes', 'RangeError', (ctx, inp) =>
    matrixMultiply(ctx, inp.x, inp.x, { rows: 2, inner: 5, columns: 1 }),
  ),
  odd('products of columns of another shape', 'RangeError', (ctx, inp) => gram(ctx, inp.x, 2, 3)),
  odd('a system of half an unknown', 'RangeError', (ctx, inp) =>
    solve(ctx, unit(inp), unit(inp), { size: 0.5, columns: 2 }),
  ),
  odd('a system of a singular tolerance', 'RangeError', (ctx, inp) =>
    solve(ctx, unit(inp), unit(inp), { size: 1, columns: 1 }, { s: 25 }),
  ),
  odd('a system of no tolerance', 'RangeError', (ctx, inp) =>
    solve(ctx, unit(inp), unit(inp), { size: 1, columns: 1 }, { s: 0 }),
  ),
  odd('less than no sweeps', 'RangeError', (ctx, inp) =>
    symmetricEigenvalues(ctx, unit(inp), 1, { sweeps: -1 }),
  ),
  odd('eigenvalues of a matrix of half a row', 'RangeError', (ctx, inp) =>
    symmetricEigenvalues(ctx, unit(inp), 0.5),
  ),
  odd('descent by batches of nothing', 'RangeError', (ctx, inp) => logistic(ctx, inp, { batch: 0 })),
  odd('descent by batches of half a row', 'RangeError', (ctx, inp) => logistic(ctx, inp, { batch: 0.5 })),
  odd('descent by less than no epochs', 'RangeError', (ctx, inp) => logistic(ctx, inp, { epochs: -1 })),
  odd('descent by half an epoch', 'RangeError', (ctx, inp) => logistic(ctx, inp, { epochs: 0.5 })),
  odd('descent by no epoch', 'works', (ctx, inp) => logistic(ctx, inp, { epochs: 0 })),
  odd('descent by no step', 'RangeError', (ctx, inp) => logistic(ctx, inp, { learningRate: 0 })),
  odd('descent upwards', 'RangeError', (ctx, inp) => logistic(ctx, inp, { learningRate: -1 })),
  odd('descent by a step that is no number', 'RangeError', (ctx, inp) =>
    logistic(ctx, inp, { learningRate: Number.NaN }),
  ),
  odd('descent by steps beyond measure', 'RangeError', (ctx, inp) =>
    logistic(ctx, inp, { learningRate: 1e9 }),
  ),
  odd('descent by large steps', 'BOUND_NOT_PROVED', (ctx, inp) =>
    logistic(ctx, inp, { learningRate: 1000, epochs: 100000 }),
  ),
  odd('descent by tiny steps', 'works', (ctx, inp) => logistic(ctx, inp, { learningRate: 1e-12 })),
  odd('descent with all its momentum', 'RangeError', (ctx, inp) => logistic(ctx, inp, { momentum: 1 })),
  odd('descent with negative momentum', 'RangeError', (ctx, inp) => logistic(ctx, inp, { momentum: -0.5 })),
  odd('descent with negative weights of squares', 'RangeError', (ctx, inp) => logistic(ctx, inp, { l2: -1 })),
  odd('descent with weights of squares that diverge', 'RangeError', (ctx, inp) =>
    logistic(ctx, inp, { l2: 10 }),
  ),
  odd('descent within no limit', 'RangeError', (ctx, inp) =>
    linearRegression(
      ctx,
      { features: [fixed(inp)], target: inp.fixed('t', 64, 0, 1) },
      { ...DESCENT, limit: 0 },
    ),
  ),
  odd('descent within a limit that is no number', 'RangeError', (ctx, inp) =>
    linearRegression(
      ctx,
      { features: [fixed(inp)], target: inp.fixed('t', 64, 0, 1) },
      { ...DESCENT, limit: Number.NaN },
    ),
  ),
  odd('descent within a limit beyond the ring', 'BOUND_NOT_PROVED', (ctx, inp) =>
    linearRegression(
      ctx,
      { features: [fixed(inp)], target: inp.fixed('t', 64, 0, 1) },
      { ...DESCENT, limit: 2 ** 29 },
    ),
  ),
  odd('descent of columns of different fractions', 'RangeError', (ctx, inp) =>
    linearRegression(
      ctx,
      { features: [fixed(inp), { value: inp.x, fraction: 3 }], target: inp.fixed('t', 64, 0, 1) },
      { ...DESCENT, limit: 4 },
    ),
  ),
  odd('descent without columns', 'works', (ctx, inp) =>
    linearRegression(ctx, { features: [], target: inp.fixed('t', 64, 0, 1) }, { ...DESCENT, limit: 4 }),
  ),
  odd('a line by steps that overshoot', 'RangeError', (ctx, inp) => {
    const data = { features: [fixed(inp)], target: inp.fixed('t', 64, 0, 1) };
    return linearRegression(ctx, data, { ...DESCENT, learningRate: 3, momentum: 0.5, limit: 4 });
  }),
  odd('a line by the largest steps', 'works', (ctx, inp) => {
    const data = { features: [fixed(inp)], target: inp.fixed('t', 64, 0, 1) };
    return linearRegression(ctx, data, { ...DESCENT, learningRate: 2.9, momentum: 0.5, limit: 4 });
  }),
  odd('descent with much momentum and weight of squares', 'works', (ctx, inp) =>
    logistic(ctx, inp, { learningRate: 2, momentum: 0.99, l2: 0.4, epochs: 30 }),
  ),
];
