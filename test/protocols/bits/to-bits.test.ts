/** Bits of numbers: every span of bits of every ring, at the edges; and what they cost. */
import { describe, expect, it } from 'vitest';
import { meanBytes } from '../../../src/core/cost.js';
import type { RingWidth } from '../../../src/kernels/ring-vector.js';
import { toBits } from '../../../src/protocols/bits/to-bits.js';
import type { BinaryShare } from '../../../src/share/shares.js';
import { TestRandom } from '../../support/random.js';
import { type Program, revealBits, runDry, runPlain, runRep3 } from '../../support/world.js';
import { bitsOf } from '../cases/case.js';

/** The edges of a ring, numbers whose additions make long carries, and random ones. */
function edges(width: RingWidth): bigint[] {
  const top = 1n << BigInt(width - 1);
  const powers = Array.from({ length: width - 1 }, (_, i) => 1n << BigInt(i));
  const random = new TestRandom('to-bits').values(40, -top, top - 1n);
  return [
    0n,
    -1n,
    top - 1n,
    -top,
    ...powers,
    ...powers.map((v) => -v),
    ...powers.map((v) => v - 1n),
    ...random,
  ];
}

describe.each([32, 64, 128] as const)('toBits of a ring of %i', (width) => {
  const numbers = edges(width);
  const top = 1n << BigInt(width - 1);
  const spans = [
    ...Array.from({ length: width }, (_, i) => [0, i + 1]),
    ...Array.from({ length: width }, (_, i) => [i, width]),
    ...[0, 1, 2, 3, 4, 5, 17].flatMap((from) => [0, 1, 2, 3, 4, 5, 7].map((more) => [from, from + more])),
  ];

  it('gives any span of bits on plain and rep3', async () => {
    for (const [from = 0, to = 0] of spans.filter((_, i) => i % (width / 32) === 0)) {
      const run: Program<BinaryShare> = (ctx, deal) =>
        toBits(
          ctx,
          deal.ring('x', width, numbers.length, { min: -top, max: top - 1n }, () => numbers),
          from,
          to,
        );
      const expected = bitsOf(
        numbers.map((v) => BigInt.asUintN(width, v) >> BigInt(from)),
        to - from,
      );
      expect(revealBits([await runPlain(run)])).toEqual(expected);
      const { results, cost } = await runRep3(run);
      expect(revealBits(results), `bits ${from} to ${to}`).toEqual(expected);
      expect(await runDry(run)).toEqual(cost);
    }
  });
});

describe('the cost of toBits', () => {
  const N = 65_536;
  const costOf = async (width: RingWidth, from: number, to: number) => {
    const cost = await runDry((ctx, deal) =>
      toBits(
        ctx,
        deal.ring('x', width, N, { min: 0n, max: 1n }, () => []),
        from,
        to,
      ),
    );
    return { rounds: cost.rounds, bytes: Math.round((100 * meanBytes(cost)) / N) / 100 };
  };

  it('is that of the head', async () => {
    expect(await costOf(64, 0, 64)).toEqual({ rounds: 8, bytes: 27.75 });
    expect(await costOf(32, 0, 32)).toEqual({ rounds: 7, bytes: 12.33 });
    expect(await costOf(64, 63, 64)).toEqual({ rounds: 7, bytes: 13.96 });
  });
});
