/** What every kernel checks of its arguments before it allocates or loops. */
import type { BitMatrix } from '../bit-matrix.js';
import type { ReplicatedPair } from '../kernels.js';
import { checkSpan, type RingVector, type RingWidth } from '../ring-vector.js';

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

/** RangeError where the memory that is written overlaps memory that is read. */
export function checkApart(written: ArrayBufferView, ...read: readonly ArrayBufferView[]): void {
  const end = written.byteOffset + written.byteLength;
  for (const other of read) {
    const below = other.byteOffset + other.byteLength <= written.byteOffset;
    if (other.buffer === written.buffer && !below && other.byteOffset < end) {
      throw new RangeError('a result that overlaps an operand');
    }
  }
}

/** RangeError unless all have the length of the result, which overlaps none. */
export function checkWords(out: BigUint64Array, operands: readonly BigUint64Array[]): void {
  for (const operand of operands) {
    if (operand.length !== out.length) {
      throw new RangeError(`${operand.length} words where ${out.length} are needed`);
    }
  }
  checkApart(out, ...operands);
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

/** RangeError where an index is not below the length; does not say which, since a permutation may be secret. */
export function checkIndices(indices: Uint32Array, length: number): void {
  let largest = -1;
  for (let i = 0; i < indices.length; i++) largest = Math.max(largest, indices[i]!);
  if (largest >= length) throw new RangeError(`an index is not below the ${length} elements`);
}

/** TypeError or RangeError unless the vectors of all pairs fit each other and the sums. */
export function checkInnerProducts(
  sums: RingVector,
  xs: readonly ReplicatedPair[],
  ys: readonly ReplicatedPair[],
  start: number,
  end: number,
): void {
  checkLength(sums, xs.length * ys.length);
  const [first] = [...xs, ...ys];
  if (first === undefined) return;
  for (const pair of [...xs, ...ys]) {
    checkAlike(first[0], ...pair);
    checkWidth(pair[0], sums.width);
    checkApart(sums.data, pair[0].data, pair[1].data);
  }
  checkSpan(start, end, first[0].length);
}
