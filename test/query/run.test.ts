/**
 * Queries on shares, from SQL text to the analyst's table, against SQLite's choice of rows and exact rationals.
 */
import { describe, expect, it } from 'vitest';
import { ExactNumber } from '../../src/client/analyst/finish-cell.js';
import { groupsInBatch } from '../../src/query/group-sums.js';
import { CHUNK_ROWS } from '../../src/query/row-chunks.js';
import type { QueryPolicy } from '../../src/query/run.js';
import { comparable, Oracle } from '../support/oracle.js';
import { type Answer, askPlain, askRep3 } from '../support/query.js';
import { TEST_SEED, TestRandom } from '../support/random.js';
import type { PlainRow, PlainTable } from '../support/table.js';
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
    `t_test(${x}, arm)`,
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

type Ask = (sql: string, table: PlainTable, policy: QueryPolicy) => Promise<Answer>;

/** The answer and what it must be. */
async function compared(
  ask: Ask,
  sql: string,
  where: string,
  data: PlainTable,
  minCount: number,
): Promise<void> {
  const { plan, table } = await ask(sql, data, { minCount, ownRows: [] });
  const oracle = new Oracle(data);
  const expected = oracle.answer(plan, where, minCount);
  oracle.close();
  expect(comparable(table), `${sql} (minimum ${minCount}, seed ${TEST_SEED})`).toEqual(expected);
}

describe('random queries give exactly what the plain rows give', () => {
  it.each(SIZES)('on the plain backend, %i rows', async (rows) => {
    expect.hasAssertions();
    const random = new TestRandom(`plain queries ${rows}`);
    for (let i = 0; i < 25; i++) {
      const { sql, where } = randomSql(random);
      const minCount = Number(random.between(1n, 5n));
      await compared(askPlain, sql, where, tableOf(randomRows(random, rows)), minCount);
    }
  });

  it.each(SIZES)('on three nodes, %i rows', async (rows) => {
    expect.hasAssertions();
    const random = new TestRandom(`rep3 queries ${rows}`);
    for (let i = 0; i < 6; i++) {
      const { sql, where } = randomSql(random);
      const minCount = Number(random.between(1n, 5n));
      await compared(askRep3, sql, where, tableOf(randomRows(random, rows)), minCount);
    }
  });

  it.each(CONDITIONS)('WHERE %s', async (where) => {
    expect.hasAssertions();
    const sql = `SELECT COUNT(*), SUM(score), COUNT(*), SUM(score), COUNT(dose) FROM patients WHERE ${where}`;
    await compared(askRep3, sql, where, tableOf(randomRows(new TestRandom(where), 130)), 1);
  });

  it.each([1, 10])('every aggregate at once, minimum count %i', async (minCount) => {
    expect.hasAssertions();
    const where = 'score < 900 OR score IS NULL';
    const sql = `SELECT ${AGGREGATES.join(', ')} FROM patients WHERE ${where}`;
    await compared(askRep3, sql, where, tableOf(randomRows(new TestRandom('every'), 65)), minCount);
  });
});

describe('sizes', () => {
  it('takes groups in batches that all count', async () => {
    const six = randomRows(new TestRandom('batches'), 6);
    const rows = Array.from({ length: 250_000 }, (_, i) => six[i % 6] as PlainRow);
    const data = tableOf(rows);
    const sql = 'SELECT ward, sex, smoker, COUNT(*) AS n FROM patients GROUP BY ward, sex, smoker';
    expect(groupsInBatch(CHUNK_ROWS, 64)).toBeLessThan(27);
    const { table } = await askPlain(sql, data, { minCount: 10, ownRows: [] });
    expect(table.rows).toHaveLength(27);
    const labels: (string | null)[] = ['男', '女', null];
    const expected = ['a', 'b', 'c'].flatMap((ward) =>
      labels.flatMap((sex) =>
        ['no', 'yes', null].map((smoker) => {
          const n = rows.filter(
            (row) => row['ward'] === ward && row['sex'] === sex && row['smoker'] === smoker,
          ).length;
          return n < 10 ? null : String(n);
        }),
      ),
    );
    const counted = table.rows.map((row) => (row['n'] instanceof ExactNumber ? row['n'].text : row['n']));
    expect(counted).toEqual(expected);
  });

  it('answers over a table without rows', async () => {
    const sql =
      "SELECT COUNT(*) AS n, AVG(score) AS a, VAR_POP(yen) AS v FROM patients WHERE score > 3 AND sex = '男'";
    const { table } = await askRep3(sql, tableOf([]), { minCount: 1, ownRows: [] });
    expect(table.rows).toEqual([{ n: new ExactNumber('0'), a: null, v: null }]);
    const gated = await askRep3(sql, tableOf([]), { minCount: 10, ownRows: [] });
    expect(gated.table.withheld).toHaveLength(3);
  });
});
