/** Rows in chunks: the same answer, the same cost, and no more chunks at work than allowed. */
import { describe, expect, it } from 'vitest';
import { explainQuery } from '../../src/query/explain.js';
import { chunksAtWork, forEachChunk } from '../../src/query/row-chunks.js';
import { rangesWithin } from '../../src/query/row-range.js';
import { askPlain, askRep3 } from '../support/query.js';
import { TestRandom } from '../support/random.js';
import { slicesOf } from '../support/table.js';
import { randomRows, tableOf } from './tables.js';

const SQL =
  'SELECT sex, COUNT(*), AVG(score), VAR_POP(yen), t_test(dose, smoker), COUNT(score) FROM patients ' +
  "WHERE (score >= 40 OR dose < 100 OR ward = 'b') AND NOT (smoker AND visits > 30) GROUP BY sex";

describe.each([1, 64, 65, 128, 300])('a table of %i rows in chunks of 64', (rows) => {
  const table = tableOf(randomRows(new TestRandom(`chunks ${rows}`), rows));

  it.each([
    { minCount: 1, ownRows: [] },
    { minCount: 3, ownRows: [] },
    {
      minCount: 2,
      ownRows: [
        { start: 0, end: 1 },
        { start: 50, end: 150 },
      ],
    },
  ])('gives the answer and costs what the whole does: %o', async (policy) => {
    const plain = await askPlain(SQL, table, policy);
    const { table: answer, cost, plan } = await askRep3(SQL, table, policy, { chunkRows: 64 });
    expect(answer).toEqual(plain.table);
    expect(cost).toEqual((await explainQuery(plan, table.schema, slicesOf(table), policy)).cost);
  });
});

describe('chunks at work', () => {
  const chunks = Array.from({ length: 7 }, (_, i) => ({ start: i, end: i + 1 }));

  it('start in order, no more at once than allowed', async () => {
    const started: number[] = [];
    const ends: (() => void)[] = [];
    const all = forEachChunk(chunks, 3, (_range, i) => {
      started.push(i);
      return new Promise<void>((resolve) => ends.push(resolve));
    });
    const turns = async (): Promise<void> => {
      for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
    };
    await turns();
    expect(started).toEqual([0, 1, 2]);
    ends[1]?.();
    await turns();
    expect(started).toEqual([0, 1, 2, 3]);
    for (let i = 0; i < chunks.length; i++) {
      ends[i]?.();
      await turns();
    }
    await all;
    expect(started).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it('end with the first failure at once, and nothing starts after it', async () => {
    const started: number[] = [];
    const all = forEachChunk(chunks, 3, (_range, i) => {
      started.push(i);
      return i === 1 ? Promise.reject(new Error('damaged')) : new Promise(() => undefined);
    });
    await expect(all).rejects.toThrow('damaged');
    expect(started.length).toBeLessThanOrEqual(3);
  });

  it('let the other events of the node have their turns', async () => {
    let turns = 0;
    const seen: number[] = [];
    const count = (): void => {
      turns += 1;
      timer = setImmediate(count);
    };
    let timer = setImmediate(count);
    await forEachChunk(chunks, 7, async () => {
      seen.push(turns);
    });
    clearImmediate(timer);
    expect(new Set(seen).size).toBe(chunks.length);
  });

  it('are at least one, and fewer the larger they are', () => {
    expect(chunksAtWork(2 ** 40)).toBe(1);
    expect(chunksAtWork(100 << 20)).toBe(5);
    expect(chunksAtWork(0)).toBe(8);
  });
});

describe('ranges within a chunk', () => {
  it('are cut to it and counted from its start', () => {
    const own = [
      { start: 0, end: 10 },
      { start: 60, end: 70 },
      { start: 100, end: 300 },
    ];
    expect(rangesWithin({ start: 64, end: 128 }, own)).toEqual([
      { start: 0, end: 6 },
      { start: 36, end: 64 },
    ]);
    expect(rangesWithin({ start: 10, end: 60 }, own)).toEqual([]);
  });
});
