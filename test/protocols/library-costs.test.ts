/** Costs of the library are contracts too: these tables of docs/protocols.md are what the dry run derives. */
import { describe, expect, it } from 'vitest';
import { type Cost, meanBytes } from '../../src/core/cost.js';
import { estimateDry } from '../support/world.js';
import { documentedTable } from './documented-table.js';
import { ELEMENT_ROWS } from './library/elements.js';
import { LEARNING_ROWS } from './library/learning.js';
import { MOVE_ROWS } from './library/moves.js';
import type { CostRow } from './library/row.js';
import { SORT_ROWS } from './library/sorts.js';

function cells({ rounds, bytes }: Cost, elements: number, digits: number): string[] {
  return [String(rounds), (meanBytes({ rounds, bytes }) / elements).toFixed(digits)];
}

/** Rows of a table of costs that depend on sizes alone. */
async function fixedCosts(rows: readonly CostRow[], digits = 3): Promise<string[][]> {
  const derived: string[][] = [];
  for (const { name, program, elements } of rows) {
    const { expected, bound } = await estimateDry(program);
    expect(bound, name).toEqual(expected);
    derived.push([name, ...cells(expected, elements, digits)]);
  }
  return derived;
}

/** Rows of a table of expectations and bounds. */
async function estimates(rows: readonly CostRow[]): Promise<string[][]> {
  const derived: string[][] = [];
  for (const { name, program, elements } of rows) {
    const { expected, bound } = await estimateDry(program);
    derived.push([name, ...cells(expected, elements, 1), ...cells(bound, elements, 1)]);
  }
  return derived;
}

const ALL_ROWS = [...ELEMENT_ROWS, ...MOVE_ROWS, ...SORT_ROWS, ...LEARNING_ROWS];

it.each(ALL_ROWS.filter(({ limit }) => limit?.rounds !== undefined || limit?.bytes !== undefined))(
  '$name keeps the bound of the design',
  async ({ program, elements, limit }) => {
    const { expected } = await estimateDry(program);
    expect(expected.rounds).toBeLessThanOrEqual(limit?.rounds ?? Number.POSITIVE_INFINITY);
    expect(meanBytes(expected) / elements).toBeLessThanOrEqual(limit?.bytes ?? Number.POSITIVE_INFINITY);
  },
);

describe('costs of the library are those of docs/protocols.md', () => {
  it('on elements', async () => {
    expect(documentedTable('Costs of the library')).toEqual(await fixedCosts(ELEMENT_ROWS));
  });

  it('of moves and scans of rows', async () => {
    expect(documentedTable('Costs of moves and scans of rows')).toEqual(await fixedCosts(MOVE_ROWS));
  });

  it('of sorts, joins and groups', async () => {
    expect(documentedTable('Costs of sorts, joins and groups')).toEqual(await estimates(SORT_ROWS));
  });

  it('of linear algebra and learning', async () => {
    expect(documentedTable('Costs of linear algebra and learning')).toEqual(
      await fixedCosts(LEARNING_ROWS, 0),
    );
  });
});
