/** Sums of entries times public factors; contract in `Kernels`. */
import { RingVector } from '../ring-vector.js';
import { add, scale } from './arithmetic.js';
import { checkCombination } from './checks.js';

export function combineEntries(entries: RingVector, factors: readonly RingVector[]): RingVector[] {
  const n = checkCombination(entries, factors);
  return factors.map((own) =>
    own.toBigInts().reduce(
      (sum, factor, j) => {
        if (factor === 0n) return sum;
        return add(sum, scale(entries.slice(j * n, (j + 1) * n), factor));
      },
      RingVector.zeros(entries.width, n),
    ),
  );
}
