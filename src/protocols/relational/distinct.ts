/**
 * Distinct keys: the first row of each, and whether all are.
 *
 * Functionality: of n rows with a key, of which some may be missing, a flag for the first row with each key, in place; or
 *   one bit that says whether no key is repeated. Rows without a key are never flagged, and repeat nothing.
 * Protocol: rows are sorted by key, stably, those without a key last; a row with another key than the row before it is the
 *   first one. Flags go back along the route of the sort.
 * Requires: n < 2^30.
 * Cost (rep3), k key bits and validity: the sort; 4 + ceil(log2 k) rounds, 8 bytes per node and row, 4/3 of words of
 *   k + 1 bits and k/8; then distinct 3 rounds and 5.5 bytes, uniqueKeys an AND over all rows (fold.ts).
 * Reveals: uniform permutations (sort/radix.ts, scan/route.ts). Fails: PEER_MISBEHAVED (reveal-order.ts).
 */
import { not, rows } from '../../share/bits.js';
import type { BinaryShare } from '../../share/shares.js';
import { bitsOfWords, wordsOf } from '../../share/words.js';
import type { Context } from '../context.js';
import { allBits } from '../fold.js';
import { and } from '../logic.js';
import { moveAlong, type Route } from '../scan/route.js';
import { sameAsPrevious } from '../scan/segments.js';
import { orderByKey } from './key-order.js';
import { checkKeyed, type KeyedRows, sortBits } from './keyed-rows.js';

/** 1 for the first row, in the order given, with each key. */
export async function distinct(ctx: Context, keyed: KeyedRows): Promise<BinaryShare> {
  const { route, same, valid } = await inOrder(ctx, keyed);
  const first = valid === undefined ? not(same) : await and(ctx.step('there'), not(same), valid);
  const [flags] = await moveAlong(ctx.step('back'), route, [wordsOf(first, 32)] as const);
  return bitsOfWords(flags, 0, 1);
}

/** One bit: no two rows have the same key. What a join asks of its right side. */
export async function uniqueKeys(ctx: Context, keyed: KeyedRows): Promise<BinaryShare> {
  const { same, valid } = await inOrder(ctx, keyed);
  const repeated = valid === undefined ? same : await and(ctx.step('there'), same, valid);
  return await allBits(ctx.step('none'), not(repeated));
}

interface Neighbours {
  readonly route: Route;
  /** 1 where a row's key, or the lack of one, is that of the row before it. */
  readonly same: BinaryShare;
  readonly valid: BinaryShare | undefined;
}

async function inOrder(ctx: Context, keyed: KeyedRows): Promise<Neighbours> {
  checkKeyed(keyed);
  const own = sortBits(keyed);
  const { route, bits } = await orderByKey(ctx, own, own, []);
  const same = await sameAsPrevious(ctx.step('same'), bits);
  const missing = rows(bits, keyed.key.rows, bits.rows);
  return { route, same, valid: missing.rows === 0 ? undefined : not(missing) };
}
