/** Shuffles, permutations and what moves rows. */
import { RingVector } from '../../../src/kernels/ring-vector.js';
import type { Context } from '../../../src/protocols/context.js';
import {
  applyInverse,
  applyPermutation,
  compose,
  invert,
} from '../../../src/protocols/permute/permutation.js';
import { rowBounds, rowNumbers } from '../../../src/protocols/permute/public.js';
import { revealOrder } from '../../../src/protocols/permute/reveal-order.js';
import { shuffle, unshuffle } from '../../../src/protocols/permute/shuffle.js';
import { add, multiplyPublic, tighten } from '../../../src/share/linear.js';
import { scatterRows } from '../../../src/share/rows.js';
import type { ArithmeticShare } from '../../../src/share/shares.js';
import { wordsOf } from '../../../src/share/words.js';
import type { Dealer } from '../../support/world.js';
import { type AnyShare, bitRow, type Case, values } from './case.js';

/**
 * A shared permutation made of a shared bit, so that the least and the largest secret give one: rows as they are, or
 * all in reverse.
 */
function turned(ctx: Context, deal: Dealer, n: number, variant: number): ArithmeticShare<32> {
  const turns = deal.ring('turn', 32, n, { min: 0n, max: 1n }, () =>
    Array.from({ length: n }, () => BigInt(variant % 2)),
  );
  const apart = RingVector.fromBigInts(
    32,
    Array.from({ length: n }, (_, i) => BigInt(n - 1 - 2 * i)),
  );
  const far = { min: -BigInt(n), max: BigInt(n) };
  return tighten(add(rowNumbers(ctx, n), multiplyPublic(turns, apart, far)), rowBounds(n));
}

function turnedRows<T>(rows: T[], variant: number): T[] {
  return variant % 2 === 1 ? rows.toReversed() : rows;
}

const numbers = (n: number): bigint[] => Array.from({ length: n }, (_, i) => BigInt(i));

function permutationCase(
  name: string,
  run: (ctx: Context, p: ArithmeticShare<32>, x: ArithmeticShare<64>) => Promise<AnyShare>,
  expected: (n: number, variant: number, x: bigint[]) => bigint[],
): Case {
  const inputs = (n: number, variant: number): bigint[] => values(name, n, variant, 0n, 999n);
  return {
    name,
    sends: true,
    program: (ctx, deal, n, variant) =>
      run(
        ctx,
        turned(ctx, deal, n, variant),
        deal.ring('x', 64, n, { min: 0n, max: 999n }, () => inputs(n, variant)),
      ),
    expected: (n, variant) => expected(n, variant, inputs(n, variant)),
  };
}

/** What a shuffle did is undone: by its inverse, and through a revealed order. */
export const SHUFFLE_CASES: readonly Case[] = [
  {
    name: 'shuffle-and-back',
    sends: true,
    program: async (ctx, deal, n, variant) => {
      const x = deal.ring('x', 64, n, { min: 0n, max: 999n }, () => values('shuffle', n, variant, 0n, 999n));
      const [back] = await unshuffle(ctx.step('back'), await shuffle(ctx.step('there'), [x]));
      return back;
    },
    expected: (n, variant) => values('shuffle', n, variant, 0n, 999n),
  },
  {
    name: 'shuffle-words-and-back',
    sends: true,
    program: async (ctx, deal, n, variant) => {
      const bits = deal.bits('x', 2, n, () => [bitRow('low', n, variant), bitRow('high', n, variant)]);
      const shuffled = await shuffle(ctx.step('there'), [wordsOf(bits, 128), wordsOf(bits, 32)]);
      const [, back] = await unshuffle(ctx.step('back'), shuffled);
      return back;
    },
    expected: (n, variant) =>
      bitRow('low', n, variant).map((low, i) => BigInt(low + 2 * (bitRow('high', n, variant)[i] ?? 0))),
  },
  {
    name: 'reveal-order',
    sends: true,
    program: async (ctx, deal, n, variant) => {
      const x = deal.ring('x', 128, n, { min: 0n, max: 999n }, () => values('reveal', n, variant, 0n, 999n));
      const { order, columns } = await revealOrder(ctx, turned(ctx, deal, n, variant), [x]);
      return scatterRows(columns, order)[0];
    },
    expected: (n, variant) => turnedRows(values('reveal', n, variant, 0n, 999n), variant),
  },
  permutationCase(
    'apply-permutation',
    async (ctx, p, x) => (await applyPermutation(ctx, p, [x]))[0],
    (_n, variant, x) => turnedRows(x, variant),
  ),
  permutationCase(
    'apply-inverse',
    async (ctx, p, x) => (await applyInverse(ctx, p, [x]))[0],
    (_n, variant, x) => turnedRows(x, variant),
  ),
  permutationCase(
    'invert-permutation',
    (ctx, p) => invert(ctx, p),
    (n, variant) => turnedRows(numbers(n), variant),
  ),
  permutationCase(
    'compose-permutations',
    (ctx, p) => compose(ctx, p, p),
    (n) => numbers(n),
  ),
];
