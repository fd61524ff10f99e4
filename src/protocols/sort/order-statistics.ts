/**
 * Order statistics: the values at several places of the sorted order, without sorting.
 *
 * Functionality: of n non-negative keys, those at the given places of their ascending order, each as a shared value.
 * Protocol: shuffle and distinct keys as in quicksort.ts, but only segments with a wanted place are split, by pivots
 *   closely around it (Floyd and Rivest 1975; ordering.ts). The row number is cut off the keys found.
 * Requires: public places. With missing values that sort last, places among those present would depend on their count,
 *   which is secret: such a caller sorts, or selects by a secret rank.
 * Cost (rep3): 2 rounds and 4/3 of the keys' bytes per node; then comparisons (compare-rows.ts): for the median of 1,000,000
 *   rows 21 levels of 2.0 a row in all, of 10,000 14 levels of 3.8. An exact truncation of each value.
 * Reveals: answers for a uniform order, as quicksort.ts. Fails: BOUND_NOT_PROVED before anything is sent; as compare-rows.ts.
 */
import { gatherRows } from '../../share/rows.js';
import type { ArithmeticShare } from '../../share/shares.js';
import { atClock } from '../columns.js';
import type { Context } from '../context.js';
import { truncateExactly } from '../fixed/truncate.js';
import { shuffle } from '../permute/shuffle.js';
import { type Limb, orderRows } from './compare-rows.js';
import { distinctKeys, numberBits } from './quicksort.js';

/**
 * One value for each place, in the order given.
 *
 * @param places from 0, the least, to n-1; they may repeat.
 * @throws RangeError for a place that there is not.
 */
export async function orderStatistics<L extends Limb>(
  ctx: Context,
  key: L,
  places: readonly number[],
): Promise<L> {
  const n = key.length;
  for (const place of places) {
    if (!Number.isInteger(place) || place < 0 || place >= n) throw new RangeError(`place ${place} of ${n}`);
  }
  if (key.bounds.min < 0n) throw new RangeError('order statistics of keys that may be negative');
  if (n < 2) return gatherRows([key as Limb], Uint32Array.from(places))[0] as L;
  const { columns } = await shuffle(ctx.step('shuffle'), distinctKeys(ctx, [key]));
  const ranks = [...new Set(places)].sort((a, b) => a - b);
  const { rows, clock } = await orderRows(ctx.step('compare'), columns, ranks);
  const at = Uint32Array.from(places, (place) => rows[place] as number);
  const [found] = atClock(gatherRows(columns, at), clock);
  const values = await truncateExactly(ctx.step('cut'), found as ArithmeticShare<64>, numberBits(n));
  return values.with({ bounds: key.bounds }) as Limb as L;
}

/**
 * The place in the ascending order of n values that is nearest to the quantile p from below, and how far the quantile is
 * on the way to the next: the definition "type 7" of Hyndman and Fan, (n-1) * p.
 */
export function quantilePlace(n: number, p: number): { readonly place: number; readonly fraction: number } {
  if (!(p >= 0 && p <= 1) || n < 1) throw new RangeError(`quantile ${p} of ${n} values`);
  const exact = (n - 1) * p;
  const place = Math.min(Math.floor(exact), n - 1);
  return { place, fraction: exact - place };
}
