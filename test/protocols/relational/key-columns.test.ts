/** Joins and groups on keys of several columns, of numbers and bits, with missing values. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Groups, groupBy } from '../../../src/protocols/relational/group.js';
import { join } from '../../../src/protocols/relational/join.js';
import {
  groupKey,
  identifierKey,
  joinKey,
  type KeyColumn,
} from '../../../src/protocols/relational/key-columns.js';
import type { KeyValue } from '../../../src/protocols/relational/keyed-rows.js';
import type { Bounds } from '../../../src/share/bounds.js';
import { type ArithmeticShare, BinaryShare } from '../../../src/share/shares.js';
import { type Dealer, type Program, revealBits, revealRing, runDry, runRep3 } from '../../support/world.js';
import { keyRows } from '../cases/join.js';
import { expectCost } from './expect-cost.js';

interface Row {
  readonly a: bigint | undefined;
  readonly b: bigint;
  readonly c: bigint | undefined;
}

const A: Bounds = { min: -5n, max: 1000n };
const OTHER_A: Bounds = { min: -300n, max: 7n };
const B: Bounds = { min: 0n, max: (1n << 63n) - 1n };

function columns(deal: Dealer, name: string, rows: readonly Row[], a: Bounds): KeyColumn[] {
  const n = rows.length;
  const there = (of: string, value: (row: Row) => unknown): BinaryShare =>
    deal.bits(`${name}-${of}`, 1, n, () => [rows.map((row) => (value(row) === undefined ? 0 : 1))]);
  return [
    {
      values: deal.ring(`${name}-a`, 64, n, a, () => rows.map((row) => row.a ?? 0n)),
      valid: there('va', (row) => row.a),
    },
    { values: deal.ring(`${name}-b`, 64, n, B, () => rows.map(({ b }) => b)) },
    {
      values: deal.bits(`${name}-c`, 2, n, () =>
        keyRows(
          rows.map(({ c }) => c ?? 0n),
          2,
        ),
      ),
      valid: there('vc', (row) => row.c),
    },
  ];
}

function numbers(shares: readonly KeyValue[]): bigint[] {
  if (!(shares[0] instanceof BinaryShare)) return revealRing(shares as ArithmeticShare<64>[]);
  const bits = revealBits(shares as BinaryShare[]);
  return Array.from({ length: shares[0].length }, (_, i) =>
    bits.reduce((total, row, j) => total + (BigInt(row[i] as number) << BigInt(j)), 0n),
  );
}

/** A row as the list of its key's values. */
const listOf = ({ a, b, c }: Row): bigint[] => [
  a === undefined ? 1n : 0n,
  a ?? 0n,
  b,
  c === undefined ? 1n : 0n,
  c ?? 0n,
];

function order(x: readonly bigint[], y: readonly bigint[]): number {
  const at = x.findIndex((value, i) => value !== y[i]);
  return at < 0 ? 0 : (x[at] as bigint) < (y[at] as bigint) ? -1 : 1;
}

const rowsWithin = (a: Bounds, most: number): fc.Arbitrary<Row[]> =>
  fc.array(
    fc.record({
      a: fc.constantFrom(a.min, a.max, 0n, 7n, undefined),
      b: fc.constantFrom(B.min, B.max, 3n),
      c: fc.constantFrom(0n, 3n, undefined),
    }),
    { maxLength: most },
  );

describe('keys of columns', () => {
  it('group rows, in the order of the first column, then the next, missing values last', async () => {
    await fc.assert(
      fc.asyncProperty(rowsWithin(A, 14), async (rows) => {
        const program: Program<Groups> = (ctx, deal) =>
          groupBy(ctx, { key: groupKey(columns(deal, 'x', rows, A)) }, [{ kind: 'count' }]);
        const { results, cost } = await runRep3(program);
        const sorted = rows.map(listOf).toSorted(order);
        const expected = sorted.filter((list, i) => i === 0 || order(list, sorted[i - 1] as bigint[]) !== 0);
        const keys = [0, 1, 2, 3, 4].map((i) => numbers(results.map((own) => own.key[i] as KeyValue)));
        const found = rows.map((_, row) => keys.map((own) => own[row] as bigint));
        expect(found.slice(0, expected.length)).toEqual(expected);
        expect(
          found
            .slice(expected.length)
            .flat()
            .every((value) => value === 0n),
        ).toBe(true);
        const counts = revealRing(results.map((own) => own.columns[0]?.value as ArithmeticShare<32>));
        const sizes = expected.map((list) => BigInt(sorted.filter((own) => order(own, list) === 0).length));
        expect(counts).toEqual([...sizes, ...rows.slice(expected.length).map(() => 0n)]);
        await expectCost(program, cost);
      }),
      { numRuns: 15 },
    );
  });

  it('match where all columns are there and equal, whatever their bounds', async () => {
    await fc.assert(
      fc.asyncProperty(rowsWithin(A, 12), rowsWithin(OTHER_A, 12), async (left, right) => {
        const program: Program<readonly [BinaryShare, ArithmeticShare<32>]> = async (ctx, deal) => {
          const [l, r] = await Promise.all([
            joinKey(ctx.step('left'), columns(deal, 'l', left, A)),
            joinKey(ctx.step('right'), columns(deal, 'r', right, OTHER_A)),
          ]);
          const x = deal.ring('x', 32, right.length, A, () => right.map((_, i) => BigInt(i + 1)));
          const { match, columns: found } = await join(ctx.step('join'), l, { ...r, columns: [x] });
          return [match, found[0]];
        };
        const { results, cost } = await runRep3(program);
        const complete = (row: Row): boolean => row.a !== undefined && row.c !== undefined;
        const expected = left.map((row) =>
          complete(row)
            ? right.findLastIndex((own) => complete(own) && order(listOf(own), listOf(row)) === 0) + 1
            : 0,
        );
        expect(revealRing(results.map(([, found]) => found))).toEqual(expected.map(BigInt));
        expect(revealBits(results.map(([match]) => match))).toEqual([expected.map((at) => (at > 0 ? 1 : 0))]);
        await expectCost(program, cost);
      }),
      { numRuns: 15 },
    );
  });

  it('of numbers that fill their ring are the numbers', async () => {
    const table = async (width: 64 | 128): Promise<void> => {
      const full = { min: -(1n << BigInt(width - 1)), max: (1n << BigInt(width - 1)) - 1n };
      const keys = [full.max, full.min, 0n, full.min, -1n, full.max, full.min + 1n];
      const program: Program<Groups> = (ctx, deal) => {
        const key = deal.ring('key', width as 64, keys.length, full, () => keys);
        return groupBy(ctx, { key }, [{ kind: 'count' }]);
      };
      const { results, cost } = await runRep3(program);
      const found = numbers(results.map((own) => own.key[0] as KeyValue));
      expect(found).toEqual([full.min, full.min + 1n, -1n, 0n, full.max, 0n, 0n]);
      const counts = revealRing(results.map((own) => own.columns[0]?.value as ArithmeticShare<32>));
      expect(counts).toEqual([2n, 1n, 1n, 1n, 2n, 0n, 0n]);
      await expectCost(program, cost);
    };
    await table(64);
    await table(128);
  });

  it('of identifiers are their lowest bits, as many as tell so many rows apart', async () => {
    const all = (1n << 128n) - 1n;
    const identifiers = [0n, all, 1n << 127n, 12345678901234567890123456789n];
    const bitsFor = async (rows: number): Promise<bigint[]> => {
      const { results } = await runRep3((ctx, deal) => {
        const x = deal.ring('x', 128, 4, { min: 0n, max: all }, () => identifiers);
        return identifierKey(ctx, x, rows);
      });
      const expected = 2 * Math.ceil(Math.log2(rows + 1)) + 39;
      expect(results[0].rows).toBe(Math.min(128, expected));
      return numbers(results);
    };
    expect(await bitsFor(200_000)).toEqual(identifiers.map((x) => BigInt.asUintN(75, x)));
    expect(await bitsFor(2 ** 50)).toEqual(identifiers);
    expect(await bitsFor(0)).toEqual(identifiers.map((x) => BigInt.asUintN(39, x)));
  });

  it('refuse other values on the other side, and none', async () => {
    const run = (left: (deal: Dealer) => KeyValue[], right: (deal: Dealer) => KeyValue[]): Promise<unknown> =>
      runDry((ctx, deal) => join(ctx, { key: left(deal) }, { key: right(deal), columns: [] }));
    const number = (deal: Dealer): KeyValue => deal.ring('n', 64, 2, A, () => []);
    const wide = (deal: Dealer): KeyValue => deal.ring('w', 128, 2, A, () => []);
    const bits = (deal: Dealer): KeyValue => deal.bits('b', 3, 2, () => []);
    const longer = (deal: Dealer): KeyValue => deal.bits('l', 3, 3, () => []);
    await expect(
      run(
        (deal) => [number(deal)],
        (deal) => [bits(deal)],
      ),
    ).rejects.toThrow(RangeError);
    await expect(
      run(
        (deal) => [number(deal)],
        (deal) => [wide(deal)],
      ),
    ).rejects.toThrow(RangeError);
    await expect(
      run(
        (deal) => [number(deal)],
        (deal) => [number(deal), bits(deal)],
      ),
    ).rejects.toThrow(RangeError);
    await expect(
      run(
        (deal) => [number(deal), longer(deal)],
        (deal) => [number(deal), bits(deal)],
      ),
    ).rejects.toThrow(RangeError);
    await expect(
      run(
        () => [],
        () => [],
      ),
    ).rejects.toThrow(RangeError);
    await run(
      (deal) => [number(deal)],
      (deal) => [number(deal)],
    );
  });
});
