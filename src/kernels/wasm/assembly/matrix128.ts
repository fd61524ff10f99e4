/** Matrix products of width 128, as those of width 64 but one by one: a product takes seven of 64 bits. */
import { PANEL_STRIDE } from './panel';
import { addProducts128 } from './ring128';

export function matrixProduct128(
  x: usize,
  y: usize,
  out: usize,
  rows: i32,
  columns: i32,
  bytes: usize,
): void {
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      const to = out + usize(r * columns + c) * 16;
      addProducts128(x + usize(r) * PANEL_STRIDE, y + usize(c) * PANEL_STRIDE, to, bytes);
    }
  }
}
