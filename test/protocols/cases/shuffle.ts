/** Shuffles, permutations and what moves rows. */
import { type Case, values } from './case.js';

/** What a shuffle did is undone: through a reveal, and by the inverse. */
export const SHUFFLE_CASES: readonly Case[] = [
  {
    name: 'shuffle-and-back',
    sends: true,
    program: async (ctx, deal, n, variant) => {
      const x = deal.ring('x', 64, n, { min: 0n, max: 999n }, () => values('shuffle', n, variant, 0n, 999n));
      const shuffle = ctx.backend.drawShuffle(ctx.step('draw'), n);
      const [there] = await ctx.backend.permute(ctx.step('there'), shuffle, [x], 'forward');
      const [back] = await ctx.backend.permute(ctx.step('back'), shuffle, [there], 'inverse');
      return back;
    },
    expected: (n, variant) => values('shuffle', n, variant, 0n, 999n),
  },
];
