/** Joins and groups. */
import { distinct } from '../../../src/protocols/relational/distinct.js';
import { groupBy } from '../../../src/protocols/relational/group.js';
import { join, semiJoin } from '../../../src/protocols/relational/join.js';
import type { KeyedRows } from '../../../src/protocols/relational/keyed-rows.js';
import type { Dealer } from '../../support/world.js';
import { type AnyShare, bitRow, type Case, values } from './case.js';

const KEY_BITS = 5;
const RANGE = { min: -9n, max: 1n << 40n };

/** Keys of the left rows, some of which no right row has. */
function leftKeys(name: string, n: number, variant: number): bigint[] {
  return values(`${name}-left`, n, variant, 0n, 31n);
}

/** Distinct keys: some of 0 to 31, in an order of their own. */
function rightKeys(n: number, variant: number): bigint[] {
  return Array.from({ length: rightRows(n) }, (_, i) => BigInt((7 * i + 3 * variant) % 32));
}

function rightRows(n: number): number {
  return Math.min(n, 20);
}

function attributes(name: string, n: number, variant: number): bigint[] {
  return values(`${name}-x`, rightRows(n), variant, RANGE.min, RANGE.max);
}

export function keyRows(keys: readonly bigint[], bits: number): number[][] {
  return Array.from({ length: bits }, (_, bit) => keys.map((key) => Number((key >> BigInt(bit)) & 1n)));
}

function side(
  deal: Dealer,
  name: string,
  keys: () => readonly bigint[],
  n: number,
  valid: number[],
): KeyedRows {
  return {
    key: deal.bits(`${name}-key`, KEY_BITS, n, () => keyRows(keys(), KEY_BITS)),
    valid: deal.bits(`${name}-valid`, 1, n, () => [valid]),
  };
}

const validLeft = (name: string, n: number, variant: number): number[] =>
  bitRow(`${name}-l`, n, variant).map((bit, i) => (i % 3 === 0 ? bit : 1));
const validRight = (name: string, n: number, variant: number): number[] =>
  bitRow(`${name}-r`, rightRows(n), variant).map((bit, i) => (i % 4 === 0 ? bit : 1));

function sides(
  deal: Dealer,
  name: string,
  n: number,
  variant: number,
): { left: KeyedRows; right: KeyedRows } {
  return {
    left: side(deal, 'left', () => leftKeys(name, n, variant), n, validLeft(name, n, variant)),
    right: side(deal, 'right', () => rightKeys(n, variant), rightRows(n), validRight(name, n, variant)),
  };
}

/** The right row that each left row matches. */
function matches(name: string, n: number, variant: number): (number | undefined)[] {
  const [rights, validL, validR] = [
    rightKeys(n, variant),
    validLeft(name, n, variant),
    validRight(name, n, variant),
  ];
  return leftKeys(name, n, variant).map((key, i) => {
    const at = rights.findIndex((right, j) => right === key && validR[j] === 1);
    return validL[i] === 1 && at >= 0 ? at : undefined;
  });
}

export const JOIN_CASES: readonly Case[] = [
  {
    name: 'join',
    sends: true,
    composite: true,
    // Few rows are sorted by comparisons.
    coins: true,
    ahead: true,
    program: async (ctx, deal, n, variant) => {
      const { left, right } = sides(deal, 'join', n, variant);
      const x = deal.ring('x', 64, rightRows(n), RANGE, () => attributes('join', n, variant));
      return (await join(ctx, left, { ...right, columns: [x] })).columns[0];
    },
    expected: (n, variant) => {
      const x = attributes('join', n, variant);
      return matches('join', n, variant).map((at) => (at === undefined ? 0n : (x[at] as bigint)));
    },
  },
  {
    name: 'semi-join',
    sends: true,
    composite: true,
    // Few rows are sorted by comparisons.
    coins: true,
    ahead: true,
    program: async (ctx, deal, n, variant) => {
      const { left, right } = sides(deal, 'semi', n, variant);
      return await semiJoin(ctx, left, right);
    },
    expected: (n, variant) => [matches('semi', n, variant).map((at) => (at === undefined ? 0 : 1))],
  },
  {
    name: 'distinct',
    sends: true,
    composite: true,
    // Few rows are sorted by comparisons.
    coins: true,
    ahead: true,
    program: async (ctx, deal, n, variant) => await distinct(ctx, sides(deal, 'distinct', n, variant).left),
    expected: (n, variant) => {
      const valid = validLeft('distinct', n, variant);
      const keys = leftKeys('distinct', n, variant).map((key, i) => (valid[i] === 1 ? key : undefined));
      return [keys.map((key, i) => (key !== undefined && keys.indexOf(key) === i ? 1 : 0))];
    },
  },
  {
    name: 'group-sum',
    sends: true,
    composite: true,
    // Few rows are sorted by comparisons.
    coins: true,
    ahead: true,
    program: async (ctx, deal, n, variant) => {
      const { left } = sides(deal, 'group', n, variant);
      const value = deal.ring('x', 64, n, RANGE, () => values('group-x', n, variant, RANGE.min, RANGE.max));
      const { columns } = await groupBy(ctx, left, [{ kind: 'sum', value }], { groups: 40 });
      return columns[0]?.value as AnyShare;
    },
    expected: (n, variant) => {
      const valid = validLeft('group', n, variant);
      const x = values('group-x', n, variant, RANGE.min, RANGE.max);
      const sums = new Map<bigint, bigint>();
      leftKeys('group', n, variant).forEach((key, i) => {
        if (valid[i] === 1) sums.set(key, (sums.get(key) ?? 0n) + (x[i] as bigint));
      });
      const sorted = [...sums].sort(([a], [b]) => Number(a - b)).map(([, sum]) => sum);
      return Array.from({ length: Math.min(n, 40) }, (_, i) => sorted[i] ?? 0n);
    },
  },
];
