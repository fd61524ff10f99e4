/**
 * Shuffled quicksort: stable, for keys of many bits.
 *
 * Functionality: that of radix.ts, for a key of one or more non-negative numbers, the highest first.
 * Protocol: Hamada, Kikuchi, Ikarashi, Chida, Takahashi 2012 (ICISC): all rows are shuffled, and compared by opened bits.
 *   Rows with equal keys would show that they are; so the number of the row, which nobody knows after the shuffle, is
 *   appended to the key. That makes the sort stable, too. Which rows are compared, in few levels: ordering.ts (ours).
 *   All columns are shuffled with the keys and put in order by the revealed one.
 * Requires: numbers whose differences fit their ring, the last times n.
 * Cost (rep3): 2 rounds and 4/3 of the bytes of keys, columns and 4 bytes for the order per node; then comparisons
 *   (compare-rows.ts), for 100,000 rows 20 levels of 25 a row in all; docs/protocols.md has expectations and bounds.
 * Reveals: the order of the shuffled rows, uniform whatever the keys (compare-rows.ts).
 * Fails: BOUND_NOT_PROVED before anything is sent; as compare-rows.ts.
 */
import { indices } from '../../kernels/indices.js';
import { kernels } from '../../kernels/kernels.js';
import { RingVector } from '../../kernels/ring-vector.js';
import { add, scale } from '../../share/linear.js';
import { checkRows } from '../../share/rows.js';
import type { ArithmeticShare, Column } from '../../share/shares.js';
import { atClock } from '../columns.js';
import type { Context } from '../context.js';
import { gatherInTurns } from '../permute/place.js';
import { rowBounds, rowNumbers } from '../permute/public.js';
import { shuffle } from '../permute/shuffle.js';
import { type Limb, orderRows } from './compare-rows.js';
import type { Sorted } from './radix.js';

/** @throws RangeError for columns of other lengths, or a key of no number. */
export async function quickSort(
  ctx: Context,
  keys: readonly [Limb, ...Limb[]],
  carried: readonly Column[],
): Promise<Sorted> {
  const n = keys[0].length;
  checkRows(n, keys);
  checkRows(n, carried);
  const numbers = rowNumbers(ctx, n);
  if (n < 2) return { order: numbers, columns: [...carried] };
  const unique = distinctKeys(ctx, keys);
  const shuffled = await shuffle(ctx.step('shuffle'), [numbers, ...carried, ...unique]);
  const columns: readonly Column[] = shuffled.columns;
  const limbs = columns.slice(1 + carried.length) as readonly Column[] as readonly Limb[];
  const { rows, clock } = await orderRows(ctx.step('compare'), limbs);
  const moved = await gatherInTurns(columns.slice(0, 1 + carried.length), rows);
  const [order, ...sorted] = atClock(moved, clock);
  return { order: order as ArithmeticShare<32>, columns: sorted };
}

/** Bits of the row numbers that are appended to keys. */
export function numberBits(n: number): number {
  return Math.max(0, n - 1).toString(2).length;
}

/** The keys with the number of the row as the lowest bits of the last. */
export function distinctKeys(ctx: Context, keys: readonly Limb[]): Limb[] {
  const last = keys.at(-1);
  if (last === undefined) throw new RangeError('a key of no number');
  const { length } = last;
  const factor = 1n << BigInt(numberBits(length));
  const append = <W extends 64 | 128>(limb: ArithmeticShare<W>): ArithmeticShare<W> => {
    const { width } = limb;
    const numbers = ctx.publicVector(width, length, rowBounds(length), () =>
      kernels.extend(new RingVector(32, indices(length)), width),
    );
    return add(scale(limb, factor), numbers);
  };
  const unique = last.width === 64 ? append(last) : append(last);
  return [...keys.slice(0, -1), unique];
}
