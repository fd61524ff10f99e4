/**
 * Opening to nodes and releasing to the analyst: the only ways in which a shared value leaves the shares.
 *
 * Opening shows a vector to all nodes, after both copies of each missing part were compared. It is for release
 * bits, upload-check bits and inside protocols for values that anyone could simulate; test/openings.test.ts
 * compares the call sites with an allowed list. Release re-randomises a vector, so that the parts which the
 * analyst receives say nothing beyond their sum, and gives this node's parts for sealing to the analyst.
 */
import type { BitMatrix } from '../kernels/bit-matrix.js';
import type { RingWidth } from '../kernels/ring-vector.js';
import { fromResidue } from '../share/bounds.js';
import type { ArithmeticShare, BinaryShare } from '../share/shares.js';
import type { Context } from './context.js';

/**
 * Shows bits to all nodes. Cost (rep3): 1 round; L + min(L, 32) bytes per node for L bytes of bits.
 *
 * @throws WarifuError COPIES_DIFFER when the copies of a part differ.
 */
export async function openBitsToNodes(ctx: Context, bits: BinaryShare): Promise<BitMatrix> {
  return await ctx.backend.openBits(ctx, bits);
}

/**
 * Shows integers to all nodes, within the bounds of the share. Cost as for bits.
 *
 * @throws WarifuError COPIES_DIFFER when the copies of a part differ.
 */
export async function openToNodes<W extends RingWidth>(
  ctx: Context,
  x: ArithmeticShare<W>,
): Promise<bigint[]> {
  const residues = (await ctx.backend.open(ctx, x)).toBigInts();
  return residues.map((residue) => fromResidue(residue, x.bounds, x.width));
}

/** The same vector under fresh parts, for the analyst. Cost (rep3): 1 round; one ring element per node. */
export async function release<W extends RingWidth>(
  ctx: Context,
  x: ArithmeticShare<W>,
): Promise<ArithmeticShare<W>> {
  return await ctx.backend.refresh(ctx, x);
}
