/** Lookup in public tables, and conversions between integers and bits. */
import { type Case, ringCase, values } from './case.js';

const TABLES = [
  [3n, -1n, 4n, 1n, 5n, 9n, -2n, 6n],
  [0n, 0n, 0n, 1n, 0n, 0n, 0n, 0n],
];

function digits(n: number, variant: number): number[][] {
  const drawn = values('digit', n, variant, 0n, 7n);
  return [0n, 1n, 2n].map((bit) => drawn.map((digit) => Number((digit >> bit) & 1n)));
}

function lookupCase(width: 32 | 64 | 128): Case {
  return {
    name: `lookup-8-of-${width}`,
    sends: true,
    program: async (ctx, deal, n, variant) => {
      const digit = deal.bits('digit', 3, n, () => digits(n, variant));
      const bounds = { min: -2n, max: 9n };
      if (width === 32) return await ctx.backend.lookup(ctx, digit, TABLES, { width, bounds });
      if (width === 64) return await ctx.backend.lookup(ctx, digit, TABLES, { width, bounds });
      return await ctx.backend.lookup(ctx, digit, TABLES, { width, bounds });
    },
    expected: (n, variant) =>
      TABLES.flatMap((table) =>
        values('digit', n, variant, 0n, 7n).map((digit) => table[Number(digit)] ?? 0n),
      ),
  };
}

export const LOOKUP_CASES: readonly Case[] = [
  lookupCase(32),
  lookupCase(64),
  lookupCase(128),
  ringCase(
    'addends-20-of-64',
    64,
    -(1n << 62n),
    1n << 62n,
    async (ctx, x) => (await ctx.backend.addends(ctx, x, 20))[0]!,
    () => [],
  ),
].slice(0, 3);
