/** Selection: extremes, clamps, signs, columns by a bit, tables. */
import type { Context } from '../../../src/protocols/context.js';
import { absolute, clamp, sign } from '../../../src/protocols/select/clamp.js';
import {
  argLargest,
  argMaximum,
  argMinimum,
  argSmallest,
  largest,
  maximum,
  minimum,
  smallest,
} from '../../../src/protocols/select/extremes.js';
import { selectBits, selectColumns } from '../../../src/protocols/select/mux.js';
import { tableLookup } from '../../../src/protocols/select/table-lookup.js';
import { rows } from '../../../src/share/bits.js';
import { concatenate } from '../../../src/share/linear.js';
import type { ArithmeticShare } from '../../../src/share/shares.js';
import { type AnyShare, bitCase, bitRow, type Case, ringCase, values } from './case.js';

const MIN = -40n;
const MAX = 40n;

/** Of eleven entries: powers, and digits. */
const TABLES = [
  Array.from({ length: 11 }, (_, i) => 1n << BigInt(5 * i)),
  Array.from({ length: 11 }, (_, i) => BigInt((7 * i) % 11) - 5n),
];

type Vectors = readonly ArithmeticShare<64>[];

/** Several vectors of which many elements are equal. */
function vectorsCase(
  name: string,
  count: number,
  run: (ctx: Context, vectors: Vectors) => Promise<AnyShare>,
  expected: (column: readonly bigint[]) => bigint,
  range: readonly [bigint, bigint] = [MIN, MAX],
): Case {
  const list = (n: number, variant: number): bigint[][] =>
    Array.from({ length: count }, (_, i) => values(`${name}-${i % 3}`, n, variant, ...range));
  return {
    name,
    sends: count > 1,
    composite: true,
    ahead: true,
    program: async (ctx, deal, n, variant) =>
      await run(
        ctx,
        Array.from({ length: count }, (_, i) =>
          deal.ring(`x${i}`, 64, n, { min: range[0], max: range[1] }, () => list(n, variant)[i] ?? []),
        ),
      ),
    expected: (n, variant) => {
      const all = list(n, variant);
      return Array.from({ length: n }, (_, row) => expected(all.map((vector) => vector[row] ?? 0n)));
    },
  };
}

/** One vector with a few different values, so that many are equal. */
function elementsCase(
  name: string,
  run: (ctx: Context, x: ArithmeticShare<64>) => Promise<AnyShare>,
  expected: (list: readonly bigint[]) => bigint,
): Case {
  const list = (n: number, variant: number): bigint[] => values(name, n + 1, variant, -9n, 9n);
  return {
    name,
    // One element more, since there is no smallest of none.
    sends: true,
    composite: true,
    ahead: true,
    program: async (ctx, deal, n, variant) =>
      await run(
        ctx,
        deal.ring('x', 64, n + 1, { min: -9n, max: 9n }, () => list(n, variant)),
      ),
    expected: (n, variant) => [expected(list(n, variant))],
  };
}

const least = (list: readonly bigint[]): bigint =>
  list.reduce((best, value) => (value < best ? value : best));
const most = (list: readonly bigint[]): bigint => list.reduce((best, value) => (value > best ? value : best));
const place = (list: readonly bigint[], value: bigint): bigint => BigInt(list.indexOf(value));
const HALF = 1n << 61n;

export const SELECT_CASES: readonly Case[] = [
  vectorsCase('minimum-of-2', 2, minimum, least, [-HALF, HALF]),
  vectorsCase('minimum-of-5', 5, minimum, least),
  vectorsCase('maximum-of-3', 3, maximum, most),
  vectorsCase('minimum-of-1', 1, minimum, least),
  vectorsCase(
    'arg-minimum-of-5',
    5,
    async (ctx, x) => (await argMinimum(ctx, x)).index,
    (list) => place(list, least(list)),
  ),
  vectorsCase(
    'arg-maximum-of-4',
    4,
    async (ctx, x) => (await argMaximum(ctx, x)).index,
    (list) => place(list, most(list)),
  ),
  vectorsCase('value-of-arg-maximum-of-3', 3, async (ctx, x) => (await argMaximum(ctx, x)).value, most),
  elementsCase('smallest', smallest, least),
  elementsCase('largest', largest, most),
  elementsCase(
    'arg-smallest',
    async (ctx, x) => (await argSmallest(ctx, x)).index,
    (list) => place(list, least(list)),
  ),
  elementsCase(
    'arg-largest',
    async (ctx, x) => (await argLargest(ctx, x)).index,
    (list) => place(list, most(list)),
  ),
  ...(
    [
      ['clamp', -10n, 20n],
      ['clamp-below', -10n, 1000n],
      ['clamp-above', -1000n, 20n],
    ] as const
  ).map(
    ([name, low, high]): Case => ({
      ...ringCase(
        name,
        64,
        -100n,
        100n,
        (ctx, x) => clamp(ctx, x, low, high),
        (x) => x.map((v) => (v < low ? low : v > high ? high : v)),
      ),
      composite: true,
      ahead: true,
    }),
  ),
  {
    ...ringCase(
      'absolute',
      64,
      -(1n << 63n),
      (1n << 63n) - 1n,
      (ctx, x) => absolute(ctx, x),
      (x) => x.map((v) => (v < 0n ? -v : v)),
    ),
    composite: true,
    ahead: true,
  },
  {
    ...ringCase(
      'sign',
      64,
      -2n,
      2n,
      (ctx, x) => sign(ctx, x, 32),
      (x) => x.map((v) => (v < 0n ? -1n : v > 0n ? 1n : 0n)),
    ),
    composite: true,
    ahead: true,
  },
  {
    name: 'select-columns',
    sends: true,
    program: async (ctx, deal, n, variant) => {
      const bit = deal.bits('bit', 1, n, () => [bitRow('columns', n, variant)]);
      const of = (name: string): ArithmeticShare<64> =>
        deal.ring(name, 64, n, { min: -HALF, max: HALF }, () => values(name, n, variant, -HALF, HALF));
      return concatenate(await selectColumns(ctx, bit, [of('a'), of('b')], [of('c'), of('d')]));
    },
    expected: (n, variant) => {
      const bit = bitRow('columns', n, variant);
      const of = (one: string, other: string): bigint[] => {
        const [x, y] = [one, other].map((name) => values(name, n, variant, -HALF, HALF)) as [
          bigint[],
          bigint[],
        ];
        return bit.map((chosen, i) => (chosen === 1 ? x[i] : y[i]) ?? 0n);
      };
      return [...of('a', 'c'), ...of('b', 'd')];
    },
  },
  bitCase(
    'select-bits',
    (ctx, x, y) => selectBits(ctx, rows(x, 0, 1), y, x),
    (x, y) => [x.map((bit, i) => (bit === 1 ? (y[i] ?? 0) : bit))],
  ),
  {
    ...ringCase(
      'table-of-11',
      32,
      0n,
      10n,
      async (ctx, x) => concatenate(await tableLookup(ctx, x, TABLES, 64)),
      (x) => TABLES.flatMap((table) => x.map((v) => table[Number(v)] ?? 0n)),
    ),
    composite: true,
    ahead: true,
  },
];
