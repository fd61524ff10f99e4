/**
 * Shared permutations: applied to columns, inverted, composed.
 *
 * Functionality: a permutation p of n rows is a vector of the numbers 0..n-1 over Z_2^32, each once.
 * Protocol: p is shuffled, by pi, and revealed as p(pi(i)) (reveal-order.ts). To move row i to p(i), the columns are
 *   shuffled too, and row i goes to the revealed place. To take row p(i), the rows are taken from the revealed places,
 *   which gives the result shuffled by pi, and the shuffle is undone.
 * Requires: p is a permutation, which its maker proves.
 * Cost (rep3): to move 2 rounds, to take 4; 8 bytes per node and row for p, and 4/3 of the columns' bytes.
 * Reveals: p after a fresh uniform shuffle: a uniform permutation. Fails: PEER_MISBEHAVED where p turns out to be none.
 */
import { checkRows } from '../../share/rows.js';
import type { ArithmeticShare, Column } from '../../share/shares.js';
import { atClock } from '../columns.js';
import type { Context } from '../context.js';
import { gatherInTurns, scatterInTurns } from './place.js';
import { rowNumbers } from './public.js';
import { revealOrder } from './reveal-order.js';
import { unshuffle } from './shuffle.js';

/**
 * Row i of the columns becomes row p(i) of the result. RangeError for columns of other lengths.
 *
 * @param scale p holds its numbers times 2^scale.
 */
export async function applyPermutation<const C extends readonly Column[]>(
  ctx: Context,
  p: ArithmeticShare<32>,
  columns: C,
  scale = 0,
): Promise<C> {
  const revealed = await revealOrder(ctx, p, columns, scale);
  return await scatterInTurns(revealed.columns, revealed.order);
}

/** Row i of the result is row p(i) of the columns: `applyPermutation` with the inverse of p. RangeError as there. */
export async function applyInverse<const C extends readonly Column[]>(
  ctx: Context,
  p: ArithmeticShare<32>,
  columns: C,
): Promise<C> {
  // Before p is revealed: columns that are longer would lose rows.
  checkRows(p.length, columns);
  const { order, shuffle, clock } = await revealOrder(ctx.step('order'), p, []);
  const moved = await gatherInTurns(columns, order);
  const taken = atClock(moved, Math.max(clock, ...columns.map((own) => own.clock)));
  return await unshuffle(ctx.step('back'), { shuffle, columns: taken });
}

/** q with q(p(i)) = i. */
export async function invert(ctx: Context, p: ArithmeticShare<32>): Promise<ArithmeticShare<32>> {
  const [inverse] = await applyPermutation(ctx, p, [rowNumbers(ctx, p.length)]);
  return inverse;
}

/** r(i) = p(q(i)): what moves a row as q does, and then as p does. */
export async function compose(
  ctx: Context,
  p: ArithmeticShare<32>,
  q: ArithmeticShare<32>,
): Promise<ArithmeticShare<32>> {
  const [composed] = await applyInverse(ctx, q, [p]);
  return composed;
}
