/** Costs of the library are contracts too: these tables of docs/protocols.md are what the dry run derives. */
import { expect, it } from 'vitest';
import { type Cost, meanBytes } from '../../src/core/cost.js';
import { estimateDry, SCHEMES } from '../support/world.js';
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
    const row = [name];
    for (const scheme of SCHEMES) {
      const { expected, bound } = await estimateDry(program, scheme);
      expect(bound, name).toEqual(expected);
      row.push(...cells(expected, elements, digits));
    }
    derived.push(row);
  }
  return derived;
}

/** Rows of a table of expectations and bounds. */
async function estimates(rows: readonly CostRow[]): Promise<string[][]> {
  const derived: string[][] = [];
  for (const { name, program, elements } of rows) {
    const row = [name];
    for (const scheme of SCHEMES) {
      const { expected, bound } = await estimateDry(program, scheme);
      row.push(...cells(expected, elements, 1), ...cells(bound, elements, 1));
    }
    derived.push(row);
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

const TABLES: readonly { heading: string; derive: () => Promise<string[][]> }[] = [
  { heading: 'Costs of the library', derive: () => fixedCosts(ELEMENT_ROWS) },
  { heading: 'Costs of moves and scans of rows', derive: () => fixedCosts(MOVE_ROWS) },
  { heading: 'Costs of sorts, joins and groups', derive: () => estimates(SORT_ROWS) },
  { heading: 'Costs of linear algebra and learning', derive: () => fixedCosts(LEARNING_ROWS, 0) },
];

it.each(TABLES)('the table of docs/protocols.md is derived: $heading', async ({ heading, derive }) => {
  const derived = await derive();
  expect(documentedTable(heading, derived)).toEqual(derived);
});
