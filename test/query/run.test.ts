/**
 * Queries on shares, from SQL text to the analyst's table, against SQLite's choice of rows and exact rationals.
 */
import { describe, expect, it } from 'vitest';
import { type CellValue, ExactNumber } from '../../src/client/analyst/finish-cell.js';
import type { QueryPolicy } from '../../src/query/run.js';
import { allGroups, type Expected, Oracle } from '../support/oracle.js';
import { type Answer, askPlain, askRep3 } from '../support/query.js';
import { TEST_SEED, TestRandom } from '../support/random.js';
import type { PlainTable } from '../support/table.js';
import { randomRows, tableOf } from './tables.js';

const CONDITIONS = [
  '1 = 1',
  'score >= 40',
  'score < 0 OR dose > 100.25',
  "sex = '男'",
  "sex <> '男' AND NOT smoker",
  'smoker',
  'NOT (smoker = diabetic)',
  "day >= '2010-02-28' AND day < '2020-01-01'",
  'score IS NULL',
  'dose IS NOT NULL AND visits BETWEEN 3 AND 30',
  'yen > 8589934592',
  'score < visits OR fixed = 7',
  "ward IN ('a', 'c') AND (score > dose OR diabetic)",
  "NOT (day < '2001-01-01' OR smoker)",
  'visits > 40',
] as const;

const NUMBERS = ['score', 'dose', 'yen', 'fixed', 'visits'] as const;
const AGGREGATES = [
  'COUNT(*)',
  'COUNT(day)',
  'COUNT(smoker)',
  'COUNT(visits)',
  'SUM(huge)',
  'AVG(huge)',
  ...NUMBERS.flatMap((x) =>
    ['SUM', 'AVG', 'VAR_SAMP', 'VAR_POP', 'STDDEV_SAMP', 'STDDEV_POP'].map((name) => `${name}(${x})`),
  ),
  ...NUMBERS.flatMap((x) => [
    `t_test(${x}, smoker)`,
    `t_test(${x}, sex)`,
    `t_test(${x}, diabetic, 'student')`,
    `t_test(${x}, sex, 'student')`,
  ]),
] as const;
const GROUPS = [
  [],
  [],
  ['sex'],
  ['ward'],
  ['smoker'],
  ['diabetic'],
  ['sex', 'diabetic'],
  ['ward', 'smoker'],
] as const;

function plain(value: CellValue | string | boolean | undefined): unknown {
  return value instanceof ExactNumber ? value.text : value;
}

/** What the analyst must see, from the oracle. */
function expectAnswer(
  { plan, table: answer }: Answer,
  data: PlainTable,
  where: string,
  minCount: number,
): void {
  const oracle = new Oracle(data);
  try {
    const found = oracle.groups(where, plan.groupBy);
    const groups = allGroups(plan, data).filter(
      (keys) => minCount > 1 || keys.length === 0 || found.has(JSON.stringify(keys)),
    );
    expect(answer.rows.length).toBe(groups.length);
    const withheld: unknown[] = [];
    groups.forEach((keys, row) => {
      const members = found.get(JSON.stringify(keys)) ?? [];
      for (const output of plan.output) {
        const value = answer.rows[row]?.[output.name];
        if (output.kind === 'key') {
          expect(value).toBe(keys[plan.groupBy.indexOf(output.column)]);
          continue;
        }
        const expected = oracle.cell(output.aggregate, members);
        const passes = expected.counts.every((n) => n >= minCount);
        if (minCount > 1 && !passes) {
          withheld.push({ row, column: output.name, rule: `minimum count ${minCount}` });
          expect(value).toBeNull();
          continue;
        }
        expectValue(value, expected.value);
        if (!['sum', 'count', 'count-rows'].includes(output.aggregate.kind)) {
          const isTest = output.aggregate.kind === 't-test';
          const n = isTest ? (passes ? expected.counts : null) : expected.counts[0];
          expect(answer.n[row]?.[output.name]).toEqual(n);
        }
      }
    });
    expect(answer.withheld).toEqual(withheld);
  } finally {
    oracle.close();
  }
}

function expectValue(value: CellValue | string | boolean | undefined, expected: Expected): void {
  if (expected === null || typeof expected !== 'object') expect(plain(value)).toBe(expected);
  else expect(value).toMatchObject(expected);
}

/** Picks `count` different entries. */
function pick<T>(random: TestRandom, from: readonly T[], count: number): T[] {
  const rest = [...from];
  return Array.from(
    { length: count },
    () => rest.splice(Number(random.between(0n, BigInt(rest.length - 1))), 1)[0] as T,
  );
}

function randomSql(random: TestRandom): { readonly sql: string; readonly where: string } {
  const [groupBy = []] = pick<readonly string[]>(random, GROUPS, 1);
  const outputs = [...groupBy, ...pick<string>(random, AGGREGATES, 5)];
  const [where = ''] = pick<string>(random, CONDITIONS, 1);
  const by = groupBy.length > 0 ? ` GROUP BY ${groupBy.join(', ')}` : '';
  return { sql: `SELECT ${outputs.join(', ')} FROM patients WHERE ${where}${by}`, where };
}

const SIZES = [1, 2, 3, 64, 65, 200] as const;

describe('random queries give exactly what the plain rows give', () => {
  it.each(SIZES)('on the plain backend, %i rows', async (rows) => {
    const random = new TestRandom(`plain queries ${rows}`);
    for (let i = 0; i < 25; i++) {
      const table = tableOf(randomRows(random, rows));
      const { sql, where } = randomSql(random);
      const minCount = Number(random.between(1n, 5n));
      const answer = await askPlain(sql, table, { minCount, ownRows: [] });
      try {
        expectAnswer(answer, table, where, minCount);
      } catch (error) {
        throw new Error(`${sql} (minimum ${minCount}, seed ${TEST_SEED})`, { cause: error });
      }
    }
  });

  it.each(SIZES)('on three nodes, %i rows', async (rows) => {
    const random = new TestRandom(`rep3 queries ${rows}`);
    for (let i = 0; i < 6; i++) {
      const table = tableOf(randomRows(random, rows));
      const { sql, where } = randomSql(random);
      const minCount = Number(random.between(1n, 5n));
      const answer = await askRep3(sql, table, { minCount, ownRows: [] });
      try {
        expectAnswer(answer, table, where, minCount);
      } catch (error) {
        throw new Error(`${sql} (minimum ${minCount}, seed ${TEST_SEED})`, { cause: error });
      }
    }
  });

  it('for every aggregate at once', async () => {
    const random = new TestRandom('every aggregate');
    const table = tableOf(randomRows(random, 65));
    const sql = `SELECT ${AGGREGATES.join(', ')} FROM patients WHERE score < 900 OR score IS NULL`;
    for (const minCount of [1, 10]) {
      const policy: QueryPolicy = { minCount, ownRows: [] };
      expectAnswer(await askRep3(sql, table, policy), table, 'score < 900 OR score IS NULL', minCount);
    }
  });
});
