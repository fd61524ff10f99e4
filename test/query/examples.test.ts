/** Known answers through the whole path: three nodes on shares, then the analyst's finish. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ExactNumber } from '../../src/client/analyst/finish-cell.js';
import { explainQuery } from '../../src/query/explain.js';
import { planQuery } from '../../src/query/sql/plan-query.js';
import { parseSchema } from '../../src/share/schema.js';
import type { TTestResult } from '../../src/statistics/finish/t-test.js';
import { MemoryNetwork } from '../../src/transport/memory-network.js';
import { nearest, nearestRoot } from '../support/oracle.js';
import { askRep3, GATES_OFF } from '../support/query.js';
import { TestRandom } from '../support/random.js';
import { type PlainRow, type PlainTable, slicesOf } from '../support/table.js';

function tableOf(columns: readonly object[], rows: readonly PlainRow[]): PlainTable {
  return { name: 'patients', schema: parseSchema({ warifu_schema: 1, missing: [], columns }), rows };
}

/** A column of a CSV file of test/vectors as texts. */
function csv(file: string): PlainRow[] {
  const text = readFileSync(new URL(`../vectors/${file}`, import.meta.url), 'utf8').trim();
  const [header = '', ...lines] = text.split('\n');
  const names = header.split(',');
  return lines.map((line) => Object.fromEntries(line.split(',').map((cell, i) => [names[i] ?? '', cell])));
}

describe("算師's example", () => {
  const rows = [
    ['57', '男', '154.8', '71.7'],
    ['45', '男', '179.9', '70'],
    ['53', '女', '156.3', '51.1'],
    ['77', '男', '169.2', '63'],
    ['59', '男', '175.2', '67.1'],
  ].map(([age = '', sex = '', height = '', weight = '']) => ({
    年齢: age,
    性別: sex,
    身長: height,
    体重: weight,
  }));
  const table = tableOf(
    [
      { name: '年齢', type: 'integer', min: 0, max: 120, nullable: false },
      { name: '性別', type: 'category', labels: ['女', '男'], nullable: false },
      { name: '身長', type: 'decimal', digits: 1, min: '50.0', max: '250.0', nullable: false },
      { name: '体重', type: 'decimal', digits: 1, min: '0.0', max: '300.0', nullable: false },
    ],
    rows,
  );
  const sql = "SELECT AVG(体重) FROM patients WHERE 性別 = '男'";

  it('is exactly 67.95 with a minimum count of 4', async () => {
    const { table: answer } = await askRep3(sql, table, { minCount: 4, ownRows: [] });
    expect(answer.rows).toEqual([{ 'AVG(体重)': 67.95 }]);
    expect(answer.n).toEqual([{ 'AVG(体重)': 4 }]);
    expect(answer.withheld).toEqual([]);
  });

  it('is withheld, by name, with the default of 10', async () => {
    const { table: answer } = await askRep3(sql, table, { minCount: 10, ownRows: [] });
    expect(answer.rows).toEqual([{ 'AVG(体重)': null }]);
    expect(answer.n).toEqual([{ 'AVG(体重)': null }]);
    expect(answer.withheld).toEqual([{ row: 0, column: 'AVG(体重)', rule: 'minimum count 10' }]);
  });
});

describe("R's data sets", () => {
  const sleep = tableOf(
    [
      { name: 'extra', type: 'decimal', digits: 1, min: '-10.0', max: '10.0', nullable: false },
      { name: 'group', type: 'category', labels: ['1', '2'], nullable: false },
    ],
    csv('sleep.csv'),
  );
  const tooth = tableOf(
    [
      { name: 'len', type: 'decimal', digits: 1, min: '0.0', max: '50.0', nullable: false },
      { name: 'supp', type: 'category', labels: ['OJ', 'VC'], nullable: false },
      { name: 'dose', type: 'decimal', digits: 1, min: '0.0', max: '2.0', nullable: false },
    ],
    csv('ToothGrowth.csv'),
  );
  const policy = { minCount: 10, ownRows: [] };

  const coded = tableOf(
    [
      { name: 'extra', type: 'decimal', digits: 1, min: '-10.0', max: '10.0', nullable: false },
      { name: 'group', type: 'integer', min: 1, max: 2, nullable: true },
    ],
    // a row without a group belongs to neither
    [...csv('sleep.csv'), { extra: '9.9', group: null }],
  );

  it.each([
    ['a category', sleep],
    ['an integer of two values', coded],
  ])('sleep: t.test(extra ~ group), Welch and Student, the group as %s', async (_, data) => {
    const sql = `SELECT t_test(extra, "group") AS w, t_test(extra, "group", 'student') AS s FROM patients`;
    const { table } = await askRep3(sql, data, policy);
    const { w, s } = table.rows[0] as unknown as { w: TTestResult; s: TTestResult };
    expect(w.method).toBe('Welch Two Sample t-test');
    expect(w.estimate).toEqual([0.75, 2.33]);
    expect([w.statistic.toFixed(4), w.df.toFixed(3), w.p_value.toFixed(5)]).toEqual([
      '-1.8608',
      '17.776',
      '0.07939',
    ]);
    expect(w.conf_int.map((x) => x.toFixed(7))).toEqual(['-3.3654832', '0.2054832']);
    expect(s.method).toBe('Two Sample t-test');
    expect([s.statistic.toFixed(4), s.df, s.p_value.toFixed(5)]).toEqual(['-1.8608', 18, '0.07919']);
    expect(s.conf_int.map((x) => x.toFixed(6))).toEqual(['-3.363874', '0.203874']);
    expect(table.n).toEqual([{ w: [10, 10], s: [10, 10] }]);
  });

  it('ToothGrowth: t.test(len ~ supp)', async () => {
    const { table } = await askRep3('SELECT t_test(len, supp) AS w FROM patients', tooth, policy);
    const { w } = table.rows[0] as unknown as { w: TTestResult };
    expect([w.statistic.toFixed(4), w.df.toFixed(3), w.p_value.toFixed(5)]).toEqual([
      '1.9153',
      '55.309',
      '0.06063',
    ]);
    expect(w.conf_int.map((x) => x.toFixed(7))).toEqual(['-0.1710156', '7.5710156']);
    expect(w.estimate.map((x) => x.toFixed(5))).toEqual(['20.66333', '16.96333']);
  });
});

describe('wide sums', () => {
  const yen = tableOf(
    [
      { name: 'yen', type: 'integer', min: 0, max: 2 ** 34, nullable: false },
      { name: 'smoker', type: 'boolean', true: ['yes'], false: ['no'], nullable: false },
    ],
    new TestRandom('yen')
      .values(130, 0n, 2n ** 34n)
      .map((x, i) => ({ yen: `${x}`, smoker: i % 3 === 0 ? 'yes' : 'no' })),
  );
  const values = yen.rows.map((row) => BigInt(row['yen'] ?? 0));
  const n = BigInt(values.length);
  const sum = values.reduce((a, b) => a + b, 0n);
  const q = n * values.reduce((a, b) => a + b * b, 0n) - sum * sum;

  it('of yen amounts up to 2^34 are exact to the last bit', async () => {
    const sql =
      'SELECT SUM(yen) AS s, AVG(yen) AS a, VAR_SAMP(yen) AS v, STDDEV_POP(yen) AS d, t_test(yen, smoker) AS t FROM patients';
    const { table } = await askRep3(sql, yen, { minCount: 10, ownRows: [] });
    expect(table.rows[0]).toMatchObject({
      s: new ExactNumber(sum.toString()),
      a: nearest(sum, n),
      v: nearest(q, n * (n - 1n)),
      d: nearestRoot(q, n * n),
      t: { n: [86, 44] },
    });
  });

  const huge = (min: bigint, max: bigint): PlainTable =>
    tableOf(
      [{ name: 'units', type: 'integer', min: `${min}`, max: `${max}`, nullable: true }],
      [`${min}`, `${max}`, null, '5'].map((units) => ({ units })),
    );

  it('of a column over 62 bits need no lifting, and are exact', async () => {
    const table = huge(-(2n ** 65n), 2n ** 66n);
    const { table: answer } = await askRep3(
      'SELECT SUM(units) AS s, AVG(units) AS a FROM patients',
      table,
      GATES_OFF,
    );
    const total = 2n ** 66n - 2n ** 65n + 5n;
    expect(answer.rows).toEqual([{ s: new ExactNumber(total.toString()), a: nearest(total, 3n) }]);
  });

  it('are no hindrance to conditions: on that column, with constants and with a narrow one', async () => {
    const numbers = [-(2n ** 65n), 2n ** 66n, 5n, 4n, -3n];
    const table = tableOf(
      [
        { name: 'units', type: 'integer', min: `${-(2n ** 65n)}`, max: `${2n ** 66n}`, nullable: true },
        { name: 'few', type: 'integer', min: -10, max: 10, nullable: true },
      ],
      [
        ...numbers.map((units) => ({ units: `${units}`, few: '4' })),
        { units: null, few: '1' },
        { units: '4', few: null },
      ],
    );
    const count = async (where: string): Promise<unknown> =>
      (await askRep3(`SELECT COUNT(*) AS n FROM patients WHERE ${where}`, table, GATES_OFF)).table.rows[0]?.[
        'n'
      ];
    const expected = (n: number): ExactNumber => new ExactNumber(`${n}`);
    expect(await count(`units >= ${2n ** 66n}`)).toEqual(expected(1));
    expect(await count('units < 5')).toEqual(expected(4));
    expect(await count('NOT units < 5')).toEqual(expected(2));
    expect(await count('units = 4')).toEqual(expected(2));
    expect(await count('units = few')).toEqual(expected(1));
    expect(await count('units > few')).toEqual(expected(2));
  });

  it.each(['VAR_SAMP(units)', 'STDDEV_POP(units)'])(
    'refuse %s of that column before any data',
    async (call) => {
      const table = huge(-(2n ** 65n), 2n ** 66n);
      const plan = await planQuery(`SELECT ${call} FROM patients`, [table]);
      const refused = explainQuery(plan, table.schema, slicesOf(table), GATES_OFF);
      await expect(refused).rejects.toMatchObject({
        code: 'BOUND_NOT_PROVED',
        exitCode: 2,
        details: { column: 'units', bits: 136 },
      });
      await expect(refused).rejects.toThrow(
        /sum of squares of column 'units' over 4 rows.*(\d+ bits).*declare a narrower range.*AVG or SUM/,
      );
    },
  );

  it('refuse in the run itself before anything is sent', async () => {
    const table = huge(-(2n ** 65n), 2n ** 66n);
    const sql = 'SELECT COUNT(*), VAR_POP(units) FROM patients WHERE units IS NULL';
    const network = new MemoryNetwork(3, { record: true });
    await expect(askRep3(sql, table, GATES_OFF, { network })).rejects.toMatchObject({
      code: 'BOUND_NOT_PROVED',
    });
    expect([0, 1, 2].flatMap((node) => network.transcript(node as 0 | 1 | 2))).toEqual([]);
  });

  it.each([
    ['VAR_POP', 2n ** 60n, /sum of squares of column 'units'/],
    // the squares fit, n times their sum does not
    ['VAR_POP', 2n ** 62n - 1n, /variance of column 'units'/],
    ["t_test(units, g, 'student')", 2n ** 60n, /pooled spread of Student's t test of column 'units'/],
  ])('names the column where the proof of %s fails later', async (call, max, message) => {
    const rows = { VAR_POP: max === 2n ** 60n ? 200 : 3 }[call] ?? 10;
    const columns = [
      { name: 'units', type: 'integer', min: 0, max: `${max}`, nullable: false },
      { name: 'g', type: 'boolean', true: ['1'], false: ['0'], nullable: false },
    ];
    const table = tableOf(
      columns,
      Array.from({ length: rows }, () => ({ units: '1', g: '1' })),
    );
    const sql = `SELECT ${call.includes('(') ? call : `${call}(units)`} FROM patients`;
    const plan = await planQuery(sql, [table]);
    const refused = explainQuery(plan, table.schema, slicesOf(table), GATES_OFF);
    await expect(refused).rejects.toMatchObject({ code: 'BOUND_NOT_PROVED', details: { column: 'units' } });
    await expect(refused).rejects.toThrow(message);
  });

  it('refuse a total whose declared minimum is far from 0', async () => {
    const table = huge(99n * 10n ** 34n, 99n * 10n ** 34n + 5n);
    const many = { ...table, rows: Array.from({ length: 400 }, () => ({ units: null })) };
    const plan = await planQuery('SELECT SUM(units) FROM patients', [many]);
    const refused = explainQuery(plan, many.schema, slicesOf(many), GATES_OFF);
    await expect(refused).rejects.toMatchObject({ code: 'BOUND_NOT_PROVED', details: { column: 'units' } });
  });
});
