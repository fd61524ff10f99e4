/**
 * Ranks of sorted rows, with ties.
 *
 * Functionality: of n rows in sorted order and the first rows of their segments of equal values, each row's rank from 1:
 *   the lowest of its ties, the highest, twice the average of all (lowest + highest, a whole number), or the number of
 *   its segment.
 * Protocol (ours): the place of a segment's first row is public where its flag is known, so flag times place is local.
 *   While the first rows lie side by side (copy.ts), the place after a segment is that of the next first row, which makes
 *   the highest rank and the average as cheap as the lowest. Numbers of segments are counts of first rows.
 * Requires: the first row of all is flagged; n < 2^30.
 * Cost (rep3): dense 2 rounds and 4 bytes per node and row; others 7 rounds and 26.7 bytes. Back to the order of the
 *   original rows 2 rounds and 13.3 bytes more.
 * Reveals: uniform permutations (partition.ts, permute/permutation.ts). Fails: PEER_MISBEHAVED (reveal-order.ts).
 */
import { indices } from '../../kernels/indices.js';
import { RingVector } from '../../kernels/ring-vector.js';
import { add, addConstant, multiplyPublic } from '../../share/linear.js';
import type { ArithmeticShare, BinaryShare } from '../../share/shares.js';
import type { Context } from '../context.js';
import { bitToRing } from '../convert.js';
import { applyPermutation } from '../permute/permutation.js';
import { rowBounds } from '../permute/public.js';
import { copyCleared } from './copy.js';
import { shiftedUp } from './local-rows.js';
import { prefixSum } from './prefix-sum.js';

export type RankKind = 'lowest' | 'highest' | 'twice-average' | 'dense';

/** The rank of each row, in sorted order. `first` flags the first row of each run of equal values. */
export async function ranks(ctx: Context, first: BinaryShare, kind: RankKind): Promise<ArithmeticShare<32>> {
  const n = first.length;
  const ones = await bitToRing(ctx.step('flags'), first, 32);
  if (kind === 'dense') return prefixSum(ones);
  const places = new RingVector(32, indices(n));
  const starts = multiplyPublic(ones, places, rowBounds(n));
  const [copied] = await copyCleared(
    ctx,
    ones,
    async () => [starts] as const,
    ([own]) => [fromStarts(own, n, kind)],
  );
  return kind === 'highest' ? copied : addConstant(copied, 1n);
}

/** The same in the order of the original rows: `order` names the row at each sorted place. */
export async function ranksByRow(
  ctx: Context,
  sorted: { readonly order: ArithmeticShare<32>; readonly first: BinaryShare },
  kind: RankKind,
): Promise<ArithmeticShare<32>> {
  const inOrder = await ranks(ctx.step('ranks'), sorted.first, kind);
  const [byRow] = await applyPermutation(ctx.step('rows'), sorted.order, [inOrder]);
  return byRow;
}

/**
 * Counted from 0: first places, or places after the segment, or the sum of both. Rows without a flag stay 0, since the
 * first segment starts at 0.
 */
function fromStarts(starts: ArithmeticShare<32>, n: number, kind: RankKind): ArithmeticShare<32> {
  if (kind === 'lowest') return starts;
  const ends = shiftedUp(starts.with({ bounds: { min: 0n, max: BigInt(n) } }), BigInt(n));
  return kind === 'highest' ? ends : add(starts, ends);
}
