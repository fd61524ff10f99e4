/**
 * Equality: a row of bits, 1 where a shared value is zero, or equals another or a constant.
 *
 * Protocol: the backend gives k bits per element that are all 1 exactly where the value is 0 modulo 2^k, with k
 *   just wide enough for the bounds; an AND tree joins them. Long vectors are compared chunk by chunk.
 * Cost (rep3): 1 + ceil(log2 k) rounds; (k + 3(k-1)) / 24 bytes per node and element on average.
 * Reveals: nothing. Fails: never.
 */
import { BitMatrix } from '../kernels/bit-matrix.js';
import { kernels } from '../kernels/kernels.js';
import type { RingWidth } from '../kernels/ring-vector.js';
import { spreadBits } from '../share/bounds.js';
import { addConstant, sameShape, slice, subtract } from '../share/linear.js';
import type { ArithmeticShare, BinaryShare } from '../share/shares.js';
import { bitsInChunks } from './chunks.js';
import type { Context } from './context.js';
import { allRows } from './logic.js';

/** 1 where x = 0. */
export async function isZero<W extends RingWidth>(ctx: Context, x: ArithmeticShare<W>): Promise<BinaryShare> {
  const { min, max } = x.bounds;
  if (min > 0n || max < 0n) return ctx.publicBits(BitMatrix.zeros(1, x.length));
  const k = spreadBits(x.bounds);
  if (k === 0) return ctx.publicBits(kernels.not(BitMatrix.zeros(1, x.length)));
  return await isZeroModulo(ctx, x, k);
}

/** 1 where x = 0 modulo 2^k: for values whose bounds are not yet proved. */
export async function isZeroModulo<W extends RingWidth>(
  ctx: Context,
  x: ArithmeticShare<W>,
  k: number,
): Promise<BinaryShare> {
  if (k < 1 || k > x.width) throw new RangeError(`zero test of ${k} bits in a ring of ${x.width}`);
  return await bitsInChunks(ctx, x.length, async (chunk, start, end) => {
    const bits = await chunk.backend.zeroBits(chunk.step('bits'), slice(x, start, end), k);
    return await allRows(chunk.step('all'), bits);
  });
}

/** 1 where x = y. */
export async function equals<W extends RingWidth>(
  ctx: Context,
  x: ArithmeticShare<W>,
  y: NoInfer<ArithmeticShare<W>>,
): Promise<BinaryShare> {
  sameShape(x, y);
  return await bitsInChunks(ctx, x.length, (chunk, start, end) =>
    isZero(chunk, subtract(slice(x, start, end), slice(y, start, end))),
  );
}

/** 1 where x = constant. */
export async function equalsConstant<W extends RingWidth>(
  ctx: Context,
  x: ArithmeticShare<W>,
  constant: bigint,
): Promise<BinaryShare> {
  return await bitsInChunks(ctx, x.length, (chunk, start, end) =>
    isZero(chunk, addConstant(slice(x, start, end), -constant)),
  );
}
