/**
 * What an entry of the catalogue states: its inputs, its minimum counts, its secure part, and what it releases.
 *
 * `releases` is the exact list of integers that the analyst receives for a cell; a test compares it with what
 * was really released.
 */
import type { Context } from '../protocols/context.js';
import type { Measure } from './measure.js';
import type { AnySum, Sums } from './sums.js';

export interface Statistic {
  /** Sums that the secure part needs. */
  readonly measures: readonly Measure[];
  /** Counts that must reach the minimum before the cell is released. */
  readonly gates: readonly Measure[];
  /** Names of the released integers, in order. */
  readonly releases: readonly string[];
  /** Finishes on shares: one vector (an entry per group) for each released integer. */
  combine(ctx: Context, sums: Sums): Promise<readonly AnySum[]>;
}
