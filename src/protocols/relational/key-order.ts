/**
 * Rows brought into the order of their keys, and back.
 *
 * Functionality: of n rows with a key the stable order, those without a key last; the keys, and bits and columns that go
 *   with the rows, in that order; others can be moved back along the same route (scan/route.ts).
 * Requires: n < 2^30.
 * Cost (rep3): that of the sort (sort/sort.ts) with what is moved: bits in words (row-bits.ts), numbers over the narrowest
 *   ring that holds them. With the way back that of the sort alone, 4 rounds and 8 bytes per node and row, and 4/3 of what
 *   is moved.
 * Reveals: uniform permutations and what a sort may (sort/sort.ts, scan/route.ts). Fails: as these.
 */
import { checkRows } from '../../share/rows.js';
import { BinaryShare, type Column, type NumberColumn } from '../../share/shares.js';
import type { Context } from '../context.js';
import { moveAgainst, openRoute, type Route } from '../scan/route.js';
import { sortRows } from '../sort/sort.js';
import { type KeyedRows, type KeyValue, sortKeysOf, valuesOf } from './keyed-rows.js';
import { narrow, narrowest } from './narrow.js';
import { packAll, unpackAll, type Words } from './row-bits.js';

/** Rows in order. */
export interface InOrder<C extends readonly Column[]> {
  /** Numbers may be over a narrower ring, from which they can be widened. */
  readonly key: readonly KeyValue[];
  readonly valid: BinaryShare | undefined;
  readonly bits: readonly BinaryShare[];
  readonly columns: C;
}

/** Rows in order that can go back along the route to where they came from. */
export interface InOrderAndBack<C extends readonly Column[]> extends InOrder<C> {
  readonly route: Route;
}

/** Moves columns into the order of the key. */
type Move = (columns: readonly Column[]) => Promise<readonly Column[]>;

/** @param bits matrices of bits that move with the rows; there may be none. */
export async function orderByKey<const C extends readonly Column[]>(
  ctx: Context,
  keyed: KeyedRows,
  bits: readonly BinaryShare[],
  columns: C,
): Promise<InOrder<C>> {
  const keys = await sortKeysOf(ctx.step('keys'), keyed);
  const sort: Move = async (all) => (await sortRows(ctx.step('sort'), keys, all)).columns;
  return await moved(sort, keyed, narrow, bits, columns);
}

/** `orderByKey`, and the way back. Numbers of the key come over the narrowest ring that tells them apart. */
export async function orderByKeyAndBack<const C extends readonly Column[]>(
  ctx: Context,
  keyed: KeyedRows,
  bits: readonly BinaryShare[],
  columns: C,
): Promise<InOrderAndBack<C>> {
  const keys = await sortKeysOf(ctx.step('keys'), keyed);
  const { order } = await sortRows(ctx.step('sort'), keys, []);
  const { route } = await openRoute(ctx.step('order'), order, []);
  const sort: Move = async (all) => await moveAgainst(ctx.step('rows'), route, all);
  return { ...(await moved(sort, keyed, narrowest, bits, columns)), route };
}

/** Everything as few columns on the way, and as it was after it. */
async function moved<const C extends readonly Column[]>(
  move: Move,
  keyed: KeyedRows,
  smaller: (number: NumberColumn) => NumberColumn,
  bits: readonly BinaryShare[],
  columns: C,
): Promise<InOrder<C>> {
  const values = valuesOf(keyed);
  checkRows(values[0].length, [...bits, ...columns]);
  const valid = keyed.valid === undefined ? [] : [keyed.valid];
  const keyBits = values.filter(isBits);
  const numbers = values.filter(isNumber).map((value) => smaller(value));
  const packed = [...keyBits, ...valid, ...bits];
  const words = packAll(packed);
  const all = await move([...words, ...numbers, ...columns]);
  const arrived = unpackAll(all.slice(0, words.length) as Words[], packed);
  const first = words.length + numbers.length;
  const [ownBits, ownNumbers] = [arrived.slice(0, keyBits.length), all.slice(words.length, first)];
  return {
    key: values.map((value) => (isBits(value) ? ownBits.shift() : ownNumbers.shift()) as KeyValue),
    valid: keyed.valid === undefined ? undefined : arrived[keyBits.length],
    bits: arrived.slice(keyBits.length + valid.length),
    columns: all.slice(first) as readonly Column[] as C,
  };
}

function isBits(value: KeyValue): value is BinaryShare {
  return value instanceof BinaryShare;
}

function isNumber(value: KeyValue): value is NumberColumn {
  return !(value instanceof BinaryShare);
}
