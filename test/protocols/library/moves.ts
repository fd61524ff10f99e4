/** Protocols that move rows, and scans of rows: their costs do not depend on coins. */
import { applyInverse, applyPermutation, compose } from '../../../src/protocols/permute/permutation.js';
import { rowNumbers } from '../../../src/protocols/permute/public.js';
import { shuffle } from '../../../src/protocols/permute/shuffle.js';
import { clearUnflagged } from '../../../src/protocols/scan/clear.js';
import { copyDown } from '../../../src/protocols/scan/copy.js';
import { compact, partition } from '../../../src/protocols/scan/partition.js';
import { ranks } from '../../../src/protocols/scan/ranks.js';
import { segmentedMax } from '../../../src/protocols/scan/running-max.js';
import { segmentedPrefixSum } from '../../../src/protocols/scan/segments.js';
import { stableDestinations } from '../../../src/protocols/sort/destinations.js';
import type { ArithmeticShare, BinaryShare } from '../../../src/share/shares.js';
import type { Dealer } from '../../support/world.js';
import { bits, type CostRow, N, perElement, unsigned } from './row.js';

const flag = (deal: Dealer): BinaryShare => bits(deal, 1);
const number = (deal: Dealer): ArithmeticShare<64> => unsigned(deal, 'x', 64, N, 40);

export const MOVE_ROWS: readonly CostRow[] = [
  perElement('shuffle', (ctx, deal) => shuffle(ctx, [number(deal)]), { rounds: 4, bytes: 11 }),
  perElement('move by a shared permutation', (ctx, deal) =>
    applyPermutation(ctx, rowNumbers(ctx, N), [number(deal)]),
  ),
  perElement('take by a shared permutation', (ctx, deal) =>
    applyInverse(ctx, rowNumbers(ctx, N), [number(deal)]),
  ),
  perElement('compose permutations', (ctx) => compose(ctx, rowNumbers(ctx, N), rowNumbers(ctx, N))),
  perElement('places of a stable sort by 3 bits', (ctx, deal) => stableDestinations(ctx, bits(deal, 3))),
  perElement('clear rows without a flag', (ctx, deal) => clearUnflagged(ctx, flag(deal), [number(deal)])),
  perElement('partition', (ctx, deal) => partition(ctx, flag(deal), 'first', [number(deal)])),
  perElement('compact', (ctx, deal) => compact(ctx, flag(deal), [number(deal)])),
  perElement('copy down', (ctx, deal) => copyDown(ctx, flag(deal), [number(deal)])),
  perElement('copy down, rows without a flag 0', (ctx, deal) =>
    copyDown(ctx, flag(deal), [number(deal)], { cleared: true }),
  ),
  perElement('segmented prefix sum', (ctx, deal) => segmentedPrefixSum(ctx, flag(deal), number(deal))),
  perElement('ranks, ties at their average', (ctx, deal) => ranks(ctx, flag(deal), 'twice-average')),
  perElement('ranks, ties counted once', (ctx, deal) => ranks(ctx, flag(deal), 'dense')),
  perElement('running maximum within segments, 40 bits', (ctx, deal) =>
    segmentedMax(ctx, flag(deal), number(deal)),
  ),
];
