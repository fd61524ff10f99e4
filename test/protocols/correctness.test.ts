import { describe, expect, it } from 'vitest';
import { ArithmeticShare, type BinaryShare } from '../../src/share/shares.js';
import { MemoryNetwork } from '../../src/transport/memory-network.js';
import { revealBits, revealRing, runDry, runPlain, runRep3 } from '../support/world.js';
import { type AnyShare, CASES } from './cases.js';

function reveal(shares: readonly AnyShare[]): bigint[] | number[][] {
  return shares[0] instanceof ArithmeticShare
    ? revealRing(shares as ArithmeticShare<64>[])
    : revealBits(shares as BinaryShare[]);
}

describe.each(CASES)('$name', ({ program, expected, sends }) => {
  for (const n of [0, 1, 2, 64, 65, 300]) {
    for (const variant of n === 300 ? [0, 1, 2, 3, 4] : [0]) {
      it(`is right on plain and rep3, n = ${n}, variant ${variant}`, async () => {
        const run = (
          ctx: Parameters<typeof program>[0],
          deal: Parameters<typeof program>[1],
        ): Promise<AnyShare> => program(ctx, deal, n, variant);
        expect(reveal([await runPlain(run)])).toEqual(expected(n, variant));
        const network = new MemoryNetwork(3, { waves: true });
        const { results, cost } = await runRep3(run, { network });
        expect(reveal(results)).toEqual(expected(n, variant));
        expect(await runDry(run)).toEqual(cost);
        expect(network.waves).toBe(cost.rounds);
        if (n > 0) expect(cost.rounds > 0).toBe(sends);
      });
    }
  }
});
