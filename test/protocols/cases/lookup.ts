/** Lookup in public tables, and conversions between integers and bits. */

import type { RingWidth } from '../../../src/kernels/ring-vector.js';
import { lookup, lookupSums } from '../../../src/protocols/bits/lookup.js';
import { toBits } from '../../../src/protocols/bits/to-bits.js';
import type { Context } from '../../../src/protocols/context.js';
import { concatenate } from '../../../src/share/linear.js';
import type { BinaryShare } from '../../../src/share/shares.js';
import type { Dealer } from '../../support/world.js';
import { bitsOf, type Case, ringCase, values } from './case.js';

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
  // Many sums over two rows.
  wide: async (ctx, deal, n, variant) => {
    const list = TABLES.map((own) => own.slice(0, 2));
    const tables = Array.from({ length: n }, (_, t) => list[t % 2] ?? []);
    return concatenate(await lookupSums(ctx, dealDigits(deal, 2, variant, 2), tables, 32));
  },
  expected: (n, variant) => sums(n, variant, 2).map((list) => list.reduce((sum, value) => sum + value, 0n)),
};

function toBitsCase(width: RingWidth, from: number, to: number): Case {
  const top = 1n << BigInt(width - 1);
  return ringCase(
    `to-bits-${from}-${to}-of-${width}`,
    width,
    -top,
    top - 1n,
    (ctx, x) => toBits(ctx, x, from, to),
    (x) =>
      bitsOf(
        x.map((v) => v >> BigInt(from)),
        to - from,
      ),
  );
}

export const LOOKUP_CASES: readonly Case[] = [
  lookupCase('lookup-8-of-32', 32, 1),
  lookupCase('lookup-8-of-64', 64, 1),
  lookupCase('lookup-8-2-4-of-64', 64, 3),
  lookupCase('lookup-8-2-4-of-128', 128, 3),
  LOOKUP_SUMS,
  toBitsCase(64, 0, 64),
  toBitsCase(32, 0, 32),
  toBitsCase(64, 20, 30),
  toBitsCase(128, 0, 7),
];
