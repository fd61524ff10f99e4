import { describe, expect, it } from 'vitest';
import { rowNumbers } from '../../../src/protocols/permute/public.js';
import { revealOrder } from '../../../src/protocols/permute/reveal-order.js';
import { shuffle, unshuffle } from '../../../src/protocols/permute/shuffle.js';
import type { ArithmeticShare, WordShare } from '../../../src/share/shares.js';
import { wordsOf } from '../../../src/share/words.js';
import { chiSquare, DRAWS, each, LIMIT } from '../../support/orders-of-four.js';
import { TestRandom } from '../../support/random.js';
import { type Program, revealRing, revealWords, runDry, runPlain, runRep3 } from '../../support/world.js';

/** Some orders of four rows: as they are, reversed, exchanged, rotated. */
const SECRETS = [
  [0n, 1n, 2n, 3n],
  [3n, 2n, 1n, 0n],
  [1n, 0n, 2n, 3n],
  [1n, 2n, 3n, 0n],
];

describe('shuffles', () => {
  it('bring four rows into each of the 24 orders equally often', async () => {
    const { results } = await runRep3((ctx) =>
      each(ctx, async (step) => (await shuffle(step, [rowNumbers(ctx, 4)])).columns[0]),
    );
    const orders = results[0].map((_, draw) => {
      const copies = results.map((own) => own[draw] as ArithmeticShare<32>);
      return revealRing(copies).join();
    });
    expect(chiSquare(orders)).toBeLessThan(LIMIT);
  });

  it('notice an order that comes too often', () => {
    const all = ['0,1,2,3', '0,1,3,2'];
    const orders = Array.from({ length: DRAWS }, (_, i) => all[i % 2] ?? '');
    expect(chiSquare(orders)).toBeGreaterThan(LIMIT);
  });

  it.each(SECRETS)(
    'reveal each of the 24 orders equally often for the order %s %s %s %s',
    async (...secret) => {
      const program: Program<string[]> = (ctx, deal) => {
        const p = deal.ring('p', 32, 4, { min: 0n, max: 3n }, () => secret);
        return each(ctx, async (step) => (await revealOrder(step, p, [])).order.join());
      };
      const { results } = await runRep3(program);
      expect(results[1]).toEqual(results[0]);
      expect(results[2]).toEqual(results[0]);
      expect(chiSquare(results[0])).toBeLessThan(LIMIT);
      expect(chiSquare(await runPlain(program))).toBeLessThan(LIMIT);
    },
  );

  it('move columns of all kinds alike, and back', async () => {
    const random = new TestRandom('columns');
    const n = 101;
    const numbers = random.values(n, 0n, (1n << 32n) - 1n);
    const bits = random.row(n);
    const { results } = await runRep3(async (ctx, deal) => {
      const narrow = deal.ring('x', 32, n, { min: 0n, max: (1n << 32n) - 1n }, () => numbers);
      const wide = deal.ring('y', 128, n, { min: 0n, max: 1n << 40n }, () => numbers);
      const words = wordsOf(
        deal.bits('b', 1, n, () => [bits]),
        64,
      );
      const there = await shuffle(ctx.step('there'), [narrow, wide, words, rowNumbers(ctx, n)]);
      return { there: there.columns, back: await unshuffle(ctx.step('back'), there) };
    });
    const order = revealRing(results.map(({ there }) => there[3])).map(Number);
    expect(order.toSorted((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
    expect(order).not.toEqual(order.toSorted((a, b) => a - b));
    const moved = order.map((row) => numbers[row]);
    expect(revealRing(results.map(({ there }) => there[0]))).toEqual(moved);
    expect(revealRing(results.map(({ there }) => there[1]))).toEqual(moved);
    expect(revealWords(results.map(({ there }) => there[2] as WordShare<64>))).toEqual(
      order.map((row) => BigInt(bits[row] ?? 0)),
    );
    expect(revealRing(results.map(({ back }) => back[0]))).toEqual(numbers);
    expect(revealRing(results.map(({ back }) => back[1]))).toEqual(numbers);
    expect(revealWords(results.map(({ back }) => back[2] as WordShare<64>))).toEqual(bits.map(BigInt));
  });

  it('refuse no column, and columns of different lengths', async () => {
    await expect(runDry((ctx) => shuffle(ctx, []))).rejects.toThrow(RangeError);
    const uneven: Program<unknown> = (ctx) => shuffle(ctx, [rowNumbers(ctx, 3), rowNumbers(ctx, 4)]);
    await expect(runDry(uneven)).rejects.toThrow(RangeError);
    await expect(runDry((ctx) => revealOrder(ctx, rowNumbers(ctx, 3), [rowNumbers(ctx, 4)]))).rejects.toThrow(
      RangeError,
    );
    const other: Program<unknown> = async (ctx) => {
      const shuffled = await shuffle(ctx.step('there'), [rowNumbers(ctx, 3)]);
      return await unshuffle(ctx.step('back'), { ...shuffled, columns: [rowNumbers(ctx, 4)] });
    };
    await expect(runDry(other)).rejects.toThrow(RangeError);
  });

  it.each([[[0n, 0n, 2n]], [[0n, 1n, 3n]], [[1n << 31n, 1n, 2n]]])(
    'end at an order that is none: %s',
    async (order) => {
      const program: Program<unknown> = (ctx, deal) =>
        revealOrder(
          ctx,
          deal.ring('p', 32, 3, { min: 0n, max: (1n << 32n) - 1n }, () => order),
          [],
        );
      await expect(runRep3(program)).rejects.toMatchObject({
        code: 'PEER_MISBEHAVED',
        details: { step: 'test' },
      });
    },
  );
});
