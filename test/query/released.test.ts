/** Released = reported: what leaves the nodes is what docs/statistics.md and the catalogue list, integer by integer. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Aggregate } from '../../src/query/plan.js';
import type { AggregateLayout } from '../../src/query/result-layout.js';
import { planQuery } from '../../src/query/sql/plan-query.js';
import type { Column } from '../../src/share/schema.js';
import { statisticOf } from '../../src/statistics/catalogue.js';
import { type Answer, askRep3 } from '../support/query.js';
import { TestRandom } from '../support/random.js';
import type { PlainRow } from '../support/table.js';
import { randomRows, SCHEMA, tableOf } from './tables.js';

const docs = readFileSync(new URL('../../docs/statistics.md', import.meta.url), 'utf8');

/** Aggregate and released integers from the table of the docs. */
const LISTED = docs.split('\n').flatMap((line) => {
  const match = /^\| `([^`]+)`\s*\|[^|]*\|\s*(`[^|]+`)\s*\|$/.exec(line);
  if (match === null) return [];
  return [
    { call: match[1] ?? '', names: (match[2] ?? '').split(', ').map((name) => name.trim().slice(1, -1)) },
  ];
});

const column = (name: string): Column => {
  const found = SCHEMA.columns.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no column ${name}`);
  return found;
};
// A fixed seed: the first ward is to be large enough for every statistic.
const table = tableOf(randomRows(new TestRandom('released', 2), 160));

/** The call of the docs over columns of the table. */
const written = (call: string, x: string): string =>
  call.replace('x', x).replace('g)', 'sex)').replace('g,', 'sex,');

async function aggregateOf(call: string): Promise<Aggregate> {
  const plan = await planQuery(`SELECT ${call} FROM patients`, [table]);
  const [output] = plan.output;
  if (output?.kind !== 'aggregate') throw new Error(`${call} is no aggregate`);
  return output.aggregate;
}

/** Everything that was released for a column of cells: a list of integers by name, an entry per group. */
function integersOf({ released }: Answer, layout: AggregateLayout, groups: number): Record<string, bigint[]> {
  return Object.fromEntries(
    layout.releases.map(({ name, width, offset, min }) => {
      const vector = (width === 64 ? released.narrow : released.wide).slice(offset, offset + groups);
      return [name, vector.map((x) => BigInt(min) + BigInt.asUintN(width, x - BigInt(min)))];
    }),
  );
}

/** The integers by their definitions, from the plain rows. */
function defined(rows: readonly PlainRow[], x: string): Record<string, bigint> {
  const { type } = column(x);
  const digits = type.kind === 'decimal' ? type.digits : 0;
  const values = (some: readonly PlainRow[]): bigint[] =>
    some.flatMap((row) => (row[x] === null ? [] : [BigInt((row[x] ?? '').replace('.', ''))]));
  const sums = (some: readonly PlainRow[]): { n: bigint; sum: bigint; q: bigint } => {
    const all = values(some);
    const n = BigInt(all.length);
    const sum = all.reduce((a, b) => a + b, 0n);
    return { n, sum, q: n * all.reduce((a, b) => a + b * b, 0n) - sum * sum };
  };
  expect([0, 2]).toContain(digits);
  const all = sums(rows);
  const one = sums(rows.filter((row) => row['sex'] === '男'));
  const two = sums(rows.filter((row) => row['sex'] === '女'));
  return {
    ...all,
    n1: one.n,
    n2: two.n,
    sum1: one.sum,
    sum2: two.sum,
    q1: one.q,
    q2: two.q,
    pooled: two.n * one.q + one.n * two.q,
  };
}

describe('the catalogue', () => {
  it('is listed in the docs, aggregate by aggregate', () => {
    expect(LISTED.map(({ call }) => call)).toEqual([
      'COUNT(*)',
      'COUNT(x)',
      'SUM(x)',
      'AVG(x)',
      'VAR_SAMP(x)',
      'VAR_POP(x)',
      'STDDEV_SAMP(x)',
      'STDDEV_POP(x)',
      't_test(x, g)',
      "t_test(x, g, 'student')",
    ]);
  });

  it.each(LISTED)('states for $call what the docs list', async ({ call, names }) => {
    const statistic = statisticOf(await aggregateOf(written(call, 'score')), column);
    expect(statistic.releases).toEqual(names);
  });
});

describe.each(['score', 'dose', 'yen', 'visits'])('what a query over %s releases', (x) => {
  it.each(LISTED)('for $call is that list, and nothing else', async ({ call, names }) => {
    const sql = `SELECT ward, ${written(call, x)} FROM patients WHERE visits < 35 GROUP BY ward`;
    const minCount = 5;
    const answer = await askRep3(sql, table, { minCount, ownRows: [] });
    const { layout, bits } = answer.result;
    const [cells] = layout.columns.filter((one): one is AggregateLayout => one.kind === 'aggregate');
    if (cells === undefined) throw new Error('no cells');
    expect(cells.releases.map(({ name }) => name)).toEqual(names);
    // the vectors hold these integers, an entry per group, and no other
    expect(answer.released.narrow.length + answer.released.wide.length).toBe(3 * names.length);
    const integers = integersOf(answer, cells, 3);
    ['a', 'b', 'c'].forEach((ward, group) => {
      const rows = table.rows.filter((row) => row['ward'] === ward && Number(row['visits']) < 35);
      const expected = call === 'COUNT(*)' ? { n: BigInt(rows.length) } : defined(rows, x);
      for (const name of names) {
        const passes = bits.get(0, group) === 1;
        expect([ward, name, integers[name]?.[group]]).toEqual([
          ward,
          name,
          passes ? (expected as Record<string, bigint>)[name] : 0n,
        ]);
      }
    });
    expect(bits.get(0, 0)).toBe(1);
  });
});
