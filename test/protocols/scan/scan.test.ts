/** Partitions, copies, sums and ranks of random rows, of all kinds and widths, at the edges of their rings. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Context } from '../../../src/protocols/context.js';
import { rowBounds } from '../../../src/protocols/permute/public.js';
import { clearUnflagged } from '../../../src/protocols/scan/clear.js';
import { copyDown, copyUp } from '../../../src/protocols/scan/copy.js';
import { compact, partition } from '../../../src/protocols/scan/partition.js';
import { exclusivePrefixSum, prefixSum } from '../../../src/protocols/scan/prefix-sum.js';
import { ranksByRow } from '../../../src/protocols/scan/ranks.js';
import { moveAgainst, moveAlong, openRoute } from '../../../src/protocols/scan/route.js';
import { segmentedMax } from '../../../src/protocols/scan/running-max.js';
import {
  firstRows,
  sameAsPrevious,
  segmentedPrefixSum,
  segmentTotals,
} from '../../../src/protocols/scan/segments.js';
import { rows } from '../../../src/share/bits.js';
import { ArithmeticShare, type BinaryShare, type Column, type WordShare } from '../../../src/share/shares.js';
import { wordsOf } from '../../../src/share/words.js';
import {
  type Dealer,
  type Program,
  revealBits,
  revealRing,
  revealWords,
  runDry,
  runPlain,
  runRep3,
} from '../../support/world.js';
import { keyRows } from '../cases/join.js';

const SMALL = { min: -3n, max: 1n << 20n };
const FULL = { min: -(1n << 63n), max: (1n << 63n) - 1n };
const WIDE = { min: 0n, max: (1n << 128n) - 1n };

interface Row {
  readonly flag: number;
  readonly small: bigint;
  readonly full: bigint;
  readonly wide: bigint;
  readonly word: bigint;
}

const within = ({ min, max }: { min: bigint; max: bigint }): fc.Arbitrary<bigint> =>
  fc.oneof(fc.constantFrom(min, max), fc.bigInt(min, max));
const tables = fc.array(
  fc.record({
    flag: fc.constantFrom(0, 1),
    small: within(SMALL),
    full: within(FULL),
    wide: within(WIDE),
    word: within({ min: 0n, max: (1n << 64n) - 1n }),
  }),
  { maxLength: 20 },
);

function flagOf(deal: Dealer, table: readonly Row[]): BinaryShare {
  return deal.bits('flag', 1, table.length, () => [table.map(({ flag }) => flag)]);
}

function columnsOf(deal: Dealer, table: readonly Row[]): Column[] {
  const n = table.length;
  return [
    deal.ring('small', 32, n, SMALL, () => table.map(({ small }) => small)),
    deal.ring('full', 64, n, FULL, () => table.map(({ full }) => full)),
    deal.ring('wide', 128, n, WIDE, () => table.map(({ wide }) => wide)),
    wordsOf(
      deal.bits('word', 64, n, () =>
        keyRows(
          table.map(({ word }) => word),
          64,
        ),
      ),
      64,
    ),
  ];
}

/** The columns as lists of rows. */
function revealed(results: readonly (readonly Column[])[]): bigint[][] {
  return (results[0] as Column[]).map((column, i) => {
    const shares = results.map((own) => own[i]);
    return column instanceof ArithmeticShare
      ? revealRing(shares as ArithmeticShare<64>[])
      : revealWords(shares as WordShare<64>[]);
  });
}

function listsOf(table: readonly Row[]): bigint[][] {
  return [
    table.map(({ small }) => small),
    table.map(({ full }) => full),
    table.map(({ wide }) => wide),
    table.map(({ word }) => word),
  ];
}

const NOTHING: Row = { flag: 0, small: 0n, full: 0n, wide: 0n, word: 0n };

function copied(table: readonly Row[]): Row[] {
  return table.map((_, i) => table.slice(0, i + 1).findLast(({ flag }) => flag === 1) ?? NOTHING);
}

type Run = (ctx: Context, flag: BinaryShare, columns: Column[]) => Promise<readonly Column[]>;

const PROTOCOLS: [string, Run, (table: readonly Row[]) => Row[]][] = [
  ['copyDown', copyDown, copied],
  ['copyUp', copyUp, (table) => copied(table.toReversed()).toReversed()],
  ['clearUnflagged', clearUnflagged, (table) => table.map((row) => (row.flag === 1 ? row : NOTHING))],
  [
    'compact',
    async (ctx, flag, columns) => (await compact(ctx, flag, columns)).columns,
    (table) => table.toSorted((x, y) => y.flag - x.flag),
  ],
  [
    'partition, flagged rows last',
    async (ctx, flag, columns) => (await partition(ctx, flag, 'last', columns)).columns,
    (table) => table.toSorted((x, y) => x.flag - y.flag),
  ],
  [
    'a partition and the way back',
    async (ctx, flag, columns) => {
      const moved = await partition(ctx.step('there'), flag, 'first', columns);
      return await moveAgainst(ctx.step('back'), moved.route, moved.columns);
    },
    (table) => [...table],
  ],
];

describe.each(PROTOCOLS)('%s', (_, run, expected) => {
  const program =
    (table: readonly Row[]): Program<readonly Column[]> =>
    (ctx, deal) =>
      run(ctx, flagOf(deal, table), columnsOf(deal, table));

  it('is right for columns of all kinds and widths at the edges of their rings', async () => {
    await fc.assert(
      fc.asyncProperty(tables, async (table) => {
        const lists = listsOf(expected(table));
        expect(revealed([await runPlain(program(table))])).toEqual(lists);
        const { results, cost } = await runRep3(program(table));
        expect(revealed(results)).toEqual(lists);
        expect(await runDry(program(table))).toEqual(cost);
      }),
      { numRuns: 15 },
    );
  });

  it('refuses columns of another length, and more than one row of flags', async () => {
    const small = (deal: Dealer, n: number): Column => deal.ring('x', 32, n, SMALL, () => []);
    const wrong: Program<unknown> = (ctx, deal) =>
      run(
        ctx,
        deal.bits('flag', 1, 3, () => []),
        [small(deal, 4)],
      );
    const twoRows: Program<unknown> = (ctx, deal) =>
      run(
        ctx,
        deal.bits('flag', 2, 3, () => []),
        [small(deal, 3)],
      );
    await expect(runDry(wrong)).rejects.toThrow(RangeError);
    await expect(runDry(twoRows)).rejects.toThrow(RangeError);
  });
});

describe('prefix sums', () => {
  const x = (deal: Dealer, n: number, bounds = SMALL) => deal.ring('x', 32, n, bounds, () => []);

  it('have the bounds of sums', async () => {
    const bounds = (n: number) =>
      runPlainBounds((_, deal) => [prefixSum(x(deal, n)), exclusivePrefixSum(x(deal, n))]);
    expect(await bounds(1)).toEqual([SMALL, { min: 0n, max: 0n }]);
    expect(await bounds(3)).toEqual([
      { min: -9n, max: 3n << 20n },
      { min: -6n, max: 2n << 20n },
    ]);
  });

  it('refuse what could leave the ring', async () => {
    const run = (sum: (own: ArithmeticShare<32>) => unknown): Promise<unknown> =>
      runDry(async (_, deal) => sum(x(deal, 5, { min: 0n, max: 1n << 30n })));
    await expect(run(prefixSum)).rejects.toMatchObject({ code: 'BOUND_NOT_PROVED' });
    await expect(run(exclusivePrefixSum)).rejects.toMatchObject({ code: 'BOUND_NOT_PROVED' });
  });
});

async function runPlainBounds(
  make: (ctx: Context, deal: Dealer) => ArithmeticShare<32>[],
): Promise<{ min: bigint; max: bigint }[]> {
  let found: { min: bigint; max: bigint }[] = [];
  await runDry(async (ctx, deal) => {
    found = make(ctx, deal).map(({ bounds }) => bounds);
  });
  return found;
}

function withoutRows(deal: Dealer, n: number): BinaryShare {
  const bits = deal.bits('key', 1, n, () => [Array.from({ length: n }, () => 0)]);
  return rows(bits, 0, 0);
}

describe('sums within segments', () => {
  /** Negative values and large ones, whose sums nearly fill the ring. */
  const LARGE = { min: -(1n << 57n), max: 1n << 57n };
  const segments = fc.array(fc.record({ starts: fc.boolean(), x: within(LARGE) }), { maxLength: 30 });

  it('are right where prefix sums come close to the edges of the ring', async () => {
    await fc.assert(
      fc.asyncProperty(segments, async (table) => {
        const n = table.length;
        const program: Program<Column[]> = async (ctx, deal) => {
          const first = deal.bits('first', 1, n, () => [
            table.map(({ starts }, i) => (starts || i === 0 ? 1 : 0)),
          ]);
          const x = deal.ring('x', 64, n, LARGE, () => table.map((row) => row.x));
          return await Promise.all([
            segmentedPrefixSum(ctx.step('prefix'), first, x),
            segmentTotals(ctx.step('totals'), first, x),
            segmentedMax(ctx.step('max'), first, x),
          ]);
        };
        const starts = table.map((_, i) =>
          table.findLastIndex((row, j) => j <= i && (row.starts || j === 0)),
        );
        const sumOf = (own: readonly bigint[]): bigint => own.reduce((total, value) => total + value, 0n);
        const xs = table.map(({ x }) => x);
        const expected = [
          table.map((_, i) => sumOf(xs.slice(starts[i], i + 1))),
          table.map((_, i) => sumOf(xs.filter((_x, j) => starts[j] === starts[i]))),
          table.map((_, i) => xs.slice(starts[i], i + 1).reduce((a, b) => (a > b ? a : b))),
        ];
        const { results } = await runRep3(program);
        expect(revealed(results)).toEqual(expected);
      }),
      { numRuns: 20 },
    );
  });

  it('are refused where they could leave the ring', async () => {
    const run = (protocol: typeof segmentTotals): Promise<unknown> =>
      runDry((ctx, deal) =>
        protocol(
          ctx,
          deal.bits('first', 1, 80, () => []),
          deal.ring('x', 64, 80, LARGE, () => []),
        ),
      );
    await expect(run(segmentTotals)).rejects.toMatchObject({ code: 'BOUND_NOT_PROVED' });
    await expect(run(segmentedPrefixSum)).rejects.toMatchObject({ code: 'BOUND_NOT_PROVED' });
  });

  it('of a key without bits are those of one segment', async () => {
    const program: Program<BinaryShare> = async (ctx, deal) =>
      firstRows(await sameAsPrevious(ctx, withoutRows(deal, 66)));
    expect(revealBits([await runPlain(program)])).toEqual([
      Array.from({ length: 66 }, (_, i) => (i === 0 ? 1 : 0)),
    ]);
  });
});

describe('ranks', () => {
  const values = [5n, 1n, 5n, 7n, 1n, 5n];
  const order = [1n, 4n, 0n, 2n, 5n, 3n];
  it.each([
    ['lowest', [3n, 1n, 3n, 6n, 1n, 3n]],
    ['highest', [5n, 2n, 5n, 6n, 2n, 5n]],
    ['twice-average', [8n, 3n, 8n, 12n, 3n, 8n]],
    ['dense', [2n, 1n, 2n, 3n, 1n, 2n]],
  ] as const)('of the original rows: %s', async (kind, expected) => {
    const sorted = order.map((row) => values[Number(row)]);
    const { results } = await runRep3(async (ctx, deal) =>
      ranksByRow(
        ctx,
        {
          order: deal.ring('order', 32, 6, rowBounds(6), () => order),
          first: deal.bits('first', 1, 6, () => [
            sorted.map((value, i) => (i === 0 || value !== sorted[i - 1] ? 1 : 0)),
          ]),
        },
        kind,
      ),
    );
    expect(revealRing(results)).toEqual(expected);
  });
});

describe('a route', () => {
  it('goes along and against, any number of times, and reveals once', async () => {
    const places = [2n, 0n, 3n, 1n];
    const x = [10n, 11n, 12n, 13n];
    const program: Program<readonly Column[]> = async (ctx, deal) => {
      const column = deal.ring('x', 64, 4, FULL, () => x);
      const p = deal.ring('p', 32, 4, rowBounds(4), () => places);
      const { route, columns } = await openRoute(ctx.step('open'), p, [column]);
      const [along] = await moveAlong(ctx.step('along'), route, [column]);
      const [against] = await moveAgainst(ctx.step('against'), route, [column]);
      return [...columns, along, against];
    };
    const there = [11n, 13n, 10n, 12n];
    const { results, cost } = await runRep3(program);
    expect(revealed(results)).toEqual([there, there, [12n, 10n, 13n, 11n]]);
    // The order 12, 4 and 8 bytes a row; each journey 16, 8 and 8.
    expect(cost).toEqual({ rounds: 4, bytes: [4 * (12 + 48), 4 * (4 + 24), 4 * (8 + 24)] });
  });

  it('is refused where the places are no permutation', async () => {
    const program: Program<unknown> = (ctx, deal) =>
      openRoute(
        ctx,
        deal.ring('p', 32, 3, rowBounds(3), () => [0n, 2n, 2n]),
        [],
      );
    await expect(runRep3(program)).rejects.toMatchObject({ code: 'PEER_MISBEHAVED' });
  });
});
