/**
 * Conversions: bit to integer, selection by a bit, and lifting to the wide ring.
 *
 * Costs are those of the backend: rep3 bitToRing 2 rounds and one ring element per node; select one product
 * more; lift 2 rounds and 26.7 bytes per node. Nothing is revealed.
 */

import { WarifuError } from '../core/errors.js';
import type { RingWidth } from '../kernels/ring-vector.js';
import { joinBounds } from '../share/bounds.js';
import { add, addConstant, subtract } from '../share/linear.js';
import type { ArithmeticShare, BinaryShare } from '../share/shares.js';
import type { Context } from './context.js';
import { multiply } from './multiply.js';

const LIFT_LIMIT = 1n << 62n;

/** A row of bits as 0/1 values. */
export async function bitToRing<W extends RingWidth>(
  ctx: Context,
  bit: BinaryShare,
  width: W,
): Promise<ArithmeticShare<W>> {
  if (bit.rows !== 1) throw new RangeError('bitToRing takes one row');
  return await ctx.backend.bitToRing(ctx, bit, width);
}

/** x where the bit is 1, else y. */
export async function select<W extends RingWidth>(
  ctx: Context,
  bit: BinaryShare,
  x: ArithmeticShare<W>,
  y: NoInfer<ArithmeticShare<W>>,
): Promise<ArithmeticShare<W>> {
  const chosen = await bitToRing(ctx.step('bit'), bit, x.width);
  const difference = await multiply(ctx.step('choose'), chosen, subtract(x, y));
  return add(y, difference).with({ bounds: joinBounds(x.bounds, y.bounds) });
}

/**
 * The same values over Z_2^128.
 *
 * @throws WarifuError BOUND_NOT_PROVED where the range of x is 2^62 or more.
 */
export async function lift(ctx: Context, x: ArithmeticShare<64>): Promise<ArithmeticShare<128>> {
  const { min, max } = x.bounds;
  if (max - min >= LIFT_LIMIT) {
    throw new WarifuError('BOUND_NOT_PROVED', 'a value of 62 bits or more cannot be lifted to the wide ring');
  }
  return addConstant(await ctx.backend.lift(ctx, addConstant(x, -min)), min);
}
