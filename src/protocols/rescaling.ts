/** What the backends' ways of rescaling have in common (rep3/rescale.ts). */
import type { RingWidth } from '../kernels/ring-vector.js';

/** Ring in which the correction for A + B >= 2^w travels; undefined where none is needed. */
export function correctionWidth(from: RingWidth, shift: number, to: RingWidth): RingWidth | undefined {
  const bits = to - (from - shift);
  if (bits <= 0) return undefined;
  return bits <= 32 ? 32 : bits <= 64 ? 64 : 128;
}
