/** Vectors of several chunks: the same results, and the costs that the dry run derives. */
import { expect, it } from 'vitest';
import { countBits } from '../../../src/protocols/bits/count-bits.js';
import { histogram } from '../../../src/protocols/bits/histogram.js';
import { lookup, lookupSums } from '../../../src/protocols/bits/lookup.js';
import { CHUNK } from '../../../src/protocols/chunks.js';
import { discreteGaussian } from '../../../src/protocols/noise/discrete-gaussian.js';
import { randomInteger } from '../../../src/protocols/noise/random-integer.js';
import { concatenate } from '../../../src/share/linear.js';
import type { ArithmeticShare } from '../../../src/share/shares.js';
import { type Program, revealRing, runDry, runRep3 } from '../../support/world.js';
import { bitsOf } from '../cases/case.js';

const LONG = CHUNK + 77;
/** A digit of eight bits makes chunks of 4,096. */
const SHORT = 3 * 4096 + 5;

/** What a program makes on rep3, at the cost that the dry run derives. */
async function valueOf(program: Program<ArithmeticShare<32>>): Promise<bigint[]> {
  const { results, cost } = await runRep3(program);
  expect(await runDry(program)).toEqual(cost);
  return revealRing(results);
}

const digits = Array.from({ length: SHORT }, (_, i) => BigInt((i * 37) % 256));
const table = Array.from({ length: 256 }, (_, i) => BigInt((i * i) % 1000));

it('are looked up', async () => {
  const found = await valueOf(async (ctx, deal) => {
    const digit = deal.bits('x', 8, SHORT, () => bitsOf(digits, 8));
    return concatenate(await lookup(ctx, [digit], [[table], [table.toReversed()]], 32));
  });
  const reversed = table.toReversed();
  expect(found).toEqual([table, reversed].flatMap((own) => digits.map((digit) => own[Number(digit)] ?? 0n)));
});

it('are looked up and summed', async () => {
  const found = await valueOf(async (ctx, deal) => {
    const digit = deal.bits('x', 8, SHORT, () => bitsOf(digits, 8));
    return concatenate(await lookupSums(ctx, [digit], [[table]], 32));
  });
  expect(found).toEqual([digits.reduce((sum, digit) => sum + (table[Number(digit)] ?? 0n), 0n)]);
});

it('are counted, and put into bins', async () => {
  const values = Array.from({ length: LONG }, (_, i) => BigInt((i * 7) % 10));
  const ones = bitsOf(values, 1);
  const counted = await valueOf((ctx, deal) =>
    countBits(
      ctx,
      deal.bits('b', 1, LONG, () => ones),
    ),
  );
  expect(counted).toEqual([values.reduce((sum, value) => sum + (value & 1n), 0n)]);
  const bins = await valueOf((ctx, deal) =>
    histogram(
      ctx,
      deal.ring('x', 32, LONG, { min: 0n, max: 9n }, () => values),
      [2n, 5n],
      deal.bits('b', 1, LONG, () => ones),
    ),
  );
  const odd = values.filter((value) => value % 2n === 1n);
  const below = (edge: bigint): bigint => BigInt(odd.filter((value) => value < edge).length);
  expect(bins).toEqual([below(2n), below(5n) - below(2n), below(10n) - below(5n)]);
});

it('are drawn', async () => {
  const uniform = await valueOf((ctx) => randomInteger(ctx, LONG, 3n, 32));
  expect(new Set(uniform)).toEqual(new Set([0n, 1n, 2n]));
  const noise = await valueOf((ctx) => discreteGaussian(ctx, 70_000, { numerator: 1n, denominator: 1n }, 32));
  expect(noise).toHaveLength(70_000);
});
