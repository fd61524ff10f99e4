/**
 * Matrix products in WebAssembly; contracts in `Kernels`.
 *
 * A panel is up to 64 rows of x, or of the transposed y, 4 KiB of each at a time: both panels and their products
 * stay in a second-level cache.
 */
import type { Kernels } from '../kernels.js';
import { checkedShape, checkFactors, checkMatrixReplicated } from '../reference/checks.js';
import type { MatrixShape } from '../reference/loops.js';
import { reference } from '../reference/reference.js';
import { RingVector } from '../ring-vector.js';
import type { WasmModule } from './module.js';
import { slot } from './scratch.js';
import type { Shortest } from './shortest.js';

/** Rows of a panel. */
const PANEL = 64;

/** Bytes of a row that are in a panel. */
const PIECE = 4096;

/** Bytes from one row of a panel to the next; as in assembly/panel.ts. */
const STRIDE = PIECE + 64;

const X = slot(0);
const Y = slot(0) + PANEL * STRIDE;
const OUT = Y + PANEL * STRIDE;

type Matrix = Pick<Kernels, 'matrixMultiply' | 'matrixMultiplyReplicated'>;

export function wasmMatrix(module: WasmModule, shortest: Shortest): Matrix {
  const isSmall = (x: RingVector, { rows, inner, columns }: MatrixShape): boolean =>
    rows * inner * columns < shortest[x.width].products;
  return {
    matrixMultiply(x, yT, rows, inner, columns) {
      const shape = checkedShape(rows, inner, columns);
      if (isSmall(x, shape)) return reference.matrixMultiply(x, yT, rows, inner, columns);
      checkFactors(x, yT, shape);
      const out = RingVector.zeros(x.width, rows * columns);
      addMatrixProduct(module, x, yT, out, shape);
      return out;
    },

    matrixMultiplyReplicated(x0, x1, y0T, y1T, mask, rows, inner, columns) {
      const shape = checkedShape(rows, inner, columns);
      if (isSmall(x0, shape)) {
        return reference.matrixMultiplyReplicated(x0, x1, y0T, y1T, mask, rows, inner, columns);
      }
      checkMatrixReplicated(x0, x1, y0T, y1T, mask, shape);
      const out = RingVector.concat([mask]);
      addMatrixProduct(module, x0, reference.add(y0T, y1T), out, shape);
      addMatrixProduct(module, x1, y0T, out, shape);
      return out;
    },
  };
}

/** out += x * transpose(yT), panel by panel. */
function addMatrixProduct(
  module: WasmModule,
  x: RingVector,
  yT: RingVector,
  out: RingVector,
  { rows, inner, columns }: MatrixShape,
): void {
  const { scratch } = module;
  const kernel = module.of(x.width).matrixProduct;
  const size = x.width / 8;
  const [left, right, result] = [x.bytes(), yT.bytes(), out.bytes()];
  const rowBytes = inner * size;
  /** Rows first..first+count-1, bytes from..to-1 of each. */
  const putPanel = (
    address: number,
    m: Uint8Array,
    first: number,
    count: number,
    from: number,
    to: number,
  ) => {
    for (let r = 0; r < count; r++) {
      const row = (first + r) * rowBytes;
      scratch.put(address + r * STRIDE, m, row + from, row + to);
    }
  };
  for (let c = 0; c < columns; c += PANEL) {
    const width = Math.min(PANEL, columns - c);
    for (let r = 0; r < rows; r += PANEL) {
      const height = Math.min(PANEL, rows - r);
      for (let k = 0; k < height; k++) {
        const at = ((r + k) * columns + c) * size;
        scratch.put(OUT + k * width * size, result, at, at + width * size, size);
      }
      for (let from = 0; from < rowBytes; from += PIECE) {
        const to = Math.min(rowBytes, from + PIECE);
        putPanel(X, left, r, height, from, to);
        putPanel(Y, right, c, width, from, to);
        kernel(X, Y, OUT, height, width, to - from);
      }
      for (let k = 0; k < height; k++) {
        const at = ((r + k) * columns + c) * size;
        scratch.take(OUT + k * width * size, result, at, width * size);
      }
    }
  }
}
