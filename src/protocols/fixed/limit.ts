/**
 * Limits of a domain: numbers outside count as its nearest end.
 *
 * Functionality: min where x < min, max where x > max, else x. Ends that the bounds of x prove cost nothing.
 * Cost (rep3): where both are to be tested two sign tests side by side, two bit conversions and a product.
 * Reveals: nothing.
 */
import type { RingWidth } from '../../kernels/ring-vector.js';
import type { Bounds } from '../../share/bounds.js';
import { addConstant, scale } from '../../share/linear.js';
import type { ArithmeticShare } from '../../share/shares.js';
import type { Context } from '../context.js';
import { bitToRing } from '../convert.js';
import { isNegative } from '../less-than.js';

export async function limit<W extends RingWidth>(
  ctx: Context,
  x: ArithmeticShare<W>,
  { min, max }: Bounds,
): Promise<ArithmeticShare<W>> {
  const aboveMin = addConstant(x, -min);
  const belowMax = addConstant(scale(x, -1n), max);
  const ends = [
    ...(x.bounds.min < min ? [{ name: 'low', distance: aboveMin, sign: -1n }] : []),
    ...(x.bounds.max > max ? [{ name: 'high', distance: belowMax, sign: 1n }] : []),
  ];
  if (ends.length === 0) return x;
  const sums = ctx.backend.productSums(x.width, x.length);
  await sums.addValues(x);
  const outside = await Promise.all(
    ends.map(async ({ name, distance }) => {
      const bit = await isNegative(ctx.step(`${name}-sign`), distance);
      return await bitToRing(ctx.step(`${name}-bit`), bit, x.width);
    }),
  );
  for (const [i, { distance, sign }] of ends.entries()) {
    // What is missing to the end: min - x below, max - x above.
    await sums.addElementwise(outside[i] as ArithmeticShare<W>, scale(distance, sign));
  }
  const bounds = {
    min: x.bounds.min < min ? min : x.bounds.min,
    max: x.bounds.max > max ? max : x.bounds.max,
  };
  return await sums.finish(ctx.step('result'), bounds);
}
