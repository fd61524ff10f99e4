import { describe, expect, it } from 'vitest';
import type { Cost } from '../../src/core/cost.js';
import type { Context } from '../../src/protocols/context.js';
import { ArithmeticShare, type BinaryShare, WordShare } from '../../src/share/shares.js';
import { MemoryNetwork } from '../../src/transport/memory-network.js';
import {
  type Dealer,
  estimateDry,
  revealBits,
  revealRing,
  revealWords,
  runDry,
  runNodes,
  runPlain,
  SCHEMES,
} from '../support/world.js';
import { type AnyShare, CASES } from './cases.js';

type Values = bigint[] | number[][];

function reveal(shares: readonly AnyShare[]): Values {
  if (shares[0] instanceof ArithmeticShare) return revealRing(shares as ArithmeticShare<64>[]);
  if (shares[0] instanceof WordShare) return revealWords(shares as WordShare<64>[]);
  return revealBits(shares as BinaryShare[]);
}

/** What was found, with what is expected in place of values that are off by no more than the case allows. */
function rounded(found: Values, expected: Values, within = 0n): Values {
  if (within === 0n) return found;
  return (found as bigint[]).map((value, i) => {
    const right = (expected as bigint[])[i] ?? 0n;
    return value - right > within || right - value > within ? value : right;
  });
}

/** No rounds and no bytes above the other's. */
function isWithin(cost: Cost, bound: Cost): boolean {
  return cost.rounds <= bound.rounds && cost.bytes.every((bytes, node) => bytes <= (bound.bytes[node] ?? 0));
}

const RUNS = [0, 1, 2, 64, 65, 300].flatMap((n) =>
  (n === 300 ? [0, 1, 2, 3, 4] : [0]).map((variant) => ({ n, variant })),
);

describe.each(CASES)('$name', ({ program, expected, sends, within, coins, ahead }) => {
  const runOf =
    (n: number, variant: number) =>
    (ctx: Context, deal: Dealer): Promise<AnyShare> =>
      program(ctx, deal, n, variant);

  it.each(RUNS)('is right on plain, n = $n, variant $variant', async ({ n, variant }) => {
    const right = expected(n, variant);
    expect(rounded(reveal([await runPlain(runOf(n, variant))]), right, within)).toEqual(right);
  });

  describe.each(SCHEMES)('$name', (scheme) => {
    it.each(RUNS)(
      'is right and costs what the dry run says, n = $n, variant $variant',
      async ({ n, variant }) => {
        const run = runOf(n, variant);
        const network = new MemoryNetwork(scheme.nodes.length, { waves: true });
        const { results, cost } = await runNodes(scheme, run, { network });
        const right = expected(n, variant);
        expect(rounded(reveal(results), right, within)).toEqual(right);
        if (coins === true) expect(isWithin(cost, (await estimateDry(run, scheme)).bound)).toBe(true);
        else expect(await runDry(run, scheme)).toEqual(cost);
        if (ahead === true) expect(network.waves).toBeLessThanOrEqual(cost.rounds);
        else expect(network.waves).toBe(cost.rounds);
        // A sort of one row has nothing to do.
        if (n > 1 || !sends) expect(cost.rounds > 0 && n > 0).toBe(sends);
      },
    );
  });
});
