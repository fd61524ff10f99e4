/**
 * A way that rows can be moved along and against, several times: a shared permutation that was revealed after a shuffle.
 *
 * Functionality: along a route of p, row i becomes row p(i); against it, row p(i) becomes row i.
 * Protocol: p is shuffled by pi and revealed as p(pi(i)). Along: columns are shuffled by pi, and go to the revealed
 *   places. Against: they are taken from these places, and the shuffle is undone. The same shuffle serves all columns, at
 *   any time, so that a second journey costs no second revealing (permute/permutation.ts reveals each time).
 * Requires: p is a permutation of the row numbers, which its maker proves.
 * Cost (rep3): to open 2 rounds and 8 bytes per node and row; a journey 2 rounds and 4/3 of the columns' bytes.
 * Reveals: p after a fresh uniform shuffle, once: a uniform permutation, whatever p is. The shuffle is never revealed
 *   with another order.
 * Fails: PEER_MISBEHAVED where what is revealed is no permutation.
 */
import { checkRows, gatherRows, scatterRows } from '../../share/rows.js';
import type { ArithmeticShare, Column } from '../../share/shares.js';
import type { Shuffle } from '../backend.js';
import { atClock } from '../columns.js';
import type { Context } from '../context.js';
import { revealOrder } from '../permute/reveal-order.js';

export interface Route {
  readonly shuffle: Shuffle;
  /** The place of each shuffled row. */
  readonly order: Uint32Array;
  /** When all nodes know the order. */
  readonly clock: number;
}

/** A route and the columns that went along while it was opened. */
export interface Opened<C extends readonly Column[]> {
  readonly route: Route;
  readonly columns: C;
}

/** Opens the route of p, and moves columns along it in the same messages. */
export async function openRoute<const C extends readonly Column[]>(
  ctx: Context,
  p: ArithmeticShare<32>,
  columns: C,
): Promise<Opened<C>> {
  const revealed = await revealOrder(ctx, p, columns);
  const { shuffle, order } = revealed;
  return { route: { shuffle, order, clock: revealed.clock }, columns: scatterRows(revealed.columns, order) };
}

/** Row i becomes row p(i). */
export async function moveAlong<const C extends readonly Column[]>(
  ctx: Context,
  { shuffle, order, clock }: Route,
  columns: C,
): Promise<C> {
  checkRows(order.length, columns);
  const shuffled = await ctx.backend.permute(ctx, shuffle, columns, 'forward');
  return later(scatterRows(shuffled, order), clock);
}

/** Row p(i) becomes row i. */
export async function moveAgainst<const C extends readonly Column[]>(
  ctx: Context,
  { shuffle, order, clock }: Route,
  columns: C,
): Promise<C> {
  checkRows(order.length, columns);
  const taken = later(gatherRows(columns, order), clock);
  return await ctx.backend.permute(ctx, shuffle, taken, 'inverse');
}

/** Columns that are not before the route is known. */
function later<C extends readonly Column[]>(columns: C, clock: number): C {
  return atClock(columns, Math.max(clock, ...columns.map((column) => column.clock)));
}
