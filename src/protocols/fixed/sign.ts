/**
 * Sign and magnitude of shared numbers.
 *
 * Functionality: |x| and the sign of x, 1 or -1 (1 for 0); the sign is absent where the bounds of x say it is 1.
 * Cost (rep3): where the bounds do not tell the sign a sign test, a bit conversion and a product. Reveals: nothing.
 */
import type { RingWidth } from '../../kernels/ring-vector.js';
import { addConstant, scale } from '../../share/linear.js';
import type { ArithmeticShare } from '../../share/shares.js';
import type { Context } from '../context.js';
import { bitToRing } from '../convert.js';
import { isNegative } from '../less-than.js';
import { multiply } from '../multiply.js';

export interface SignedMagnitude<W extends RingWidth> {
  readonly magnitude: ArithmeticShare<W>;
  readonly sign?: ArithmeticShare<W>;
}

export async function magnitude<W extends RingWidth>(
  ctx: Context,
  x: ArithmeticShare<W>,
): Promise<SignedMagnitude<W>> {
  const { min, max } = x.bounds;
  if (min >= 0n) return { magnitude: x };
  const negative = await bitToRing(ctx.step('bit'), await isNegative(ctx.step('sign'), x), x.width);
  const sign = addConstant(scale(negative, -2n), 1n);
  const product = await multiply(ctx.step('magnitude'), x, sign);
  return { magnitude: product.with({ bounds: { min: 0n, max: max > -min ? max : -min } }), sign };
}

/** x times a sign, if there is one. */
export async function withSign<W extends RingWidth>(
  ctx: Context,
  x: ArithmeticShare<W>,
  sign: ArithmeticShare<W> | undefined,
): Promise<ArithmeticShare<W>> {
  return sign === undefined ? x : await multiply(ctx, x, sign);
}
