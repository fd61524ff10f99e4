/**
 * Where a stable sort by a digit of a few bits moves each row.
 *
 * Functionality: of a digit of d bits, D = 2^d, and n rows the permutation over Z_2^32 that moves row i to its place.
 * Protocol: as in Chida, Hamada, Ikarashi, Kikuchi, Kiribuchi, Pinkas 2019 (eprint 2019/695), for more than one bit: the
 *   digit becomes a unit vector; running counts over all rows' entries 0, then all entries 1, and so on number the rows
 *   in the sorted order; the count at the row's own digit, less 1, is its place. Entry 0 is 1 less the others, so D-1
 *   are exchanged. The running counts never leave the loop that multiplies them.
 * Requires: 1 to 8 rows of bits; n < 2^32.
 * Cost (rep3): 3 rounds; (D-1) * 4 + 4 bytes per node and row.
 * Reveals: nothing. Fails: never.
 */
import { columns } from '../../share/bits.js';
import { addConstant } from '../../share/linear.js';
import type { ArithmeticShare, BinaryShare } from '../../share/shares.js';
import { inChunks } from '../chunks.js';
import type { Context } from '../context.js';
import { rowBounds } from '../permute/public.js';

export async function stableDestinations(ctx: Context, digit: BinaryShare): Promise<ArithmeticShare<32>> {
  const n = digit.length;
  const units = await inChunks(ctx.step('units'), n, (chunk, start, end) =>
    chunk.backend.unitVectors(chunk, columns(digit, start, end)),
  );
  const sums = ctx.backend.productSums(32, n);
  await sums.addPlaces(units, 2 ** digit.rows);
  const places = await sums.finish(ctx.step('place'), { min: 1n, max: BigInt(Math.max(1, n)) });
  return addConstant(places, -1n).with({ bounds: rowBounds(n) });
}
