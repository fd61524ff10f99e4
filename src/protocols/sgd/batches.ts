/**
 * Rows in batches: shuffled columns laid out so that each batch is a stretch of memory, both by rows and transposed.
 *
 * The layouts are local and public; only the order of the rows before it is secret.
 */
import { concatenate, slice } from '../../share/linear.js';
import type { ArithmeticShare } from '../../share/shares.js';
import type { Context } from '../context.js';
import { reorder } from '../linear-algebra/layout.js';
import { shuffle } from '../permute/shuffle.js';

/** Rows of an epoch, with columns of which the first is all ones. */
export interface Batches {
  /** Each row's elements side by side. */
  readonly byRow: ArithmeticShare<64>;
  /** Batch by batch, each column's elements side by side. */
  readonly byColumn: ArithmeticShare<64>;
  readonly target: ArithmeticShare<64>;
}

/** A batch: X by rows, its transpose, and y. */
export interface Batch {
  readonly rows: number;
  readonly x: ArithmeticShare<64>;
  readonly xT: ArithmeticShare<64>;
  readonly y: ArithmeticShare<64>;
}

/** Where the elements of the two layouts are in the columns laid one after the other. */
export interface BatchOrder {
  readonly byRow: Uint32Array;
  readonly byColumn: Uint32Array;
}

export function orderOfBatches(rows: number, columns: number, batch: number): BatchOrder {
  const byRow = new Uint32Array(rows * columns);
  const byColumn = new Uint32Array(rows * columns);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) byRow[at++] = column * rows + row;
  }
  for (let first = 0, at = 0; first < rows; first += batch) {
    const end = Math.min(rows, first + batch);
    for (let column = 0; column < columns; column++) {
      for (let row = first; row < end; row++) byColumn[at++] = column * rows + row;
    }
  }
  return { byRow, byColumn };
}

/** The rows in an order that no node knows, after a column of ones. */
export async function shuffledBatches(
  ctx: Context,
  features: readonly ArithmeticShare<64>[],
  target: ArithmeticShare<64>,
  ones: ArithmeticShare<64>,
  order: BatchOrder,
): Promise<Batches> {
  const { columns } = await shuffle(ctx, [target, ...features]);
  const [shuffledTarget, ...shuffled] = columns;
  const all = concatenate([ones, ...(shuffled as ArithmeticShare<64>[])]);
  return {
    byRow: reorder(all, order.byRow),
    byColumn: reorder(all, order.byColumn),
    target: shuffledTarget,
  };
}

/** The rows from `first` to `end` of an epoch, without copying. */
export function batchAt({ byRow, byColumn, target }: Batches, first: number, end: number): Batch {
  const columns = target.length === 0 ? 0 : byRow.length / target.length;
  return {
    rows: end - first,
    x: slice(byRow, first * columns, end * columns),
    xT: slice(byColumn, first * columns, end * columns),
    y: slice(target, first, end),
  };
}
