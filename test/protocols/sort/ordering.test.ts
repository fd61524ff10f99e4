/** The public side of sorting by comparisons: orders found, and how many levels and comparisons that takes. */
import { describe, expect, it } from 'vitest';
import { boundOfEffort, type Effort, expectedEffort } from '../../../src/protocols/sort/effort.js';
import { Ordering } from '../../../src/protocols/sort/ordering.js';
import { TestRandom } from '../../support/random.js';

function randomOrder(random: TestRandom, n: number): number[] {
  const order = Array.from({ length: n }, (_, i) => i);
  const numbers = random.values(n, 0n, (1n << 60n) - 1n);
  return order.sort((a, b) => Number((numbers[a] ?? 0n) - (numbers[b] ?? 0n)));
}

/** Asks and answers truthfully until the order is known; rank[i] is the place of row i. */
async function ordered(
  rank: readonly number[],
  ranks?: readonly number[],
  rearranges = false,
): Promise<{ rows: number[]; effort: Effort }> {
  const ordering = new Ordering(rank.length, ranks);
  let own = rank;
  let [levels, comparisons] = [0, 0];
  for (; !ordering.done; levels++) {
    const { left, right } = await ordering.questions();
    const bits = new Uint32Array(Math.ceil(left.length / 32));
    left.forEach((row, i) => {
      const isBefore = (own[row] ?? 0) < (own[right[i] ?? 0] ?? 0) ? 1 : 0;
      bits[i >>> 5] = (bits[i >>> 5] ?? 0) | (isBefore << (i & 31));
    });
    await ordering.answer(bits);
    comparisons += left.length;
    if (rearranges) own = Array.from(ordering.rearrange(), (row) => own[row] ?? 0);
  }
  return { rows: [...ordering.order], effort: { levels, comparisons } };
}

function mean(efforts: readonly Effort[]): Effort {
  const of = (pick: (effort: Effort) => number): number =>
    efforts.reduce((total, effort) => total + pick(effort), 0) / efforts.length;
  return { levels: of((effort) => effort.levels), comparisons: of((effort) => effort.comparisons) };
}

const SIZES = [0, 1, 2, 3, 11, 12, 13, 14, 50, 300, 3000];
const placesOf: Record<string, (n: number) => number[] | undefined> = {
  'all rows': () => undefined,
  'the median': (n) => (n === 0 ? [] : [n >> 1]),
  'the ends': (n) => [...new Set(n === 0 ? [] : [0, n - 1])],
  'twenty places': (n) => [
    ...new Set(Array.from({ length: Math.min(20, n) }, (_, i) => Math.floor((i * n) / 20))),
  ],
  'no place': () => [],
};

describe.each(Object.entries(placesOf))('the order of %s', (_name, places) => {
  it.each(SIZES)('is found, of %i', async (n) => {
    const random = new TestRandom(`order-${n}`);
    for (let run = 0; run < (n > 300 ? 3 : 20); run++) {
      const rank = randomOrder(random, n);
      const wanted = places(n);
      const { rows, effort } = await ordered(rank, wanted, run % 2 === 1);
      for (const place of wanted ?? rank.keys()) expect(rank[rows[place] ?? -1]).toBe(place);
      expect(rows.toSorted((a, b) => a - b)).toEqual([...rank.keys()]);
      const bound = boundOfEffort(n, wanted);
      expect(effort.levels).toBeLessThanOrEqual(bound.levels);
      expect(effort.comparisons).toBeLessThanOrEqual(bound.comparisons);
    }
  });
});

describe('what is expected', () => {
  it.each([
    [20, 'all rows', 300],
    [300, 'all rows', 60],
    [5000, 'all rows', 10],
    [100, 'the median', 100],
    [3000, 'the median', 25],
    [3000, 'twenty places', 12],
  ] as const)('is the mean, of %i and %s', async (n, which, runs) => {
    const random = new TestRandom(`mean-${n}`);
    const wanted = placesOf[which]?.(n);
    const efforts: Effort[] = [];
    for (let run = 0; run < runs; run++) {
      efforts.push((await ordered(randomOrder(random, n), wanted)).effort);
    }
    const found = mean(efforts);
    const expected = expectedEffort(n, wanted);
    expect(Math.abs(found.comparisons / expected.comparisons - 1)).toBeLessThan(0.05);
    expect(Math.abs(found.levels - expected.levels)).toBeLessThan(1.5);
    const bound = boundOfEffort(n, wanted);
    expect(expected.levels).toBeLessThan(bound.levels);
    expect(expected.comparisons).toBeLessThan(bound.comparisons);
  });

  it('is the same each time', () => {
    expect(expectedEffort(1000)).toEqual(expectedEffort(1000));
  });
});

describe('answers that contradict each other', () => {
  it.each([
    ['all rows', undefined],
    ['some ranks', [3, 250, 499]],
  ])('of any kind give an order of all rows, or are noticed: %s', async (_, ranks) => {
    const random = new TestRandom('contradictions');
    let noticed = 0;
    for (let run = 0; run < 60; run++) {
      const ordering = new Ordering(500, ranks);
      try {
        for (let level = 0; level < 40 && !ordering.done; level++) {
          const { left } = await ordering.questions();
          const bits = Uint32Array.from(random.values(Math.ceil(left.length / 32), 0n, 0xffffffffn), Number);
          // Sorted samples first, so that some of the lies are about pivots.
          await ordering.answer(level === 0 && run % 2 === 0 ? bits.fill(0xffffffff) : bits);
          expect([...ordering.order].sort((x, y) => x - y)).toEqual(
            Array.from({ length: 500 }, (__, i) => i),
          );
        }
      } catch (thrown) {
        expect(thrown).toMatchObject({ code: 'PEER_MISBEHAVED' });
        noticed++;
      }
    }
    expect(noticed).toBeGreaterThan(0);
  });

  it('are noticed', async () => {
    const ordering = new Ordering(3);
    await ordering.questions();
    // 0 before 1, 2 before 0, 1 before 2.
    await expect(ordering.answer(Uint32Array.of(0b101))).rejects.toMatchObject({ code: 'PEER_MISBEHAVED' });
  });

  it('give some order where they part rows', async () => {
    const ordering = new Ordering(400);
    for (let level = 0; level < 400 && !ordering.done; level++) {
      const { left } = await ordering.questions();
      // All rows before all pivots; of pairs the first before the second.
      await ordering.answer(new Uint32Array(Math.ceil(left.length / 32)).fill(0xffffffff));
    }
    expect(ordering.done).toBe(true);
    expect([...ordering.rows].sort((a, b) => a - b)).toEqual([...Array(400).keys()]);
  });
});
