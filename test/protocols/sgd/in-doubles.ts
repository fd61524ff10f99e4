/** The same gradient descent in doubles, in a given order of rows. */
import type { DescentOptions, DescentPlan } from '../../../src/protocols/sgd/plan.js';

export interface Table {
  /** Rows, without a column of ones. */
  readonly x: readonly (readonly number[])[];
  readonly y: readonly number[];
}

/** The numbers that a plan really takes, after they are rounded. */
export interface Rates {
  readonly rate: (rows: number) => number;
  readonly momentum: number;
  readonly l2: number;
}

/** Of X with 20 bits of fraction. */
export function ratesOf({ rate, momentum, l2, shift, fraction, residualFraction }: DescentPlan): Rates {
  return {
    rate: (rows) => Number(rate(rows)) * 2 ** (20 + residualFraction - fraction - shift),
    momentum: Number(momentum) / 2 ** shift,
    l2: Number(l2) / 2 ** shift,
  };
}

export const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));

export function descendInDoubles(
  { x, y }: Table,
  { batch }: DescentOptions,
  { rate, momentum, l2 }: Rates,
  orders: readonly (readonly number[])[],
  activation: (z: number) => number,
  limit = Number.POSITIVE_INFINITY,
): number[] {
  const columns = (x[0]?.length ?? 0) + 1;
  let w = Array.from({ length: columns }, () => 0);
  let v = w;
  for (const order of orders) {
    for (let first = 0; first < order.length; first += batch) {
      const rows = order.slice(first, first + batch);
      const gradient = w.map(() => 0);
      for (const row of rows) {
        const own = [1, ...(x[row] ?? [])];
        const z = own.reduce((total, value, j) => total + value * (w[j] ?? 0), 0);
        const residual = activation(z) - (y[row] ?? 0);
        own.forEach((value, j) => {
          gradient[j] = (gradient[j] ?? 0) + value * residual;
        });
      }
      v = v.map(
        (value, j) =>
          momentum * value + rate(rows.length) * (gradient[j] ?? 0) + (j === 0 ? 0 : l2 * (w[j] ?? 0)),
      );
      w = w.map((value, j) => Math.max(-limit, Math.min(limit, value - (v[j] ?? 0))));
    }
  }
  return w;
}
