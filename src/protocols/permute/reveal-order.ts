/**
 * An order revealed after a shuffle: rows are shuffled, and a shared permutation of them is shown in its shuffled order.
 *
 * Functionality: columns of n rows and a shared permutation of 0..n-1 become the shuffled columns and the public order.
 * Requires: the order holds each number below n once. A fresh shuffle is drawn, which reveals this one order.
 * Cost (rep3): 2 rounds; 8 bytes per node and row for the order, 4/3 of the columns' bytes.
 * Reveals: the order after the shuffle, a uniform permutation whatever the order was: anyone could draw it.
 * Fails: PEER_MISBEHAVED where what is revealed is no permutation. Then some node sent wrong numbers: each is looked at,
 *   so that a wrong one never becomes an index.
 */
import { WarifuError } from '../../core/errors.js';
import { isPermutation } from '../../kernels/permutation.js';
import { checkRows } from '../../share/rows.js';
import type { ArithmeticShare, Column } from '../../share/shares.js';
import type { Revealed, Shuffle } from '../backend.js';
import type { Context } from '../context.js';

export interface RevealedOrder<C extends readonly Column[]> extends Revealed<C> {
  /** By which the columns were moved. */
  readonly shuffle: Shuffle;
}

/**
 * @param scale the order holds its numbers times 2^scale.
 * @throws RangeError for columns of other lengths; WarifuError PEER_MISBEHAVED for an order that is no permutation.
 */
export async function revealOrder<const C extends readonly Column[]>(
  ctx: Context,
  order: ArithmeticShare<32>,
  columns: C,
  scale = 0,
): Promise<RevealedOrder<C>> {
  checkRows(order.length, columns);
  const shuffle = ctx.backend.drawShuffle(ctx.step('draw'), order.length);
  const revealed = await ctx.backend.permuteAndReveal(ctx.step('reveal'), shuffle, order, columns);
  const numbers = unscaled(revealed.order, scale);
  if (!isPermutation(numbers)) {
    throw new WarifuError(
      'PEER_MISBEHAVED',
      `what was revealed at step ${ctx.path} is no order of ${order.length} rows: a node sent wrong numbers`,
      { step: ctx.path },
    );
  }
  return { ...revealed, order: numbers, shuffle };
}

/** Numbers that are no multiples of 2^scale become such as no order has: the low bits come first. */
function unscaled(order: Uint32Array, scale: number): Uint32Array {
  if (scale === 0) return order;
  const out = new Uint32Array(order.length);
  for (let i = 0; i < out.length; i++) out[i] = (order[i]! >>> scale) | (order[i]! << (32 - scale));
  return out;
}
