/** Lookup in public tables, and conversions between integers and bits. */

import type { RingWidth } from '../../../src/kernels/ring-vector.js';
import { countBits } from '../../../src/protocols/bits/count-bits.js';
import { fromBits } from '../../../src/protocols/bits/from-bits.js';
import { histogram } from '../../../src/protocols/bits/histogram.js';
import { lookup, lookupSums } from '../../../src/protocols/bits/lookup.js';
import { oneHot, oneHotOfInteger } from '../../../src/protocols/bits/one-hot.js';
import { toBits } from '../../../src/protocols/bits/to-bits.js';
import type { Context } from '../../../src/protocols/context.js';
import { widen } from '../../../src/protocols/convert.js';
import { concatenate } from '../../../src/share/linear.js';
import type { BinaryShare } from '../../../src/share/shares.js';
import type { Dealer } from '../../support/world.js';
import { bitRow, bitsOf, type Case, ringCase, values } from './case.js';

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
  // As many sums as rows.
  wide: async (ctx, deal, n, variant) => {
    const bit = deal.bits('x', 1, n, () => [bitRow('wide', n, variant)]);
    const tables = Array.from({ length: n }, () => [[0n, 1n]]);
    return concatenate(await lookupSums(ctx, [bit], tables, 32));
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

/** Numbers of k bits, from rows of bits. */
function fromBitsCase(k: number, width: 32 | 64 | 128, signed: boolean): Case {
  const name = `from-bits-${k}-of-${width}${signed ? '-signed' : ''}`;
  const half = 1n << BigInt(k - 1);
  const numbersOf = (n: number, variant: number): bigint[] =>
    signed ? values(name, n, variant, -half, half - 1n) : values(name, n, variant, 0n, 2n * half - 1n);
  return {
    name,
    sends: true,
    program: async (ctx, deal, n, variant) => {
      const bits = deal.bits('x', k, n, () => bitsOf(numbersOf(n, variant), k));
      return await fromBits(ctx, bits, width as 64, { signed });
    },
    expected: numbersOf,
  };
}

const ONE_HOT: Case = {
  composite: true,
  name: 'one-hot-8',
  sends: true,
  program: async (ctx, deal, n, variant) => {
    const [digit] = dealDigits(deal, n, variant, 1) as [BinaryShare];
    return concatenate(await oneHot(ctx, digit, 32));
  },
  expected: (n, variant) =>
    Array.from({ length: 8 }, (_, value) =>
      (numbers(n, variant)[0] ?? []).map((digit) => (digit === BigInt(value) ? 1n : 0n)),
    ).flat(),
};

const ONE_HOT_OF_INTEGER: Case = {
  composite: true,
  ...ringCase(
    'one-hot-of-5',
    64,
    0n,
    4n,
    async (ctx, x) => concatenate(await oneHotOfInteger(ctx, x, 5, 32)),
    (x) => [0n, 1n, 2n, 3n, 4n].flatMap((value) => x.map((v) => (v === value ? 1n : 0n))),
  ),
  ahead: true,
};

const COUNT_BITS: Case = {
  name: 'count-bits',
  sends: true,
  program: async (ctx, deal, n, variant) =>
    await countBits(
      ctx,
      deal.bits('x', 3, n, () => bitsOf(numbers(n, variant)[0] ?? [], 3)),
    ),
  composite: true,
  expected: (n, variant) =>
    bitsOf(numbers(n, variant)[0] ?? [], 3).map((row) => row.reduce((sum, bit) => sum + BigInt(bit), 0n)),
};

const EDGES = [-5n, 0n, 1n, 70n];

/** Counts of values by bin, where they are valid. */
function binCounts(list: readonly bigint[], valid: readonly number[]): bigint[] {
  const counts = Array.from({ length: EDGES.length + 1 }, () => 0n);
  list.forEach((value, i) => {
    const bin = EDGES.filter((edge) => edge <= value).length;
    counts[bin] = (counts[bin] ?? 0n) + BigInt(valid[i] ?? 0);
  });
  return counts;
}

function histogramCase(name: string, withValidity: boolean): Case {
  const list = (n: number, variant: number): bigint[] => values('histogram', n, variant, -100n, 100n);
  const valid = (n: number, variant: number): number[] =>
    withValidity ? bitRow('histogram', n, variant) : Array.from({ length: n }, () => 1);
  return {
    name,
    sends: true,
    composite: true,
    ahead: true,
    program: async (ctx, deal, n, variant) => {
      const x = deal.ring('x', 64, n, { min: -100n, max: 100n }, () => list(n, variant));
      const bits = withValidity ? deal.bits('valid', 1, n, () => [valid(n, variant)]) : undefined;
      return await histogram(ctx, x, EDGES, bits);
    },
    expected: (n, variant) => binCounts(list(n, variant), valid(n, variant)),
  };
}

export const LOOKUP_CASES: readonly Case[] = [
  lookupCase('lookup-8-of-32', 32, 1),
  lookupCase('lookup-8-of-64', 64, 1),
  lookupCase('lookup-8-2-4-of-64', 64, 3),
  { ...lookupCase('lookup-8-2-4-of-128', 128, 3), composite: true },
  LOOKUP_SUMS,
  { ...toBitsCase(64, 0, 64), composite: true },
  toBitsCase(32, 0, 32),
  toBitsCase(64, 20, 30),
  toBitsCase(128, 0, 7),
  fromBitsCase(6, 32, false),
  fromBitsCase(3, 64, true),
  { ...fromBitsCase(36, 64, true), composite: true },
  ONE_HOT,
  ONE_HOT_OF_INTEGER,
  COUNT_BITS,
  histogramCase('histogram', false),
  histogramCase('histogram-of-valid', true),
  ringCase(
    'lift-31-of-32-to-64',
    32,
    -(1n << 30n),
    (1n << 30n) - 1n,
    (ctx, x) => widen(ctx, x, 64),
    (x) => x,
  ),
];
