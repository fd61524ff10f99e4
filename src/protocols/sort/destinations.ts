/**
 * Where a stable sort by a digit of a few bits moves each row.
 *
 * Functionality: of a digit of d bits, D = 2^d, and n rows the permutation over Z_2^32 that moves row i to its place, its
 *   numbers times a power of two.
 * Protocol: as in Chida, Hamada, Ikarashi, Kikuchi, Kiribuchi, Pinkas 2019 (eprint 2019/695), for more than one bit: the
 *   digit becomes a unit vector; running counts over all rows' entries 0, then all entries 1, and so on number the rows
 *   in the sorted order; the count at the row's own digit, less 1, is its place. Entry 0 is 1 less the others, so D-1
 *   are exchanged. The running counts never leave the loop that multiplies them.
 * Requires: 1 to 8 rows of bits; n < 2^32.
 * Cost (rep3): 3 rounds; (D-1) * 2.5 + 4 bytes per node and row (from 2^20 rows on 4 instead of 2.5).
 * Reveals: nothing. Fails: never.
 */
import { columns } from '../../share/bits.js';
import { scaleBounds } from '../../share/bounds.js';
import { addConstant } from '../../share/linear.js';
import type { ArithmeticShare, BinaryShare } from '../../share/shares.js';
import { inChunks } from '../chunks.js';
import type { Context } from '../context.js';
import { rowBounds } from '../permute/public.js';

/** A permutation of rows whose numbers are all multiplied by 2^scale. */
export interface ScaledPlaces {
  readonly places: ArithmeticShare<32>;
  readonly scale: number;
}

export async function stableDestinations(ctx: Context, digit: BinaryShare): Promise<ScaledPlaces> {
  const n = digit.length;
  const units = await inChunks(ctx.step('units'), n, (chunk, start, end) =>
    chunk.backend.unitVectors(chunk, columns(digit, start, end), n),
  );
  const scale = units[0]?.scale ?? 0;
  const sums = ctx.backend.productSums(32, n);
  await sums.addPlaces(units, 2 ** digit.rows);
  const unit = 1n << BigInt(scale);
  const places = await sums.finish(
    ctx.step('place'),
    scaleBounds({ min: 1n, max: BigInt(Math.max(1, n)) }, unit),
  );
  return { places: addConstant(places, -unit).with({ bounds: scaleBounds(rowBounds(n), unit) }), scale };
}
