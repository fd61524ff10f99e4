/**
 * What functions of binary fractions have in common: their working precision, and the ends of their domains.
 */

import type { RingWidth } from '../../kernels/ring-vector.js';
import { extendFraction, type Fixed } from '../../share/fixed.js';
import type { Context } from '../context.js';
import { bitLength } from './highest-bit.js';
import { truncate } from './truncate.js';

/** The rings in which functions are computed. */
export type FunctionWidth = 64 | 128;

/** Bits of fraction with which they are computed: a third of the ring holds them three times (polynomial.ts). */
export const WORKING_FRACTION: Readonly<Record<FunctionWidth, number>> = { 64: 20, 128: 40 };

/** The same numbers with another fraction; bits that are lost are rounded down or up. RangeError for one below 0. */
export async function withFraction<W extends RingWidth>(
  ctx: Context,
  x: Fixed<W>,
  fraction: number,
): Promise<Fixed<W>> {
  if (!Number.isInteger(fraction) || fraction < 0) throw new RangeError(`a fraction of ${fraction} bits`);
  if (fraction >= x.fraction) return extendFraction(x, fraction);
  return { value: await truncate(ctx, x.value, x.fraction - fraction), fraction };
}

/** The lowest bit that can be the highest one set in a divisor: that of its bounds, or of 2^-(fraction/2). */
export function lowestBit<W extends RingWidth>({ value, fraction }: Fixed<W>): number {
  return Math.max(Math.ceil(fraction / 2), bitLength(value.bounds.min) - 1);
}
