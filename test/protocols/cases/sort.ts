/** Sorting and order statistics. */
import { radixSort } from '../../../src/protocols/sort/radix.js';
import { type Case, values } from './case.js';

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

export const SORT_CASES: readonly Case[] = [
  radixCase(1),
  radixCase(3),
  radixCase(4),
  radixCase(33),
  radixCase(68),
];
