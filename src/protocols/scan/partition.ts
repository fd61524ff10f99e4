/**
 * Partition and compaction: rows with a flag first (or last), the others after (before) them, both in their order.
 *
 * Functionality: n rows of any columns and a secret flag for each. How many are flagged stays hidden.
 * Protocol: a stable sort by one bit, as in Chida, Hamada, Ikarashi, Kikuchi, Kiribuchi, Pinkas 2019 (eprint 2019/695).
 *   With c_i flags among rows 0 to i and T in all, a flagged row goes to c_i - 1 and another to T + i - c_i (flagged rows
 *   last: n - T + c_i - 1 and i - c_i): one product with the flag. The places are revealed after a shuffle (route.ts).
 * Requires: n < 2^30, so that no intermediate leaves Z_2^32.
 * Cost (rep3): 5 rounds; 16 bytes per node and row and 4/3 of the columns' bytes; 2 rounds and 4 bytes less for flags
 *   that are 0/1 values already. Back along the same route: 2 rounds and 4/3 of the columns' bytes.
 * Reveals: the places after a fresh shuffle: a uniform permutation. Fails: PEER_MISBEHAVED (reveal-order.ts).
 */
import { add, addConstant, subtract, tighten } from '../../share/linear.js';
import { checkRows } from '../../share/rows.js';
import { ArithmeticShare, type BinaryShare, type Column, WordShare } from '../../share/shares.js';
import { bitsOfWords, wordsOf } from '../../share/words.js';
import type { Context } from '../context.js';
import { bitToRing } from '../convert.js';
import { multiply } from '../multiply.js';
import { rowBounds, rowNumbers } from '../permute/public.js';
import { lastEverywhere } from './local-rows.js';
import { prefixSum } from './prefix-sum.js';
import { type Opened, openRoute } from './route.js';

/** A flag for each row: a row of bits, or 0/1 values. */
export type Flags = BinaryShare | ArithmeticShare<32>;

/** Where flagged rows go. */
export type Side = 'first' | 'last';

/**
 * The columns with flagged rows on one side, and the route that they took.
 *
 * @throws RangeError for columns of other lengths, or flags that are not one bit.
 */
export async function partition<const C extends readonly Column[]>(
  ctx: Context,
  flags: Flags,
  side: Side,
  columns: C,
): Promise<Opened<C>> {
  checkRows(flags.length, columns);
  const ones = await flagValues(ctx, flags);
  const places = await destinations(ctx.step('places'), ones, side);
  return await openRoute(ctx.step('move'), places, columns);
}

/** Columns with the flagged rows first. */
export interface Compacted<C extends readonly Column[]> {
  readonly columns: C;
  /** 1 for the rows that were flagged, which are the first ones. */
  readonly flag: BinaryShare;
}

/** The columns with flagged rows first, and the flag moved with them. 5.3 bytes more than `partition`, for the flag. */
export async function compact<const C extends readonly Column[]>(
  ctx: Context,
  flag: BinaryShare,
  columns: C,
): Promise<Compacted<C>> {
  checkRows(flag.length, columns);
  const moved = await partition(ctx, flag, 'first', [wordsOf(flag, 32), ...columns] as const);
  const [words, ...rest] = moved.columns as readonly Column[];
  if (!(words instanceof WordShare)) throw new TypeError('the flag did not come back');
  return { columns: rest as readonly Column[] as C, flag: bitsOfWords(words as WordShare<32>, 0, 1) };
}

/** Flags as 0/1 values. */
export async function flagValues(ctx: Context, flags: Flags): Promise<ArithmeticShare<32>> {
  if (!(flags instanceof ArithmeticShare)) return await bitToRing(ctx.step('flags'), flags, 32);
  if (flags.bounds.min < 0n || flags.bounds.max > 1n) throw new RangeError('flags are 0 or 1');
  return flags;
}

/** The place of each row: flagged ones on one side, in order. */
export async function destinations(
  ctx: Context,
  ones: ArithmeticShare<32>,
  side: Side,
): Promise<ArithmeticShare<32>> {
  const n = ones.length;
  const counts = prefixSum(ones);
  const others = subtract(rowNumbers(ctx, n), counts);
  const total = lastEverywhere(counts);
  const [flagged, unflagged] =
    side === 'first'
      ? [addConstant(counts, -1n), add(total, others)]
      : [addConstant(subtract(counts, total), BigInt(n - 1)), others];
  const offset = await multiply(ctx, ones, subtract(flagged, unflagged));
  // Each row has a place of its own among n, by the counts.
  return tighten(add(unflagged, offset), rowBounds(n));
}
