/**
 * What opened comparisons show is the order of the shuffled rows: uniform whatever the keys are, so that the answers say
 * nothing about them.
 */
import { describe, expect, it } from 'vitest';
import { shuffle } from '../../../src/protocols/permute/shuffle.js';
import { orderRows } from '../../../src/protocols/sort/compare-rows.js';
import { distinctKeys } from '../../../src/protocols/sort/quicksort.js';
import { chiSquare, each, LIMIT } from '../../support/orders-of-four.js';
import { type Program, runRep3 } from '../../support/world.js';

const KEYS = [
  ['ascending', [0n, 1n, 2n, 3n]],
  ['equal', [1n, 1n, 1n, 1n]],
  ['equal in pairs', [2n, 0n, 2n, 0n]],
] as const;

describe('the order that opened comparisons show', () => {
  it.each(KEYS)('is uniform where keys are %s', async (_, keys) => {
    const program: Program<string[]> = (ctx, deal) => {
      const key = deal.ring('key', 64, 4, { min: 0n, max: 3n }, () => keys);
      return each(ctx, async (step) => {
        const { columns } = await shuffle(step.step('shuffle'), distinctKeys(ctx, [key]));
        return (await orderRows(step.step('compare'), columns)).rows.join();
      });
    };
    const { results } = await runRep3(program);
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
    expect(chiSquare(results[0])).toBeLessThan(LIMIT);
  });
});
