/** Learning by gradient descent. */
import { RingVector } from '../../src/kernels/ring-vector.js';
import { withFraction } from '../../src/protocols/fixed/forms.js';
import { type LogisticOptions, logisticRegression } from '../../src/protocols/sgd/regression.js';
import type { ProtocolBench } from './protocol-bench.js';
import { signed, signedView, unsigned } from './values.js';

const COLUMNS = 10;
const FRACTION = 20;
/** Columns are uniform in [-2, 2). */
const BITS = 1;
const OPTIONS = { batch: 128, epochs: 1, learningRate: 0.1 } as const;
/** By how much the order of the rows may change a coefficient: some standard deviations of the gradients' noise. */
const ALLOWED = 0.2;

const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));

/** One epoch of logistic regression on n x 10. */
export function sgdLogisticBench(choice: LogisticOptions['sigmoid']): ProtocolBench {
  return {
    name: choice === 'quick' ? 'sgd-logistic' : 'sgd-logistic-exact',
    about: `logistic regression by gradient descent, 10 columns, batches of 128, one epoch; ${choice} sigmoid`,
    items: 10_000,
    repeat: 1,
    prepare(deal, n) {
      const bound = 1n << BigInt(FRACTION + BITS);
      const features = Array.from({ length: COLUMNS }, (_, j) => ({
        value: deal.ring({
          name: `x${j}`,
          length: n,
          bounds: { min: -bound, max: bound - 1n },
          values: () => columnOf(n, j),
        }),
        fraction: FRACTION,
      }));
      const target = {
        value: deal.ring({
          name: 'y',
          length: n,
          bounds: { min: 0n, max: 1n },
          values: () => new RingVector(64, BigUint64Array.from(targets(n), BigInt)),
        }),
        fraction: 0,
      };
      return async (ctx) => {
        const options = { ...OPTIONS, sigmoid: choice };
        const found = await logisticRegression(ctx.step('fit'), { features, target }, options);
        return (await withFraction(ctx.step('result'), found, FRACTION)).value;
      };
    },
    expected(n) {
      const coefficients = inDoubles(n);
      return {
        kind: 'approximate',
        length: COLUMNS + 1,
        fraction: FRACTION,
        valueAt: (i) => coefficients[i] ?? Number.NaN,
        error: 'absolute',
        allowed: ALLOWED,
      };
    },
  };
}

function columnOf(n: number, j: number): RingVector {
  return signed(`x${j}`, n, FRACTION + BITS);
}

/** The rows, each after a 1. */
function rowsOf(n: number): number[][] {
  const columns = Array.from({ length: COLUMNS }, (_, j) => signedView(columnOf(n, j)));
  return Array.from({ length: n }, (_, i) => [
    1,
    ...columns.map((column) => Number(column[i]) / 2 ** FRACTION),
  ]);
}

/** 1 with the chance that coefficients from -1 to 1 give. */
function targets(n: number): number[] {
  const chances = unsigned('y', n, 32).data as BigUint64Array;
  const coefficients = Array.from({ length: COLUMNS + 1 }, (_, j) => (2 * j) / COLUMNS - 1);
  return rowsOf(n).map((row, i) => (Number(chances[i]) / 2 ** 32 < sigmoid(dot(row, coefficients)) ? 1 : 0));
}

/** The same descent in doubles, rows in their own order. */
function inDoubles(n: number): number[] {
  const [rows, y] = [rowsOf(n), targets(n)];
  const w = Array.from({ length: COLUMNS + 1 }, () => 0);
  for (let first = 0; first < n; first += OPTIONS.batch) {
    const batch = rows.slice(first, first + OPTIONS.batch);
    const residuals = batch.map((row, i) => sigmoid(dot(row, w)) - (y[first + i] ?? 0));
    const gradient = w.map((_, j) =>
      batch.reduce((total, row, i) => total + (row[j] ?? 0) * (residuals[i] ?? 0), 0),
    );
    gradient.forEach((value, j) => {
      w[j] = (w[j] ?? 0) - (OPTIONS.learningRate * value) / batch.length;
    });
  }
  return w;
}

function dot(x: readonly number[], y: readonly number[]): number {
  return x.reduce((total, value, j) => total + value * (y[j] ?? 0), 0);
}
