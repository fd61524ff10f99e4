/** Linear algebra and learning: bytes in all. */
import { solve } from '../../../src/protocols/linear-algebra/solve.js';
import { symmetricEigenvalues } from '../../../src/protocols/linear-algebra/symmetric-eigenvalues.js';
import { linearRegression, logisticRegression } from '../../../src/protocols/sgd/regression.js';
import type { Program } from '../../support/world.js';
import { type CostRow, fixed, unsigned } from './row.js';

const COLUMNS = 10;
const ROWS = 10_000;
const OPTIONS = { batch: 128, epochs: 1, learningRate: 0.1 } as const;
const LIMIT = 4;

function logistic(sigmoid: 'quick' | 'exact'): Program<unknown> {
  return (ctx, deal) => {
    const features = Array.from({ length: COLUMNS }, () => fixed(deal, 64, ROWS, 20, 1));
    const target = { value: unsigned(deal, 'y', 64, ROWS, 1), fraction: 0 };
    return logisticRegression(ctx, { features, target }, { ...OPTIONS, sigmoid });
  };
}

const linear: Program<unknown> = (ctx, deal) => {
  const features = Array.from({ length: COLUMNS }, () => fixed(deal, 64, ROWS, 20, 1));
  const target = fixed(deal, 64, ROWS, 20, 1);
  return linearRegression(ctx, { features, target }, { ...OPTIONS, limit: LIMIT });
};

function inAll(name: string, program: Program<unknown>, limit: CostRow['limit'] = {}): CostRow {
  return { name, program, elements: 1, limit };
}

function solving(size: number): Program<unknown> {
  return (ctx, deal) =>
    solve(ctx, fixed(deal, 128, size ** 2, 40, 20), fixed(deal, 128, size, 40, 20), { size, columns: 1 });
}

export const LEARNING_ROWS: readonly CostRow[] = [
  inAll('solve, p = 5', solving(5)),
  inAll('solve, p = 50', solving(50)),
  inAll('eigenvalues and eigenvectors, p = 5', (ctx, deal) =>
    symmetricEigenvalues(ctx, fixed(deal, 128, 25, 40, 2), 5),
  ),
  inAll('linear regression', linear),
  inAll('logistic regression, quick sigmoid', logistic('quick'), { rounds: 3000 }),
  inAll('logistic regression, exact sigmoid', logistic('exact')),
];
