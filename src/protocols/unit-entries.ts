/** Unit vectors of digits in the clear, as a node makes them of what it knows of a shared digit. */
import type { BitMatrix } from '../kernels/bit-matrix.js';
import { kernels } from '../kernels/kernels.js';
import type { RingVector, RingWidth } from '../kernels/ring-vector.js';

/** Entries 1 to D-1, each for all digits, of which row j is bit j. */
export function unitEntries(digit: BitMatrix, width: RingWidth): RingVector[] {
  // The products of the bits of all values so far, or of their complements.
  let products: readonly BitMatrix[] = [];
  for (let bit = 0; bit < digit.rows; bit++) {
    const one = digit.row(bit);
    const zero = kernels.not(one);
    products =
      products.length === 0
        ? [zero, one]
        : [zero, one].flatMap((own) => products.map((product) => kernels.and(product, own)));
  }
  return products.slice(1).map((product) => kernels.expandBit(product, width));
}
