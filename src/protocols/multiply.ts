/**
 * Products of shared vectors, with bounds proved before anything is sent.
 *
 * Costs are those of the backend (rep3: 1 round, one ring element per result and node); nothing is revealed.
 */
import type { RingWidth } from '../kernels/ring-vector.js';
import {
  type Bounds,
  joinBounds,
  multiplyBounds,
  proveFits,
  scaleBounds,
  squareBounds,
} from '../share/bounds.js';
import { slice } from '../share/linear.js';
import type { ArithmeticShare } from '../share/shares.js';
import type { Context } from './context.js';

/**
 * x * y elementwise.
 *
 * @throws RangeError for different lengths; WarifuError BOUND_NOT_PROVED if a product could leave the ring.
 */
export async function multiply<W extends RingWidth>(
  ctx: Context,
  x: ArithmeticShare<W>,
  y: NoInfer<ArithmeticShare<W>>,
): Promise<ArithmeticShare<W>> {
  sameLength(x.length, y.length);
  const bounds = productBounds(x, y);
  proveFits(bounds, x.width, 'a product');
  return await ctx.backend.multiply(ctx, x, y, bounds);
}

/** x^2 elementwise: the product of a vector with itself, whose bounds are tighter. */
export function square<W extends RingWidth>(
  ctx: Context,
  x: ArithmeticShare<W>,
): Promise<ArithmeticShare<W>> {
  return multiply(ctx, x, x);
}

/** Sum of x_i * y_i, as a vector of length 1: one ring element per node, whatever the length. */
export async function dot<W extends RingWidth>(
  ctx: Context,
  x: ArithmeticShare<W>,
  y: NoInfer<ArithmeticShare<W>>,
): Promise<ArithmeticShare<W>> {
  const [[product]] = (await innerProducts(ctx, [x], [y])) as [[ArithmeticShare<W>]];
  return product;
}

/**
 * Inner products of each vector in xs with each in ys, in one exchange: result[i][j] = <xs[i], ys[j]>, vectors of
 * length 1 with bounds of their own.
 */
export async function innerProducts<W extends RingWidth>(
  ctx: Context,
  xs: readonly ArithmeticShare<W>[],
  ys: readonly NoInfer<ArithmeticShare<W>>[],
): Promise<ArithmeticShare<W>[][]> {
  const [template] = xs;
  if (template === undefined || ys.length === 0) return xs.map(() => []);
  const bounds = xs.map((x) =>
    ys.map((y) => {
      sameLength(x.length, y.length);
      const total = scaleBounds(productBounds(x, y), BigInt(x.length));
      proveFits(total, template.width, `a sum of ${x.length} products`);
      return total;
    }),
  );
  const sums = ctx.backend.productSums(template.width, xs.length * ys.length);
  await sums.add(xs, ys);
  const all = await sums.finish(ctx, bounds.flat().reduce(joinBounds));
  return bounds.map((row, i) =>
    row.map((own, j) => slice(all, i * ys.length + j, i * ys.length + j + 1).with({ bounds: own })),
  );
}

/** Bounds of an elementwise product. */
export function productBounds<W extends RingWidth>(x: ArithmeticShare<W>, y: ArithmeticShare<W>): Bounds {
  return x === y ? squareBounds(x.bounds) : multiplyBounds(x.bounds, y.bounds);
}

/** RangeError for vectors of different lengths. */
export function sameLength(x: number, y: number): void {
  if (x !== y) throw new RangeError(`vectors of ${x} and ${y} elements`);
}
