/**
 * ANDs of single rows of matrices, many in one message, read where they lie.
 *
 * Cost (rep3): 1 round and one bit per node and result (whole 64-bit words). Reveals nothing.
 */
import { rows, sameShape } from '../share/bits.js';
import type { BinaryShare } from '../share/shares.js';
import type { AndTerm } from './backend.js';
import type { Context } from './context.js';

/** A row of a matrix of bits. */
export interface Row {
  readonly of: BinaryShare;
  readonly at: number;
}

/** x AND y, XOR plus where that is given. */
export interface RowProduct {
  readonly x: Row;
  readonly y: Row;
  readonly plus?: Row | undefined;
}

/**
 * One row for each product, in one message. Rows are read where they lie; neighbours whose operands are neighbours
 * too are taken together, so a caller that orders its rows well works on long stretches of memory.
 */
export async function andRows(ctx: Context, products: readonly RowProduct[]): Promise<BinaryShare> {
  return await ctx.backend.and(ctx, stretches(products).map(termOf));
}

/** The rows of a matrix, one by one. */
export function rowsOf(x: BinaryShare): Row[] {
  return Array.from({ length: x.rows }, (_, at) => ({ of: x, at }));
}

/** A product of several rows that lie one below the other. */
interface Stretch {
  readonly first: RowProduct;
  count: number;
}

function stretches(products: readonly RowProduct[]): Stretch[] {
  const found: Stretch[] = [];
  for (const product of products) {
    const last = found.at(-1);
    if (last !== undefined && continues(last, product)) last.count++;
    else found.push({ first: product, count: 1 });
  }
  return found;
}

function continues({ first, count }: Stretch, next: RowProduct): boolean {
  const follows = (row: Row | undefined, other: Row | undefined): boolean =>
    row?.of === other?.of && (row === undefined || row.at + count === other?.at);
  return follows(first.x, next.x) && follows(first.y, next.y) && follows(first.plus, next.plus);
}

function termOf({ first, count }: Stretch): AndTerm {
  const span = ({ of, at }: Row): BinaryShare => rows(of, at, at + count);
  const [x, y] = [span(first.x), span(first.y)];
  sameShape(x, y);
  if (first.plus === undefined) return { x, y };
  const plus = span(first.plus);
  sameShape(x, plus);
  return { x, y, plus };
}
