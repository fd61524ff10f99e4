/**
 * Uniform integers below a public bound that no node knows.
 *
 * Protocol (ours): a sum of as many uniform numbers below m as the scheme has parts, each known to the holders of a part,
 *   less m as often as it goes: it is compared with the multiples of m. Exactly uniform, whatever is known of all parts
 *   but one; no message carries randomness.
 * Requires: 1 <= m <= 2^53, and room for 3m and more in the ring.
 * Cost (rep3): the rounds of a comparison of bits(m) + 2 bits and 2 more; two comparisons, 2 ring elements from node 0
 *   and one from nodes 1 and 2: below 1,000 over Z_2^32 6 rounds and 9.6 bytes per node and number on average.
 * Reveals: nothing. Fails: never.
 */
import type { RingWidth } from '../../kernels/ring-vector.js';
import { add, tighten } from '../../share/linear.js';
import type { ArithmeticShare } from '../../share/shares.js';
import { lookup } from '../bits/lookup.js';
import type { Context } from '../context.js';
import { lessThanConstant } from '../less-than.js';
import { LARGEST_BOUND } from '../uniform-below.js';
import { checkCount } from './chunks.js';

/**
 * n numbers, uniform from 0 to m - 1.
 *
 * @throws RangeError for n below 0, or m that is not 1 to 2^53; WarifuError BOUND_NOT_PROVED where the ring is too narrow.
 */
export async function randomInteger<W extends RingWidth>(
  ctx: Context,
  n: number,
  m: bigint,
  width: W,
): Promise<ArithmeticShare<W>> {
  checkCount(n);
  if (m < 1n || m > LARGEST_BOUND) throw new RangeError(`uniform numbers below ${m}`);
  const sum = ctx.backend.randomSums(ctx.step('sums'), m, width, n);
  const most = Number(sum.bounds.max / m);
  if (most === 0) return sum;
  const below = await Promise.all(
    Array.from({ length: most }, (_, i) =>
      lessThanConstant(ctx.step(`below-${i + 1}`), sum, m * BigInt(i + 1)),
    ),
  );
  const tables = [below.map(() => [-m, 0n])];
  const [excess] = (await lookup(ctx.step('excess'), below, tables, width)) as [ArithmeticShare<W>];
  // The remainder of a division by m.
  return tighten(add(sum, excess), { min: 0n, max: m - 1n });
}
