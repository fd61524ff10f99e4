/** Compaction, prefix sums, copies, segments and ranks. */
import type { Context } from '../../../src/protocols/context.js';
import { clearUnflagged } from '../../../src/protocols/scan/clear.js';
import { copyDown, copyUp } from '../../../src/protocols/scan/copy.js';
import { compact, partition } from '../../../src/protocols/scan/partition.js';
import { exclusivePrefixSum, prefixSum } from '../../../src/protocols/scan/prefix-sum.js';
import { ranks } from '../../../src/protocols/scan/ranks.js';
import { segmentedMax, segmentedMin } from '../../../src/protocols/scan/running-max.js';
import {
  firstRows,
  lastRows,
  sameAsPrevious,
  segmentedPrefixSum,
  segmentTotals,
} from '../../../src/protocols/scan/segments.js';
import type { ArithmeticShare, BinaryShare } from '../../../src/share/shares.js';
import { wordsOf } from '../../../src/share/words.js';
import { type AnyShare, bitRow, type Case, values } from './case.js';

const RANGE = { min: -(1n << 40n), max: 1n << 40n };

function numbers(name: string, n: number, variant: number): bigint[] {
  return values(`${name}-x`, n, variant, RANGE.min, RANGE.max);
}

/** A protocol on a column of numbers and a flag for each row. */
function flagged(
  name: string,
  run: (ctx: Context, flag: BinaryShare, x: ArithmeticShare<64>) => Promise<AnyShare> | AnyShare,
  expected: (flags: readonly number[], x: readonly bigint[]) => bigint[] | number[][],
  flagsOf: (n: number, variant: number) => number[] = (n, variant) => bitRow(`${name}-f`, n, variant),
): Case {
  return {
    name,
    sends: true,
    composite: true,
    program: async (ctx, deal, n, variant) =>
      await run(
        ctx,
        deal.bits('flag', 1, n, () => [flagsOf(n, variant)]),
        deal.ring('x', 64, n, RANGE, () => numbers(name, n, variant)),
      ),
    expected: (n, variant) => expected(flagsOf(n, variant), numbers(name, n, variant)),
  };
}

/** Sorted keys with runs of equal ones, as rows of bits, and the first row of each run. */
function sortedKeys(name: string, n: number, variant: number): number[] {
  let key = 0;
  return bitRow(`${name}-k`, n, variant).map((bit, i) => {
    key += i > 0 && bit === 1 ? 1 + (i % 3) : 0;
    return key % 256;
  });
}

function keyRows(keys: readonly number[]): number[][] {
  return Array.from({ length: 8 }, (_, bit) => keys.map((key) => (key >> bit) & 1));
}

function firstsOf(keys: readonly number[]): number[] {
  return keys.map((key, i) => (i === 0 || key !== keys[i - 1] ? 1 : 0));
}

const segmentsOf = (name: string) => (n: number, variant: number) => firstsOf(sortedKeys(name, n, variant));

function stablePartition<T>(flags: readonly number[], x: readonly T[], front: number): T[] {
  return [...x.filter((_, i) => flags[i] === front), ...x.filter((_, i) => flags[i] !== front)];
}

function copied(flags: readonly number[], x: readonly bigint[]): bigint[] {
  let latest = 0n;
  return x.map((value, i) => {
    if (flags[i] === 1) latest = value;
    return latest;
  });
}

function runningSums(x: readonly bigint[]): bigint[] {
  let total = 0n;
  return x.map((value) => {
    total += value;
    return total;
  });
}

/** The segment of each row: from its first row up to, not including, the first of the next. */
function spans(firsts: readonly number[]): { from: number; to: number }[] {
  const starts = firsts.flatMap((first, i) => (first === 1 ? [i] : []));
  return firsts.map((_, i) => {
    const at = starts.findLastIndex((start) => start <= i);
    return { from: starts[at] ?? 0, to: starts[at + 1] ?? firsts.length };
  });
}

function sumOf(x: readonly bigint[]): bigint {
  return x.reduce((total, value) => total + value, 0n);
}

function largest(x: readonly bigint[]): bigint {
  return x.reduce((most, value) => (value > most ? value : most));
}

function boundaryCase(name: string, end: (same: BinaryShare) => BinaryShare, up: boolean): Case {
  return {
    name,
    sends: true,
    composite: true,
    program: async (ctx, deal, n, variant) =>
      end(
        await sameAsPrevious(
          ctx,
          deal.bits('key', 8, n, () => keyRows(sortedKeys(name, n, variant))),
        ),
      ),
    expected: (n, variant) => {
      const keys = sortedKeys(name, n, variant);
      return [up ? firstsOf(keys.toReversed()).toReversed() : firstsOf(keys)];
    },
  };
}

export const SCAN_CASES: readonly Case[] = [
  {
    ...flagged(
      'prefix-sum',
      (_ctx, _flag, x) => prefixSum(x),
      (_flags, x) => runningSums(x),
    ),
    sends: false,
    composite: false,
  },
  {
    ...flagged(
      'exclusive-prefix-sum',
      (_ctx, _flag, x) => exclusivePrefixSum(x),
      (_flags, x) => runningSums([0n, ...x].slice(0, x.length)),
    ),
    sends: false,
    composite: false,
  },
  flagged(
    'clear-unflagged',
    async (ctx, flag, x) => (await clearUnflagged(ctx, flag, [x]))[0],
    (flags, x) => x.map((value, i) => (flags[i] === 1 ? value : 0n)),
  ),
  flagged(
    'compact',
    async (ctx, flag, x) => (await compact(ctx, flag, [x])).columns[0],
    (flags, x) => stablePartition(flags, x, 1),
  ),
  flagged(
    'compact-flag',
    async (ctx, flag, x) => (await compact(ctx, flag, [x])).flag,
    (flags) => [stablePartition(flags, flags, 1)],
  ),
  flagged(
    'partition-last',
    async (ctx, flag, x) => (await partition(ctx, flag, 'last', [x])).columns[0],
    (flags, x) => stablePartition(flags, x, 0),
  ),
  flagged('copy-down', async (ctx, flag, x) => (await copyDown(ctx, flag, [x]))[0], copied),
  flagged(
    'copy-up',
    async (ctx, flag, x) => (await copyUp(ctx, flag, [x]))[0],
    (flags, x) => copied(flags.toReversed(), x.toReversed()).toReversed(),
  ),
  {
    name: 'copy-down-words',
    sends: true,
    composite: true,
    program: async (ctx, deal, n, variant) => {
      const flag = deal.bits('flag', 1, n, () => [bitRow('copy-words-f', n, variant)]);
      const key = deal.bits('key', 8, n, () => keyRows(sortedKeys('copy-words', n, variant)));
      return (await copyDown(ctx, flag, [wordsOf(key, 32)]))[0];
    },
    expected: (n, variant) =>
      copied(bitRow('copy-words-f', n, variant), sortedKeys('copy-words', n, variant).map(BigInt)),
  },
  boundaryCase('first-rows', firstRows, false),
  boundaryCase('last-rows', lastRows, true),
  flagged(
    'segmented-prefix-sum',
    segmentedPrefixSum,
    (firsts, x) => spans(firsts).map(({ from }, i) => sumOf(x.slice(from, i + 1))),
    segmentsOf('segmented-prefix-sum'),
  ),
  flagged(
    'segment-totals',
    segmentTotals,
    (firsts, x) => spans(firsts).map(({ from, to }) => sumOf(x.slice(from, to))),
    segmentsOf('segment-totals'),
  ),
  {
    ...flagged(
      'segmented-max',
      segmentedMax,
      (firsts, x) => spans(firsts).map(({ from }, i) => largest(x.slice(from, i + 1))),
      segmentsOf('segmented-max'),
    ),
    ahead: true,
  },
  {
    ...flagged(
      'segmented-min',
      segmentedMin,
      (firsts, x) =>
        spans(firsts).map(({ from }, i) => -largest(x.slice(from, i + 1).map((value) => -value))),
      segmentsOf('segmented-min'),
    ),
    ahead: true,
  },
  flagged(
    'ranks-lowest',
    (ctx, first) => ranks(ctx, first, 'lowest'),
    (firsts) => spans(firsts).map(({ from }) => BigInt(from + 1)),
    segmentsOf('ranks-lowest'),
  ),
  flagged(
    'ranks-highest',
    (ctx, first) => ranks(ctx, first, 'highest'),
    (firsts) => spans(firsts).map(({ to }) => BigInt(to)),
    segmentsOf('ranks-highest'),
  ),
  flagged(
    'ranks-twice-average',
    (ctx, first) => ranks(ctx, first, 'twice-average'),
    (firsts) => spans(firsts).map(({ from, to }) => BigInt(from + 1 + to)),
    segmentsOf('ranks-twice-average'),
  ),
  flagged(
    'ranks-dense',
    (ctx, first) => ranks(ctx, first, 'dense'),
    (firsts) => runningSums(firsts.map(BigInt)),
    segmentsOf('ranks-dense'),
  ),
];
