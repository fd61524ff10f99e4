/**
 * Equality: a row of bits, 1 where a shared value is zero, or equals another or a constant.
 *
 * Protocol: the backend gives k bits per element that are all 1 exactly where the value is 0 modulo 2^k, with k
 *   just wide enough for the bounds; an AND tree joins them.
 * Cost (rep3): 1 + ceil(log2 k) rounds; (k + 3(k-1)) / 24 bytes per node and element on average.
 * Reveals: nothing. Fails: never.
 */
import { BitMatrix } from '../kernels/bit-matrix.js';
import type { RingWidth } from '../kernels/ring-vector.js';
import { spreadBits } from '../share/bounds.js';
import { addConstant, subtract } from '../share/linear.js';
import type { ArithmeticShare, BinaryShare } from '../share/shares.js';
import type { Context } from './context.js';
import { allRows } from './logic.js';

/** 1 where x = 0. */
export async function isZero<W extends RingWidth>(ctx: Context, x: ArithmeticShare<W>): Promise<BinaryShare> {
  const { min, max } = x.bounds;
  if (min > 0n || max < 0n) return ctx.publicBits(BitMatrix.zeros(1, x.length));
  const k = spreadBits(x.bounds);
  if (k === 0) return ctx.publicBits(BitMatrix.fromBits([Array.from({ length: x.length }, () => 1)]));
  return await isZeroModulo(ctx, x, k);
}

/** 1 where x = 0 modulo 2^k: for values whose bounds are not yet proved. */
export async function isZeroModulo<W extends RingWidth>(
  ctx: Context,
  x: ArithmeticShare<W>,
  k: number,
): Promise<BinaryShare> {
  if (k < 1 || k > x.width) throw new RangeError(`zero test of ${k} bits in a ring of ${x.width}`);
  return await allRows(ctx.step('all'), await ctx.backend.zeroBits(ctx.step('bits'), x, k));
}

/** 1 where x = y. */
export function equals<W extends RingWidth>(
  ctx: Context,
  x: ArithmeticShare<W>,
  y: NoInfer<ArithmeticShare<W>>,
): Promise<BinaryShare> {
  return isZero(ctx, subtract(x, y));
}

/** 1 where x = constant. */
export function equalsConstant<W extends RingWidth>(
  ctx: Context,
  x: ArithmeticShare<W>,
  constant: bigint,
): Promise<BinaryShare> {
  return isZero(ctx, addConstant(x, -constant));
}
