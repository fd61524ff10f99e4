/** Release gates: what passes, what is withheld, and that nobody can tell 0 rows from one too few. */
import { describe, expect, it } from 'vitest';
import { ExactNumber } from '../../src/client/analyst/finish-cell.js';
import { MemoryNetwork } from '../../src/transport/memory-network.js';
import { type Answer, askRep3, GATES_OFF } from '../support/query.js';
import { TestRandom } from '../support/random.js';
import type { PlainRow } from '../support/table.js';
import { outlineOf } from './outline.js';
import { randomRows, tableOf } from './tables.js';

const K = 4;
const policy = { minCount: K, ownRows: [] };

/** Rows with everything present, then changed. */
function rowsOf(count: number, change: PlainRow): PlainRow[] {
  const row = {
    score: '10',
    dose: '1.50',
    yen: '100',
    fixed: '7',
    visits: '3',
    huge: '5',
    day: '2001-01-01',
    ward: 'a',
    sex: '男',
    smoker: 'no',
    diabetic: '0',
  };
  return Array.from({ length: count }, (_, i) => ({ ...row, score: `${10 + i}`, ...change }));
}

const cell = ({ table }: Answer, name: string, row = 0): unknown => table.rows[row]?.[name];
const isWithheld = (answer: Answer, name: string, row = 0): boolean =>
  answer.table.withheld.some((one) => one.row === row && one.column === name);

describe('the minimum count', () => {
  const CALLS = [
    'COUNT(*)',
    'COUNT(score)',
    'SUM(score)',
    'AVG(score)',
    'VAR_SAMP(score)',
    'STDDEV_POP(score)',
  ];

  it.each(CALLS)('releases %s of exactly that many rows, and withholds one fewer', async (call) => {
    for (const [count, released] of [
      [K, true],
      [K + 1, true],
      [K - 1, false],
      [1, false],
    ] as const) {
      const answer = await askRep3(`SELECT ${call} AS x FROM patients`, tableOf(rowsOf(count, {})), policy);
      expect(isWithheld(answer, 'x')).toBe(!released);
      expect(cell(answer, 'x') === null).toBe(!released);
    }
  });

  it.each(CALLS.slice(1))('counts the rows where the value of %s is present', async (call) => {
    const rows = [...rowsOf(K - 1, {}), ...rowsOf(5, { score: null })];
    const answer = await askRep3(
      `SELECT ${call} AS x, COUNT(*) AS rows FROM patients`,
      tableOf(rows),
      policy,
    );
    expect(isWithheld(answer, 'x')).toBe(true);
    expect(cell(answer, 'rows')).toEqual(new ExactNumber('8'));
  });

  it.each(['t_test(score, smoker)', "t_test(score, smoker, 'student')"])(
    'holds for both groups of %s',
    async (call) => {
      for (const [no, yes, released] of [
        [K, K, true],
        [K, K - 1, false],
        [K - 1, K, false],
        [20, 0, false],
      ] as const) {
        const rows = [...rowsOf(no, {}), ...rowsOf(yes, { smoker: 'yes' }), ...rowsOf(9, { smoker: null })];
        const answer = await askRep3(`SELECT ${call} AS x FROM patients`, tableOf(rows), policy);
        expect(isWithheld(answer, 'x')).toBe(!released);
        expect(answer.table.n).toEqual([{ x: released ? [no, yes] : null }]);
      }
    },
  );

  it('gives every public label a row, and NULL where values may be missing', async () => {
    const rows = [...rowsOf(K, {}), ...rowsOf(K - 1, { sex: '女' })];
    const answer = await askRep3(
      'SELECT sex, diabetic, COUNT(*) AS n FROM patients GROUP BY sex, diabetic',
      tableOf(rows),
      policy,
    );
    expect(answer.table.rows.map((row) => [row['sex'], row['diabetic'], row['n']])).toEqual([
      ['男', false, new ExactNumber('4')],
      ['男', true, null],
      ['女', false, null],
      ['女', true, null],
      [null, false, null],
      [null, true, null],
    ]);
    expect(answer.table.withheld.map(({ row }) => row)).toEqual([1, 2, 3, 4, 5]);
  });

  it('does not hold anything back when it is higher than the table is long', async () => {
    const answer = await askRep3('SELECT COUNT(*) AS n FROM patients', tableOf(rowsOf(3, {})), {
      minCount: 1000,
      ownRows: [],
    });
    expect(isWithheld(answer, 'n')).toBe(true);
  });
});

describe('a withheld cell', () => {
  const sql =
    'SELECT sex, COUNT(*), AVG(score), VAR_POP(yen), t_test(score, smoker) FROM patients GROUP BY sex';
  const others = rowsOf(30, {});

  async function seen(few: number): Promise<{ answer: Answer; outline: string[][] }> {
    // the table has one length: what the small group lacks is in the large one
    const rows = [...others, ...rowsOf(K - few, {}), ...rowsOf(few, { sex: '女' })];
    const network = new MemoryNetwork(3, { record: true });
    return { answer: await askRep3(sql, tableOf(rows), policy, { network }), outline: outlineOf(network) };
  }

  it('says nothing of its size: 0 rows look like one row too few, to the nodes and to the analyst', async () => {
    const [none, few] = [await seen(0), await seen(K - 1)];
    expect(none.outline).toEqual(few.outline);
    expect(none.answer.result.layout).toEqual(few.answer.result.layout);
    expect(none.answer.result.bits).toEqual(few.answer.result.bits);
    expect(none.answer.table.rows.slice(1)).toEqual(few.answer.table.rows.slice(1));
    expect(none.answer.table.withheld).toEqual(few.answer.table.withheld);
  });

  it('differs from a released one in its bit alone', async () => {
    const [few, enough] = [await seen(K - 1), await seen(K)];
    expect(few.outline).toEqual(enough.outline);
    expect(few.answer.result.layout).toEqual(enough.answer.result.layout);
    expect(few.answer.result.bits).not.toEqual(enough.answer.result.bits);
  });

  it('is 0 in what the parts stand for, under fresh parts', async () => {
    const { answer } = await seen(K - 1);
    const { layout, bits } = answer.result;
    const groups = layout.groups.length;
    let zeros = 0;
    layout.columns
      .filter((column) => column.kind === 'aggregate')
      .forEach((column, i) => {
        for (let group = 0; group < groups; group++) {
          if (bits.get(0, i * groups + group) === 1) continue;
          for (const { width, offset } of column.releases) {
            const vector = width === 64 ? answer.released.narrow : answer.released.wide;
            expect(vector[offset + group]).toBe(0n);
            zeros++;
          }
        }
      });
    // NULL and 女 of COUNT, AVG (2) and VAR (2), and the 6 integers of the test in every group: nobody smokes
    expect(zeros).toBe(2 * 5 + 3 * 6);
    const [part] = answer.result.narrow.parts;
    expect(part?.toBigInts().filter((word) => word === 0n)).toEqual([]);
  });
});

describe('gates off', () => {
  it('answers as PostgreSQL does', async () => {
    const rows = [...rowsOf(1, {}), ...rowsOf(2, { sex: null, score: null })];
    const sql =
      'SELECT sex, COUNT(*) AS rows, COUNT(score) AS n, SUM(score) AS sum, AVG(score) AS mean, ' +
      'VAR_SAMP(score) AS var, VAR_POP(score) AS varp, t_test(score, smoker) AS t FROM patients GROUP BY sex';
    const { table } = await askRep3(sql, tableOf(rows), GATES_OFF);
    const [one, none] = [
      { rows: '1', n: '1', sum: '10' },
      { rows: '2', n: '0' },
    ];
    const exact = (text: string): ExactNumber => new ExactNumber(text);
    expect(table.rows).toEqual([
      {
        sex: '男',
        rows: exact(one.rows),
        n: exact(one.n),
        sum: exact(one.sum),
        mean: 10,
        var: null,
        varp: 0,
        t: null,
      },
      {
        sex: null,
        rows: exact(none.rows),
        n: exact(none.n),
        sum: null,
        mean: null,
        var: null,
        varp: null,
        t: null,
      },
    ]);
    expect(table.n).toEqual([
      { mean: 1, var: 1, varp: 1, t: null },
      { mean: 0, var: 0, varp: 0, t: null },
    ]);
    expect(table.withheld).toEqual([]);
  });

  it('has one row without GROUP BY, whatever the condition chooses', async () => {
    const sql = 'SELECT COUNT(*) AS n, COUNT(day) AS d, SUM(score) AS s FROM patients WHERE visits > 39';
    const { table, result } = await askRep3(sql, tableOf(rowsOf(5, {})), GATES_OFF);
    expect(table.rows).toEqual([{ n: new ExactNumber('0'), d: new ExactNumber('0'), s: null }]);
    // COUNT is never NULL, so that no bit is opened for it
    expect(result.openedBits).toBe(1);
  });
});

describe("the analyst's own rows", () => {
  const random = new TestRandom('own rows', 2);
  const sql =
    'SELECT ward, COUNT(*) AS n, COUNT(score) AS s, AVG(score) AS a, t_test(score, diabetic) AS t FROM patients GROUP BY ward';

  it('do not count towards the minimum, but do count in the values', async () => {
    const table = tableOf(randomRows(random, 60));
    const ownRows = [
      { start: 50, end: 60 },
      { start: 0, end: 17 },
    ];
    const open = await askRep3(sql, table, policy);
    const gated = await askRep3(sql, table, { minCount: K, ownRows });
    const theirs = table.rows.slice(17, 50);
    let withheld = 0;
    ['a', 'b', 'c'].forEach((ward, row) => {
      const rows = theirs.filter((one) => one['ward'] === ward);
      const scored = rows.filter((one) => one['score'] !== null);
      const diabetic = scored.filter((one) => one['diabetic'] === '1').length;
      const counts = {
        n: rows.length,
        s: scored.length,
        a: scored.length,
        t: Math.min(diabetic, scored.length - diabetic),
      };
      for (const [name, count] of Object.entries(counts)) {
        const passes = count >= K && !isWithheld(open, name, row);
        expect([name, row, isWithheld(gated, name, row)]).toEqual([name, row, !passes]);
        expect(cell(gated, name, row)).toEqual(passes ? cell(open, name, row) : null);
        if (!passes) withheld++;
      }
    });
    expect(withheld).toBeGreaterThan(0);
  });

  it('withhold everything where all rows are the analyst own', async () => {
    const table = tableOf(rowsOf(20, {}));
    const answer = await askRep3('SELECT COUNT(*) AS n, AVG(score) AS a FROM patients', table, {
      minCount: K,
      ownRows: [{ start: 0, end: 20 }],
    });
    expect(answer.table.withheld).toHaveLength(2);
  });

  it('change nothing with the gates off', async () => {
    const table = tableOf(rowsOf(3, {}));
    const ownRows = [{ start: 0, end: 3 }];
    const answer = await askRep3('SELECT AVG(score) AS a FROM patients', table, { minCount: 1, ownRows });
    expect(answer.table.rows).toEqual([{ a: 11 }]);
  });
});
