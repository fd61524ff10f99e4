/** What every kernel checks of its arguments before it allocates or loops. */
import type { BitMatrix } from '../bit-matrix.js';
import type { RingVector, RingWidth } from '../ring-vector.js';

/** TypeError unless all widths are equal, RangeError unless all lengths are. */
export function checkAlike(first: RingVector, ...others: readonly RingVector[]): void {
  for (const other of others) {
    checkWidth(other, first.width);
    checkLength(other, first.length);
  }
}

export function checkWidth(x: RingVector, width: RingWidth): void {
  if (x.width !== width) throw new TypeError(`a vector of width ${x.width} where ${width} is needed`);
}

export function checkLength(x: RingVector, length: number): void {
  if (x.length !== length)
    throw new RangeError(`a vector of ${x.length} elements where ${length} are needed`);
}

/** RangeError unless all matrices have the same shape. */
export function checkSameShape(first: BitMatrix, ...others: readonly BitMatrix[]): void {
  for (const other of others) {
    if (other.rows !== first.rows || other.length !== first.length) {
      throw new RangeError(
        `a matrix of ${other.rows} x ${other.length} bits where ${first.rows} x ${first.length} are needed`,
      );
    }
  }
}
