/**
 * Copies: every row gets what the latest row with a flag at or before it holds (or the next one at or after it).
 *
 * Functionality: n rows of any columns and a secret flag for each; a row with no such row gets 0.
 * Protocol (ours): instead of log n levels of a scan, differences. A stable partition puts the flagged rows last
 *   (partition.ts), where the difference of a row to the one before it is local: 0 for rows without a flag, which hold 0,
 *   and for the first flagged row its own value. The differences go back along the same route, and their running sum
 *   (XOR for words) is the copy. Differences may wrap: sums of them are right modulo the ring. Up is down on reversed rows.
 * Requires: n < 2^30. Rows without a flag are made 0 first, unless the caller knows that they are.
 * Cost (rep3): 7 rounds, 16 bytes per node and row and 8/3 of the columns' bytes: 37.3 for one of 64 bits. Where
 *   columns are cleared first, while places are made, their bytes once more, and flags as wide as the widest of them.
 * Reveals: a uniform permutation (partition.ts). Fails: PEER_MISBEHAVED (reveal-order.ts).
 */
import { constantBounds, joinBounds } from '../../share/bounds.js';
import { checkRows } from '../../share/rows.js';
import type { ArithmeticShare, BinaryShare, Column } from '../../share/shares.js';
import type { Context } from '../context.js';
import { bitToRing } from '../convert.js';
import { clearBy, narrowFlags, wideFlags } from './clear.js';
import { boundsOf, differences, fromDifferences, modular, reversed, withBounds } from './local-rows.js';
import { destinations } from './partition.js';
import { moveAgainst, openRoute } from './route.js';

export interface CopyOptions {
  /** True where rows without a flag hold 0 in all columns. */
  readonly cleared?: boolean;
}

/**
 * Row i becomes the latest flagged row at or before it, 0 where there is none.
 *
 * @throws RangeError for columns of other lengths, or flags that are not one bit.
 */
export async function copyDown<const C extends readonly Column[]>(
  ctx: Context,
  flag: BinaryShare,
  columns: C,
  options: CopyOptions = {},
): Promise<C> {
  const { ones, clear } = await prepare(ctx, flag, columns, options);
  return await copyCleared(ctx, ones, clear);
}

/** Row i becomes the next flagged row at or after it, 0 where there is none. */
export async function copyUp<const C extends readonly Column[]>(
  ctx: Context,
  flag: BinaryShare,
  columns: C,
  options: CopyOptions = {},
): Promise<C> {
  const { ones, clear } = await prepare(ctx, flag, columns, options);
  const reversedOnes = reversed(ones);
  return reversedColumns(await copyCleared(ctx, reversedOnes, async () => reversedColumns(await clear())));
}

async function prepare<const C extends readonly Column[]>(
  ctx: Context,
  flag: BinaryShare,
  columns: C,
  options: CopyOptions,
): Promise<{ ones: ArithmeticShare<32>; clear: () => Promise<C> }> {
  checkRows(flag.length, columns);
  if (options.cleared === true)
    return { ones: await bitToRing(ctx.step('flags'), flag, 32), clear: async () => columns };
  const flags = await wideFlags(ctx, flag, columns);
  return { ones: narrowFlags(flags, 32), clear: () => clearBy(ctx.step('clear'), flags, columns) };
}

/**
 * `copyDown` of columns that are 0 in rows without a flag; they may be made while places are. While flagged rows lie side by side, `change` may put local
 * functions of neighbours in their place, if rows without a flag stay 0 and nothing leaves the bounds joined with 0.
 */
export async function copyCleared<const C extends readonly Column[]>(
  ctx: Context,
  ones: ArithmeticShare<32>,
  columns: () => Promise<C>,
  change: (flaggedLast: C) => C = (flaggedLast) => flaggedLast,
): Promise<C> {
  const [places, cleared] = await Promise.all([
    destinations(ctx.step('places'), ones, 'last'),
    columns().then(withZero),
  ]);
  const moved = await openRoute(ctx.step('move'), places, cleared);
  const changed = change(moved.columns);
  const steps = changed.map((column) => modular(differences(column)));
  const back = await moveAgainst(ctx.step('back'), moved.route, steps);
  return back.map((column, i) =>
    fromDifferences(column, boundsOf(changed[i] as Column)),
  ) as readonly Column[] as C;
}

/** Bounds that hold 0 too. */
function withZero<C extends readonly Column[]>(columns: C): C {
  return columns.map((column) => {
    const bounds = boundsOf(column);
    return bounds === undefined ? column : withBounds(column, joinBounds(bounds, constantBounds(0n)));
  }) as readonly Column[] as C;
}

function reversedColumns<C extends readonly Column[]>(columns: C): C {
  return columns.map((column) => reversed(column)) as readonly Column[] as C;
}
