/**
 * Boolean protocols: AND, OR, and trees of them.
 *
 * Cost (rep3): AND and OR 1 round and one bit per node and result (whole 64-bit words); a tree over k rows
 * ceil(log2 k) rounds and k-1 ANDs. Reveals nothing.
 */
import { not, rows, sameShape } from '../share/bits.js';
import type { BinaryShare } from '../share/shares.js';
import type { AndTerm } from './backend.js';
import type { Context } from './context.js';

/** x AND y, bit by bit. */
export async function and(ctx: Context, x: BinaryShare, y: BinaryShare): Promise<BinaryShare> {
  sameShape(x, y);
  return await ctx.backend.and(ctx, [{ x, y }]);
}

/** x OR y, bit by bit. */
export async function or(ctx: Context, x: BinaryShare, y: BinaryShare): Promise<BinaryShare> {
  return not(await and(ctx, not(x), not(y)));
}

/** AND of all rows, as one row. No row gives an error: a caller knows whether it has terms. */
export async function allRows(ctx: Context, x: BinaryShare): Promise<BinaryShare> {
  if (x.rows === 0) throw new RangeError('AND of no rows');
  let current = x;
  // The row that an odd level leaves over; the next odd level has a partner for it.
  let rest: BinaryShare | undefined;
  for (let level = 0; current.rows > 1 || rest !== undefined; level++) {
    const half = Math.floor(current.rows / 2);
    const terms: AndTerm[] = [];
    if (half > 0) terms.push({ x: rows(current, 0, half), y: rows(current, half, 2 * half) });
    if (current.rows % 2 === 1) {
      const last = rows(current, current.rows - 1, current.rows);
      if (rest !== undefined) terms.push({ x: last, y: rest });
      rest = rest === undefined ? last : undefined;
    }
    current = await ctx.backend.and(ctx.step(`level-${level}`), terms);
  }
  return current;
}

/** OR of all rows, as one row. */
export async function anyRow(ctx: Context, x: BinaryShare): Promise<BinaryShare> {
  return not(await allRows(ctx, not(x)));
}
