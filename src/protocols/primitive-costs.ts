/**
 * What the primitives of a backend cost: rounds and payload bytes sent by each node, and by whom.
 *
 * The dry run adds these up; tests require the metered channel to measure exactly the same.
 */
import type { Cost } from '../core/cost.js';
import type { NodeIndex } from '../core/scheme.js';
import type { RingWidth } from '../kernels/ring-vector.js';

export interface PrimitiveCosts {
  input(from: NodeIndex, width: RingWidth, n: number): Cost;
  multiply(width: RingWidth, n: number): Cost;
  /** Of sums that are finished. */
  productSums(width: RingWidth, n: number): Cost;
  and(rows: number, n: number): Cost;
  /** Of bits from..to-1; what the operands have there is known after one round. */
  carrySpans(from: number, to: number, n: number): Cost;
  zeroBits(k: number, n: number): Cost;
  bandBits(width: RingWidth, b: number, n: number): Cost;
  rescale(from: RingWidth, shift: number, to: RingWidth, n: number): Cost;
  /** Of products in the making. */
  rescaleProducts(from: RingWidth, shift: number, to: RingWidth, n: number): Cost;
  /** Of so many amplitudes, rescaled from 64 bits. */
  sineSeries(amplitudes: number, shift: number, to: RingWidth, n: number): Cost;
  seriesOfProducts(from: RingWidth, amplitudes: number, shift: number, to: RingWidth, n: number): Cost;
  addends(k: number, n: number): Cost;
  /** After how many rounds each of the addends is there. */
  readonly addendRounds: readonly [number, number];
  lookup(digits: readonly { readonly rows: number }[], width: RingWidth, n: number, results: number): Cost;
  /** For n of so many places in all. */
  unitVectors(bits: number, n: number, places: number): Cost;
  /** @param columns bytes of a part of each. */
  permute(columns: readonly number[]): Cost;
  permuteAndReveal(orderBytes: number, columns: readonly number[]): Cost;
  refresh(width: RingWidth, n: number): Cost;
  /** Of so many bytes, to all nodes. */
  open(bytes: number): Cost;
}
