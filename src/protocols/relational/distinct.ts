/**
 * Distinct keys: the first row of each, and whether all are.
 *
 * Functionality: of n rows with a key, of which some may be missing, a flag for the first row with each key, in place; or
 *   one bit that says whether no key is repeated. Rows without a key are never flagged, and repeat nothing.
 * Protocol: rows are sorted by key, stably, those without a key last; a row with another key than the row before it is the
 *   first one. Flags go back along the route of the sort.
 * Requires: n < 2^30.
 * Cost (rep3): the sort, with the way back for distinct (key-order.ts); a comparison of neighbours (same-key.ts); then
 *   distinct 2 rounds and 5.3 bytes per node and row, and an AND with validity, uniqueKeys an AND over all rows (fold.ts).
 * Reveals: uniform permutations (scan/route.ts), and what a sort may (sort/sort.ts). Fails: as these.
 */
import { not } from '../../share/bits.js';
import type { BinaryShare } from '../../share/shares.js';
import { bitsOfWords, wordsOf } from '../../share/words.js';
import type { Context } from '../context.js';
import { allBits } from '../fold.js';
import { and } from '../logic.js';
import { moveAlong } from '../scan/route.js';
import { type InOrder, orderByKey, orderByKeyAndBack } from './key-order.js';
import type { KeyedRows } from './keyed-rows.js';
import { sameKey } from './same-key.js';

/** 1 for the first row, in the order given, with each key. */
export async function distinct(ctx: Context, keyed: KeyedRows): Promise<BinaryShare> {
  const sorted = await orderByKeyAndBack(ctx, keyed, [], []);
  const { route, valid } = sorted;
  const same = await repeated(ctx, sorted);
  const first = valid === undefined ? not(same) : await and(ctx.step('there'), not(same), valid);
  const [flags] = await moveAlong(ctx.step('back'), route, [wordsOf(first, 32)] as const);
  return bitsOfWords(flags, 0, 1);
}

/** One bit: no two rows have the same key. What a join asks of its right side. */
export async function uniqueKeys(ctx: Context, keyed: KeyedRows): Promise<BinaryShare> {
  const same = await repeated(ctx, await orderByKey(ctx.step('order'), keyed, [], []));
  return await allBits(ctx.step('none'), not(same));
}

/** 1 where a row has the key of the row before it. */
async function repeated(ctx: Context, { key, valid }: InOrder<readonly []>): Promise<BinaryShare> {
  return await sameKey(ctx.step('same'), key, valid === undefined ? [] : [valid]);
}
