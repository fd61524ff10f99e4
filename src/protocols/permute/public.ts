/** Row numbers as shares. */
import { indices } from '../../kernels/indices.js';
import { RingVector } from '../../kernels/ring-vector.js';
import type { ArithmeticShare } from '../../share/shares.js';
import type { Context } from '../context.js';

/** 0, 1, ..., n-1 as a share: part 0 carries it. */
export function rowNumbers(ctx: Context, n: number): ArithmeticShare<32> {
  return ctx.publicVector(32, n, rowBounds(n), () => new RingVector(32, indices(n)));
}

/** Bounds of a row number of n rows. */
export function rowBounds(n: number): { readonly min: bigint; readonly max: bigint } {
  return { min: 0n, max: BigInt(Math.max(0, n - 1)) };
}
