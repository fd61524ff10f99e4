/** Keys of several columns: order and equality of their bits are those of the columns. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupKey, joinKeys, type KeyColumn } from '../../../src/protocols/relational/key-columns.js';
import type { Bounds } from '../../../src/share/bounds.js';
import type { BinaryShare } from '../../../src/share/shares.js';
import { type Dealer, type Program, revealBits, runDry, runRep3 } from '../../support/world.js';
import { keyRows } from '../cases/join.js';

interface Row {
  readonly a: bigint | undefined;
  readonly b: bigint;
  readonly c: bigint;
}

const A: Bounds = { min: -5n, max: 1000n };
const B: Bounds = { min: 0n, max: (1n << 64n) - 1n };
const WIDE: Bounds = { min: -300n, max: 7n };

function columns(deal: Dealer, name: string, rows: readonly Row[], a: Bounds): KeyColumn[] {
  const n = rows.length;
  return [
    {
      values: deal.ring(`${name}-a`, 64, n, a, () => rows.map((row) => row.a ?? 0n)),
      valid: deal.bits(`${name}-v`, 1, n, () => [rows.map((row) => (row.a === undefined ? 0 : 1))]),
    },
    { values: deal.ring(`${name}-b`, 64, n, B, () => rows.map(({ b }) => b)) },
    {
      values: deal.bits(`${name}-c`, 2, n, () =>
        keyRows(
          rows.map(({ c }) => c),
          2,
        ),
      ),
    },
  ];
}

function numbers(shares: readonly BinaryShare[]): bigint[] {
  const bits = revealBits(shares);
  return Array.from({ length: shares[0]?.length ?? 0 }, (_, i) =>
    bits.reduce((total, row, j) => total + (BigInt(row[i] as number) << BigInt(j)), 0n),
  );
}

/** The columns as a list that compares like the key; a missing value after all others. */
const listOf = ({ a, b, c }: Row): bigint[] => [a ?? A.max + 1n, b, c];

function order(x: readonly bigint[], y: readonly bigint[]): number {
  const at = x.findIndex((value, i) => value !== y[i]);
  return at < 0 ? 0 : (x[at] as bigint) < (y[at] as bigint) ? -1 : 1;
}

const rowsWithin = (a: Bounds): fc.Arbitrary<Row[]> =>
  fc.array(
    fc.record({
      a: fc.oneof(fc.constantFrom(a.min, a.max, undefined), fc.bigInt(a.min, a.max)),
      b: fc.oneof(fc.constantFrom(B.min, B.max), fc.bigInt(0n, 3n)),
      c: fc.bigInt(0n, 3n),
    }),
    { maxLength: 12 },
  );

describe('keys of columns', () => {
  it('order rows by the first column, then the next, missing values last', async () => {
    await fc.assert(
      fc.asyncProperty(rowsWithin(A), async (rows) => {
        const program: Program<BinaryShare> = (ctx, deal) => groupKey(ctx, columns(deal, 'x', rows, A));
        const { results, cost } = await runRep3(program);
        const keys = numbers(results);
        rows.forEach((x, i) => {
          rows.forEach((y, j) => {
            expect(order([keys[i] as bigint], [keys[j] as bigint])).toBe(order(listOf(x), listOf(y)));
          });
        });
        expect(await runDry(program)).toEqual(cost);
      }),
      { numRuns: 25 },
    );
  });

  it('are equal on both sides of a join where all columns are, whatever their bounds, and missing where any is', async () => {
    await fc.assert(
      fc.asyncProperty(rowsWithin(A), rowsWithin(WIDE), async (left, right) => {
        const program: Program<BinaryShare[]> = async (ctx, deal) => {
          const own = await joinKeys(ctx, columns(deal, 'l', left, A), columns(deal, 'r', right, WIDE));
          return [own.left.key, own.left.valid, own.right.key, own.right.valid] as BinaryShare[];
        };
        const { results } = await runRep3(program);
        const shares = (i: number): BinaryShare[] => results.map((own) => own[i] as BinaryShare);
        const [keys, others] = [numbers(shares(0)), numbers(shares(2))];
        expect(numbers(shares(1))).toEqual(left.map(({ a }) => (a === undefined ? 0n : 1n)));
        expect(numbers(shares(3))).toEqual(right.map(({ a }) => (a === undefined ? 0n : 1n)));
        left.forEach((x, i) => {
          right.forEach((y, j) => {
            if (x.a === undefined || y.a === undefined) return;
            expect(keys[i] === others[j]).toBe(x.a === y.a && x.b === y.b && x.c === y.c);
          });
        });
      }),
      { numRuns: 25 },
    );
  });

  it('refuse other columns on the other side, and none', async () => {
    const run = (
      left: (deal: Dealer) => KeyColumn[],
      right: (deal: Dealer) => KeyColumn[],
    ): Promise<unknown> => runDry((ctx, deal) => joinKeys(ctx, left(deal), right(deal)));
    const number = (deal: Dealer): KeyColumn => ({ values: deal.ring('n', 64, 2, A, () => []) });
    const bits = (deal: Dealer): KeyColumn => ({ values: deal.bits('b', 3, 2, () => []) });
    await expect(
      run(
        (deal) => [number(deal)],
        (deal) => [bits(deal)],
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
