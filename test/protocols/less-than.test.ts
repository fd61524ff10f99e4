/** The carry tree for every width: sums of operands whose carries run through the whole tree, or stop anywhere. */
import { describe, expect, it } from 'vitest';
import type { RingWidth } from '../../src/kernels/ring-vector.js';
import { signBit } from '../../src/protocols/less-than.js';
import { TestRandom } from '../support/random.js';
import { type Program, revealBits, runDry, runRep3 } from '../support/world.js';

/** Values around every power of two and at both ends, and random ones. */
function residues(k: number): bigint[] {
  const powers = Array.from({ length: k }, (_, i) => 1n << BigInt(i));
  const edges = powers.flatMap((power) => [power - 1n, power, power + 1n, -power, -power - 1n]);
  const all = [...edges, ...new TestRandom(`sign-${k}`).values(40, 0n, (1n << BigInt(k)) - 1n)];
  return all.map((value) => BigInt.asUintN(k, value));
}

const CASES: [number, RingWidth][] = [
  ...Array.from({ length: 64 }, (_, i): [number, RingWidth] => [i + 1, 64]),
  ...[1, 4, 31, 32].map((k): [number, RingWidth] => [k, 32]),
  ...[2, 64, 65, 66, 67, 127, 128].map((k): [number, RingWidth] => [k, 128]),
];

describe('signBit', () => {
  it.each(CASES)('is the top bit of %i bits in a ring of %i', async (k, width) => {
    const values = residues(k);
    const program: Program<Awaited<ReturnType<typeof signBit>>> = (ctx, deal) =>
      signBit(
        ctx,
        deal.ring('x', width, values.length, { min: 0n, max: (1n << BigInt(width)) - 1n }, () => values),
        k,
      );
    const { results, cost } = await runRep3(program);
    expect(revealBits(results)).toEqual([values.map((value) => Number(value >> BigInt(k - 1)))]);
    expect(await runDry(program)).toEqual(cost);
  });
});
