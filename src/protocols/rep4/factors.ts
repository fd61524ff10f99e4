/**
 * Which parts of two vectors a term multiplies where products are added up (product-sums.ts), but for inner products, whose
 * terms are those of products.ts: the parts' own products go with four of the six terms.
 */
import { kernels, type ReplicatedPair } from '../../kernels/kernels.js';
import type { RingVector } from '../../kernels/ring-vector.js';
import { type Parts, partOf } from './parts.js';
import { HIGH, LOW, MIXED, type Term } from './terms.js';

/** Parts whose own product goes with a term: with `mask` or `rest`, or with none. */
export const SQUARES: ReadonlyMap<Term, 'mask' | 'rest'> = new Map([
  [LOW, 'mask'],
  [HIGH, 'mask'],
  [MIXED[0], 'rest'],
  [MIXED[1], 'mask'],
]);

/**
 * The parts of a vector that a term multiplies, such that x0*(y0 + y1) + x1*y0 of its two vectors is the term: with one
 * part's own product, or without any, for which x1 becomes x1 - x0.
 */
export function factorOf(term: Term, x: Parts<RingVector>, side: 'left' | 'right'): ReplicatedPair {
  const square = SQUARES.get(term);
  const [mask, rest] = [partOf(x, term.mask), partOf(x, term.rest)];
  if (square === 'rest') return [rest, mask];
  if (square === 'mask' || side === 'right') return [mask, rest];
  return [mask, kernels.subtract(rest, mask)];
}
