/**
 * All inner products of two families of vectors that come stretch by stretch, with bounds proved before anything is
 * sent: result[i][j] = <xs[i], ys[j]> over all stretches.
 *
 * Cost (rep3): 1 round, one ring element per result and node, whatever the length. Reveals nothing.
 */
import type { RingWidth } from '../kernels/ring-vector.js';
import {
  addBounds,
  type Bounds,
  constantBounds,
  joinBounds,
  proveFits,
  scaleBounds,
} from '../share/bounds.js';
import { slice } from '../share/linear.js';
import type { ArithmeticShare } from '../share/shares.js';
import type { Backend, ProductSums } from './backend.js';
import type { Context } from './context.js';
import { productBounds } from './multiply.js';

export class InnerProductSums<in out W extends RingWidth> {
  readonly #width: W;
  readonly #xs: number;
  readonly #ys: number;
  readonly #sums: ProductSums<W>;
  readonly #bounds: Bounds[];
  #rows = 0;

  constructor(backend: Backend, width: W, xs: number, ys: number) {
    this.#width = width;
    this.#xs = xs;
    this.#ys = ys;
    this.#sums = backend.productSums(width, xs * ys);
    this.#bounds = Array.from({ length: xs * ys }, () => constantBounds(0n));
  }

  /**
   * Adds a stretch of rows.
   *
   * @throws RangeError for other numbers of vectors, or different lengths; WarifuError BOUND_NOT_PROVED if a sum
   *   could leave the ring.
   */
  async add(xs: readonly ArithmeticShare<W>[], ys: readonly ArithmeticShare<W>[]): Promise<void> {
    const length = xs[0]?.length ?? ys[0]?.length ?? 0;
    if (xs.length !== this.#xs || ys.length !== this.#ys) throw new RangeError('other numbers of vectors');
    if ([...xs, ...ys].some((vector) => vector.length !== length)) throw new RangeError('lengths differ');
    this.#rows += length;
    for (const [i, x] of xs.entries()) {
      for (const [j, y] of ys.entries()) {
        const at = i * this.#ys + j;
        const grown = scaleBounds(productBounds(x, y), BigInt(length));
        const total = addBounds(this.#bounds[at] as Bounds, grown);
        proveFits(total, this.#width, `a sum of ${this.#rows} products`);
        this.#bounds[at] = total;
      }
    }
    await this.#sums.add(xs, ys);
  }

  /** The sums as vectors of length 1 with bounds of their own. Once. */
  async finish(ctx: Context): Promise<ArithmeticShare<W>[][]> {
    if (this.#bounds.length === 0) return Array.from({ length: this.#xs }, () => []);
    const all = await this.#sums.finish(ctx, this.#bounds.reduce(joinBounds));
    return Array.from({ length: this.#xs }, (_row, i) =>
      Array.from({ length: this.#ys }, (_cell, j) => {
        const at = i * this.#ys + j;
        return slice(all, at, at + 1).with({ bounds: this.#bounds[at] as Bounds });
      }),
    );
  }
}
