import { describe, expect, it } from 'vitest';
import type { Cost } from '../../src/core/cost.js';
import { ArithmeticShare, type BinaryShare, WordShare } from '../../src/share/shares.js';
import { MemoryNetwork } from '../../src/transport/memory-network.js';
import {
  estimateDry,
  revealBits,
  revealRing,
  revealWords,
  runDry,
  runPlain,
  runRep3,
} from '../support/world.js';
import { type AnyShare, CASES } from './cases.js';

type Values = bigint[] | number[][];

function reveal(shares: readonly AnyShare[]): Values {
  if (shares[0] instanceof ArithmeticShare) return revealRing(shares as ArithmeticShare<64>[]);
  if (shares[0] instanceof WordShare) return revealWords(shares as WordShare<64>[]);
  return revealBits(shares as BinaryShare[]);
}

/** Values that are equal up to what the case allows. */
function expectValues(found: Values, expected: Values, within = 0n): void {
  if (within === 0n) {
    expect(found).toEqual(expected);
    return;
  }
  expect(found).toHaveLength(expected.length);
  const off = (expected as bigint[]).filter((value, i) => {
    const difference = (found[i] as bigint) - value;
    return difference > within || -difference > within;
  });
  expect(off).toEqual([]);
}

/** No rounds and no bytes above the other's. */
function isWithin(cost: Cost, bound: Cost): boolean {
  return cost.rounds <= bound.rounds && cost.bytes.every((bytes, node) => bytes <= (bound.bytes[node] ?? 0));
}

describe.each(CASES)('$name', ({ program, expected, sends, within, coins, ahead }) => {
  for (const n of [0, 1, 2, 64, 65, 300]) {
    for (const variant of n === 300 ? [0, 1, 2, 3, 4] : [0]) {
      it(`is right on plain and rep3, n = ${n}, variant ${variant}`, async () => {
        const run = (
          ctx: Parameters<typeof program>[0],
          deal: Parameters<typeof program>[1],
        ): Promise<AnyShare> => program(ctx, deal, n, variant);
        expectValues(reveal([await runPlain(run)]), expected(n, variant), within);
        const network = new MemoryNetwork(3, { waves: true });
        const { results, cost } = await runRep3(run, { network });
        expectValues(reveal(results), expected(n, variant), within);
        if (coins === true) expect(isWithin(cost, (await estimateDry(run)).bound)).toBe(true);
        else expect(await runDry(run)).toEqual(cost);
        if (ahead === true) expect(network.waves).toBeLessThanOrEqual(cost.rounds);
        else expect(network.waves).toBe(cost.rounds);
        // A sort of one row has nothing to do.
        if (n > 1 || !sends) expect(cost.rounds > 0 && n > 0).toBe(sends);
      });
    }
  }
});
