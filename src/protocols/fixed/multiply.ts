/**
 * Products of binary fractions, truncated once.
 *
 * Functionality: sums of products of numbers with a and b bits of fraction, rounded down or up to one of `fraction` bits,
 *   off by less than 1 unit in the last place whatever the number of products; over the same ring or another.
 * Protocol: the products are summed up before anything is sent, and rescaled by the backend.
 * Requires: a sum of products whose bounds fit as truncate.ts says.
 * Cost (rep3): 3 rounds; 12 bytes per node and result at 64 bits, whatever the number of products.
 * Reveals: nothing; of the rounding see truncate.ts. Fails: BOUND_NOT_PROVED before anything is sent.
 */
import type { RingWidth } from '../../kernels/ring-vector.js';
import { addBounds, type Bounds, scaleBounds } from '../../share/bounds.js';
import type { Fixed } from '../../share/fixed.js';
import { sameShape, slice } from '../../share/linear.js';
import type { ArithmeticShare } from '../../share/shares.js';
import type { MatrixShape, ProductSums } from '../backend.js';
import type { Context } from '../context.js';
import { checkShape } from '../linear-algebra/layout.js';
import { productBounds } from '../multiply.js';
import { fractionsInChunks } from './chunks.js';
import { rescaling } from './truncate.js';

/** What the result of a product is. */
export interface FixedForm<out V extends RingWidth> {
  readonly width: V;
  readonly fraction: number;
  /** Bounds of the result, where they follow from mathematics rather than from those of the factors. */
  readonly bounds?: Bounds;
}

/** A pair of factors. */
export type FixedPair<W extends RingWidth> = readonly [Fixed<W>, Fixed<W>];

/** x * y, with the fraction of x. */
export async function multiplyFixed<W extends RingWidth>(
  ctx: Context,
  x: Fixed<W>,
  y: NoInfer<Fixed<W>>,
): Promise<Fixed<W>> {
  return await sumOfProductsFixed(ctx, [[x, y]]);
}

/** x * y over the ring and with the fraction given. */
export async function multiplyFixedTo<W extends RingWidth, V extends RingWidth>(
  ctx: Context,
  x: Fixed<W>,
  y: NoInfer<Fixed<W>>,
  to: FixedForm<V>,
): Promise<Fixed<V>> {
  return await sumOfProductsFixedTo(ctx, [[x, y]], to);
}

/** The sum of all x * y, element by element, with the fraction of the first x. */
export async function sumOfProductsFixed<W extends RingWidth>(
  ctx: Context,
  pairs: readonly FixedPair<W>[],
): Promise<Fixed<W>> {
  const [[x]] = atLeastOne(pairs);
  return await sumOfProductsFixedTo(ctx, pairs, { width: x.value.width, fraction: x.fraction });
}

/**
 * The sum of all x * y, element by element, over the ring and with the fraction given.
 *
 * @param plus is added to them: it has the fraction of the products.
 * @throws RangeError for no pair, different lengths, or pairs of different fractions; WarifuError BOUND_NOT_PROVED.
 */
export async function sumOfProductsFixedTo<W extends RingWidth, V extends RingWidth>(
  ctx: Context,
  pairs: readonly FixedPair<W>[],
  to: FixedForm<V>,
  plus?: Fixed<W>,
): Promise<Fixed<V>> {
  const [[first, second]] = atLeastOne(pairs);
  const fraction = fractionOf(first, second);
  let bounds = plus?.value.bounds ?? { min: 0n, max: 0n };
  if (plus !== undefined) sameForm(plus, first.value, fraction);
  for (const [x, y] of pairs) {
    sameShape(x.value, y.value);
    sameForm({ value: x.value, fraction: fractionOf(x, y) }, first.value, fraction);
    bounds = addBounds(bounds, productBounds(x.value, y.value));
  }
  const { width, length } = first.value;
  const value = await fractionsInChunks(ctx, length, (chunk, start, end) =>
    finished(chunk, chunk.backend.productSums(width, end - start), bounds, fraction, to, width, (sums) =>
      addPairs(sums, pairs, plus, start, end),
    ),
  );
  return { value, fraction: to.fraction };
}

/** The inner product of x and y, as a vector of length 1 with the fraction of x. */
export async function dotFixed<W extends RingWidth>(
  ctx: Context,
  x: Fixed<W>,
  y: NoInfer<Fixed<W>>,
): Promise<Fixed<W>> {
  sameShape(x.value, y.value);
  const { width, length } = x.value;
  const bounds = scaleBounds(productBounds(x.value, y.value), BigInt(length));
  const sums = ctx.backend.productSums(width, 1);
  const to = { width, fraction: x.fraction };
  const value = await finished(ctx, sums, bounds, fractionOf(x, y), to, width, () =>
    sums.add([x.value], [y.value]),
  );
  return { value, fraction: x.fraction };
}

/** x (rows x inner) times the transpose of yT (columns x inner), all row-major, with the fraction of x. */
export async function matrixMultiplyFixed<W extends RingWidth>(
  ctx: Context,
  x: Fixed<W>,
  yT: NoInfer<Fixed<W>>,
  shape: MatrixShape,
): Promise<Fixed<W>> {
  return await matrixMultiplyFixedTo(ctx, x, yT, shape, { width: x.value.width, fraction: x.fraction });
}

/** The matrix product over the ring and with the fraction given. RangeError for other sizes. */
export async function matrixMultiplyFixedTo<W extends RingWidth, V extends RingWidth>(
  ctx: Context,
  x: Fixed<W>,
  yT: NoInfer<Fixed<W>>,
  shape: MatrixShape,
  to: FixedForm<V>,
): Promise<Fixed<V>> {
  const { rows, inner, columns } = shape;
  checkShape(x.value, rows, inner);
  checkShape(yT.value, columns, inner);
  const { width } = x.value;
  const bounds = scaleBounds(productBounds(x.value, yT.value), BigInt(inner));
  const sums = ctx.backend.productSums(width, rows * columns);
  const value = await finished(ctx, sums, bounds, fractionOf(x, yT), to, width, () =>
    sums.addMatrix(x.value, yT.value, shape),
  );
  return { value, fraction: to.fraction };
}

/** Sums of products of these bounds, rescaled; the bounds are proved before the products are made. */
async function finished<W extends RingWidth, V extends RingWidth>(
  ctx: Context,
  sums: ProductSums<W>,
  bounds: Bounds,
  fraction: number,
  to: FixedForm<V>,
  width: W,
  addProducts: (sums: ProductSums<W>) => Promise<void>,
): Promise<ArithmeticShare<V>> {
  const shift = fraction - to.fraction;
  const target = rescaling(sumBounds(to.bounds, shift) ?? bounds, width, shift, to.width);
  await addProducts(sums);
  return await sums.finishRescaled(ctx, target);
}

async function addPairs<W extends RingWidth>(
  sums: ProductSums<W>,
  pairs: readonly FixedPair<W>[],
  plus: Fixed<W> | undefined,
  start: number,
  end: number,
): Promise<void> {
  if (plus !== undefined) await sums.addValues(slice(plus.value, start, end));
  for (const [x, y] of pairs) {
    await sums.addElementwise(slice(x.value, start, end), slice(y.value, start, end));
  }
}

/** Bounds of the sum behind a result whose bounds are known. */
function sumBounds(bounds: Bounds | undefined, shift: number): Bounds | undefined {
  return bounds === undefined ? undefined : scaleBounds(bounds, 1n << BigInt(shift));
}

function sameForm<W extends RingWidth>(x: Fixed<W>, like: ArithmeticShare<W>, fraction: number): void {
  sameShape(x.value, like);
  if (x.fraction !== fraction) throw new RangeError('products of different fractions');
}

function fractionOf<W extends RingWidth>(x: Fixed<W>, y: Fixed<W>): number {
  return x.fraction + y.fraction;
}

function atLeastOne<T>(list: readonly T[]): readonly [T, ...T[]] {
  const [first, ...rest] = list;
  if (first === undefined) throw new RangeError('a sum of no products');
  return [first, ...rest];
}
