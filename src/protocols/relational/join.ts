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
 * Requires: n + m < 2^30; keys of the same kinds and widths on both sides.
 * Repeated right keys are not refused, and nothing else goes wrong: the last of the right rows with a key counts.
 *   `unique` says whether there were any.
 * Cost (rep3), N = n + m, keys of k bits with validity: the sort of N rows (sort/sort.ts); then 4 + ceil(log2 k) + 1 + 7 + 2
 *   rounds and, per node and row, 8 + 4/3 of the words of k + 1 bits to bring keys there, k/8 to compare them, 16 + 16 for
 *   copies and match bits, and 16/3 of the attributes' bytes. Keys of numbers: 1 round more, k/24, and 4/3 of their own.
 * Reveals: orders after fresh shuffles, uniform permutations (scan/route.ts), and what a sort may (sort/sort.ts).
 * Fails: PEER_MISBEHAVED (reveal-order.ts); as sort/sort.ts.
 */
import { RingVector } from '../../kernels/ring-vector.js';
import { not, xor } from '../../share/bits.js';
import { constantBounds } from '../../share/bounds.js';
import { checkRows, concatenateRows, sliceRows } from '../../share/rows.js';
import { ArithmeticShare, BinaryShare, type Column, type WordShare } from '../../share/shares.js';
import { bitsOfWords, wordsOf } from '../../share/words.js';
import type { Context } from '../context.js';
import { allBits } from '../fold.js';
import { and } from '../logic.js';
import { copyDown } from '../scan/copy.js';
import { appendBits } from '../scan/local-rows.js';
import { moveAlong } from '../scan/route.js';
import { orderByKeyAndBack } from './key-order.js';
import { type KeyedRows, type KeyValue, sameBits, valuesOf } from './keyed-rows.js';
import { sameKey } from './same-key.js';

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
  const all = bothSides(ctx, right, left);
  const [n, m] = [valuesOf(left)[0].length, valuesOf(right)[0].length];
  checkRows(m, right.columns);
  const sides = appendBits([sameBits(ctx, m, 0), sameBits(ctx, n, 1)]);
  const sorted = await orderByKeyAndBack(
    ctx,
    all,
    [sides],
    right.columns.map((column) => concatenateRows([column, zeroRows(column, n)])),
  );
  const [onLeft] = sorted.bits as [BinaryShare];
  const valid = sorted.valid === undefined ? [] : [sorted.valid];
  const same = await sameKey(ctx.step('same'), sorted.key, valid);
  const continued = await and(ctx.step('run'), same, onLeft);
  const columnsOfRuns = [wordsOf(not(onLeft), 32), ...sorted.columns];
  const copies = await copyDown(ctx.step('copy'), not(continued), columnsOfRuns, { cleared: true });
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
  const [above, below] = [valuesOf(upper), valuesOf(lower)];
  if (above.length !== below.length)
    throw new RangeError(`keys of ${above.length} and ${below.length} values`);
  const key = above.map((value, i) => appended(value, below[i] as KeyValue));
  if (upper.valid === undefined && lower.valid === undefined) return { key };
  const validOf = (valid: BinaryShare | undefined, { length }: KeyValue): BinaryShare =>
    valid ?? sameBits(ctx, length, 1);
  return { key, valid: appendBits([validOf(upper.valid, above[0]), validOf(lower.valid, below[0])]) };
}

/** Numbers of both sides are compared as numbers, whatever their bounds. */
function appended(upper: KeyValue, lower: KeyValue): KeyValue {
  const bits = upper instanceof BinaryShare && lower instanceof BinaryShare;
  if (bits) return appendBits([upper, lower]);
  if (upper instanceof BinaryShare || lower instanceof BinaryShare || upper.width !== lower.width) {
    throw new RangeError('keys of different kinds or widths');
  }
  return concatenateRows([upper, lower]);
}

/** Rows of 0 that go with a column. */
function zeroRows(column: Column, length: number): Column {
  const parts = column.parts.map(() => RingVector.zeros(column.width, length));
  const change = { length, parts, clock: 0 };
  if (!(column instanceof ArithmeticShare)) return column.with(change);
  return (column as ArithmeticShare<64>).with({ ...change, bounds: constantBounds(0n) });
}
