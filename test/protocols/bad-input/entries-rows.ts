/** Rows that move: every protocol on inputs of any shape. */
import {
  applyInverse,
  applyPermutation,
  compose,
  invert,
} from '../../../src/protocols/permute/permutation.js';
import { revealOrder } from '../../../src/protocols/permute/reveal-order.js';
import { shuffle, unshuffle } from '../../../src/protocols/permute/shuffle.js';
import { clearUnflagged } from '../../../src/protocols/scan/clear.js';
import { copyDown, copyUp } from '../../../src/protocols/scan/copy.js';
import { compact, partition } from '../../../src/protocols/scan/partition.js';
import { exclusivePrefixSum, prefixSum } from '../../../src/protocols/scan/prefix-sum.js';
import { ranks, ranksByRow } from '../../../src/protocols/scan/ranks.js';
import { moveAgainst, moveAlong, openRoute } from '../../../src/protocols/scan/route.js';
import { segmentedMax, segmentedMin } from '../../../src/protocols/scan/running-max.js';
import { sameAsPrevious, segmentedPrefixSum, segmentTotals } from '../../../src/protocols/scan/segments.js';
import { stableDestinations } from '../../../src/protocols/sort/destinations.js';
import { orderStatistics } from '../../../src/protocols/sort/order-statistics.js';
import { quickSort } from '../../../src/protocols/sort/quicksort.js';
import { radixSort } from '../../../src/protocols/sort/radix.js';
import { sortRows } from '../../../src/protocols/sort/sort.js';
import type { ArithmeticShare, BinaryShare } from '../../../src/share/shares.js';
import { wordsOf } from '../../../src/share/words.js';
import { type Entries, entry } from './entry.js';
import type { Inputs } from './inputs.js';

function numbersOfRows(inp: Inputs): ArithmeticShare<32> {
  return inp.ring('numbers', 32, 0n, 7n);
}

/** 0..n-1, last first. */
function permutation(inp: Inputs, n: number = inp.n): ArithmeticShare<32> {
  const list = Array.from({ length: n }, (_, i) => BigInt(n - 1 - i));
  return inp.exact('p', 32, list, { min: 0n, max: BigInt(Math.max(0, n - 1)) });
}

/** Flags of first rows: of the first one, and of all where all bits are 1. */
function firstFlag(inp: Inputs): BinaryShare {
  return inp.flags('first', (i) => i === 0 || inp.shape === 'equal');
}

export const ROWS_ENTRIES: Entries = {
  applyPermutation: entry('wwwwwrrw', async (ctx, inp) =>
    applyPermutation(ctx, permutation(inp), [inp.y, wordsOf(inp.other(9), 32)]),
  ),
  applyInverse: entry('wwwwwrrw', async (ctx, inp) =>
    applyInverse(ctx, permutation(inp), [inp.y, wordsOf(inp.other(9), 32)]),
  ),
  invert: entry('wwwwwwww', async (ctx, inp) => invert(ctx, permutation(inp))),
  compose: entry('wwwwwrrw', async (ctx, inp) => compose(ctx, permutation(inp), permutation(inp, inp.m))),
  revealOrder: entry(
    'wwwwwrrw',
    async (ctx, inp) => (await revealOrder(ctx, permutation(inp), [inp.y])).order.length,
  ),
  shuffle: entry('wwwwwrrw', async (ctx, inp) => (await shuffle(ctx, [inp.x, inp.y])).columns, 'random'),
  unshuffle: entry(
    'wwwwwrrw',
    async (ctx, inp) =>
      unshuffle(ctx.step('back'), {
        shuffle: (await shuffle(ctx.step('there'), [inp.x])).shuffle,
        columns: [inp.y],
      }),
    'random',
  ),
  sortRows: entry('wwwwwrrw', async (ctx, inp) =>
    sortRows(ctx, [{ value: inp.x, validity: inp.other(1), descending: true }], [inp.y]),
  ),
  quickSort: entry('wwwwwrrb', async (ctx, inp) =>
    quickSort(
      ctx,
      [inp.ring('x', 64, 0n, 7n), inp.ring('y', 64, 0n, 7n, inp.m)],
      [inp.ring('z', 32, 0n, 7n)],
    ),
  ),
  radixSort: entry('wwwwwrrw', async (ctx, inp) => radixSort(ctx, inp.own(5), [inp.y])),
  stableDestinations: entry('wwwwwwww', async (ctx, inp) => {
    const { places, scale } = await stableDestinations(ctx.step('places'), inp.own(3));
    return await applyPermutation(ctx.step('apply'), places, [numbersOfRows(inp)], scale);
  }),
  orderStatistics: entry('wwwwwwwr', async (ctx, inp) =>
    orderStatistics(ctx, inp.ring('x', 64, 0n, 7n), inp.n === 0 ? [] : [0, inp.n - 1, 0]),
  ),
  clearUnflagged: entry('wwwwwrrw', async (ctx, inp) =>
    clearUnflagged(ctx, inp.own(1), [inp.y, wordsOf(inp.other(9), 32)]),
  ),
  copyDown: entry('wwwwwrrw', async (ctx, inp) =>
    copyDown(ctx, inp.own(1), [inp.y, wordsOf(inp.other(9), 32)]),
  ),
  copyUp: entry('wwwwwrrw', async (ctx, inp) => copyUp(ctx, inp.own(1), [inp.y, wordsOf(inp.other(9), 32)])),
  partition: entry(
    'wwwwwrrw',
    async (ctx, inp) =>
      (await partition(ctx, inp.own(1), 'first', [inp.y, wordsOf(inp.other(9), 32)])).columns,
  ),
  compact: entry('wwwwwrrw', async (ctx, inp) =>
    compact(ctx, inp.own(1), [inp.y, wordsOf(inp.other(9), 32)]),
  ),
  ranks: entry('wwwwwwww', async (ctx, inp) => ranks(ctx, firstFlag(inp), 'twice-average')),
  ranksByRow: entry('wwwwwrrw', async (ctx, inp) =>
    ranksByRow(ctx, { order: permutation(inp, inp.m), first: firstFlag(inp) }, 'lowest'),
  ),
  openRoute: entry('wwwwwrrw', async (ctx, inp) => (await openRoute(ctx, permutation(inp), [inp.y])).columns),
  moveAlong: entry('wwwwwrrw', async (ctx, inp) =>
    moveAlong(ctx.step('m'), (await openRoute(ctx.step('r'), permutation(inp), [])).route, [inp.y]),
  ),
  moveAgainst: entry('wwwwwrrw', async (ctx, inp) =>
    moveAgainst(ctx.step('m'), (await openRoute(ctx.step('r'), permutation(inp), [])).route, [inp.y]),
  ),
  segmentedMax: entry('wwwwwrrb', async (ctx, inp) => segmentedMax(ctx, firstFlag(inp), inp.y)),
  segmentedMin: entry('wwwwwrrb', async (ctx, inp) => segmentedMin(ctx, firstFlag(inp), inp.y)),
  sameAsPrevious: entry('wwwwwrrw', async (ctx, inp) => sameAsPrevious(ctx, inp.own(3), [inp.other(1)])),
  segmentedPrefixSum: entry('wwwwwrrb', async (ctx, inp) => segmentedPrefixSum(ctx, firstFlag(inp), inp.y)),
  segmentTotals: entry('wwwwwrrb', async (ctx, inp) => segmentTotals(ctx, firstFlag(inp), inp.y)),
  prefixSum: entry('wwwwwwwb', async (_ctx, inp) => prefixSum(inp.x)),
  exclusivePrefixSum: entry('wwwwwwwb', async (_ctx, inp) => exclusivePrefixSum(inp.x)),
};
