/**
 * The highest set bit of each element, and public functions of its place.
 *
 * Functionality: for x below 2^top the place i = top-1-j of the highest set bit j, counted from the top, as two shared
 *   digits (i div size and i mod size) in unary: a row of bits for each of their values. None is set where x is
 *   below 2^lowest or negative. `functionsOf` gives any sum f(i div size) + g(i mod size) of public functions as a value.
 * Protocol: bits lowest..top-1 of x (toBits), the AND of all complements from the top on (Sklansky's network), whose
 *   neighbours differ at the highest set bit only, so that XOR makes its place in unary; rows of one value of a digit add
 *   up (XOR, locally). A function is a weighted sum of these few rows: one lookup for all of them (ours; the usual way
 *   looks up, or converts, a row for each place).
 * Requires: bounds of x within its ring.
 * Cost (rep3) for k = top - lowest: toBits, then ceil(log2 k) rounds and about k/2 * log2(k) bits; functionsOf 2 rounds, about
 *   2 sqrt(k) ring elements from node 0 and one for each function from nodes 1 and 2.
 * Reveals: nothing. Fails: never.
 */
import type { RingWidth } from '../../kernels/ring-vector.js';
import { not, rows, stack, xor } from '../../share/bits.js';
import { addBounds, type Bounds, joinBounds } from '../../share/bounds.js';
import { addConstant } from '../../share/linear.js';
import type { ArithmeticShare, BinaryShare } from '../../share/shares.js';
import { lookup } from '../bits/lookup.js';
import { toBits } from '../bits/to-bits.js';
import type { Context } from '../context.js';
import { andRows, type Row, type RowProduct, rowsOf } from '../row-products.js';

/** Places that the highest set bit can have, and how they are numbered: all public. */
export interface Places {
  /** x < 2^top. */
  readonly top: number;
  readonly lowest: number;
  /** top - lowest. */
  readonly count: number;
  /** Values of the fine digit: an even number, so that half of it is one of bits (square-root.ts). */
  readonly size: number;
  /** Values of the coarse digit. */
  readonly coarse: number;
  /** True where bounds prove that some bit is set. */
  readonly always: boolean;
}

/** The place of the highest set bit: a row for each value of its two digits. */
export interface HighestBit {
  readonly places: Places;
  readonly coarse: readonly BinaryShare[];
  readonly fine: readonly BinaryShare[];
}

/** A sum of functions of the digits; `none` is its value where no bit is set. */
export interface PlaceFunction {
  readonly coarse: (digit: number) => bigint;
  readonly fine: (digit: number) => bigint;
  readonly none: bigint;
}

/** The places of bits from `lowest` to what bounds say is the top. */
export function placesOf({ min, max }: Bounds, lowest: number): Places {
  const top = Math.max(bitLength(max), lowest + 1);
  const count = top - lowest;
  const size = 2 * Math.ceil(Math.sqrt(count) / 2);
  const always = min >= 1n << BigInt(lowest);
  return { top, lowest, count, size, coarse: Math.ceil(count / size), always };
}

/** The highest set bit of x among these places. */
export async function highestBit<W extends RingWidth>(
  ctx: Context,
  x: ArithmeticShare<W>,
  places: Places,
): Promise<HighestBit> {
  const { top, lowest, size } = places;
  const { min } = x.bounds;
  // A sign bit above them, set where x is negative, comes before all others.
  const end = min < 0n ? Math.max(top, bitLength(-min - 1n)) + 1 : top;
  const bits = await toBits(ctx.step('bits'), x, lowest, end);
  const clear = await noneFrom(ctx.step('prefix'), bits);
  const changes = xor(rows(clear, 0, clear.rows - 1), rows(clear, 1, clear.rows));
  const unary = rows(stack([not(rows(clear, 0, 1)), changes]), end - top, end - lowest);
  const digit = (of: (i: number) => number, value: number): BinaryShare =>
    rowsOf(unary)
      .filter((_, i) => of(i) === value)
      .map(({ of: matrix, at }) => rows(matrix, at, at + 1))
      .reduce(xor);
  const values = (count: number): number[] => Array.from({ length: count }, (_, value) => value);
  return {
    places,
    coarse: values(places.coarse).map((value) => digit((i) => Math.floor(i / size), value)),
    fine: values(Math.min(size, places.count)).map((value) => digit((i) => i % size, value)),
  };
}

/** A vector for each function, with its own bounds. */
export async function functionsOf<W extends RingWidth>(
  ctx: Context,
  { places: { always }, coarse, fine }: HighestBit,
  functions: readonly PlaceFunction[],
  width: W,
): Promise<ArithmeticShare<W>[]> {
  // Where some bit is always set, the first row of each digit follows from the others.
  const [coarseRows, fineRows] = always ? [coarse.slice(1), fine.slice(1)] : [coarse, fine];
  const digits = [...coarseRows, ...fineRows];
  const start = coarse.length - coarseRows.length;
  const known = functions.map(({ coarse: f, fine: g, none }) => {
    const [c0, f0] = always ? [f(0), g(0)] : [none, 0n];
    const weights = [
      ...coarseRows.map((_, i) => f(i + start) - c0),
      ...fineRows.map((_, i) => g(i + start) - f0),
    ];
    const ranges = [rangeOf(coarse.length, f), rangeOf(fine.length, g)] as const;
    const some = addBounds(...ranges);
    const bounds = always ? some : joinBounds(some, { min: none, max: none });
    return { constant: c0 + f0, tables: weights.map((weight) => [0n, weight]), bounds };
  });
  if (digits.length === 0) {
    return known.map(({ constant }) => ctx.constant(width, (coarse[0] as BinaryShare).length, constant));
  }
  const given = known.map(({ bounds, constant }) => ({
    min: bounds.min - constant,
    max: bounds.max - constant,
  }));
  const tables = known.map((own) => own.tables);
  const found = await lookup(ctx, digits, tables, width, given);
  return found.map((values, i) => addConstant(values, known[i]?.constant ?? 0n));
}

/** No part of a function. */
export function zero(): bigint {
  return 0n;
}

/** Bits of a number that is not negative. */
export function bitLength(value: bigint): number {
  return value <= 0n ? 0 : value.toString(2).length;
}

function rangeOf(count: number, f: (digit: number) => bigint): Bounds {
  return Array.from({ length: count }, (_, i) => ({ min: f(i), max: f(i) })).reduce(joinBounds);
}

/** Row i: whether bits from the highest row down to the i-th from the top are all 0. */
async function noneFrom(ctx: Context, bits: BinaryShare): Promise<BinaryShare> {
  let prefixes: Row[] = rowsOf(not(bits)).toReversed();
  for (let level = 0, half = 1; half < prefixes.length; level++, half *= 2) {
    const changing = prefixes.map((_, i) => i).filter((i) => (i & half) !== 0);
    // The last row of the block before.
    const products = changing.map((i): RowProduct => {
      const before = (i & ~(half - 1)) - 1;
      return { x: prefixes[i] as Row, y: prefixes[before] as Row };
    });
    const joined = await andRows(ctx.step(`level-${level}`), products);
    prefixes = prefixes.map((row, i) => {
      const at = changing.indexOf(i);
      return at < 0 ? row : { of: joined, at };
    });
  }
  return stack(prefixes.map(({ of, at }) => rows(of, at, at + 1)));
}
