/** Sums of products of entries of two vectors, by the XOR of their places; contract in `Kernels`. */
import { RingVector } from '../ring-vector.js';
import { add, addConstant, multiply, negate, subtract } from './arithmetic.js';
import { checkConvolution } from './checks.js';

export function convolveUnits(
  x: RingVector,
  y: RingVector,
  values: number,
  ones: readonly [0 | 1, 0 | 1],
  masks: RingVector | undefined,
): RingVector {
  const n = checkConvolution(x, y, values, masks);
  const [xs, ys] = [entriesOf(x, n, values, ones[0]), entriesOf(y, n, values, ones[1])];
  const sums = Array.from({ length: values - 1 }, (_, i) =>
    xs
      .map((entry, k) => multiply(entry, ys[k ^ (i + 1)] as RingVector))
      .reduce(add, RingVector.zeros(x.width, n)),
  );
  const out = RingVector.concat(sums);
  return masks === undefined ? out : subtract(out, masks);
}

/** All entries: first one less the others, then these. */
function entriesOf(others: RingVector, n: number, values: number, one: 0 | 1): RingVector[] {
  const entries = Array.from({ length: values - 1 }, (_, j) => others.slice(j * n, (j + 1) * n));
  const sum = entries.reduce(add, RingVector.zeros(others.width, n));
  return [addConstant(negate(sum), BigInt(one)), ...entries];
}
