/** Linear algebra and gradient descent. */
import type { RingWidth } from '../../../src/kernels/ring-vector.js';
import { withFraction } from '../../../src/protocols/fixed/forms.js';
import { transpose } from '../../../src/protocols/linear-algebra/layout.js';
import { gram, matrixMultiply, matrixVector } from '../../../src/protocols/linear-algebra/matrix-multiply.js';
import { solve } from '../../../src/protocols/linear-algebra/solve.js';
import { symmetricEigenvalues } from '../../../src/protocols/linear-algebra/symmetric-eigenvalues.js';
import { logisticRegression } from '../../../src/protocols/sgd/regression.js';
import { BIT } from '../../../src/share/bounds.js';
import { slice } from '../../../src/share/linear.js';
import { descendInDoubles, sigmoid } from '../sgd/in-doubles.js';
import { type AnyShare, bitRow, type Case, ringCase, values } from './case.js';

/** Rows of two that n elements make. */
const pairs = (n: number): number => Math.floor(n / 2);

function product(x: bigint[], y: bigint[]): bigint {
  return x.reduce((total, value, i) => total + value * (y[i] ?? 0n), 0n);
}

/** The two columns of the row-major matrix of pairs. */
function columnsOf(x: bigint[]): [bigint[], bigint[]] {
  const whole = x.slice(0, 2 * pairs(x.length));
  return [whole.filter((_, i) => i % 2 === 0), whole.filter((_, i) => i % 2 === 1)];
}

/** n/2 x 2 times 2 x 3. */
function matrixCase<W extends RingWidth>(width: W, limit: bigint): Case {
  const name = `matrix-product-${width}`;
  const bounds = { min: -limit, max: limit };
  const left = (n: number, variant: number): bigint[] =>
    values(`${name}-x`, 2 * pairs(n), variant, -limit, limit);
  const right = (variant: number): bigint[] => values(`${name}-y`, 6, variant, -limit, limit);
  return {
    name,
    sends: true,
    program: async (ctx, deal, n, variant) => {
      const x = deal.ring('x', width, 2 * pairs(n), bounds, () => left(n, variant));
      const yT = deal.ring('y', width, 6, bounds, () => right(variant));
      const shape = { rows: pairs(n), inner: 2, columns: 3 };
      return (await matrixMultiply(ctx, x, yT, shape)) as AnyShare & typeof x;
    },
    expected: (n, variant) => {
      const [x, y] = [left(n, variant), right(variant)];
      return Array.from({ length: pairs(n) }, (_, row) =>
        [0, 1, 2].map((column) =>
          product(x.slice(2 * row, 2 * row + 2), y.slice(2 * column, 2 * column + 2)),
        ),
      ).flat();
    },
  };
}

/** Numbers of the wide ring below 1 with 40 bits of fraction. */
const LIMIT = 1n << 40n;
const WIDE = { min: -LIMIT, max: LIMIT };

/** A = (1, 1/4; 1/4, 1/2) and n right sides. */
const SOLVE_CASE: Case = {
  name: 'solve',
  sends: true,
  composite: true,
  ahead: true,
  within: 16n,
  program: async (ctx, deal, n, variant) => {
    const a = deal.ring('a', 128, 4, WIDE, () => [LIMIT, LIMIT / 4n, LIMIT / 4n, LIMIT / 2n]);
    const b = deal.ring('b', 128, 2 * n, WIDE, () => values('solve', 2 * n, variant, -LIMIT, LIMIT));
    const found = await solve(
      ctx,
      { value: a, fraction: 40 },
      { value: b, fraction: 40 },
      { size: 2, columns: n },
      { s: 3 },
    );
    return found.x.value;
  },
  expected: (n, variant) => {
    const b = values('solve', 2 * n, variant, -LIMIT, LIMIT);
    const [first, second] = [b.slice(0, n), b.slice(n)];
    // The inverse is (8, -4; -4, 16) / 7.
    return [
      ...first.map((value, i) => (8n * value - 4n * (second[i] ?? 0n)) / 7n),
      ...first.map((value, i) => (16n * (second[i] ?? 0n) - 4n * value) / 7n),
    ];
  },
};

/** Eigenvalues of matrices of up to 2 x 2. */
const EIGENVALUES_CASE: Case = {
  name: 'eigenvalues',
  sends: true,
  composite: true,
  ahead: true,
  within: 64n,
  program: async (ctx, deal, n, variant) => {
    const p = Math.min(n, 2);
    const a = deal.ring('a', 128, p * p, WIDE, () => values('eigenvalues', p * p, variant, -LIMIT, LIMIT));
    return (await symmetricEigenvalues(ctx, { value: a, fraction: 40 }, p)).values.value;
  },
  expected: (n, variant) => {
    if (n === 0) return [];
    if (n === 1) return values('eigenvalues', 1, variant, -LIMIT, LIMIT);
    const [first = 0, off = 0, , last = 0] = values('eigenvalues', 4, variant, -LIMIT, LIMIT).map(Number);
    const half = Math.hypot(first - last, 2 * off) / 2;
    const larger = (first + last) / 2 + half;
    const both = first < last ? [larger - 2 * half, larger] : [larger, larger - 2 * half];
    return both.map((value) => BigInt(Math.round(value)));
  },
};

/** Two steps of logistic regression on all rows at once, so that their order does not matter. */
const DESCENT_CASE: Case = {
  name: 'sgd',
  sends: true,
  composite: true,
  ahead: true,
  // Of 20 bits; the quick sigmoid is within 2^-14.
  within: 256n,
  program: async (ctx, deal, n, variant) => {
    const [x, y] = descentRows(n, variant);
    const features = [{ value: deal.ring('x', 64, n, { min: -ONE, max: ONE }, () => x), fraction: 20 }];
    const target = { value: deal.ring('y', 64, n, BIT, () => y), fraction: 0 };
    const options = { batch: 1024, epochs: 2, learningRate: 0.5, momentum: 0.5, sigmoid: 'quick' } as const;
    const found = await logisticRegression(ctx.step('fit'), { features, target }, options);
    return (await withFraction(ctx.step('result'), found, 20)).value;
  },
  expected: (n, variant) => {
    const [x, y] = descentRows(n, variant).map((column) => column.map(Number)) as [number[], number[]];
    const table = { x: x.map((value) => [value / 2 ** 20]), y };
    const rates = { rate: (rows: number) => 0.5 / rows, momentum: 0.5, l2: 0 };
    const order = x.map((_, i) => i);
    const found = descendInDoubles(
      table,
      { batch: 1024, epochs: 2, learningRate: 0.5 },
      rates,
      [order, order],
      sigmoid,
    );
    // Without a row the table has no column either.
    return [found[0] ?? 0, found[1] ?? 0].map((value) => BigInt(Math.round(value * 2 ** 20)));
  },
};

const ONE = 1n << 20n;

function descentRows(n: number, variant: number): [bigint[], bigint[]] {
  return [values('sgd-x', n, variant, -ONE, ONE), bitRow('sgd-y', n, variant).map(BigInt)];
}

export const LEARNING_CASES: readonly Case[] = [
  matrixCase(32, 1n << 14n),
  matrixCase(64, 1n << 30n),
  matrixCase(128, 1n << 62n),
  {
    ...ringCase(
      'gram-64',
      64,
      -(1n << 20n),
      1n << 20n,
      (ctx, x) => gram(ctx, slice(x, 0, 2 * pairs(x.length)), pairs(x.length), 2),
      (x) => columnsOf(x).flatMap((one) => columnsOf(x).map((other) => product(one, other))),
    ),
    wide: (ctx, deal, n, variant) => {
      const side = Math.ceil(Math.sqrt(n));
      const bounds = { min: 0n, max: 1000n };
      return gram(
        ctx,
        deal.ring('x', 64, side, bounds, () => values('gram-wide', side, variant, 0n, 1000n)),
        1,
        side,
      );
    },
  },
  ringCase(
    'transpose',
    64,
    0n,
    1000n,
    (_, x) => transpose(slice(x, 0, 2 * pairs(x.length)), pairs(x.length), 2),
    (x) => columnsOf(x).flat(),
    false,
  ),
  ringCase(
    'matrix-vector',
    64,
    -(1n << 20n),
    1n << 20n,
    (ctx, x, y) =>
      x.length === 0 ? matrixVector(ctx, x, y, 0) : matrixVector(ctx, x, slice(y, 0, 1), x.length),
    (x, y) => x.map((value) => value * (y[0] ?? 0n)),
  ),
  SOLVE_CASE,
  EIGENVALUES_CASE,
  DESCENT_CASE,
];
