/** Places of rows in the stable order of a digit, over both rings in which they are counted. */
import { describe, expect, it } from 'vitest';
import { scaleBounds } from '../../../src/share/bounds.js';
import type { ArithmeticShare } from '../../../src/share/shares.js';
import { type Program, revealRing, runPlain, runRep3 } from '../../support/world.js';

describe.each([1, 2, 3])('a digit of %i bits', (rows) => {
  it.each([
    [1, 1],
    [33, 33],
    [300, 300],
    [300, (1 << 20) - 1],
    [300, 1 << 20],
  ])('%i rows, counted as %i', async (n, places) => {
    const digits = Array.from({ length: n }, (_, i) => (i * 2654435761 + (i >> 2)) % 2 ** rows);
    const order = digits.map((digit, i) => ({ digit, i })).sort((a, b) => a.digit - b.digit || a.i - b.i);
    const expected = digits.map((_, i) => order.findIndex((row) => row.i === i) + 1);
    let scale = 0;
    const bits = Array.from({ length: rows }, (_, row) => digits.map((digit) => (digit >> row) & 1));
    const program: Program<ArithmeticShare<32>> = async (ctx, deal) => {
      const digit = deal.bits('digit', rows, n, () => bits);
      const units = await ctx.backend.unitVectors(ctx.step('units'), digit, places);
      scale = units.scale ?? 0;
      const sums = ctx.backend.productSums(32, n);
      await sums.addPlaces([units], 2 ** rows);
      const bounds = scaleBounds({ min: 1n, max: BigInt(n) }, 1n << BigInt(scale));
      return await sums.finish(ctx.step('place'), bounds);
    };
    expect(revealRing([await runPlain(program)]).map(Number)).toEqual(expected);
    const shared = revealRing((await runRep3(program)).results);
    expect(shared.map((place) => Number(place) / 2 ** scale)).toEqual(expected);
    expect(scale).toBe(places < 1 << 20 ? 12 : 0);
  });
});
