/**
 * Equi-join: every left row gets the attributes of the right row with its key.
 *
 * Functionality: n left rows with any keys, m right rows with keys that are distinct among those that are there, and
 *   columns of the right rows. For each left row, in its place, a match bit and the columns' values, 0 without a match. How
 *   many rows match stays hidden. A missing key matches nothing, on either side.
 * Protocol (ours; sort-merge): the right rows, then the left ones, are sorted by key, stably, those without a key last, so
 *   that each right row stands before the left rows with its key. A row that is on the right, or has another key than the
 *   row before it, or none, starts a run; its attributes (0 for left rows) are copied down to the run's end in O(n) bytes
 *   (scan/copy.ts), with a bit that says whether it was a right row. All go back along the route of the sort.
 * Requires: n + m < 2^30; keys of as many bits on both sides.
 * Repeated right keys are not refused, and nothing else goes wrong: the last of the right rows with a key counts.
 *   `unique` says whether there were any.
 * Cost (rep3), N = n + m, k key bits and validity: the sort by k bits; then 4 + ceil(log2 k) + 1 + 7 + 2 rounds and, per
 *   node and row, 8 + 4/3 of the words of k + 1 bits to bring keys there, k/8 to compare them, 16 + 16 for copies and
 *   match bits, and 16/3 of the attributes' bytes.
 * Reveals: uniform permutations: orders after fresh shuffles (sort/radix.ts, scan/route.ts).
 * Fails: PEER_MISBEHAVED (reveal-order.ts).
 */
import { RingVector } from '../../kernels/ring-vector.js';
import { not, rows, stack, xor } from '../../share/bits.js';
import { constantBounds } from '../../share/bounds.js';
import { checkRows, concatenateRows, sliceRows } from '../../share/rows.js';
import { ArithmeticShare, type BinaryShare, type Column, type WordShare } from '../../share/shares.js';
import { bitsOfWords, wordsOf } from '../../share/words.js';
import type { Context } from '../context.js';
import { allBits } from '../fold.js';
import { and } from '../logic.js';
import { copyDown } from '../scan/copy.js';
import { appendBits } from '../scan/local-rows.js';
import { moveAlong } from '../scan/route.js';
import { sameAsPrevious } from '../scan/segments.js';
import { orderByKey } from './key-order.js';
import { checkKeyed, type KeyedRows, sameBits, sortBits } from './keyed-rows.js';

/** Rows whose columns go to the rows that they match. */
export interface AttributeRows<C extends readonly Column[]> extends KeyedRows {
  readonly columns: C;
}

export interface Joined<C extends readonly Column[]> {
  /** For each left row: is there a right row with its key. */
  readonly match: BinaryShare;
  /** Of the matching right rows, 0 where there is none. */
  readonly columns: C;
  /** One bit: no two right rows have the same key. Made only where it is asked for. */
  readonly unique: () => Promise<BinaryShare>;
}

/**
 * Joins to every left row the right row with its key.
 *
 * @throws RangeError for keys of different widths, or columns of other lengths.
 */
export async function join<const C extends readonly Column[]>(
  ctx: Context,
  left: KeyedRows,
  right: AttributeRows<C>,
): Promise<Joined<C>> {
  checkKeyed(left);
  checkKeyed(right);
  checkRows(right.key.length, right.columns);
  const [n, m] = [left.key.length, right.key.length];
  if (left.key.rows !== right.key.rows) {
    throw new RangeError(`keys of ${left.key.rows} and ${right.key.rows} bits`);
  }
  const all = bothSides(ctx, right, left);
  const onLeft = appendBits([sameBits(ctx, m, 0), sameBits(ctx, n, 1)]);
  const { key, valid } = all;
  const bits = stack([onLeft, key, ...(valid === undefined ? [] : [valid])]);
  const sorted = await orderByKey(
    ctx,
    sortBits(all),
    bits,
    right.columns.map((column) => concatenateRows([column, zeroRows(column, n)])),
  );
  const keyBits = rows(sorted.bits, 1, 1 + key.rows);
  const validBits = rows(sorted.bits, 1 + key.rows, sorted.bits.rows);
  const same = await sameAsPrevious(ctx.step('same'), keyBits, [validBits]);
  const leftBit = rows(sorted.bits, 0, 1);
  const continued = await and(ctx.step('run'), same, leftBit);
  const found = wordsOf(not(leftBit), 32);
  const copies = await copyDown(ctx.step('copy'), not(continued), [found, ...sorted.columns], {
    cleared: true,
  });
  const [match, ...columns] = (await moveAlong(ctx.step('back'), sorted.route, copies)).map((column) =>
    sliceRows(column, m, m + n),
  );
  return {
    match: bitsOfWords(match as WordShare<32>, 0, 1),
    columns: columns as readonly Column[] as C,
    // A right row with the key of the row before it, which is a right row then.
    unique: () => allBits(ctx.step('unique'), not(xor(same, continued))),
  };
}

/** For each left row: is there a right row with its key. Right keys may be repeated. */
export async function semiJoin(ctx: Context, left: KeyedRows, right: KeyedRows): Promise<BinaryShare> {
  return (await join(ctx, left, { ...right, columns: [] })).match;
}

/** For each left row: is there no right row with its key. Rows without a key have none. */
export async function antiJoin(ctx: Context, left: KeyedRows, right: KeyedRows): Promise<BinaryShare> {
  return not(await semiJoin(ctx, left, right));
}

function bothSides(ctx: Context, upper: KeyedRows, lower: KeyedRows): KeyedRows {
  const key = appendBits([upper.key, lower.key]);
  if (upper.valid === undefined && lower.valid === undefined) return { key };
  const validOf = ({ key: own, valid }: KeyedRows): BinaryShare => valid ?? sameBits(ctx, own.length, 1);
  return { key, valid: appendBits([validOf(upper), validOf(lower)]) };
}

/** Rows of 0 that go with a column. */
function zeroRows(column: Column, length: number): Column {
  const parts = column.parts.map(() => RingVector.zeros(column.width, length));
  const change = { length, parts, clock: 0 };
  if (!(column instanceof ArithmeticShare)) return column.with(change);
  return (column as ArithmeticShare<64>).with({ ...change, bounds: constantBounds(0n) });
}
