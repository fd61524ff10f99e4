/**
 * Rows brought into the order of their keys, and back.
 *
 * Functionality: of n rows with a key of any number of bits the stable order, and bits and columns in that order; others
 *   can be moved there, and back, along the same route (scan/route.ts).
 * Requires: n < 2^30.
 * Cost (rep3): that of the sort (sort/radix.ts), 4 rounds and 8 bytes per node and row, 4/3 of what is moved.
 * Reveals: uniform permutations (sort/radix.ts, scan/route.ts). Fails: PEER_MISBEHAVED (reveal-order.ts).
 */
import { checkRows } from '../../share/rows.js';
import type { BinaryShare, Column } from '../../share/shares.js';
import type { Context } from '../context.js';
import { moveAgainst, openRoute, type Route } from '../scan/route.js';
import { radixSort } from '../sort/radix.js';
import { packBits, unpackBits, type Words } from './row-bits.js';

export interface InOrder<C extends readonly Column[]> {
  /** Along it rows go back to where they came from. */
  readonly route: Route;
  readonly bits: BinaryShare;
  readonly columns: C;
}

/** @param key row j is bit j, by which rows are sorted; `bits` and `columns` move with the rows. */
export async function orderByKey<const C extends readonly Column[]>(
  ctx: Context,
  key: BinaryShare,
  bits: BinaryShare,
  columns: C,
): Promise<InOrder<C>> {
  checkRows(key.length, [bits, ...columns]);
  const { order } = await radixSort(ctx.step('sort'), key, []);
  const { route } = await openRoute(ctx.step('order'), order, []);
  const words = packBits(bits);
  const moved: readonly Column[] = await moveAgainst(ctx.step('rows'), route, [...words, ...columns]);
  return {
    route,
    bits: unpackBits(moved.slice(0, words.length) as Words[], bits.rows),
    columns: moved.slice(words.length) as readonly Column[] as C,
  };
}
