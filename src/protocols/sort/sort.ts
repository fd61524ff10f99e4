/**
 * Sort: rows by one or more keys, each in its direction, missing ones last.
 *
 * Functionality: columns of n rows, of any kind and width, in the stable order of the keys; a later key decides where
 *   all before it are equal. Rows whose key is missing come after all others, whatever the direction, and count as equal.
 * Protocol: radix.ts on the keys' bits, the columns moved once by the order at the end; or quicksort.ts on the keys as
 *   numbers, with the columns carried. Both are run dry, on sizes and bounds alone, and the one is taken that is done
 *   first at a millisecond a round, 1 Gbit/s and a CPU of each node, by its expectation (decision 0011).
 * Requires: values within their bounds; what stands in a missing slot does not matter.
 * Cost (rep3), n rows with a key of 32 bits that may be missing and a payload of 64 bits: see docs/protocols.md.
 * Reveals: nothing beyond radix.ts and quicksort.ts. Fails: as these.
 */
import type { Cost } from '../../core/cost.js';
import type { Scheme } from '../../core/scheme.js';
import type { RingWidth } from '../../kernels/ring-vector.js';
import { checkRows } from '../../share/rows.js';
import { ArithmeticShare, BinaryShare, type Column, WordShare } from '../../share/shares.js';
import type { Context } from '../context.js';
import { costOf, dryBits, dryVector } from '../dry/cost-of.js';
import { applyInverse } from '../permute/permutation.js';
import { rowNumbers } from '../permute/public.js';
import { fitsNumbers, keyBits, keyNumbers } from './keys.js';
import { quickSort } from './quicksort.js';
import { radixSort } from './radix.js';

export interface SortKey {
  /** Numbers, or unsigned numbers as bits with the lowest row first. */
  readonly value: ArithmeticShare<32> | ArithmeticShare<64> | ArithmeticShare<128> | BinaryShare;
  /** 1 row: 0 where the value is missing; none is by default. */
  readonly validity?: BinaryShare | undefined;
  readonly descending?: boolean | undefined;
}

export interface SortedRows<C extends readonly Column[]> {
  /** The row that comes to each place. */
  readonly order: ArithmeticShare<32>;
  readonly columns: C;
}

const SECONDS_A_ROUND = 1e-3;
/** On a link of 1 Gbit/s, and what a byte of each sort costs in CPU. */
const SECONDS_A_BYTE = { bits: 16e-9, comparisons: 22e-9 } as const;

/**
 * @param keys the first decides first; without any, rows stay as they are.
 * @throws RangeError for keys or columns of different lengths.
 */
export async function sortRows<const C extends readonly Column[]>(
  ctx: Context,
  keys: readonly SortKey[],
  columns: C,
): Promise<SortedRows<C>> {
  const n = (keys[0]?.value ?? columns[0])?.length ?? 0;
  checkRows(n, columns);
  for (const { value, validity } of keys) checkRows(n, validity === undefined ? [value] : [value, validity]);
  if (n < 2 || keys.length === 0) return { order: rowNumbers(ctx, n), columns };
  const sort = await cheaper(ctx.backend.scheme, keys, columns);
  const sorted = await sort(ctx, keys, columns);
  return { order: sorted.order, columns: sorted.columns as readonly Column[] as C };
}

type Sort = (
  ctx: Context,
  keys: readonly SortKey[],
  columns: readonly Column[],
) => Promise<SortedRows<readonly Column[]>>;

/** By the bits of all keys, from the last. */
export const sortByBits: Sort = async (ctx, keys, columns) => {
  const bits = await keyBits(ctx.step('bits'), keys);
  const { order } = await radixSort(ctx.step('radix'), bits, []);
  if (columns.length === 0) return { order, columns };
  return { order, columns: await applyInverse(ctx.step('columns'), order, columns) };
};

/** By opened comparisons. */
export const sortByComparisons: Sort = async (ctx, keys, columns) => {
  const numbers = await keyNumbers(ctx.step('numbers'), keys);
  return await quickSort(ctx.step('quick'), numbers, columns);
};

/** The sort that is done first, by its expectation. The same at all nodes: it depends on sizes and bounds alone. */
async function cheaper(scheme: Scheme, keys: readonly SortKey[], columns: readonly Column[]): Promise<Sort> {
  if (!fitsNumbers(keys)) return sortByBits;
  const [dryKeys, dryColumns] = [keys.map(withoutData), columns.map(columnWithoutData)];
  const [bits, comparisons] = [
    await costOf(scheme, (ctx) => sortByBits(ctx, dryKeys, dryColumns)),
    await costOf(scheme, (ctx) => sortByComparisons(ctx, dryKeys, dryColumns)),
  ];
  return secondsOf(bits.expected, SECONDS_A_BYTE.bits) <=
    secondsOf(comparisons.expected, SECONDS_A_BYTE.comparisons)
    ? sortByBits
    : sortByComparisons;
}

function secondsOf({ rounds, bytes }: Cost, secondsAByte: number): number {
  const mean = bytes.reduce((total, own) => total + own, 0) / bytes.length;
  return rounds * SECONDS_A_ROUND + mean * secondsAByte;
}

function withoutData({ value, validity, descending }: SortKey): SortKey {
  return {
    value:
      value instanceof BinaryShare
        ? dryBits(value.rows, value.length)
        : (columnWithoutData(value) as Exclude<SortKey['value'], BinaryShare>),
    validity: validity === undefined ? undefined : dryBits(1, validity.length),
    descending,
  };
}

function columnWithoutData(column: Column): Column {
  if (column instanceof ArithmeticShare) {
    const { width, length, bounds } = column as ArithmeticShare<RingWidth>;
    return dryVector(width, length, bounds) as Column;
  }
  const { width, length } = column as WordShare<RingWidth>;
  return new WordShare({ width, length, held: [], parts: [], clock: 0 }) as Column;
}
