/**
 * Conversions: bit to integer, selection by a bit, and lifting to a wider ring.
 *
 * Costs are those of the backend: rep3 bitToRing 2 rounds and one ring element per node; select one product
 * more; to 64 bits 2 rounds and 6.7 bytes per node, to 128 bits 13.3. Nothing is revealed. Long vectors are
 * converted chunk by chunk.
 */

import { WarifuError } from '../core/errors.js';
import type { RingWidth } from '../kernels/ring-vector.js';
import { columns } from '../share/bits.js';
import { joinBounds, proveFits } from '../share/bounds.js';
import { add, reduceTo, sameShape, slice, subtract } from '../share/linear.js';
import type { ArithmeticShare, BinaryShare } from '../share/shares.js';
import { lookup } from './bits/lookup.js';
import { ringInChunks } from './chunks.js';
import type { Context } from './context.js';
import { sameLength } from './multiply.js';

/** A row of bits as 0/1 values. */
export async function bitToRing<W extends RingWidth>(
  ctx: Context,
  bit: BinaryShare,
  width: W,
): Promise<ArithmeticShare<W>> {
  if (bit.rows !== 1) throw new RangeError('bitToRing takes one row');
  const [value] = await lookup(ctx, [bit], [[[0n, 1n]]], width);
  return value as ArithmeticShare<W>;
}

/** x where the bit is 1, else y. */
export async function select<W extends RingWidth>(
  ctx: Context,
  bit: BinaryShare,
  x: ArithmeticShare<W>,
  y: NoInfer<ArithmeticShare<W>>,
): Promise<ArithmeticShare<W>> {
  sameShape(x, y);
  sameLength(bit.length, x.length);
  proveFits(joinBounds(x.bounds, y.bounds), x.width, 'one of two values');
  return await ringInChunks(ctx, bit.length, async (chunk, start, end) => {
    const chosen = await bitToRing(chunk.step('bit'), columns(bit, start, end), x.width);
    return await choose(chunk.step('choose'), chosen, slice(x, start, end), slice(y, start, end));
  });
}

/**
 * x where `chosen` is 1, y where it is 0. Computed modulo 2^width: x, y and the result fit the ring, the difference of x
 * and y need not.
 */
export async function choose<W extends RingWidth>(
  ctx: Context,
  chosen: ArithmeticShare<W>,
  x: ArithmeticShare<W>,
  y: ArithmeticShare<W>,
): Promise<ArithmeticShare<W>> {
  const bounds = joinBounds(x.bounds, y.bounds);
  const base = y.with({ bounds: UNCHECKED });
  const difference = subtract(x.with({ bounds: UNCHECKED }), base);
  return add(base, await ctx.backend.multiply(ctx, chosen, difference, UNCHECKED)).with({ bounds });
}

/** Stands for bounds where only residues count. */
const UNCHECKED = { min: 0n, max: 0n };

/**
 * The same values over Z_2^128.
 *
 * @throws WarifuError BOUND_NOT_PROVED where the range of x is 2^63 or more.
 */
export async function lift(ctx: Context, x: ArithmeticShare<64>): Promise<ArithmeticShare<128>> {
  return await widen(ctx, x, 128);
}

/**
 * The same values over a ring that is at least as wide.
 *
 * @throws RangeError for a narrower ring; WarifuError BOUND_NOT_PROVED where the ring is wider and the range of x takes
 *   all bits of its own.
 */
export async function widen<V extends RingWidth, W extends RingWidth>(
  ctx: Context,
  x: ArithmeticShare<V>,
  width: W,
): Promise<ArithmeticShare<W>> {
  if (width < x.width) throw new RangeError(`${x.width} bits are not widened to ${width}`);
  if (width === (x.width as number)) return reduceTo(x, width);
  const { min, max } = x.bounds;
  if (max - min >= 1n << BigInt(x.width - 1)) {
    throw new WarifuError(
      'BOUND_NOT_PROVED',
      `a value of ${x.width - 1} bits or more cannot be lifted to a wider ring`,
    );
  }
  const to = { offset: -min, shift: 0, width, bounds: x.bounds };
  return await ringInChunks(ctx, x.length, (chunk, start, end) =>
    chunk.backend.rescale(chunk, slice(x, start, end), to),
  );
}
