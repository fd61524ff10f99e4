/** Sizes of shared vectors on the wire. */
import type { RingWidth } from '../kernels/ring-vector.js';

/** Bytes of n ring elements on the wire. */
export function ringBytes(width: RingWidth, n: number): number {
  return (width / 8) * n;
}

/** Bytes of rows x n bits on the wire: whole 64-bit words. */
export function bitBytes(rows: number, n: number): number {
  return rows * Math.ceil(n / 64) * 8;
}
