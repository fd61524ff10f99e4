import { describe, expect, it } from 'vitest';
import { type Explanation, explainQuery } from '../../src/query/explain.js';
import { explanationToJson, renderExplanation } from '../../src/query/explanation-text.js';
import type { QueryPolicy } from '../../src/query/run.js';
import { planQuery } from '../../src/query/sql/plan-query.js';
import { askRep3 } from '../support/query.js';
import { TestRandom } from '../support/random.js';
import { slicesOf } from '../support/table.js';
import { randomRows, SCHEMA, tableOf } from './tables.js';

const table = tableOf(randomRows(new TestRandom('explain'), 100));
const DEFAULT: QueryPolicy = { minCount: 10, ownRows: [] };

async function explain(
  sql: string,
  policy = DEFAULT,
): Promise<{ text: string; json: Record<string, unknown>; explanation: Explanation }> {
  const plan = await planQuery(sql, [table]);
  const explanation = await explainQuery(plan, SCHEMA, slicesOf(table), policy);
  return {
    explanation,
    text: renderExplanation(plan, explanation, SCHEMA, policy),
    json: explanationToJson(plan, explanation, policy),
  };
}

describe('EXPLAIN', () => {
  it('says what a query is, costs, releases, opens, checks and proves', async () => {
    const sql =
      'SELECT sex, COUNT(*), AVG(dose) AS mean, VAR_SAMP(yen), t_test(score, smoker) FROM patients WHERE visits >= 4 GROUP BY sex';
    const { text, explanation } = await explain(sql);
    expect(text.slice(0, text.indexOf('  n(dose): '))).toBe(`table patients
rows
  visits >= 4
groups
  sex: 2 labels and NULL
output
  sex: group sex
  COUNT(*)
  mean: AVG(dose)
  VAR_SAMP(yen)
  t_test(score, smoker): t_test(score, smoker, 'welch')
cost
  ${explanation.cost.rounds} rounds; bytes that nodes 0, 1 and 2 send: ${explanation.cost.bytes.join(', ')}
  about ${Math.ceil(explanation.memory / 2 ** 20)} MiB of memory at each node
released to the analyst: 12 cells at most (3 groups), each as
  COUNT(*): n
  mean: n, sum
  VAR_SAMP(yen): n, q
  t_test(score, smoker): n1, n2, sum1, sum2, q1, q2
opened to the nodes
  12 bits: whether each cell may be released
checks
  a cell is withheld unless each of its counts is at least 10; 0 is withheld like any smaller count
  COUNT(*): rows
  mean: n(dose)
  VAR_SAMP(yen): n(yen)
  t_test(score, smoker): n(score) where smoker = false; n(score) where smoker = true
bounds: no sum over the 100 rows of the table can leave its ring
  rows: 0 to 100 (7 of 64 bits)
`);
    expect(text.split('\n')).toContain('  sum(yen^2): 0 to 29514790517935282585600 (75 of 128 bits)');
    expect(text.split('\n')).toContain('  released sum of mean: -50000 to 3000000 (22 of 64 bits)');
  });

  it('describes gates that are off, and own rows', async () => {
    const off = await explain('SELECT ward, COUNT(*), AVG(score) FROM patients GROUP BY ward', {
      minCount: 1,
      ownRows: [],
    });
    expect(off.text).toContain('6 bits: whether each value is NULL, and which groups have rows');
    expect(off.text).toContain('none: the minimum count is 1, which turns the release gates off');
    const own = await explain('SELECT AVG(score) FROM patients', {
      minCount: 5,
      ownRows: [{ start: 3, end: 20 }],
    });
    expect(own.text).toContain('AVG(score): n(score); n(score) without the analyst');
    expect(own.text).toContain('the analyst contributed 17 rows: the counts hold without them too');
    const open = await explain('SELECT COUNT(*) FROM patients');
    expect(open.text).toContain('nothing: what is released is known without a look at the data');
    expect(open.text).toContain('1 cell at most (1 group)');
  });

  it('gives scripts the same as JSON', async () => {
    const { json, explanation } = await explain('SELECT sex, VAR_POP(score) AS v FROM patients GROUP BY sex');
    expect(JSON.parse(JSON.stringify(json))).toEqual({
      plan: {
        format: 1,
        table: 'patients',
        where: { kind: 'true' },
        groupBy: ['sex'],
        output: [
          { name: 'sex', kind: 'key', column: 'sex' },
          { name: 'v', kind: 'aggregate', aggregate: { kind: 'var-pop', column: 'score' } },
        ],
      },
      rows: 100,
      groups: 3,
      cost: { rounds: explanation.cost.rounds, bytes_sent: explanation.cost.bytes },
      memory: explanation.memory,
      releases: [{ column: 'v', integers: ['n', 'q'] }],
      opened_bits: 3,
      min_count: 10,
      checks: [{ column: 'v', counts: ['n(score)'] }],
      own_rows: [],
      bounds: [
        { what: 'n(score)', min: '0', max: '100', bits: 7, ring: 64 },
        { what: 'sum(score)', min: '0', max: '105000', bits: 17, ring: 64 },
        { what: 'sum(score^2)', min: '0', max: '110250000', bits: 27, ring: 64 },
        { what: 'released n of v', min: '0', max: '100', bits: 7, ring: 64 },
        // 100^2 * 1050^2 / 4
        { what: 'released q of v', min: '0', max: '2756250000', bits: 32, ring: 64 },
      ],
    });
  });

  it('proves bounds that the data keep and could reach', async () => {
    const sql = 'SELECT COUNT(score), SUM(score), VAR_POP(score), SUM(yen), SUM(huge) FROM patients';
    const { explanation } = await explain(sql);
    const extreme = (row: number): string => (row % 2 === 0 ? '-50' : '1000');
    const rows = table.rows.map((row, i) => ({
      ...row,
      score: extreme(i),
      yen: `${2 ** 34}`,
      huge: '-9000000000000000000',
    }));
    const { table: answer } = await askRep3(sql, tableOf(rows), { minCount: 1, ownRows: [] });
    const [row] = answer.rows;
    const bound = (name: string, column: string): { min: string; max: string } | undefined =>
      explanation.layout.columns
        .flatMap((one) => (one.kind === 'aggregate' && one.name === column ? one.releases : []))
        .find((release) => release.name === name);
    expect(row?.['VAR_POP(score)']).toBe(Number(bound('q', 'VAR_POP(score)')?.max) / 100 ** 2);
    expect(row?.['SUM(yen)']).toMatchObject({ text: bound('sum', 'SUM(yen)')?.max });
    expect(bound('sum', 'SUM(score)')).toMatchObject({ min: '-5000', max: '100000' });
    expect(row?.['SUM(huge)']).toMatchObject({ text: bound('sum', 'SUM(huge)')?.min });
  });

  it('reserves memory that grows with rows and wide sums', async () => {
    const memoryOf = async (sql: string, rows: number): Promise<number> => {
      const plan = await planQuery(sql, [table]);
      const slices = [{ contributor: 'a', start: 0, end: rows }];
      return (await explainQuery(plan, SCHEMA, slices, DEFAULT)).memory;
    };
    const narrow = 'SELECT AVG(score) FROM patients';
    expect(await memoryOf(narrow, 1_000_000)).toBeGreaterThan(await memoryOf(narrow, 200_000));
    expect(await memoryOf('SELECT VAR_POP(yen) FROM patients', 1_000_000)).toBeGreaterThan(
      await memoryOf('SELECT VAR_POP(score) FROM patients', 1_000_000),
    );
    expect(await memoryOf(narrow, 1_000_000)).toBeLessThan(2 ** 30);
  });
});
