/** Order statistics of 32-bit values. */
import { RingVector } from '../../src/kernels/ring-vector.js';
import { orderStatistics } from '../../src/protocols/sort/order-statistics.js';
import type { ProtocolBench } from './protocol-bench.js';
import { unsigned } from './values.js';

const BITS = 32;

export const medianBench: ProtocolBench = {
  name: 'median',
  about: 'the lower median of 32-bit values',
  items: 1_000_000,
  repeat: 1,
  prepare(deal, n) {
    const bounds = { min: 0n, max: 2n ** BigInt(BITS) - 1n };
    const x = deal.ring({ name: 'x', length: n, bounds, values: () => unsigned('x', n, BITS) });
    return (ctx) => orderStatistics(ctx, x, [middleOf(n)]);
  },
  expected(n) {
    const sorted = unsigned('x', n, BITS).data.slice().sort() as BigUint64Array;
    return RingVector.fromBigInts(64, [sorted[middleOf(n)]!]);
  },
};

function middleOf(n: number): number {
  return Math.floor((n - 1) / 2);
}
