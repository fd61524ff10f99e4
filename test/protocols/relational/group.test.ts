/** Group-aggregates of random tables against plain maps. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Context } from '../../../src/protocols/context.js';
import { type Groups, groupBy, groupSorted } from '../../../src/protocols/relational/group.js';
import type { Aggregate } from '../../../src/protocols/relational/group-aggregates.js';
import { rows } from '../../../src/share/bits.js';
import type { ArithmeticShare, BinaryShare } from '../../../src/share/shares.js';
import { type Dealer, revealBits, revealRing, runDry, runPlain, runRep3 } from '../../support/world.js';
import { keyRows } from '../cases/join.js';
import { expectCost } from './expect-cost.js';

const RANGE = { min: -500n, max: 1n << 40n };
/** Values that fill their ring as far as sums allow, and such that travel over narrower ones. */
const KINDS_OF_VALUES = [
  { width: 64, range: RANGE },
  { width: 64, range: { min: 0n, max: (1n << 58n) - 1n } },
  { width: 64, range: { min: -3n, max: 100n } },
  { width: 32, range: { min: -1000n, max: 1n << 26n } },
  { width: 128, range: { min: -(1n << 58n), max: 0n } },
  { width: 128, range: { min: -(1n << 121n), max: 1n << 121n } },
] as const;

interface Row {
  readonly key: bigint;
  readonly there: boolean;
  readonly x: bigint;
  readonly present: boolean;
}

interface Table {
  readonly rows: readonly Row[];
  readonly bits: number;
  readonly groups: number | undefined;
  readonly validity: boolean;
  readonly of: (typeof KINDS_OF_VALUES)[number];
}

const KINDS = ['sum', 'min', 'max', 'first', 'last'] as const;

function program({
  rows,
  bits,
  groups,
  validity,
  of,
}: Table): (ctx: Context, deal: Dealer) => Promise<Groups> {
  return async (ctx, deal) => {
    const n = rows.length;
    const flag = (name: string, of: (row: Row) => boolean): BinaryShare =>
      deal.bits(name, 1, n, () => [rows.map((row) => (of(row) ? 1 : 0))]);
    const key = deal.bits('key', bits, n, () =>
      keyRows(
        rows.map((row) => row.key),
        bits,
      ),
    );
    const value = deal.ring('x', of.width as 64, n, of.range, () =>
      rows.map(({ x, there }) => (there || !validity ? x : 0n)),
    );
    const valid = validity ? flag('there', ({ there }) => there) : undefined;
    const aggregates: Aggregate[] = [
      { kind: 'count' },
      { kind: 'count', valid },
      ...KINDS.map((kind) => ({ kind, value, valid })),
    ];
    const present = validity ? flag('present', (row) => row.present) : undefined;
    return await groupBy(ctx, { key, valid: present }, aggregates, { groups });
  };
}

/** A row for each group: its key, and for each aggregate its value, undefined where it has none. */
function oracle({ rows, groups, validity }: Table): { rows: (bigint | undefined)[][]; overflow: number } {
  const byKey = new Map<bigint, Row[]>();
  for (const row of rows.filter(({ present }) => present || !validity)) {
    byKey.set(row.key, [...(byKey.get(row.key) ?? []), row]);
  }
  const all = [...byKey].sort(([a], [b]) => (a < b ? -1 : 1));
  const made = all.map(([key, own]) => {
    const xs = own.filter(({ there }) => there || !validity).map(value);
    const ends = [own.at(0), own.at(-1)].map((row) =>
      row?.there === false && validity ? undefined : row?.x,
    );
    return [key, BigInt(own.length), BigInt(xs.length), ...overall(xs), ...ends];
  });
  const most = Math.min(rows.length, groups ?? rows.length);
  return { rows: made.slice(0, most), overflow: made.length > most ? 1 : 0 };
}

function value({ x }: Row): bigint {
  return x;
}

function overall(xs: readonly bigint[]): (bigint | undefined)[] {
  if (xs.length === 0) return [undefined, undefined, undefined];
  return [
    xs.reduce((a, b) => a + b),
    xs.reduce((a, b) => (a < b ? a : b)),
    xs.reduce((a, b) => (a > b ? a : b)),
  ];
}

/** What shares stand for, in the form of the oracle; rows after the groups must hold 0. */
function revealed(results: readonly Groups[]): { rows: (bigint | undefined)[][]; overflow: number } {
  const valid = revealBits(results.map((own) => own.valid))[0] as number[];
  const key = revealBits(results.map((own) => own.key[0] as BinaryShare));
  const columns = (results[0] as Groups).columns.map((_, i) => ({
    values: revealRing(results.map((own) => own.columns[i]?.value as ArithmeticShare<64>)),
    there: revealBits(results.map((own) => own.columns[i]?.valid as BinaryShare))[0] as number[],
  }));
  const rows = valid.map((_, row) => {
    const number = key.reduce((total, bits, j) => total + (BigInt(bits[row] as number) << BigInt(j)), 0n);
    for (const { values, there } of columns) if (there[row] === 0) expect(values[row]).toBe(0n);
    return [number, ...columns.map(({ values, there }) => (there[row] === 1 ? values[row] : undefined))];
  });
  const count = valid.filter((bit) => bit === 1).length;
  expect(valid).toEqual(valid.map((_, i) => (i < count ? 1 : 0)));
  for (const row of rows.slice(count)) expect(row).toEqual([0n, ...columns.map(() => undefined)]);
  const overflow = revealBits(results.map((own) => own.overflow))[0]?.[0] as number;
  return { rows: rows.slice(0, count), overflow };
}

/** Keys at the edges of their width, and few enough to repeat. */
const tables = fc
  .tuple(fc.constantFrom(1, 3, 32, 63), fc.constantFrom(...KINDS_OF_VALUES))
  .chain(([bits, of]) => {
    const { range } = of;
    const top = (1n << BigInt(bits)) - 1n;
    const key = fc.oneof(fc.constantFrom(0n, top, top / 2n), fc.bigInt(0n, top < 5n ? top : 5n));
    const row = fc.record({
      key,
      there: fc.boolean(),
      x: fc.oneof(fc.constantFrom(range.min, range.max, 0n), fc.bigInt(range.min, range.max)),
      present: fc.boolean(),
    });
    return fc.record({
      rows: fc.array(row, { maxLength: 24 }),
      bits: fc.constant(bits),
      of: fc.constant(of),
      groups: fc.option(fc.integer({ min: 0, max: 6 }), { nil: undefined }),
      validity: fc.boolean(),
    });
  });

describe('group-by', () => {
  it('is right for random tables, on plain', async () => {
    await fc.assert(
      fc.asyncProperty(tables, async (table) => {
        expect(revealed([await runPlain(program(table))])).toEqual(oracle(table));
      }),
      { numRuns: 60 },
    );
  });

  it('is right for random tables, on rep3, at the cost of the dry run', async () => {
    await fc.assert(
      fc.asyncProperty(tables, async (table) => {
        const { results, cost } = await runRep3(program(table));
        expect(revealed(results)).toEqual(oracle(table));
        await expectCost(program(table), cost);
      }),
      { numRuns: 15 },
    );
  });

  it.each([
    ['all keys equal', (): bigint => 7n, true, true],
    ['all keys different', (i: number): bigint => BigInt(i), true, true],
    ['no row there', (i: number): bigint => BigInt(i % 3), false, true],
    ['no value there', (i: number): bigint => BigInt(i % 3), true, false],
  ])('is right with %s', async (_, keyOf, present, there) => {
    const rows = Array.from({ length: 40 }, (_row, i) => ({
      key: keyOf(i),
      there,
      present,
      x: BigInt(5 - i),
    }));
    const table: Table = { rows, bits: 6, groups: undefined, validity: true, of: KINDS_OF_VALUES[0] };
    const { results } = await runRep3(program(table));
    expect(revealed(results)).toEqual(oracle(table));
  });

  it('takes rows that are sorted already', async () => {
    const run = async (ctx: Context, deal: Dealer): Promise<Groups> => {
      const value = deal.ring('x', 64, 5, RANGE, () => [7n, 1n, 2n, 5n, 9n]);
      const key = deal.ring('key', 64, 5, RANGE, () => [-3n, -3n, 8n, 8n, 1n]);
      const valid = deal.bits('valid', 1, 5, () => [[1, 1, 1, 1, 0]]);
      return await groupSorted(ctx, { key, valid }, [
        { kind: 'sum', value },
        { kind: 'last', value },
      ]);
    };
    const { results, cost } = await runRep3(run);
    const columns = [0, 1].map((i) =>
      revealRing(results.map((own) => own.columns[i]?.value as ArithmeticShare<64>)),
    );
    expect(revealRing(results.map((own) => own.key[0] as ArithmeticShare<64>))).toEqual([
      -3n,
      8n,
      0n,
      0n,
      0n,
    ]);
    expect(revealBits(results.map((own) => own.valid))).toEqual([[1, 1, 0, 0, 0]]);
    expect(columns).toEqual([
      [8n, 7n, 0n, 0n, 0n],
      [1n, 5n, 0n, 0n, 0n],
    ]);
    await expectCost(run, cost);
  });

  it('makes one group of all rows where the key has no bits', async () => {
    const run = async (ctx: Context, deal: Dealer): Promise<Groups> => {
      const value = deal.ring('x', 64, 3, RANGE, () => [7n, 1n, 2n]);
      const key = rows(
        deal.bits('key', 1, 3, () => [[0, 0, 0]]),
        0,
        0,
      );
      return await groupBy(ctx, { key }, [{ kind: 'sum', value }]);
    };
    const { results } = await runRep3(run);
    expect(revealed(results)).toEqual({ rows: [[0n, 10n]], overflow: 0 });
  });

  it('refuses sums that could leave the ring, before anything is sent', async () => {
    const wide = { min: 0n, max: (1n << 63n) - 1n };
    const run = runDry(async (ctx, deal) => {
      const value = deal.ring('x', 64, 3, wide, () => []);
      return await groupBy(ctx, { key: deal.bits('k', 2, 3, () => []) }, [{ kind: 'sum', value }]);
    });
    await expect(run).rejects.toMatchObject({ code: 'BOUND_NOT_PROVED' });
  });

  it('refuses columns of another length and numbers of groups that are none', async () => {
    const run = (length: number, groups?: number): Promise<unknown> =>
      runDry(async (ctx, deal) => {
        const value = deal.ring('x', 64, length, RANGE, () => []);
        return await groupBy(ctx, { key: deal.bits('k', 2, 3, () => []) }, [{ kind: 'sum', value }], {
          groups,
        });
      });
    await expect(run(4)).rejects.toThrow(RangeError);
    await expect(run(3, -1)).rejects.toThrow(RangeError);
    await expect(run(3, 1.5)).rejects.toThrow(RangeError);
    await run(3);
  });
});
