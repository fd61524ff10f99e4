/**
 * What the small set must cost: rounds, and the bytes that nodes 0, 1 and 2 send, of one operation on 10,000 items.
 *
 * Those of protocols follow from docs/protocols.md (whole 64-bit words; test/bench/protocols.test.ts derives them by the
 * dry run), the query's from `warifu query --explain`. A change of the cost that is meant changes its line here.
 */
import type { Cost } from '../../src/core/cost.js';

export const PINNED_ITEMS = 10_000;

export const PINS: Readonly<Record<string, Cost>> = {
  multiply: { rounds: 1, bytes: [80_000, 80_000, 80_000] },
  dot: { rounds: 1, bytes: [8, 8, 8] },
  and: { rounds: 1, bytes: [80_000, 80_000, 80_000] },
  'less-than-16': { rounds: 6, bytes: [50_240, 48_984, 48_984] },
  'less-than-32': { rounds: 7, bytes: [109_272, 108_016, 108_016] },
  'less-than-64': { rounds: 8, bytes: [228_592, 227_336, 227_336] },
  'equal-32': { rounds: 6, bytes: [79_128, 38_936, 38_936] },
  b2a: { rounds: 2, bytes: [80_000, 80_000, 80_000] },
  query: { rounds: 18, bytes: [831_176, 827_392, 827_392] },
};
