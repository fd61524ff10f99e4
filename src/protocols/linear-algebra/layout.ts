/**
 * Matrices in row-major vectors: the same elements in another order. Local: no message, no randomness; the order is
 * public.
 */
import { kernels } from '../../kernels/kernels.js';
import type { RingWidth } from '../../kernels/ring-vector.js';
import type { ArithmeticShare } from '../../share/shares.js';

/** The elements that a (public) list of places names, in its order. */
export function reorder<W extends RingWidth>(x: ArithmeticShare<W>, order: Uint32Array): ArithmeticShare<W> {
  return x.with({ length: order.length, parts: x.parts.map((part) => kernels.gather(part, order)) });
}

/** The transpose of a matrix. RangeError unless the vector holds rows x columns elements. */
export function transpose<W extends RingWidth>(
  x: ArithmeticShare<W>,
  rows: number,
  columns: number,
): ArithmeticShare<W> {
  checkShape(x, rows, columns);
  if (rows === 1 || columns === 1 || x.parts.length === 0) return x;
  const order = new Uint32Array(rows * columns);
  let at = 0;
  for (let column = 0; column < columns; column++) {
    for (let row = 0; row < rows; row++) order[at++] = row * columns + column;
  }
  return reorder(x, order);
}

/** The elements on the diagonal of a square matrix. */
export function diagonal<W extends RingWidth>(x: ArithmeticShare<W>, size: number): ArithmeticShare<W> {
  checkShape(x, size, size);
  return reorder(
    x,
    Uint32Array.from({ length: size }, (_, i) => i * size + i),
  );
}

/** RangeError unless the vector holds rows x columns elements. */
export function checkShape(x: { readonly length: number }, rows: number, columns: number): void {
  if (Number.isInteger(rows) && Number.isInteger(columns) && rows >= 0 && columns >= 0) {
    if (x.length === rows * columns) return;
  }
  throw new RangeError(`a matrix of ${rows} x ${columns} in ${x.length} elements`);
}
