/** Sorting and order statistics. */
import type { Limb } from '../../../src/protocols/sort/compare-rows.js';
import { orderStatistics } from '../../../src/protocols/sort/order-statistics.js';
import { quickSort } from '../../../src/protocols/sort/quicksort.js';
import { radixSort } from '../../../src/protocols/sort/radix.js';
import { type SortKey, sortByBits, sortByComparisons, sortRows } from '../../../src/protocols/sort/sort.js';
import { bitRow, type Case, values } from './case.js';

/** The rows in the order of their keys, equal ones as they were. */
function sortedRows(keys: readonly bigint[]): number[] {
  const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);
  return keys.map((_, i) => i).sort((a, b) => compare(keys[a] ?? 0n, keys[b] ?? 0n) || a - b);
}

/** Bits of numbers, lowest first. */
function bitsOf(numbers: readonly bigint[], rows: number): number[][] {
  return Array.from({ length: rows }, (_, j) => numbers.map((value) => Number((value >> BigInt(j)) & 1n)));
}

function radixCase(bits: number): Case {
  const name = `radix-sort-${bits}`;
  const keys = (n: number, variant: number): bigint[] =>
    values(name, n, variant, 0n, (1n << BigInt(bits)) - 1n);
  return {
    name,
    sends: true,
    composite: true,
    program: async (ctx, deal, n, variant) => {
      const key = deal.bits('key', bits, n, () => bitsOf(keys(n, variant), bits));
      const x = deal.ring('x', 64, n, { min: 0n, max: 999n }, () => values('payload', n, variant, 0n, 999n));
      const { order, columns } = await radixSort(ctx, key, [x]);
      return variant % 2 === 0 ? order : (columns[0] ?? order);
    },
    expected: (n, variant) => {
      const order = sortedRows(keys(n, variant));
      const x = values('payload', n, variant, 0n, 999n);
      return order.map((row) => (variant % 2 === 0 ? BigInt(row) : (x[row] ?? 0n)));
    },
  };
}

/** Keys that repeat, of one number, or of two. */
function quickCase(width: 64 | 128, limbs: 1 | 2): Case {
  const name = `quick-sort-${width}-${limbs}`;
  const most = limbs === 2 ? 7n : width === 64 ? 200n : (1n << 100n) - 1n;
  const inputs = (n: number, variant: number): bigint[][] =>
    Array.from({ length: limbs }, (_, i) => values(`${name}-${i}`, n, variant, 0n, most));
  const whole = (n: number, variant: number): bigint[] => {
    const [high = [], low] = inputs(n, variant);
    return high.map((value, i) => value * (most + 1n) + (low?.[i] ?? 0n));
  };
  return {
    name,
    sends: true,
    composite: true,
    coins: true,
    program: async (ctx, deal, n, variant) => {
      const bounds = { min: 0n, max: most };
      const limb = (i: number): Limb => {
        const list = (): bigint[] => inputs(n, variant)[i] ?? [];
        return width === 64
          ? deal.ring(`key-${i}`, 64, n, bounds, list)
          : deal.ring(`key-${i}`, 128, n, bounds, list);
      };
      const x = deal.ring('x', 32, n, { min: 0n, max: 999n }, () => values('payload', n, variant, 0n, 999n));
      const { order, columns } = await quickSort(ctx, limbs === 1 ? [limb(0)] : [limb(0), limb(1)], [x]);
      return variant % 2 === 0 ? order : (columns[0] ?? order);
    },
    expected: (n, variant) => {
      const x = values('payload', n, variant, 0n, 999n);
      return sortedRows(whole(n, variant)).map((row) => (variant % 2 === 0 ? BigInt(row) : (x[row] ?? 0n)));
    },
  };
}

/** Minimum, quartiles, a place asked for twice, maximum. */
const placesOf = (n: number): number[] =>
  n === 0 ? [] : [n - 1, Math.floor(n / 4), Math.floor(n / 2), Math.floor(n / 2), 0];

const STATISTICS: Case = {
  name: 'order-statistics',
  sends: true,
  composite: true,
  coins: true,
  ahead: true,
  program: (ctx, deal, n, variant) =>
    orderStatistics(
      ctx,
      deal.ring('x', 64, n, { min: 0n, max: 400n }, () => values('statistics', n, variant, 0n, 400n)),
      placesOf(n),
    ),
  expected: (n, variant) => {
    const sorted = values('statistics', n, variant, 0n, 400n).toSorted((a, b) => Number(a - b));
    return placesOf(n).map((place) => sorted[place] ?? 0n);
  },
};

const BY = { bits: sortByBits, comparisons: sortByComparisons };

/**
 * By a number that may be missing, from the greatest; by two bits; by a number that may be negative. All of few values, so
 * that every key decides.
 */
function sortCase(by: keyof typeof BY | 'either'): Case {
  const name = `sort-by-${by}`;
  const first = (n: number, variant: number): bigint[] => values(`${name}-a`, n, variant, 10n, 13n);
  const second = (n: number, variant: number): bigint[] => values(`${name}-b`, n, variant, 0n, 3n);
  const third = (n: number, variant: number): bigint[] => values(`${name}-c`, n, variant, -2n, 2n);
  const present = (n: number, variant: number): number[] => bitRow(`${name}-v`, n, variant);
  const payload = (n: number, variant: number): bigint[] => values('payload', n, variant, 0n, 999n);
  const whole = (n: number, variant: number): bigint[] => {
    const [a, b, c, v] = [first(n, variant), second(n, variant), third(n, variant), present(n, variant)];
    const before = (i: number): bigint => (v[i] === 1 ? 13n - (a[i] ?? 0n) : 100n);
    return a.map((_, i) => 1000n * before(i) + 10n * (b[i] ?? 0n) + (c[i] ?? 0n));
  };
  return {
    name,
    sends: true,
    composite: true,
    coins: by !== 'bits',
    ahead: true,
    program: async (ctx, deal, n, variant) => {
      const keys: SortKey[] = [
        {
          value: deal.ring('a', 32, n, { min: 10n, max: 13n }, () => first(n, variant)),
          validity: deal.bits('v', 1, n, () => [present(n, variant)]),
          descending: true,
        },
        { value: deal.bits('b', 2, n, () => bitsOf(second(n, variant), 2)) },
        { value: deal.ring('c', 64, n, { min: -2n, max: 2n }, () => third(n, variant)) },
      ];
      const x = deal.ring('x', 128, n, { min: 0n, max: 999n }, () => payload(n, variant));
      if (n < 2 || by === 'either') return (await sortRows(ctx, keys, [x])).columns[0];
      const { columns } = await BY[by](ctx, keys, [x]);
      return columns[0] ?? x;
    },
    expected: (n, variant) => sortedRows(whole(n, variant)).map((row) => payload(n, variant)[row] ?? 0n),
  };
}

export const SORT_CASES: readonly Case[] = [
  ...[1, 3, 4, 33, 68].map(radixCase),
  quickCase(64, 1),
  quickCase(128, 1),
  quickCase(64, 2),
  STATISTICS,
  sortCase('bits'),
  sortCase('comparisons'),
  sortCase('either'),
];
