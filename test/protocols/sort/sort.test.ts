/** Sorting against a stable sort of plain numbers. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Context } from '../../../src/protocols/context.js';
import { orderStatistics, quantilePlace } from '../../../src/protocols/sort/order-statistics.js';
import { radixSort } from '../../../src/protocols/sort/radix.js';
import { type SortKey, sortByBits, sortByComparisons, sortRows } from '../../../src/protocols/sort/sort.js';
import type { ArithmeticShare } from '../../../src/share/shares.js';
import { type Dealer, estimateDry, revealRing, runDry, runPlain, runRep3 } from '../../support/world.js';

/** A key of a test: numbers of a range, as a vector or as bits, some perhaps missing. */
interface PlainKey {
  readonly values: readonly bigint[];
  readonly min: bigint;
  readonly bits: number;
  readonly width: 32 | 64 | 128;
  readonly asBits: boolean;
  readonly validity: readonly number[] | undefined;
  readonly descending: boolean;
}

function keyOf(n: number): fc.Arbitrary<PlainKey> {
  return fc
    .record({
      min: fc.bigInt({ min: -9n, max: 9n }),
      bits: fc.constantFrom(0, 1, 2, 7, 30),
      width: fc.constantFrom(32 as const, 64 as const, 128 as const),
      asBits: fc.boolean(),
      descending: fc.boolean(),
      validity: fc.option(fc.array(fc.nat(1), { minLength: n, maxLength: n }), { nil: undefined }),
    })
    .chain((shape) => {
      const min = shape.asBits ? 0n : shape.min;
      const value = fc.bigInt({ min, max: min + (1n << BigInt(shape.bits)) - 1n });
      return fc.array(value, { minLength: n, maxLength: n }).map((values) => ({ ...shape, min, values }));
    });
}

const tables = fc
  .integer({ min: 0, max: 30 })
  .chain((n) => fc.array(keyOf(n), { minLength: 1, maxLength: 3 }));

function shared(deal: Dealer, keys: readonly PlainKey[]): SortKey[] {
  return keys.map(({ values, min, bits, width, asBits, validity, descending }, i) => {
    const n = values.length;
    const max = min + (1n << BigInt(bits)) - 1n;
    const rows = (): number[][] =>
      Array.from({ length: bits }, (_, j) => values.map((value) => Number((value >> BigInt(j)) & 1n)));
    const vector = <W extends 32 | 64 | 128>(own: W): ArithmeticShare<W> =>
      deal.ring(`key-${i}`, own, n, { min, max }, () => values);
    const numbers = width === 32 ? vector(32) : width === 64 ? vector(64) : vector(128);
    return {
      value: asBits && bits > 0 ? deal.bits(`key-${i}`, bits, n, rows) : numbers,
      validity: validity === undefined ? undefined : deal.bits(`valid-${i}`, 1, n, () => [validity]),
      descending,
    };
  });
}

function compareRows(keys: readonly PlainKey[], a: number, b: number): number {
  for (const { values, validity, descending } of keys) {
    const [x, y] = [values[a] ?? 0n, values[b] ?? 0n];
    const [here, there] = [validity?.[a] ?? 1, validity?.[b] ?? 1];
    if (here !== there) return there - here;
    if (here === 1 && x !== y) return x < y === descending ? 1 : -1;
  }
  return a - b;
}

function sortedBy(keys: readonly PlainKey[]): number[] {
  return (keys[0]?.values ?? []).map((_, i) => i).sort((a, b) => compareRows(keys, a, b));
}

type Sort = (ctx: Context, keys: readonly SortKey[]) => Promise<ArithmeticShare<32>>;

async function sorts(sort: Sort, keys: readonly PlainKey[]): Promise<boolean> {
  const program = (ctx: Context, deal: Dealer): Promise<ArithmeticShare<32>> => sort(ctx, shared(deal, keys));
  const found = [[await runPlain(program)], (await runRep3(program)).results].map((own) =>
    revealRing(own).join(),
  );
  return found.every((order) => order === sortedBy(keys).join());
}

async function holds(sort: Sort, numRuns: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(tables, (keys) => sorts(sort, keys)),
    { numRuns },
  );
}

const one = (values: readonly bigint[], change: Partial<PlainKey> = {}): PlainKey[] => [
  { values, min: 0n, bits: 5, width: 64, asBits: false, validity: undefined, descending: false, ...change },
];

describe('rows', () => {
  it('are sorted by several keys, each in its direction, missing ones last', async () => {
    await expect(
      holds(async (ctx, keys) => (await sortRows(ctx, keys, [])).order, 40),
    ).resolves.toBeUndefined();
  });

  it('are sorted likewise by bits alone', async () => {
    const sort: Sort = async (ctx, keys) => (await sortByBits(ctx, keys, [])).order;
    await expect(holds(sort, 25)).resolves.toBeUndefined();
  });

  it('are sorted likewise by comparisons alone', async () => {
    const sort: Sort = async (ctx, keys) => (await sortByComparisons(ctx, keys, [])).order;
    await expect(holds(sort, 40)).resolves.toBeUndefined();
  });

  const sort: Sort = async (ctx, keys) => (await sortRows(ctx, keys, [])).order;

  it.each([
    ['all equal', one(Array.from({ length: 40 }, () => 7n))],
    [
      'all missing',
      one(
        Array.from({ length: 40 }, () => 7n),
        { validity: Array.from({ length: 40 }, () => 0) },
      ),
    ],
    ['none', one([])],
    ['one', one([3n], { descending: true })],
    ['sorted', one(Array.from({ length: 32 }, (_, i) => BigInt(i)))],
    ['reversed', one(Array.from({ length: 32 }, (_, i) => BigInt(31 - i)))],
  ])('may be %s', async (_name, keys) => {
    expect(await sorts(sort, keys)).toBe(true);
  });

  it('may have keys of 128 bits, one of them twice', async () => {
    const top = (1n << 128n) - 1n;
    const values = [top, 0n, 1n << 127n, top, (1n << 64n) - 1n, 1n << 64n];
    expect(await sorts(sort, one(values, { bits: 128, width: 128, asBits: true }))).toBe(true);
    const byNumbers: Sort = async (ctx, keys) => (await sortByComparisons(ctx, keys, [])).order;
    expect(await sorts(byNumbers, one(values, { bits: 128, width: 128, asBits: true }))).toBe(true);
  });

  it('may have keys that fill their ring', async () => {
    const values = [(1n << 64n) - 1n, 0n, 1n << 63n];
    expect(await sorts(sort, one(values, { bits: 64 }))).toBe(true);
  });

  it('stay as they are without a key', async () => {
    const { order } = await runPlain((ctx, deal) => {
      const x = deal.ring('x', 64, 3, { min: 0n, max: 9n }, () => [3n, 1n, 2n]);
      return sortRows(ctx, [], [x]);
    });
    expect(revealRing([order])).toEqual([0n, 1n, 2n]);
  });

  it('are refused with keys or columns of different lengths', async () => {
    const uneven = (lengths: readonly [number, number, number]) =>
      runDry((ctx, deal) => {
        const value = deal.ring('x', 64, lengths[0], { min: 0n, max: 9n }, () => []);
        const validity = deal.bits('v', 1, lengths[1], () => []);
        return sortRows(
          ctx,
          [{ value, validity }],
          [deal.ring('y', 64, lengths[2], { min: 0n, max: 9n }, () => [])],
        );
      });
    await expect(uneven([3, 4, 3])).rejects.toThrow(RangeError);
    await expect(uneven([3, 3, 4])).rejects.toThrow(RangeError);
    const carried = (ctx: Context, deal: Dealer) =>
      radixSort(
        ctx,
        deal.bits('b', 2, 3, () => []),
        [deal.ring('y', 64, 4, { min: 0n, max: 9n }, () => [])],
      );
    await expect(runDry(carried)).rejects.toThrow(RangeError);
  });

  it('cost no more by either sort than by the one that is chosen', async () => {
    const of = (sort: typeof sortRows, n: number, bits: number) =>
      estimateDry((ctx, deal) =>
        sort(
          ctx,
          [{ value: deal.ring('x', 64, n, { min: 0n, max: (1n << BigInt(bits)) - 1n }, () => []) }],
          [],
        ),
      );
    // Few rows of short keys: the fewest rounds. Many rows of long keys: the fewest bytes.
    expect(await of(sortRows, 100, 8)).toEqual(await of(sortByBits as typeof sortRows, 100, 8));
    expect(await of(sortRows, 100_000, 60)).toEqual(
      await of(sortByComparisons as typeof sortRows, 100_000, 60),
    );
  });
});

describe('order statistics', () => {
  it('are those of the sorted values', async () => {
    const lists = fc
      .array(fc.bigInt({ min: 0n, max: 60n }), { minLength: 1, maxLength: 150 })
      .chain((list) => fc.tuple(fc.constant(list), fc.array(fc.nat(list.length - 1), { maxLength: 6 })));
    const found = async (list: bigint[], places: number[], width: 64 | 128): Promise<bigint[][]> => {
      const program = (ctx: Context, deal: Dealer): Promise<ArithmeticShare<64>> => {
        const max = width === 128 ? 1n << 90n : 60n;
        const key = deal.ring('x', width as 64, list.length, { min: 0n, max }, () => list);
        return orderStatistics(ctx, key, places);
      };
      return [revealRing([...(await runRep3(program)).results]), revealRing([await runPlain(program)])];
    };
    await fc.assert(
      fc.asyncProperty(lists, fc.boolean(), async ([list, places], wide) => {
        const own = wide ? list.map((value) => value << 80n) : list;
        const sorted = own.toSorted((a, b) => Number((a - b) >> (wide ? 80n : 0n)));
        const expected = places.map((place) => sorted[place] ?? 0n);
        for (const values of await found(own, places, wide ? 128 : 64)) expect(values).toEqual(expected);
      }),
      { numRuns: 30 },
    );
    expect.hasAssertions();
  });

  it.each([-1, 3, 0.5])('are refused at the place %d of three', async (place) => {
    const program = (ctx: Context, deal: Dealer) =>
      orderStatistics(
        ctx,
        deal.ring('x', 64, 3, { min: 0n, max: 9n }, () => []),
        [place],
      );
    await expect(runDry(program)).rejects.toThrow(RangeError);
  });

  it('of keys too long for their ring are refused before anything is sent', async () => {
    const program = (ctx: Context, deal: Dealer) =>
      orderStatistics(
        ctx,
        deal.ring('x', 64, 1000, { min: 0n, max: 1n << 60n }, () => []),
        [5],
      );
    await expect(runDry(program)).rejects.toMatchObject({ code: 'BOUND_NOT_PROVED' });
  });

  it('at quantiles lie between two places', () => {
    expect(quantilePlace(5, 0.5)).toEqual({ place: 2, fraction: 0 });
    expect(quantilePlace(4, 0.5)).toEqual({ place: 1, fraction: 0.5 });
    expect(quantilePlace(4, 1)).toEqual({ place: 3, fraction: 0 });
    expect(() => quantilePlace(0, 0.5)).toThrow(RangeError);
    expect(() => quantilePlace(3, 1.1)).toThrow(RangeError);
  });
});
