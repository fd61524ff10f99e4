import { describe, expect, it } from 'vitest';
import { ComparisonBudget } from '../../src/query/comparison-budget.js';
import { explainQuery } from '../../src/query/explain.js';
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
    expect(budget).toMatchObject({ peak: 2 * ONE, masks: 4 });
  });

  it('runs one that is larger than the budget, alone, and goes on after a failure', async () => {
    const budget = new ComparisonBudget(1);
    const failing = budget.run(1, 64, ROWS, () => Promise.reject(new Error('lost')));
    const next = budget.run(1, 64, ROWS, () => Promise.resolve('done'));
    await expect(failing).rejects.toThrow('lost');
    expect(await next).toBe('done');
    expect(budget.peak).toBe(ONE);
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
  const slices = [{ contributor: 'a', start: 0, end: 1_000_000 }];
  const reserved = async (sql: string): Promise<number> =>
    (await explainQuery(await planQuery(sql, tables), schema, slices, { minCount: 10, ownRows: [] })).memory;

  it('covers the masks of thousands of labels and of a long condition', async () => {
    const plain = await reserved('SELECT COUNT(*) FROM t');
    // A row of bits has 125 kB, in both parts.
    expect(await reserved('SELECT code, COUNT(*) FROM t GROUP BY code')).toBeGreaterThan(
      plain + 5_000 * 250_000,
    );
    const ages = Array.from({ length: 500 }, (_, i) => `age <> ${17 * i}`).join(' AND ');
    expect(await reserved(`SELECT COUNT(*) FROM t WHERE ${ages}`)).toBeGreaterThan(plain + 500 * 250_000);
  });
});
