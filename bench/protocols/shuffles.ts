/** Rows moved by a permutation that no node knows. */
import { RingVector } from '../../src/kernels/ring-vector.js';
import type { ProtocolBench } from './protocol-bench.js';

export const shuffleBench: ProtocolBench = {
  name: 'shuffle',
  about: 'one column of 64-bit elements',
  items: 1_000_000,
  repeat: 1,
  prepare(deal, n) {
    const values = () =>
      new RingVector(
        64,
        BigUint64Array.from({ length: n }, (_, i) => BigInt(i)),
      );
    const x = deal.ring({ name: 'x', length: n, bounds: { min: 0n, max: BigInt(n) - 1n }, values });
    return async (ctx) => {
      const shuffle = ctx.backend.drawShuffle(ctx.step('draw'), n);
      const [shuffled] = await ctx.backend.permute(ctx.step('permute'), shuffle, [x], 'forward');
      return shuffled;
    };
  },
  expected: (n) => ({ kind: 'rearranged', length: n }),
};
