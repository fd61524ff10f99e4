import { expect } from 'vitest';
import type { Cost } from '../../../src/core/cost.js';
import { estimateDry, type Program } from '../../support/world.js';

/** A measured cost is that of the dry run, or within its bound where a sort by comparisons was chosen. */
export async function expectCost(program: Program<unknown>, cost: Cost): Promise<void> {
  const { expected, bound } = await estimateDry(program);
  const exact = JSON.stringify(expected) === JSON.stringify(bound);
  if (exact) expect(expected).toEqual(cost);
  expect(cost.rounds).toBeLessThanOrEqual(bound.rounds);
  cost.bytes.forEach((bytes, node) => expect(bytes).toBeLessThanOrEqual(bound.bytes[node] ?? 0));
}
