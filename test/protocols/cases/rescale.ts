/** Truncation, lifting and products with truncation. */
import { type Case, ringCase } from './case.js';

const LIMIT = 1n << 62n;

export const RESCALE_CASES: readonly Case[] = [
  {
    ...ringCase(
      'rescale-20-of-64',
      64,
      -LIMIT,
      LIMIT - 1n,
      async (ctx, x) =>
        ctx.backend.rescale(ctx, x, {
          offset: LIMIT,
          shift: 20,
          width: 64,
          bounds: { min: 0n, max: 1n << 43n },
        }),
      (x) => x.map((v) => (v + LIMIT) >> 20n),
    ),
    within: 1n,
  },
  {
    ...ringCase(
      'rescale-33-of-128-to-64',
      128,
      0n,
      (1n << 96n) - 1n,
      async (ctx, x) =>
        ctx.backend.rescale(ctx, x, {
          offset: 0n,
          shift: 33,
          width: 64,
          bounds: { min: 0n, max: 1n << 63n },
        }),
      (x) => x.map((v) => v >> 33n),
    ),
    within: 1n,
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
          bounds: { min: 0n, max: 1n << 43n },
        });
      },
      (x, y) => x.map((v, i) => (v * (y[i] ?? 0n) + LIMIT) >> 20n),
    ),
    within: 1n,
  },
];
