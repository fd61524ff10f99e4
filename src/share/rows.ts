/**
 * Local operations on the rows of columns of any kind: moved to public places, taken, laid one after the other.
 */
import { kernels } from '../kernels/kernels.js';
import { RingVector, type RingWidth } from '../kernels/ring-vector.js';
import { joinBounds, proveFits, subtractBounds } from './bounds.js';
import { ArithmeticShare, type Column, latest } from './shares.js';

/** Row i of the result is row indices[i] of the columns. */
export function gatherRows<const C extends readonly Column[]>(columns: C, indices: Uint32Array): C {
  return columns.map((column) =>
    column.with({
      length: indices.length,
      parts: column.parts.map((part) => kernels.gather(part, indices)),
    }),
  ) as readonly Column[] as C;
}

/** Row i of the result is row left[i] of x less row right[i]. */
export function differenceOfRows<W extends RingWidth>(
  x: ArithmeticShare<W>,
  left: Uint32Array,
  right: Uint32Array,
): ArithmeticShare<W> {
  const bounds = subtractBounds(x.bounds, x.bounds);
  proveFits(bounds, x.width, 'a difference');
  const parts = x.parts.map((part) => kernels.gatherDifference(part, left, right));
  return x.with({ length: left.length, bounds, parts });
}

/** Row i of the columns becomes row indices[i] of the result, for a permutation. */
export function scatterRows<const C extends readonly Column[]>(columns: C, indices: Uint32Array): C {
  return columns.map((column) =>
    column.with({ parts: column.parts.map((part) => kernels.scatter(part, indices)) }),
  ) as readonly Column[] as C;
}

/** Rows start to end, without copying. */
export function sliceRows<C extends Column>(column: C, start: number, end: number): C {
  const parts = column.parts.map((part) => part.slice(start, end));
  return column.with({ length: end - start, parts }) as Column as C;
}

/** Columns of one kind and width, one after the other. */
export function concatenateRows<C extends Column>(columns: readonly [C, ...C[]]): C {
  const [first] = columns;
  for (const { width, constructor } of columns) {
    if (width !== first.width || constructor !== first.constructor) {
      throw new TypeError('columns of different kinds or widths');
    }
  }
  const change = {
    length: columns.reduce((total, { length }) => total + length, 0),
    clock: latest(...columns),
    parts: first.parts.map((_, i) => RingVector.concat(columns.map(({ parts }) => parts[i] as RingVector))),
  };
  const bounds = columns.flatMap((column) => (column instanceof ArithmeticShare ? [column.bounds] : []));
  const joined =
    first instanceof ArithmeticShare
      ? first.with({ ...change, bounds: bounds.reduce(joinBounds) })
      : first.with(change);
  return joined as Column as C;
}

/** RangeError unless all columns have the length. */
export function checkRows(length: number, columns: readonly { readonly length: number }[]): void {
  for (const column of columns) {
    if (column.length !== length) throw new RangeError(`a column of ${column.length} rows beside ${length}`);
  }
}
