/** Lookup in public tables, and conversions between integers and bits. */
import { lookup, lookupSums } from '../../../src/protocols/bits/lookup.js';
import type { Context } from '../../../src/protocols/context.js';
import { concatenate } from '../../../src/share/linear.js';
import type { BinaryShare } from '../../../src/share/shares.js';
import type { Dealer } from '../../support/world.js';
import { type Case, values } from './case.js';

/** Of digits of 3, 1 and 2 bits: a list of tables, and another. */
const TABLES = [
  [
    [3n, -1n, 4n, 1n, 5n, 9n, -2n, 6n],
    [0n, 100n],
    [-7n, 0n, 1n, 1000n],
  ],
  [
    [0n, 0n, 0n, 1n, 0n, 0n, 0n, 0n],
    [0n, 0n],
    [1n, 0n, 0n, 0n],
  ],
];
const ROWS = [3, 1, 2];

/** Digits of so many bits each, as numbers. */
function numbers(n: number, variant: number): bigint[][] {
  return ROWS.map((rows) => values(`digit-${rows}`, n, variant, 0n, (1n << BigInt(rows)) - 1n));
}

function dealDigits(deal: Dealer, n: number, variant: number, count: number): BinaryShare[] {
  return ROWS.slice(0, count).map((rows, g) =>
    deal.bits(`digit-${g}`, rows, n, () => bitsOf(numbers(n, variant)[g] ?? [], rows)),
  );
}

/** Row j holds bit j of each number. */
export function bitsOf(list: readonly bigint[], rows: number): number[][] {
  return Array.from({ length: rows }, (_, j) => list.map((value) => Number((value >> BigInt(j)) & 1n)));
}

/** What the first `count` digits name, list by list. */
function sums(n: number, variant: number, count: number): bigint[][] {
  const digits = numbers(n, variant).slice(0, count);
  return TABLES.map((tables) =>
    Array.from({ length: n }, (_, i) =>
      digits.reduce((sum, digit, g) => sum + (tables[g]?.[Number(digit[i])] ?? 0n), 0n),
    ),
  );
}

function lookupCase(name: string, width: 32 | 64 | 128, count: number): Case {
  return {
    name,
    sends: true,
    program: async (ctx, deal, n, variant) => {
      const tables = TABLES.map((own) => own.slice(0, count));
      return concatenate(await lookup(ctx, dealDigits(deal, n, variant, count), tables, width as 64));
    },
    expected: (n, variant) => sums(n, variant, count).flat(),
  };
}

const LOOKUP_SUMS: Case = {
  name: 'lookup-sums-of-32',
  sends: true,
  program: async (ctx: Context, deal, n, variant) =>
    concatenate(
      await lookupSums(
        ctx,
        dealDigits(deal, n, variant, 2),
        TABLES.map((own) => own.slice(0, 2)),
        32,
      ),
    ),
  expected: (n, variant) => sums(n, variant, 2).map((list) => list.reduce((sum, value) => sum + value, 0n)),
};

export const LOOKUP_CASES: readonly Case[] = [
  lookupCase('lookup-8-of-32', 32, 1),
  lookupCase('lookup-8-of-64', 64, 1),
  lookupCase('lookup-8-2-4-of-64', 64, 3),
  lookupCase('lookup-8-2-4-of-128', 128, 3),
  LOOKUP_SUMS,
];
