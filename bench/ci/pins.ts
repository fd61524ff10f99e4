/**
 * What the small set must cost: rounds, and the bytes that each node sends, of one operation on 10,000 items.
 *
 * Those of protocols follow from docs/protocols.md (whole 64-bit words; test/bench/protocols.test.ts derives them by the
 * dry run), the query's from `warifu query --explain`. A change of the cost that is meant changes its line here.
 */
import type { Cost } from '../../src/core/cost.js';

export const PINNED_ITEMS = 10_000;

/** For a protocol whose cost depends on coins: each run is compared with the bound of its dry run. */
export const WITHIN_BOUND = 'within its bound';

export type Pin = Cost | typeof WITHIN_BOUND;

export const PINS: Readonly<Record<string, Pin>> = {
  multiply: { rounds: 1, bytes: [80_000, 80_000, 80_000] },
  dot: { rounds: 1, bytes: [8, 8, 8] },
  and: { rounds: 1, bytes: [80_000, 80_000, 80_000] },
  'less-than-16': { rounds: 5, bytes: [51_496, 17_584, 17_584] },
  'less-than-32': { rounds: 6, bytes: [110_528, 46_472, 46_472] },
  'less-than-64': { rounds: 7, bytes: [229_848, 95_456, 95_456] },
  'equal-32': { rounds: 6, bytes: [79_128, 38_936, 38_936] },
  b2a: { rounds: 2, bytes: [80_000, 80_000, 80_000] },
  shuffle: { rounds: 2, bytes: [160_000, 80_000, 80_000] },
  'sort-32': { rounds: 67, bytes: [5_831_456, 3_922_568, 4_402_568] },
  'sort-64': WITHIN_BOUND,
  median: WITHIN_BOUND,
  join: { rounds: 82, bytes: [13_695_712, 8_757_992, 9_797_992] },
  'join-128': { rounds: 144, bytes: [31_153_576, 19_915_512, 21_915_512] },
  'group-by': { rounds: 80, bytes: [6_770_232, 4_461_152, 4_981_152] },
  'fixed-multiply': { rounds: 3, bytes: [120_000, 120_000, 120_000] },
  divide: { rounds: 27, bytes: [1_265_504, 997_872, 997_872] },
  sqrt: { rounds: 30, bytes: [1_881_344, 1_356_128, 1_356_128] },
  exp: { rounds: 19, bytes: [1_812_944, 808_984, 808_984] },
  sigmoid: { rounds: 26, bytes: [3_350_040, 1_198_064, 1_198_064] },
  'sgd-logistic': { rounds: 557, bytes: [17_379_072, 1_090_472, 1_090_472] },
  'sgd-logistic-exact': { rounds: 2491, bytes: [5_273_704, 2_239_000, 2_239_000] },
  query: { rounds: 16, bytes: [832_432, 815_736, 815_736] },
};

/** The same on four nodes, tags included. */
export const FOUR_NODES_PINS: Readonly<Record<string, Pin>> = {
  multiply: { rounds: 1, bytes: [160_016, 80_032, 160_016, 80_032] },
  and: { rounds: 1, bytes: [160_016, 80_032, 160_016, 80_032] },
  'less-than-16': { rounds: 5, bytes: [69_144, 17_712, 69_144, 17_712] },
  'less-than-32': { rounds: 6, bytes: [157_080, 46_632, 157_080, 46_632] },
  'less-than-64': { rounds: 7, bytes: [325_400, 95_648, 325_400, 95_648] },
  shuffle: { rounds: 3, bytes: [240_016, 160_048, 160_048, 160_032] },
  'sort-32': WITHIN_BOUND,
};
