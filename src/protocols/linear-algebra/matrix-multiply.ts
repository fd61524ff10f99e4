/**
 * Matrix products of integers.
 *
 * Functionality: `matrixMultiply` gives x (rows x inner) times y (inner x columns, given as its transpose), `gram` gives
 *   the products of all columns of a matrix with each other, `matrixVector` a matrix times a vector: row-major vectors of
 *   integers over 32, 64 or 128 bits. Of binary fractions see fixed/multiply.ts.
 * Protocol: sums of local products (backend), in pieces of a few milliseconds; each result is reshared once.
 * Requires: inner times the largest product fits the ring.
 * Cost (rep3): 1 round; one ring element per result and node, whatever the inner dimension.
 * Reveals: nothing. Fails: RangeError for other shapes, BOUND_NOT_PROVED before anything is sent.
 */
import type { RingWidth } from '../../kernels/ring-vector.js';
import { type Bounds, proveFits, scaleBounds } from '../../share/bounds.js';
import { concatenate, slice } from '../../share/linear.js';
import type { ArithmeticShare } from '../../share/shares.js';
import type { MatrixShape } from '../backend.js';
import { CHUNK } from '../chunks.js';
import type { Context } from '../context.js';
import { productBounds } from '../multiply.js';
import { overlap } from '../overlap.js';
import { turn } from '../turn.js';
import { checkShape, transpose } from './layout.js';

/** Products of a piece: some milliseconds of a kernel. */
const PIECE_PRODUCTS = 1 << 22;

/** Pieces under way at once. */
const IN_FLIGHT = 8;

/**
 * x times y; `yT` is the transpose of y, columns x inner.
 *
 * @throws RangeError for other sizes than `shape` says; WarifuError BOUND_NOT_PROVED if a result could leave the ring.
 */
export async function matrixMultiply<W extends RingWidth>(
  ctx: Context,
  x: ArithmeticShare<W>,
  yT: NoInfer<ArithmeticShare<W>>,
  shape: MatrixShape,
): Promise<ArithmeticShare<W>> {
  const { rows, inner, columns } = shape;
  checkShape(x, rows, inner);
  checkShape(yT, columns, inner);
  const bounds = boundsOfSums(x, yT, inner);
  const count = rowsOfPiece(rows, inner * columns, columns);
  const run = async (piece: Context, first: number, last: number): Promise<ArithmeticShare<W>> => {
    const sums = piece.backend.productSums(x.width, (last - first) * columns);
    const own = slice(x, first * inner, last * inner);
    await sums.addMatrix(own, yT, { rows: last - first, inner, columns });
    return await sums.finish(piece, bounds);
  };
  if (count >= rows) return await run(ctx, 0, rows);
  const starts = Array.from({ length: Math.ceil(rows / count) }, (_, i) => i * count);
  const pieces = await overlap(
    starts,
    IN_FLIGHT,
    (first, i) => run(ctx.step(`rows-${i}`), first, Math.min(first + count, rows)),
    turn,
  );
  return concatenate(pieces);
}

/** The transpose of x times x, for x of rows x columns: the sums over rows of products of columns. */
export async function gram<W extends RingWidth>(
  ctx: Context,
  x: ArithmeticShare<W>,
  rows: number,
  columns: number,
): Promise<ArithmeticShare<W>> {
  checkShape(x, rows, columns);
  const bounds = boundsOfSums(x, x, rows);
  const sums = ctx.backend.productSums(x.width, columns * columns);
  const count = rowsOfPiece(rows, columns * columns, columns);
  for (let first = 0; first < rows; first += count) {
    const inner = Math.min(count, rows - first);
    const part = transpose(slice(x, first * columns, (first + inner) * columns), inner, columns);
    await sums.addMatrix(part, part, { rows: columns, inner, columns });
  }
  return await sums.finish(ctx, bounds);
}

/** A matrix of rows x v.length times the vector v. */
export async function matrixVector<W extends RingWidth>(
  ctx: Context,
  x: ArithmeticShare<W>,
  v: NoInfer<ArithmeticShare<W>>,
  rows: number,
): Promise<ArithmeticShare<W>> {
  return await matrixMultiply(ctx, x, v, { rows, inner: v.length, columns: 1 });
}

function boundsOfSums<W extends RingWidth>(
  x: ArithmeticShare<W>,
  y: ArithmeticShare<W>,
  inner: number,
): Bounds {
  // Not those of squares for x = y: most of the products are of two different columns.
  const single = productBounds(x, y === x ? y.with({}) : y);
  const bounds = scaleBounds(single, BigInt(inner));
  proveFits(bounds, x.width, `a sum of ${inner} products`);
  return bounds;
}

/** So many rows of a piece that neither its products nor its elements are too many; at least one. */
function rowsOfPiece(rows: number, products: number, elements: number): number {
  const fitting = Math.min(PIECE_PRODUCTS / Math.max(1, products), CHUNK / Math.max(1, elements));
  return Math.max(1, Math.min(rows, Math.floor(fitting)));
}
