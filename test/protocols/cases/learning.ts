/** Linear algebra and gradient descent. */
import type { RingWidth } from '../../../src/kernels/ring-vector.js';
import { transpose } from '../../../src/protocols/linear-algebra/layout.js';
import { gram, matrixMultiply, matrixVector } from '../../../src/protocols/linear-algebra/matrix-multiply.js';
import { slice } from '../../../src/share/linear.js';
import { type AnyShare, type Case, ringCase, values } from './case.js';

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
];
