/** Sorts, order statistics, joins and groups. */
import { distinct } from '../../../src/protocols/relational/distinct.js';
import { groupBy } from '../../../src/protocols/relational/group.js';
import { join, semiJoin } from '../../../src/protocols/relational/join.js';
import { orderStatistics } from '../../../src/protocols/sort/order-statistics.js';
import { type SortKey, sortByBits, sortByComparisons, sortRows } from '../../../src/protocols/sort/sort.js';
import type { Dealer, Program } from '../../support/world.js';
import { bits, type CostRow, unsigned } from './row.js';

type Sort = (...parameters: Parameters<typeof sortByBits>) => Promise<unknown>;

const SIZES = [1000, 100_000, 1_000_000];

/** Rows by a key, with a payload of 64 bits. */
function sorting(sort: Sort, n: number, keyBits: number, missing = true): Program<unknown> {
  return (ctx, deal) => {
    const value: SortKey['value'] =
      keyBits <= 62 ? unsigned(deal, 'key', 64, n, keyBits) : unsigned(deal, 'key', 128, n, keyBits);
    const validity = missing ? bits(deal, 1, n) : undefined;
    return sort(ctx, [{ value, validity }], [unsigned(deal, 'payload', 64, n, 20)]);
  };
}

function sortsOf(
  name: string,
  sort: Sort,
  keyBits: number,
  sizes: readonly number[],
  limit: CostRow['limit'] = {},
): CostRow[] {
  return sizes.map((n) => ({
    name: `${name}, ${n.toLocaleString('en')} rows`,
    program: sorting(sort, n, keyBits),
    elements: n,
    limit,
  }));
}

const number = (deal: Dealer, name: string, n: number, count: number) => unsigned(deal, name, 64, n, count);

function joined(n: number): CostRow {
  return {
    name: `join, ${n.toLocaleString('en')} x ${n.toLocaleString('en')}, one attribute, per row of both`,
    program: (ctx, deal) =>
      join(
        ctx,
        { key: number(deal, 'left', n, 32) },
        { key: number(deal, 'right', n, 32), columns: [number(deal, 'attribute', n, 17)] },
      ),
    elements: 2 * n,
  };
}

const M = 100_000;
const LAST = 1_000_000;

export const SORT_ROWS: readonly CostRow[] = [
  ...sortsOf('sort, 32 bits', sortRows, 32, SIZES, { bytes: 620 }),
  ...sortsOf('by bits, 32 bits', sortByBits, 32, SIZES),
  ...sortsOf('by comparisons, 32 bits', sortByComparisons, 32, SIZES),
  ...sortsOf('sort, 61 bits', sortRows, 61, [M]),
  ...sortsOf('sort, 64 bits', sortRows, 64, [M]),
  {
    name: 'radix sort, 33 bits, 100,000 rows',
    program: (ctx, deal) => sortByBits(ctx, [{ value: bits(deal, 33, M) }], [number(deal, 'x', M, 20)]),
    elements: M,
  },
  {
    name: 'median of 32 bits, 1,000,000 rows',
    program: (ctx, deal) => orderStatistics(ctx, number(deal, 'x', LAST, 32), [LAST / 2 - 1]),
    elements: LAST,
  },
  {
    name: 'quartiles of 32 bits, 1,000,000 rows',
    program: (ctx, deal) =>
      orderStatistics(
        ctx,
        number(deal, 'x', LAST, 32),
        [1, 2, 3].map((quarter) => (quarter * LAST) / 4 - 1),
      ),
    elements: LAST,
  },
  joined(M),
  joined(LAST),
  {
    name: 'semi-join, 100,000 x 100,000, per row of both',
    program: (ctx, deal) =>
      semiJoin(ctx, { key: number(deal, 'left', M, 32) }, { key: number(deal, 'right', M, 32) }),
    elements: 2 * M,
  },
  {
    name: 'distinct keys, 100,000 rows',
    program: (ctx, deal) => distinct(ctx, { key: number(deal, 'key', M, 32) }),
    elements: M,
  },
  {
    name: 'group by, one sum, 100,000 rows',
    program: (ctx, deal) =>
      groupBy(ctx, { key: number(deal, 'key', M, 32) }, [
        { kind: 'sum', value: number(deal, 'value', M, 20) },
      ]),
    elements: M,
  },
];
