/** Hostile and broken texts: refused with a WarifuError before the parser can be made to overflow. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WarifuError } from '../../../src/core/errors.js';
import { MAX_ATOMS, MAX_SQL_DEPTH, MAX_SQL_LENGTH } from '../../../src/query/plan.js';
import { planQuery } from '../../../src/query/sql/plan-query.js';
import { TABLES } from './fixtures.js';

const START = 'SELECT COUNT(*) FROM patients WHERE ';

/** Plans; a refusal must be one that people can act on. */
async function outcome(sql: string): Promise<string> {
  try {
    await planQuery(sql, TABLES);
    return 'planned';
  } catch (thrown) {
    if (!(thrown instanceof WarifuError)) throw thrown;
    expect(thrown.code).not.toBe('INTERNAL');
    expect(thrown.exitCode).toBe(2);
    return thrown.code;
  }
}

describe('depth', () => {
  test.each([
    ['NOT', `${START}${'NOT '.repeat(4000)}smoker`],
    ['arithmetic', `${START}1${'+1'.repeat(8000)} = 1`],
    ['signs', `${START}age = ${'- '.repeat(8000)}1`],
    ['brackets', `${START}${'('.repeat(8000)}smoker${')'.repeat(8000)}`],
    ['brackets and NOT', `${START}${'NOT('.repeat(3000)}smoker${')'.repeat(3000)}`],
    ['casts', `${START}age${'::int'.repeat(3000)} = 1`],
    ['CASE behind AND', `${START}${'smoker AND CASE WHEN '.repeat(700)}`],
    ['UNION', `SELECT 1${' UNION SELECT 1'.repeat(1000)}`],
    ['arrays', `${START}age = ${'ARRAY['.repeat(2000)}`],
    ['comments', `${START}smoker ${'/*'.repeat(4000)}`],
    ['sums of calls with commas', `${START}1${'+f(1,2)'.repeat(2000)} = 1`],
  ])('%s', async (_, sql) => {
    expect(await outcome(sql)).toBe('SQL_UNSUPPORTED');
    expect(await outcome(`${START}smoker`)).toBe('planned');
  });

  test('up to the limit', async () => {
    const nested = (depth: number): string => `${START}${'('.repeat(depth)}smoker${')'.repeat(depth)}`;
    expect(await outcome(nested(MAX_SQL_DEPTH - 10))).toBe('planned');
    expect(await outcome(nested(MAX_SQL_DEPTH))).toBe('SQL_UNSUPPORTED');
    const text = `'${'('.repeat(200)}'`;
    expect(await outcome(`${START}sex = ${text}`)).toBe('UNKNOWN_LABEL');
    expect(await outcome(`${START}smoker /* ${'('.repeat(200)} */`)).toBe('planned');
  });

  test('long flat conditions are not deep', async () => {
    const terms = Array.from({ length: 400 }, (_, i) => `NOT age = ${i % 100} AND visits IS NOT NULL`);
    expect(await outcome(START + terms.join(' OR '))).toBe('planned');
  });
});

describe('size', () => {
  test('length', async () => {
    expect(await outcome(`${START}smoker${' '.repeat(MAX_SQL_LENGTH)}`)).toBe('SQL_UNSUPPORTED');
  });

  test('number of atoms', async () => {
    const list = (count: number): string => Array.from({ length: count }, (_, i) => i).join(',');
    const weights = (count: number): string =>
      Array.from({ length: count }, (_, i) => (i + 25) / 10).join(',');
    expect(await outcome(`${START}weight IN (${weights(MAX_ATOMS)})`)).toBe('planned');
    expect(await outcome(`${START}weight IN (${weights(MAX_ATOMS + 1)})`)).toBe('SQL_UNSUPPORTED');
    expect(await outcome(`${START}weight NOT IN (${weights(MAX_ATOMS + 1)})`)).toBe('SQL_UNSUPPORTED');
    const cost = (count: number): string => `SELECT COUNT(*) FROM visits WHERE cost IN (${list(count)})`;
    // values outside the range are no atoms
    expect(await outcome(cost(MAX_ATOMS + 500))).toBe('planned');
  });

  test('conditions that double at each level', async () => {
    let condition = 'age > 1';
    for (let i = 0; i < 15; i++) condition = `((${condition}) IS UNKNOWN AND weight > ${i + 3})`;
    expect(await outcome(START + condition)).toMatch(/planned|SQL_UNSUPPORTED/);
    let mixed = 'age > 1 AND weight > 3';
    for (let i = 0; i < 12; i++)
      mixed = `((${mixed}) IS NOT UNKNOWN AND age > ${i}) OR (weight > ${i + 3} AND smoker)`;
    expect(await outcome(START + mixed)).toBe('SQL_UNSUPPORTED');
  });

  test('cells', async () => {
    const items = Array.from({ length: 300 }, (_, i) => `SUM(age) AS s${i}`).join(',');
    expect(await outcome(`SELECT ${items} FROM patients GROUP BY sex, ward`)).toBe('planned');
    const groups = 'sex, ward, former_ward, smoker';
    expect(await outcome(`SELECT ${items} FROM patients GROUP BY ${groups}`)).toBe('TOO_MANY_CELLS');
  });
});

describe('characters', () => {
  test.each([['\u0000'], ['\u001b[31m'], ['\ud800'], ['\u0007']])('%j', async (bad) => {
    expect(await outcome(`${START}smoker ${bad}`)).toBe('SQL_SYNTAX');
    expect(await outcome(`${START}sex = '${bad}'`)).toBe('SQL_SYNTAX');
  });

  test('no control character of the text reaches the message', async () => {
    const thrown: unknown = await planQuery(`${START}\u0085 age`, TABLES).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(WarifuError);
    expect((thrown as WarifuError).message.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  });
});

const WORDS =
  `SELECT FROM WHERE GROUP BY AND OR NOT IN IS NULL TRUE FALSE UNKNOWN BETWEEN DISTINCT COUNT SUM AVG t_test CASE WHEN
  THEN END ( ) ( ) , , * . ; = <> < <= + - :: age weight sex ward smoker born patients visits p 体重 "体重" "Mixed Case"
  1 2.5 1e3 0x1F 'a' '男' DATE '2020-01-01' $1 [ ] AS HAVING ORDER LIMIT UNION JOIN ON USING ALL ANY ARRAY CAST COLLATE
  -- /* */ " ' U& E'\\n' @ ? : => || LIKE EXISTS ROW INTERVAL OVER FILTER WITH VALUES 😀 Ａ é`.split(/\s+/);

describe('fuzz', () => {
  /** What comes out is a plan or one of the errors about SQL. */
  async function neverCrashes(texts: fc.Arbitrary<string>): Promise<void> {
    await fc.assert(
      fc.asyncProperty(texts, async (sql) =>
        /^(planned|(SQL|UNKNOWN|BOUND|TOO)_[A-Z_]+)$/.test(await outcome(sql)),
      ),
      { numRuns: 2000 },
    );
  }
  const soup = (maxLength: number): fc.Arbitrary<string> =>
    fc.array(fc.constantFrom(...WORDS), { maxLength }).map((words) => words.join(' '));

  test('token soup', async () => {
    await expect(neverCrashes(soup(30))).resolves.toBeUndefined();
  });

  test('soup in WHERE', async () => {
    await expect(neverCrashes(soup(8).map((text) => START + text))).resolves.toBeUndefined();
  });

  test('a few characters changed in a good query', async () => {
    const good = `SELECT sex AS s, COUNT(*), AVG(体重) FROM patients p WHERE p.age >= 40.5 AND NOT ward IN ('a', NULL) GROUP BY s`;
    const change = fc.tuple(fc.nat(good.length), fc.string({ unit: 'binary', maxLength: 2 }), fc.nat(2));
    const changed = change.map(([at, put, cut]) => good.slice(0, at) + put + good.slice(at + cut));
    await expect(neverCrashes(changed)).resolves.toBeUndefined();
  });
});
