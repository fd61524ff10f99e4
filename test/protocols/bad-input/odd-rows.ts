/** Rows that move: options and shapes that make no sense, or only just do. */
import { shuffle } from '../../../src/protocols/permute/shuffle.js';
import { clearUnflagged } from '../../../src/protocols/scan/clear.js';
import { copyDown, copyUp } from '../../../src/protocols/scan/copy.js';
import { compact, partition } from '../../../src/protocols/scan/partition.js';
import { ranks } from '../../../src/protocols/scan/ranks.js';
import { segmentedMax } from '../../../src/protocols/scan/running-max.js';
import { segmentedPrefixSum, segmentTotals } from '../../../src/protocols/scan/segments.js';
import { orderStatistics, quantilePlace } from '../../../src/protocols/sort/order-statistics.js';
import { quickSort } from '../../../src/protocols/sort/quicksort.js';
import { radixSort } from '../../../src/protocols/sort/radix.js';
import { sortRows } from '../../../src/protocols/sort/sort.js';
import { wordsOf } from '../../../src/share/words.js';
import { type OddCall, odd } from './odd-call.js';

export const ODD_ROWS: readonly OddCall[] = [
  odd('the place after the last', 'RangeError', (ctx, inp) =>
    orderStatistics(ctx, inp.ring('x', 64, 0n, 7n), [5]),
  ),
  odd('a place before the first', 'RangeError', (ctx, inp) =>
    orderStatistics(ctx, inp.ring('x', 64, 0n, 7n), [-1]),
  ),
  odd('a place between two', 'RangeError', (ctx, inp) =>
    orderStatistics(ctx, inp.ring('x', 64, 0n, 7n), [0.5]),
  ),
  odd('a place of no value', 'RangeError', (ctx, inp) =>
    orderStatistics(ctx, inp.ring('x', 64, 0n, 7n, 0), [0]),
  ),
  odd('order statistics of negative keys', 'RangeError', (ctx, inp) => orderStatistics(ctx, inp.x, [0])),
  odd('order statistics of keys that leave no room', 'BOUND_NOT_PROVED', (ctx, inp) =>
    orderStatistics(ctx, inp.ring('x', 64, 0n, 1n << 62n), [0]),
  ),
  odd('a quantile above 1', 'RangeError', async () => quantilePlace(3, 1.5)),
  odd('a quantile that is no number', 'RangeError', async () => quantilePlace(3, Number.NaN)),
  odd('a quantile of no value', 'RangeError', async () => quantilePlace(0, 0.5)),
  odd('a shuffle of no column', 'RangeError', (ctx) => shuffle(ctx, [])),
  odd('a sort with two rows of validity', 'RangeError', (ctx, inp) =>
    sortRows(ctx, [{ value: inp.x, validity: inp.own(2) }], [inp.x]),
  ),
  odd('a sort of bits with two rows of validity', 'RangeError', (ctx, inp) =>
    sortRows(ctx, [{ value: inp.own(3), validity: inp.own(2) }], [inp.x]),
  ),
  odd('a sort by no key', 'works', (ctx, inp) => sortRows(ctx, [], [inp.x])),
  odd('a quicksort by keys that leave no room', 'BOUND_NOT_PROVED', (ctx, inp) =>
    quickSort(ctx, [inp.ring('x', 64, 0n, 1n << 62n)], []),
  ),
  odd('a radix sort by no bit', 'works', (ctx, inp) => radixSort(ctx, inp.own(0), [inp.x])),
  odd('copies by two flags', 'RangeError', (ctx, inp) => copyDown(ctx, inp.own(2), [inp.x])),
  odd('copies of cleared rows by two flags', 'RangeError', (ctx, inp) =>
    copyUp(ctx, inp.own(2), [inp.x], { cleared: true }),
  ),
  odd('rows cleared by two flags', 'RangeError', (ctx, inp) => clearUnflagged(ctx, inp.own(2), [inp.x])),
  odd('words cleared by two flags', 'RangeError', (ctx, inp) =>
    clearUnflagged(ctx, inp.own(2), [wordsOf(inp.own(2), 32)]),
  ),
  odd('a partition by two flags', 'RangeError', (ctx, inp) => partition(ctx, inp.own(2), 'first', [inp.x])),
  odd('a partition by numbers that are no flags', 'RangeError', (ctx, inp) =>
    partition(ctx, inp.ring('w', 32, -8n, 7n), 'first', [inp.x]),
  ),
  odd('a compaction by two flags', 'RangeError', (ctx, inp) => compact(ctx, inp.own(2), [inp.x])),
  odd('ranks by two flags', 'RangeError', (ctx, inp) => ranks(ctx, inp.own(2), 'lowest')),
  odd('running maxima by two flags', 'RangeError', (ctx, inp) => segmentedMax(ctx, inp.own(2), inp.x)),
  odd('running sums by two flags', 'RangeError', (ctx, inp) => segmentedPrefixSum(ctx, inp.own(2), inp.x)),
  odd('totals by two flags', 'RangeError', (ctx, inp) => segmentTotals(ctx, inp.own(2), inp.x)),
];
