/**
 * Prefix sums: of every row, the sum of all rows up to it.
 *
 * Functionality: element i is x_0 + ... + x_i (inclusive) or x_0 + ... + x_(i-1) (exclusive), over the ring of x.
 * Cost: local. Reveals: nothing.
 * Fails: BOUND_NOT_PROVED where a sum could leave the ring.
 */
import { kernels } from '../../kernels/kernels.js';
import { RingVector, type RingWidth } from '../../kernels/ring-vector.js';
import { type Bounds, constantBounds, joinBounds, proveFits, scaleBounds } from '../../share/bounds.js';
import type { ArithmeticShare } from '../../share/shares.js';

/** Row i is the sum of rows 0 to i. */
export function prefixSum<W extends RingWidth>(x: ArithmeticShare<W>): ArithmeticShare<W> {
  const bounds = x.length < 2 ? x.bounds : joinBounds(x.bounds, scaleBounds(x.bounds, BigInt(x.length)));
  proveFits(bounds, x.width, `a sum of ${x.length} values`);
  return x.with({ bounds, parts: x.parts.map((part) => kernels.prefixSum(part)) });
}

/** Row i is the sum of rows 0 to i-1, row 0 is 0. */
export function exclusivePrefixSum<W extends RingWidth>(x: ArithmeticShare<W>): ArithmeticShare<W> {
  const bounds = boundsOfSums(x.bounds, Math.max(0, x.length - 1));
  proveFits(bounds, x.width, `a sum of ${x.length} values`);
  return x.with({ bounds, parts: x.parts.map((part) => exclusive(kernels.prefixSum(part))) });
}

/** Bounds of the sum of up to `count` values. */
export function boundsOfSums(bounds: Bounds, count: number): Bounds {
  return joinBounds(constantBounds(0n), scaleBounds(bounds, BigInt(count)));
}

function exclusive(inclusive: RingVector): RingVector {
  if (inclusive.length === 0) return inclusive;
  return RingVector.concat([RingVector.zeros(inclusive.width, 1), inclusive.slice(0, inclusive.length - 1)]);
}
