import { describe, expect, it } from 'vitest';
import { ComparisonBudget } from '../../src/query/comparison-budget.js';
import { explainQuery } from '../../src/query/explain.js';
import { CHUNK_ROWS } from '../../src/query/row-chunks.js';
import { planQuery } from '../../src/query/sql/plan-query.js';
import { parseSchema } from '../../src/share/schema.js';

const ROWS = 64_000;
/** One bit of 64,000 rows: 8,000 bytes a row of bits, times eight copies, and the value. */
const ONE = (ROWS / 8) * (8 + 256);

describe('the budget of comparisons', () => {
  it('starts them in order, no more at once than there is room for', async () => {
    const budget = new ComparisonBudget(2 * ONE);
    const started: number[] = [];
    const ends: (() => void)[] = [];
    const all = [0, 1, 2, 3].map((i) =>
      budget.run(1, 64, ROWS, () => {
        started.push(i);
        return new Promise<void>((resolve) => ends.push(resolve));
      }),
    );
    await new Promise((resolve) => setImmediate(resolve));
    expect(started).toEqual([0, 1]);
    ends[1]?.();
    await new Promise((resolve) => setImmediate(resolve));
    expect(started).toEqual([0, 1, 2]);
    ends[0]?.();
    ends[2]?.();
    await new Promise((resolve) => setImmediate(resolve));
    ends[3]?.();
    await Promise.all(all);
    expect(budget.peak(ROWS)).toBe(2 * ONE);
  });

  it('runs one that is larger than the budget, alone, and goes on after a failure', async () => {
    const budget = new ComparisonBudget(1);
    const failing = budget.run(1, 64, ROWS, () => Promise.reject(new Error('lost')));
    const next = budget.run(1, 64, ROWS, () => Promise.resolve('done'));
    await expect(failing).rejects.toThrow('lost');
    expect(await next).toBe('done');
    expect(budget.peak(ROWS)).toBe(ONE);
  });
});

describe('the memory that a query reserves', () => {
  const schema = parseSchema({
    warifu_schema: 1,
    missing: [''],
    columns: [
      { name: 'age', type: 'integer', min: 0, max: 9_999, nullable: false },
      {
        name: 'code',
        type: 'category',
        labels: Array.from({ length: 5_000 }, (_, i) => `c${i}`),
        nullable: false,
      },
    ],
  });
  const tables = [{ name: 't', schema }];
  const reserved = async (sql: string, rows: number): Promise<number> => {
    const slices = [{ contributor: 'a', start: 0, end: rows }];
    return (await explainQuery(await planQuery(sql, tables), schema, slices, { minCount: 10, ownRows: [] }))
      .memory;
  };
  /** A row of bits over a chunk of rows, in both parts. */
  const mask = (CHUNK_ROWS / 8) * 2;
  const ages = Array.from({ length: 500 }, (_, i) => `age <> ${17 * i}`).join(' AND ');

  it('covers the masks of thousands of labels and of a long condition', async () => {
    const byCode = await reserved('SELECT code, COUNT(*) FROM t GROUP BY code', 1_000_000);
    expect(byCode).toBeGreaterThan(5_000 * mask);
    const plain = await reserved('SELECT COUNT(*) FROM t', 1_000_000);
    const long = await reserved(`SELECT COUNT(*) FROM t WHERE ${ages}`, 1_000_000);
    expect(long).toBeGreaterThan(plain + 500 * mask);
  });

  it.each([
    ['a count', 'SELECT COUNT(*) FROM t'],
    ['a comparison', 'SELECT VAR_SAMP(age) FROM t WHERE age > 40'],
    ['many groups', 'SELECT code, COUNT(*) FROM t GROUP BY code'],
    ['a long condition', `SELECT COUNT(*) FROM t WHERE ${ages}`],
  ])('does not grow with the rows of a long table: %s', async (_, sql) => {
    const long = await reserved(sql, 10_000_000);
    expect(await reserved(sql, 100_000_000)).toBe(long);
    expect(long).toBeLessThan(1 << 30);
  });
});
