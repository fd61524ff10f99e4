/** Names, outputs, groups and folded constants of plans, and their text and digest. */
import { describe, expect, test } from 'vitest';
import { WarifuError } from '../../../src/core/errors.js';
import type { Predicate, QueryPlan } from '../../../src/query/plan.js';
import { planDigest, planToJson } from '../../../src/query/plan-digest.js';
import { describePlan } from '../../../src/query/sql/explain.js';
import { planQuery, type TableCandidate } from '../../../src/query/sql/plan-query.js';
import { parseSchema } from '../../../src/share/schema.js';
import { PATIENTS, TABLES } from './fixtures.js';

const plan = (sql: string): Promise<QueryPlan> => planQuery(sql, TABLES);
const where = async (condition: string): Promise<Predicate> =>
  (await plan(`SELECT COUNT(*) FROM patients WHERE ${condition}`)).where;
const names = async (items: string): Promise<string[]> =>
  (await plan(`SELECT ${items} FROM patients GROUP BY sex`)).output.map((column) => column.name);
async function errorOf(sql: string, tables: readonly TableCandidate[] = TABLES): Promise<WarifuError> {
  const thrown: unknown = await planQuery(sql, tables).catch((error: unknown) => error);
  if (thrown instanceof WarifuError) return thrown;
  throw new Error('not refused');
}
const table = (name: string, ...columns: readonly string[]): TableCandidate => ({
  name,
  schema: parseSchema({
    warifu_schema: 1,
    missing: [],
    columns: columns.map((column) => ({ name: column, type: 'integer', min: 0, max: 9, nullable: false })),
  }),
});

test('the example of the first issue', async () => {
  expect(
    await plan(
      'SELECT sex, COUNT(*), AVG(weight), STDDEV_SAMP(weight), t_test(weight, smoker) FROM patients WHERE age >= 40 GROUP BY sex',
    ),
  ).toEqual({
    format: 1,
    table: 'patients',
    where: {
      kind: 'at-least-zero',
      form: { terms: [{ column: 'age', factor: 1n }], constant: -40n },
      negated: false,
    },
    groupBy: ['sex'],
    output: [
      { name: 'sex', kind: 'key', column: 'sex' },
      { name: 'COUNT(*)', kind: 'aggregate', aggregate: { kind: 'count-rows' } },
      { name: 'AVG(weight)', kind: 'aggregate', aggregate: { kind: 'avg', column: 'weight' } },
      {
        name: 'STDDEV_SAMP(weight)',
        kind: 'aggregate',
        aggregate: { kind: 'stddev-samp', column: 'weight' },
      },
      {
        name: 't_test(weight, smoker)',
        kind: 'aggregate',
        aggregate: { kind: 't-test', column: 'weight', group: 'smoker', variant: 'welch' },
      },
    ],
  });
});

describe('names', () => {
  test.each([
    ['SELECT AVG(体重) FROM patients', '体重'],
    ['SELECT AVG("体重") FROM patients', '体重'],
    ['SELECT AVG(AGE) FROM PATIENTS', 'age'],
    ['SELECT AVG(ＡＧＥ) FROM patients', 'age'],
    ['SELECT AVG("Mixed Case") FROM patients', 'Mixed Case'],
    ['SELECT AVG("mixed case") FROM patients', 'Mixed Case'],
    ['SELECT AVG(p.age) FROM patients p', 'age'],
    ['SELECT AVG(P.age) FROM patients AS p', 'age'],
    ['SELECT AVG(patients.age) FROM patients', 'age'],
    ['SELECT AVG("p" . /* here */ age) FROM patients "p"', 'age'],
    ['(SELECT AVG(age) FROM patients)', 'age'],
    ['SELECT ALL AVG(age) FROM patients;', 'age'],
  ])('%s', async (sql, column) => {
    expect((await plan(sql)).output[0]).toMatchObject({ aggregate: { kind: 'avg', column } });
  });

  test('are not cut off at 63 bytes as PostgreSQL would', async () => {
    const long = '六十五歳以上の入院患者における平均在院日数の合計値';
    const tables = [table('t'.repeat(100), `${long}Ａ`, `${long}Ｂ`, `"${'x'.repeat(80)}`)];
    const result = await planQuery(
      `SELECT SUM(${long}Ｂ) AS ${long}C, SUM("""${'x'.repeat(80)}") FROM ${'T'.repeat(100)}`,
      tables,
    );
    expect(result.output).toMatchObject([
      { name: `${long}c`, aggregate: { column: `${long}Ｂ` } },
      { aggregate: { column: `"${'x'.repeat(80)}` } },
    ]);
  });

  test('of tables that differ in case only must be quoted', async () => {
    const tables = [table('Visits', 'a'), table('visits', 'a')];
    for (const name of ['visits', 'Visits', 'VISITS', '"VISITS"']) {
      const error = await errorOf(`SELECT COUNT(*) FROM ${name}`, tables);
      expect(error.code).toBe('UNKNOWN_TABLE');
      expect(error.message).toContain('"Visits", "visits"');
    }
    expect((await planQuery('SELECT COUNT(*) FROM "Visits"', tables)).table).toBe('Visits');
    expect((await planQuery('SELECT COUNT(*) FROM "visits"', tables)).table).toBe('visits');
  });

  test('unknown ones come with the nearest', async () => {
    expect((await errorOf('SELECT AVG(wieght) FROM patients')).message).toContain("did you mean 'weight'");
    expect((await errorOf('SELECT COUNT(*) FROM patinets')).message).toContain("did you mean 'patients'");
    expect((await errorOf('SELECT COUNT(*) FROM patients', [])).message).toContain('ask its owner');
    const label = await errorOf("SELECT COUNT(*) FROM patients WHERE ward = 'A'");
    expect(label.code).toBe('UNKNOWN_LABEL');
    expect(label.message).toContain("did you mean 'a'");
  });
});

describe('places in errors', () => {
  test('count characters, not bytes or UTF-16 units', async () => {
    const error = await errorOf("SELECT COUNT(*) FROM patients\nWHERE sex = '😀' OR\n\t体重 > '3'");
    expect(error.details).toMatchObject({ line: 2, column: 13 });
    const later = await errorOf("SELECT COUNT(*) -- 体重😀\nFROM patients WHERE\n 体重 > '3'");
    expect(later.details).toMatchObject({ line: 3, column: 7 });
    expect(later.message.split('\n').slice(1)).toEqual(["   体重 > '3'", '          ^']);
  });
});

describe('output names', () => {
  test.each([
    ['AVG( 体重 )', ['AVG( 体重 )']],
    ['COUNT(*) /* all */ , count( * )', ['COUNT(*)', 'count( * )']],
    ['COUNT(*) AS n, COUNT(*) n, SUM(age) "N"', ['n', 'n_2', 'N']],
    ['COUNT(*), COUNT(*), COUNT(*)', ['COUNT(*)', 'COUNT(*)_2', 'COUNT(*)_3']],
    ['COUNT(*) AS a, COUNT(*) AS a, COUNT(*) AS a_2', ['a', 'a_2', 'a_2_2']],
    ["t_test(weight, smoker, 'student') AS 検定, sex AS 性別", ['検定', '性別']],
    ['COUNT(*) AS "a "" b"', ['a " b']],
    ['COUNT(*) AS Mean', ['mean']],
  ])('%s', async (items, expected) => {
    expect(await names(items)).toEqual(expected);
  });
});

describe('groups', () => {
  test.each([
    ['SELECT sex, COUNT(*) FROM patients GROUP BY sex', ['sex']],
    ['SELECT sex AS s, COUNT(*) FROM patients GROUP BY s', ['sex']],
    ['SELECT COUNT(*), sex FROM patients GROUP BY 2', ['sex']],
    ['SELECT COUNT(*) FROM patients GROUP BY smoker, ward', ['smoker', 'ward']],
    ['SELECT COUNT(*), ward w FROM patients p GROUP BY w, p.ward, 2, ward, SEX', ['ward', 'sex']],
    // a column of the table comes before an alias, as in PostgreSQL
    ['SELECT COUNT(*) AS ward FROM patients GROUP BY ward', ['ward']],
  ])('%s', async (sql, expected) => {
    expect((await plan(sql)).groupBy).toEqual(expected);
  });
});

describe('folded constants', () => {
  const form = (column: string, constant: bigint): unknown => ({ terms: [{ column, factor: 1n }], constant });

  test.each<[string, unknown]>([
    ['visits >= -5', { kind: 'true' }],
    ['visits < -5', { kind: 'false' }],
    ['visits >= -4', { kind: 'at-least-zero', form: form('visits', -1n), negated: false }],
    ['-4 <= visits', { kind: 'at-least-zero', form: form('visits', -1n), negated: false }],
    ['visits > 20', { kind: 'false' }],
    ['visits < 1e50', { kind: 'true' }],
    ['age <= 120', { kind: 'missing', column: 'age', negated: true }],
    ['age > 120', { kind: 'false' }],
    ['age <= 40.5', { kind: 'at-least-zero', form: form('age', -41n), negated: true }],
    ['age <> 40.5', { kind: 'missing', column: 'age', negated: true }],
    ['weight = 70', { kind: 'zero', form: form('weight', -675n), negated: false }],
    ['NOT weight = 70', { kind: 'zero', form: form('weight', -675n), negated: true }],
    ["sex = '女'", { kind: 'zero', form: form('sex', -1n), negated: false }],
    ["born >= '1900-01-02'", { kind: 'at-least-zero', form: form('born', -1n), negated: false }],
    ['smoker = FALSE', { kind: 'flag', column: 'smoker', negated: true }],
    ['diabetic IS NULL', { kind: 'false' }],
    ['smoker IS NOT UNKNOWN', { kind: 'missing', column: 'smoker', negated: true }],
    ['smoker = diabetic', { kind: 'flags-equal', left: 'smoker', right: 'diabetic', negated: false }],
    [
      'born = born AND weight = weight',
      {
        kind: 'and',
        terms: [
          { kind: 'missing', column: 'born', negated: true },
          { kind: 'missing', column: 'weight', negated: true },
        ],
      },
    ],
    [
      "born < DATE '2030-01-01' AND born > '1980-01-01'",
      {
        kind: 'at-least-zero',
        form: form('born', -29_220n),
        negated: false,
      },
    ],
    [
      'weight > height',
      {
        kind: 'at-least-zero',
        form: {
          terms: [
            { column: 'weight', factor: 10n },
            { column: 'height', factor: -1n },
          ],
          // 10 * 25 - (-100) - 1
          constant: 349n,
        },
        negated: false,
      },
    ],
    ['TRUE OR age > 3', { kind: 'true' }],
    ['age > 3 AND NULL', { kind: 'false' }],
    ['age NOT IN (1, NULL)', { kind: 'false' }],
  ])('%s', async (condition, expected) => {
    expect(await where(condition)).toEqual(expected);
  });

  test('a comparison decided by the ranges of two columns keeps their presence', async () => {
    const wide = parseSchema({
      warifu_schema: 1,
      missing: [],
      columns: [
        { name: 'a', type: 'integer', min: 0, max: 9, nullable: true },
        { name: 'b', type: 'integer', min: 10, max: 19, nullable: true },
      ],
    });
    const result = await planQuery('SELECT COUNT(*) FROM t WHERE a < b', [{ name: 't', schema: wide }]);
    expect(result.where).toEqual({ kind: 'present', columns: ['a', 'b'] });
  });

  test('a form may reach 2^126 - 1 and no more', async () => {
    const reach = (max: bigint): TableCandidate => ({
      name: 't',
      schema: parseSchema({
        warifu_schema: 1,
        missing: [],
        columns: [
          { name: 'x', type: 'integer', min: 0, max: max.toString(), nullable: false },
          { name: 'y', type: 'decimal', digits: 2, min: '0.00', max: '9.99', nullable: false },
        ],
      }),
    });
    const sql = 'SELECT COUNT(*) FROM t WHERE x >= y';
    const most = (2n ** 126n - 1n) / 100n;
    expect((await planQuery(sql, [reach(most)])).where).toMatchObject({ form: { constant: 0n } });
    const error = await errorOf(sql, [reach(most + 1n)]);
    expect(error.code).toBe('BOUND_NOT_PROVED');
    expect(error.message).toMatch(/the comparison of 'x' and 'y' needs 127 bits, and 126 are offered/);
  });
});

describe('the plan', () => {
  const sql = `SELECT sex AS s, COUNT(*), t_test(weight, smoker) FROM patients
    WHERE age BETWEEN 40 AND 59.5 AND (ward <> 'a' OR born < '2000-01-01' OR weight <= height) AND smoker IS NULL
    GROUP BY s, diabetic`;

  test('is frozen, and the same each time', async () => {
    const [one, other] = [await plan(sql), await plan(sql)];
    expect(planDigest(one)).toBe(planDigest(other));
    expect(JSON.parse(JSON.stringify(planToJson(one)))).toEqual(planToJson(one));
    expect(Object.isFrozen(one.output[2])).toBe(true);
    expect(Object.isFrozen('terms' in one.where ? one.where.terms[0] : undefined)).toBe(true);
  });

  test('has a digest over its canonical JSON', async () => {
    const json = planToJson(await plan('SELECT COUNT(*) FROM patients WHERE age > 3'));
    expect(json).toEqual({
      format: 1,
      table: 'patients',
      where: {
        kind: 'at-least-zero',
        form: { terms: [{ column: 'age', factor: '1' }], constant: '-4' },
        negated: false,
      },
      groupBy: [],
      output: [{ name: 'COUNT(*)', kind: 'aggregate', aggregate: { kind: 'count-rows' } }],
    });
    const digests = await Promise.all(
      ['age > 3', 'age > 4', 'age >= 4', 'NOT age > 3', 'visits > 3'].map(async (condition) =>
        planDigest(await plan(`SELECT COUNT(*) FROM patients WHERE ${condition}`)),
      ),
    );
    expect(digests[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(digests[2]).toBe(digests[0]);
    expect(new Set(digests).size).toBe(4);
  });

  test('as text', async () => {
    expect(describePlan(await plan(sql), PATIENTS.schema)).toBe(
      [
        'table patients',
        'rows',
        '  all of',
        '    age >= 40',
        '    age < 60',
        '    any of',
        "      ward <> 'a'",
        '      born < 2000-01-01',
        '      weight <= height',
        '    smoker is missing',
        'groups',
        '  sex: 2 labels and NULL',
        '  diabetic: TRUE, FALSE',
        'output',
        '  s: group sex',
        '  COUNT(*)',
        "  t_test(weight, smoker): t_test(weight, smoker, 'welch')",
      ].join('\n'),
    );
    expect(describePlan(await plan('SELECT SUM(age) FROM patients'), PATIENTS.schema)).toBe(
      'table patients\nrows\n  all\noutput\n  SUM(age)',
    );
  });
});
