/**
 * Shuffle: rows of any number of columns moved by one uniform permutation that no node knows, and moved back.
 *
 * Protocol: that of the backend (rep3/shuffle.ts).
 * Requires: columns of one length.
 * Cost (rep3): 2 rounds; 4/3 of a column's bytes per node on average.
 * Reveals: nothing. Fails: never.
 */
import { checkRows } from '../../share/rows.js';
import type { Column } from '../../share/shares.js';
import type { Shuffle } from '../backend.js';
import type { Context } from '../context.js';

/** Shuffled columns, and the shuffle, by which others can be shuffled alike or these moved back. */
export interface Shuffled<C extends readonly Column[]> {
  readonly shuffle: Shuffle;
  readonly columns: C;
}

/** @throws RangeError for columns of different lengths, or none. */
export async function shuffle<const C extends readonly Column[]>(
  ctx: Context,
  columns: C,
): Promise<Shuffled<C>> {
  const [first] = columns;
  if (first === undefined) throw new RangeError('shuffle of no column');
  checkRows(first.length, columns);
  const drawn = ctx.backend.drawShuffle(ctx.step('draw'), first.length);
  return {
    shuffle: drawn,
    columns: await ctx.backend.permute(ctx.step('permute'), drawn, columns, 'forward'),
  };
}

/** The columns as they were before the shuffle, or others moved in the same way. */
export async function unshuffle<const C extends readonly Column[]>(
  ctx: Context,
  { shuffle: drawn, columns }: Shuffled<C>,
): Promise<C> {
  checkRows(drawn.length, columns);
  return await ctx.backend.permute(ctx, drawn, columns, 'inverse');
}
