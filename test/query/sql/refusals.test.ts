/** Every refused construct is named with its place and with what to write instead. */
import { parse } from 'libpg-query';
import { expect, test } from 'vitest';
import { WarifuError } from '../../../src/core/errors.js';
import { planQuery } from '../../../src/query/sql/plan-query.js';
import { readSelect } from '../../../src/query/sql/read-select.js';
import { scanSql } from '../../../src/query/sql/scan.js';
import { TABLES } from './fixtures.js';

async function refusal(sql: string): Promise<WarifuError> {
  const outcome = await planQuery(sql, TABLES).catch((thrown: unknown) => thrown);
  if (outcome instanceof WarifuError) return outcome;
  throw new Error(`not refused: ${sql}`, { cause: outcome });
}

const CATALOGUE = [
  'SELECT DISTINCT COUNT(*) FROM patients',
  'SELECT COUNT(DISTINCT age) FROM patients',
  'SELECT COUNT(*) FILTER (WHERE age > 3) FROM patients',
  'SELECT SUM(age) OVER () FROM patients',
  'SELECT COUNT(*) FROM patients HAVING COUNT(*) > 3',
  'SELECT COUNT(*) FROM patients ORDER BY 1',
  'SELECT COUNT(*) FROM patients LIMIT 3',
  'SELECT COUNT(*) FROM patients LIMIT ALL',
  'SELECT COUNT(*) FROM patients OFFSET 3',
  'SELECT COUNT(*) FROM patients FETCH FIRST 3 ROWS ONLY',
  'SELECT COUNT(*) FROM patients FOR UPDATE',
  'SELECT COUNT(*) INTO x FROM patients',
  'WITH a AS (SELECT 1) SELECT COUNT(*) FROM patients',
  'SELECT COUNT(*) FROM patients WINDOW w AS ()',
  'SELECT COUNT(*) FROM patients UNION SELECT COUNT(*) FROM visits',
  'SELECT COUNT(*) FROM patients JOIN visits ON TRUE',
  'SELECT COUNT(*) FROM patients, visits',
  'SELECT COUNT(*) FROM (SELECT 1) x',
  'SELECT COUNT(*) FROM generate_series(1, 3)',
  'SELECT COUNT(*) FROM patients TABLESAMPLE SYSTEM (10)',
  'SELECT COUNT(*) FROM ONLY patients',
  'SELECT COUNT(*) FROM public.patients',
  'SELECT COUNT(*) FROM patients p(a, b)',
  'SELECT COUNT(*)',
  'SELECT FROM patients',
  'SELECT * FROM patients',
  'SELECT p.* FROM patients p',
  'SELECT age FROM patients',
  'SELECT sex FROM patients GROUP BY sex',
  'SELECT 1 FROM patients',
  'SELECT COUNT(*) + 1 FROM patients',
  'SELECT SUM(age + 1) FROM patients',
  'SELECT SUM(AVG(age)) FROM patients',
  'SELECT AVG(age ORDER BY age) FROM patients',
  'SELECT PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY age) FROM patients',
  'SELECT COUNT(1) FROM patients',
  'SELECT COUNT(age, weight) FROM patients',
  'SELECT MEDIAN(age) FROM patients',
  'SELECT avgg(age) FROM patients',
  'SELECT pg_catalog.avg(age) FROM patients',
  'SELECT EXTRACT(year FROM born) FROM patients',
  'SELECT SUM(VARIADIC age) FROM patients',
  "SELECT t_test(weight, smoker, variant => 'welch') FROM patients",
  "SELECT t_test(weight, smoker, 'paired') FROM patients",
  'SELECT t_test(weight) FROM patients',
  'SELECT t_test(weight, ward) FROM patients',
  'SELECT t_test(weight, age) FROM patients',
  'SELECT t_test(sex, smoker) FROM patients',
  'SELECT SUM(sex) FROM patients',
  'SELECT AVG(smoker) FROM patients',
  'SELECT AVG(born) FROM patients',
  'SELECT SUM(patient_id) FROM patients',
  'SELECT CASE WHEN TRUE THEN 1 END FROM patients',
  'SELECT COUNT(*) FROM patients WHERE age + 1 > 3',
  'SELECT COUNT(*) FROM patients WHERE -age > 3',
  'SELECT COUNT(*) FROM patients WHERE age::numeric > 3',
  'SELECT COUNT(*) FROM patients WHERE CAST(age AS text) = sex',
  "SELECT COUNT(*) FROM patients WHERE born > TIMESTAMP '2020-01-01'",
  "SELECT COUNT(*) FROM patients WHERE born > '2023-02-29'",
  'SELECT COUNT(*) FROM patients WHERE born > 2020',
  'SELECT COUNT(*) FROM patients WHERE born > CURRENT_DATE',
  "SELECT COUNT(*) FROM patients WHERE sex LIKE '男%'",
  "SELECT COUNT(*) FROM patients WHERE sex = '男性'",
  "SELECT COUNT(*) FROM patients WHERE sex < '男'",
  'SELECT COUNT(*) FROM patients WHERE sex = 1',
  'SELECT COUNT(*) FROM patients WHERE sex = ward',
  'SELECT COUNT(*) FROM patients WHERE sex = age',
  "SELECT COUNT(*) FROM patients WHERE age = '40'",
  'SELECT COUNT(*) FROM patients WHERE age = TRUE',
  'SELECT COUNT(*) FROM patients WHERE smoker = 1',
  "SELECT COUNT(*) FROM patients WHERE smoker = 'yes'",
  'SELECT COUNT(*) FROM patients WHERE smoker > FALSE',
  "SELECT COUNT(*) FROM patients WHERE patient_id = 'x'",
  'SELECT COUNT(*) FROM patients WHERE age',
  'SELECT COUNT(*) FROM patients WHERE 1',
  "SELECT COUNT(*) FROM patients WHERE 'a' = 'a'",
  'SELECT COUNT(*) FROM patients WHERE (age > 3) = smoker',
  'SELECT COUNT(*) FROM patients WHERE COUNT(*) > 3',
  'SELECT COUNT(*) FROM patients WHERE age IN (SELECT 1)',
  'SELECT COUNT(*) FROM patients WHERE EXISTS (SELECT 1)',
  'SELECT COUNT(*) FROM patients WHERE age = ANY(ARRAY[1])',
  'SELECT COUNT(*) FROM patients WHERE (age, visits) = (1, 2)',
  'SELECT COUNT(*) FROM patients WHERE age = $1',
  'SELECT COUNT(*) FROM patients WHERE COALESCE(age, 1) = 1',
  'SELECT COUNT(*) FROM patients WHERE GREATEST(age, 1) = 1',
  'SELECT COUNT(*) FROM patients WHERE NULLIF(age, 1) = 1',
  'SELECT COUNT(*) FROM patients WHERE age BETWEEN SYMMETRIC 3 AND 1',
  'SELECT COUNT(*) FROM patients WHERE sex COLLATE "C" = \'男\'',
  "SELECT COUNT(*) FROM patients WHERE sex = B'1'",
  'SELECT COUNT(*) FROM patients WHERE age[1] = 1',
  'SELECT COUNT(*) FROM patients WHERE age OPERATOR(pg_catalog.=) 1',
  'SELECT COUNT(*) FROM patients WHERE age === 1',
  'SELECT COUNT(*) FROM patients WHERE age = 1e999',
  'SELECT COUNT(*) FROM patients WHERE a.b.c.d = 1',
  'SELECT COUNT(*) FROM patients WHERE U&"\\0061ge" = 1',
  'SELECT COUNT(*) FROM patients GROUP BY age',
  'SELECT COUNT(*) FROM patients GROUP BY age + 1',
  'SELECT COUNT(*) FROM patients GROUP BY 2',
  'SELECT COUNT(*) FROM patients GROUP BY 1',
  "SELECT COUNT(*) FROM patients GROUP BY 'sex'",
  'SELECT COUNT(*) FROM patients GROUP BY CUBE (sex, ward)',
  'SELECT COUNT(*) FROM patients GROUP BY DISTINCT sex',
  'SELECT COUNT(*) AS x, sex AS x FROM patients GROUP BY x',
  'SELECT COUNT(*) FROM patient',
  'SELECT COUNT(*) FROM patients WHERE wieght > 3',
  'SELECT COUNT(*) FROM patients p WHERE patients.age > 3',
  'SELECT COUNT(*) FROM patients; DROP TABLE patients',
  'INSERT INTO patients VALUES (1)',
  'VALUES (1)',
  'TABLE patients',
  'EXPLAIN SELECT COUNT(*) FROM patients',
  'SELEC COUNT(*) FROM patients',
  'SELECT COUNT(*) FROM patients WHERE',
  "SELECT COUNT(*) FROM patients WHERE sex = '男",
  'SELECT COUNT(* FROM patients',
  'SELECT COUNT(*) FROM patients WHERE age = 1\u0000',
  '',
  ' -- nothing',
  ';',
];

test('the catalogue of refusals', async () => {
  const lines: string[] = [];
  for (const sql of CATALOGUE) {
    const { code, message } = await refusal(sql);
    lines.push(`${code}: ${message}`);
  }
  await expect(`${lines.join('\n\n')}\n`).toMatchFileSnapshot('refusals.snapshot.txt');
});

test('a part of the tree that is not expected is never ignored', async () => {
  const sql = `SELECT sex AS s, COUNT(*), t_test(weight, p.smoker, 'welch') FROM patients p
    WHERE age >= -40.5 AND born > DATE '2020-01-01' AND NOT ward IN ('a', NULL) AND age BETWEEN 1 AND 2
    AND (smoker IS NOT TRUE OR weight IS NULL OR TRUE) AND age IS DISTINCT FROM - - 0 GROUP BY s`;
  const source = await scanSql(sql);
  const tree: unknown = await parse(sql);
  expect(readSelect(source, tree).items).toHaveLength(3);
  const parts = objectsIn(tree);
  const ignored = parts.filter((part) => {
    part['surprise'] = 'a field of a later grammar';
    const refused = refuses(() => readSelect(source, tree));
    delete part['surprise'];
    return !refused;
  });
  expect(ignored).toEqual([]);
  expect(parts.length).toBeGreaterThan(100);
});

function refuses(read: () => unknown): boolean {
  try {
    read();
    return false;
  } catch (thrown) {
    return thrown instanceof WarifuError;
  }
}

function objectsIn(value: unknown): Record<string, unknown>[] {
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.values(value).flatMap(objectsIn);
  return Array.isArray(value) ? inner : [value as Record<string, unknown>, ...inner];
}
