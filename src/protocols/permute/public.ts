/** Row numbers as shares. */
import { indices } from '../../kernels/indices.js';
import { RingVector } from '../../kernels/ring-vector.js';
import { ArithmeticShare } from '../../share/shares.js';
import type { Context } from '../context.js';

/** 0, 1, ..., n-1 as a share: part 0 carries it. */
export function rowNumbers(ctx: Context, n: number): ArithmeticShare<32> {
  const { held } = ctx.backend;
  const zeros = RingVector.zeros(32, held.length === 0 ? 0 : n);
  const parts = held.map((part) => (part === 0 ? new RingVector(32, indices(n)) : zeros));
  return new ArithmeticShare({ width: 32, length: n, bounds: rowBounds(n), held, parts, clock: 0 });
}

/** Bounds of a row number of n rows. */
export function rowBounds(n: number): { readonly min: bigint; readonly max: bigint } {
  return { min: 0n, max: BigInt(Math.max(0, n - 1)) };
}
