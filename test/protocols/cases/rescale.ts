/** Rescaling, truncation, lifting and products with truncation. */
import type { RingWidth } from '../../../src/kernels/ring-vector.js';
import {
  dotFixed,
  matrixMultiplyFixed,
  multiplyFixedTo,
  sumOfProductsFixed,
} from '../../../src/protocols/fixed/multiply.js';
import {
  roundExactly,
  truncate,
  truncateExactly,
  truncateTo,
} from '../../../src/protocols/fixed/truncate.js';
import { slice } from '../../../src/share/linear.js';
import { type AnyShare, type Case, ringCase } from './case.js';

const LIMIT = 1n << 62n;

/** Values among which are the ends of the range and those next to 0. */
function withEdges(min: bigint, max: bigint): (x: bigint[]) => bigint[] {
  const edges = [min, max, 0n, -1n, 1n, min + 1n, max - 1n].filter((v) => v >= min && v <= max);
  return (x) => x.map((value, i) => (i % 3 === 0 ? (edges[(i / 3) % edges.length] ?? value) : value));
}

interface RescaleShape {
  readonly from: RingWidth;
  readonly to: RingWidth;
  readonly shift: number;
  readonly offset: bigint;
  readonly min: bigint;
  readonly max: bigint;
}

/** The primitive; exact for shift 0. */
function rescaleCase({ from, to, shift, offset, min, max }: RescaleShape): Case {
  const bits = BigInt(shift);
  const bounds = { min: min >> bits, max: -(-max >> bits) };
  return {
    ...ringCase(
      `rescale-${shift}-of-${from}-to-${to}`,
      from,
      min,
      max,
      (ctx, x) => rescaled(to, (width) => ctx.backend.rescale(ctx, x, { offset, shift, width, bounds })),
      (x) => x.map((v) => v >> bits),
      true,
      withEdges(min, max),
    ),
    within: shift === 0 ? 0n : 1n,
  };
}

/** One call for each width, since widths are types. */
function rescaled(
  to: RingWidth,
  run: <V extends RingWidth>(width: V) => Promise<unknown>,
): Promise<AnyShare> {
  const made = to === 32 ? run(32) : to === 64 ? run(64) : run(128);
  return made as Promise<AnyShare>;
}

const full = (width: RingWidth): Pick<RescaleShape, 'offset' | 'min' | 'max'> => {
  const half = 1n << BigInt(width - 2);
  return { offset: half, min: -half, max: half - 1n };
};

const product = (x: bigint[], y: bigint[]): bigint[] => x.map((v, i) => v * (y[i] ?? 0n));

export const RESCALE_CASES: readonly Case[] = [
  rescaleCase({ from: 64, to: 64, shift: 20, ...full(64) }),
  rescaleCase({ from: 64, to: 64, shift: 1, ...full(64) }),
  rescaleCase({ from: 64, to: 64, shift: 62, ...full(64) }),
  rescaleCase({ from: 64, to: 64, shift: 0, ...full(64) }),
  rescaleCase({ from: 64, to: 32, shift: 32, ...full(64) }),
  rescaleCase({ from: 64, to: 128, shift: 5, ...full(64) }),
  rescaleCase({ from: 32, to: 32, shift: 7, ...full(32) }),
  rescaleCase({ from: 32, to: 128, shift: 0, ...full(32) }),
  rescaleCase({ from: 128, to: 128, shift: 40, ...full(128) }),
  rescaleCase({ from: 128, to: 64, shift: 33, offset: 0n, min: 0n, max: (1n << 96n) - 1n }),
  // No correction: what is left has as many bits as the ring.
  rescaleCase({ from: 128, to: 64, shift: 64, offset: 0n, min: 0n, max: (1n << 127n) - 1n }),
  rescaleCase({ from: 64, to: 32, shift: 30, offset: 0n, min: 0n, max: (1n << 61n) - 1n }),
  {
    ...ringCase(
      'truncate-20-of-64',
      64,
      -LIMIT,
      LIMIT - 1n,
      (ctx, x) => truncate(ctx, x, 20),
      (x) => x.map((v) => v >> 20n),
      true,
      withEdges(-LIMIT, LIMIT - 1n),
    ),
    within: 1n,
  },
  {
    ...ringCase(
      'truncate-20-of-64-to-128',
      64,
      -LIMIT,
      LIMIT - 1n,
      (ctx, x) => truncateTo(ctx, x, 20, 128),
      (x) => x.map((v) => v >> 20n),
      true,
      withEdges(-LIMIT, LIMIT - 1n),
    ),
    within: 1n,
  },
  {
    ...ringCase(
      'truncate-exactly-20-of-64',
      64,
      -LIMIT,
      LIMIT - 1n,
      (ctx, x) => truncateExactly(ctx, x, 20),
      (x) => x.map((v) => v >> 20n),
      true,
      withEdges(-LIMIT, LIMIT - 1n),
    ),
    ahead: true,
  },
  {
    ...ringCase(
      'truncate-exactly-1-of-32',
      32,
      -9n,
      9n,
      (ctx, x) => truncateExactly(ctx, x, 1),
      (x) => x.map((v) => v >> 1n),
    ),
    ahead: true,
  },
  {
    ...ringCase(
      'round-exactly-3-of-64',
      64,
      -100n,
      100n,
      (ctx, x) => roundExactly(ctx, x, 3),
      (x) => x.map((v) => (v + 4n) >> 3n),
    ),
    ahead: true,
  },
  {
    ...ringCase(
      'product-rescaled-20-of-64',
      64,
      -(1n << 31n),
      (1n << 31n) - 1n,
      async (ctx, x, y) => {
        const sums = ctx.backend.productSums(64, x.length);
        await sums.addElementwise(x, y);
        return await sums.finishRescaled(ctx, {
          offset: LIMIT,
          shift: 20,
          width: 64,
          bounds: { min: -(1n << 42n), max: 1n << 42n },
        });
      },
      (x, y) => x.map((v, i) => (v * (y[i] ?? 0n)) >> 20n),
    ),
    within: 1n,
  },
  {
    ...ringCase(
      'product-40-of-128-to-64',
      128,
      -(1n << 50n),
      1n << 50n,
      async (ctx, x, y) => {
        const [own, other] = [x, y].map((value) => ({ value, fraction: 40 }));
        return (await multiplyFixedTo(ctx, own!, other!, { width: 64, fraction: 40 })).value;
      },
      (x, y) => product(x, y).map((v) => v >> 40n),
      true,
      withEdges(-(1n << 50n), 1n << 50n),
    ),
    within: 1n,
  },
  {
    ...ringCase(
      'sum-of-products-20-of-64',
      64,
      -(1n << 30n),
      1n << 30n,
      async (ctx, x, y) => {
        const [own, other] = [x, y].map((value) => ({ value, fraction: 20 }));
        return (
          await sumOfProductsFixed(ctx, [
            [own!, other!],
            [own!, own!],
          ])
        ).value;
      },
      (x, y) => product(x, y).map((v, i) => (v + (x[i] ?? 0n) ** 2n) >> 20n),
    ),
    within: 1n,
  },
  {
    ...ringCase(
      'dot-20-of-64',
      64,
      -(1n << 26n),
      1n << 26n,
      async (ctx, x, y) =>
        (await dotFixed(ctx, { value: x, fraction: 20 }, { value: y, fraction: 20 })).value,
      (x, y) => [product(x, y).reduce((sum, v) => sum + v, 0n) >> 20n],
    ),
    within: 1n,
    wide: fixedMatrix,
  },
];

/** The product of a column and a row, whose result is as long as the transcript takes. */
async function fixedMatrix(...[ctx, deal, n]: Parameters<Case['program']>): Promise<AnyShare> {
  const side = Math.ceil(Math.sqrt(n));
  const bounds = { min: -(1n << 26n), max: 1n << 26n };
  const x = deal.ring('x', 64, side, bounds, () => Array.from({ length: side }, (_, i) => BigInt(i)));
  const own = { value: slice(x, 0, side), fraction: 20 };
  return (await matrixMultiplyFixed(ctx, own, own, { rows: side, inner: 1, columns: side })).value;
}
