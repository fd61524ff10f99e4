/** Matrix products of ring vectors; contracts in `Kernels`. */
import { RingVector } from '../ring-vector.js';
import { add } from './arithmetic.js';
import { checkedShape, checkFactors, checkMatrixReplicated } from './checks.js';
import { loopsOf, type MatrixShape, wordsOf } from './loops.js';

/** Elements of a row that are multiplied at a time, so that the other rows find them in the cache. */
const BLOCK = 1024;

export function matrixMultiply(
  x: RingVector,
  yT: RingVector,
  rows: number,
  inner: number,
  columns: number,
): RingVector {
  const shape = checkedShape(rows, inner, columns);
  checkFactors(x, yT, shape);
  const out = RingVector.zeros(x.width, rows * columns);
  addMatrixProduct(x, yT, out, shape);
  return out;
}

export function matrixMultiplyReplicated(
  x0: RingVector,
  x1: RingVector,
  y0T: RingVector,
  y1T: RingVector,
  mask: RingVector,
  rows: number,
  inner: number,
  columns: number,
): RingVector {
  const shape = checkedShape(rows, inner, columns);
  checkMatrixReplicated(x0, x1, y0T, y1T, mask, shape);
  const out = add(mask, RingVector.zeros(mask.width, mask.length));
  addMatrixProduct(x0, add(y0T, y1T), out, shape);
  addMatrixProduct(x1, y0T, out, shape);
  return out;
}

/** out += x * transpose(yT), block by block along the inner dimension. */
function addMatrixProduct(x: RingVector, yT: RingVector, out: RingVector, shape: MatrixShape): void {
  const loops = loopsOf(x.width);
  for (let start = 0; start < shape.inner; start += BLOCK) {
    const end = Math.min(shape.inner, start + BLOCK);
    loops.addProducts(wordsOf(x), wordsOf(yT), wordsOf(out), shape, start, end);
  }
}
