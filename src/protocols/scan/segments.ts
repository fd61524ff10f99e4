/**
 * Segments: runs of neighbouring rows with equal keys, in rows that are sorted by them; and sums within each.
 *
 * Functionality: from the bits of a key the first and last row of each segment; from these flags prefix sums that start
 *   anew in each segment, and each segment's total in all of its rows.
 * Protocol: neighbours are equal where no bit differs (an AND tree over the XOR of neighbours, which is local). A
 *   segmented prefix sum is the prefix sum less its value before the segment, copied down from the first row (copy.ts).
 *   Totals are differences of these values while the first rows lie side by side.
 * Requires: the first row of all is flagged as the first of a segment.
 * Cost (rep3): `sameAsPrevious` ceil(log2 k) rounds and (k-1)/8 bytes per node and row for k bits; the sums those of
 *   `copyDown` with clearing, 7 rounds and 49.3 bytes at 64 bits.
 * Reveals: a uniform permutation (partition.ts). Fails: BOUND_NOT_PROVED where a sum over all rows could leave the ring;
 *   PEER_MISBEHAVED (reveal-order.ts).
 */
import { BitMatrix } from '../../kernels/bit-matrix.js';
import { kernels } from '../../kernels/kernels.js';
import type { RingWidth } from '../../kernels/ring-vector.js';
import { columns, not, stack, xor } from '../../share/bits.js';
import type { Bounds } from '../../share/bounds.js';
import { concatenate, slice } from '../../share/linear.js';
import { checkRows } from '../../share/rows.js';
import { type ArithmeticShare, type BinaryShare, latest, type NumberColumn } from '../../share/shares.js';
import { bitsInChunks } from '../chunks.js';
import type { Context } from '../context.js';
import { allRows } from '../logic.js';
import { clearBy, narrowFlags, wideFlags } from './clear.js';
import { copyCleared } from './copy.js';
import { bitsShiftedDown, bitsShiftedUp } from './local-rows.js';
import { boundsOfSums, exclusivePrefixSum, prefixSum } from './prefix-sum.js';

/**
 * 1 where a row's key equals that of the row before it, and all of `also` is 1; 0 in the first row.
 *
 * @param key row j is bit j; without rows all keys are equal.
 */
export async function sameAsPrevious(
  ctx: Context,
  key: BinaryShare,
  also: readonly BinaryShare[] = [],
): Promise<BinaryShare> {
  checkRows(key.length, also);
  const equal = stack([not(xor(key, bitsShiftedDown(key))), ...also]);
  if (equal.rows === 0) return ctx.publicBits(allButFirst(key.length));
  const same = await bitsInChunks(ctx, key.length, (chunk, start, end) =>
    allRows(chunk, columns(equal, start, end)),
  );
  return withoutFirst(same);
}

/** First rows of the segments, from `sameAsPrevious`. */
export function firstRows(same: BinaryShare): BinaryShare {
  return not(same);
}

/** Last rows of the segments, from `sameAsPrevious`. */
export function lastRows(same: BinaryShare): BinaryShare {
  return not(bitsShiftedUp(same));
}

/** Sums of the rows from the first one of a row's segment up to the row. */
export async function segmentedPrefixSum<C extends NumberColumn>(
  ctx: Context,
  first: BinaryShare,
  x: C,
): Promise<C> {
  const sums = prefixSum(anyWidth(x));
  const { ones, before } = await sumsBefore(ctx, first, x);
  const [offset] = await copyCleared(ctx, ones, before);
  return lessModulo(sums, offset, sums.bounds) as NumberColumn as C;
}

/** In every row the sum over its segment. */
export async function segmentTotals<C extends NumberColumn>(
  ctx: Context,
  first: BinaryShare,
  x: C,
): Promise<C> {
  const { length } = x;
  checkRows(first.length, [x]);
  if (length === 0) return x;
  const total = slice(prefixSum(anyWidth(x)), length - 1, length);
  const bounds = boundsOfSums(x.bounds, length);
  const { ones, before } = await sumsBefore(ctx, first, x);
  // In rows without a flag 0, and in the last of them the first segment's value, which is 0 too.
  const [totals] = await copyCleared(ctx, ones, before, ([own]) => [
    lessModulo(concatenate([slice(own, 1, length), total]), own, bounds),
  ]);
  return totals as NumberColumn as C;
}

/** A union of widths has no common type to infer: 64 stands for whichever it is. */
function anyWidth(x: NumberColumn): ArithmeticShare<64> {
  return x as ArithmeticShare<64>;
}

/** The sums before each segment, in its first row; 0 in all others. */
async function sumsBefore(
  ctx: Context,
  first: BinaryShare,
  x: NumberColumn,
): Promise<{ ones: ArithmeticShare<32>; before: () => Promise<readonly [ArithmeticShare<64>]> }> {
  checkRows(first.length, [x]);
  const sums = exclusivePrefixSum(anyWidth(x));
  const flags = await wideFlags(ctx, first, [sums]);
  return {
    ones: narrowFlags(flags, 32),
    before: () => clearBy(ctx.step('clear'), flags, [sums] as const),
  };
}

/** x - y modulo the ring, where the difference is known to lie within `bounds`. */
function lessModulo<W extends RingWidth>(
  x: ArithmeticShare<W>,
  y: ArithmeticShare<W>,
  bounds: Bounds,
): ArithmeticShare<W> {
  const parts = x.parts.map((part, i) => kernels.subtract(part, y.parts[i] ?? part));
  return x.with({ bounds, clock: latest(x, y), parts });
}

function allButFirst(length: number): BitMatrix {
  const ones = kernels.not(BitMatrix.zeros(1, length));
  if (length > 0) ones.words[0] = (ones.words[0] as bigint) & ~1n;
  return ones;
}

function withoutFirst(bits: BinaryShare): BinaryShare {
  const mask = allButFirst(bits.length);
  return bits.with({ parts: bits.parts.map((part) => kernels.and(part, mask)) });
}
