/**
 * COUNT(*) and COUNT(x). Releases n. Minimum: n itself.
 */
import type { Measure } from './measure.js';
import type { Statistic } from './statistic.js';

/** @param column undefined for COUNT(*). */
export function countStatistic(column: string | undefined): Statistic {
  const n: Measure = { column, power: 0 };
  return {
    measures: [n],
    gates: [n],
    releases: ['n'],
    combine: async (_ctx, sums) => [sums.get(n)],
  };
}
