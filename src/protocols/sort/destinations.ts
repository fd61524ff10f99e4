/**
 * Where a stable sort by a digit of a few bits moves each row.
 *
 * Functionality: of a digit of d bits, D = 2^d, and n rows the permutation over Z_2^32 that moves row i to its place.
 * Protocol: as in Chida, Hamada, Ikarashi, Kikuchi, Kiribuchi, Pinkas 2019 (eprint 2019/695), for more than one bit: the
 *   digit becomes a unit vector; running counts over all rows' entries 0, then all entries 1, and so on number the rows
 *   in the sorted order; the count at the row's own digit, less 1, is its place. Entry 0 is 1 less the others, so D-1
 *   are exchanged.
 * Requires: 1 to 8 rows of bits; n < 2^32.
 * Cost (rep3): 3 rounds; (D-1) * 4 + 4 bytes per node and row.
 * Reveals: nothing. Fails: never.
 */
import { kernels } from '../../kernels/kernels.js';
import { addConstant, concatenate, scale, slice, add as sumOf, tighten } from '../../share/linear.js';
import type { ArithmeticShare, BinaryShare } from '../../share/shares.js';
import { lookup } from '../bits/lookup.js';
import { ringInChunks } from '../chunks.js';
import type { Context } from '../context.js';
import { rowBounds } from '../permute/public.js';

export async function stableDestinations(ctx: Context, digit: BinaryShare): Promise<ArithmeticShare<32>> {
  const n = digit.length;
  const units = await unitVectors(ctx.step('one-hot'), digit);
  const counts = runningCounts(units, n);
  const bounds = { min: 1n, max: BigInt(Math.max(1, n)) };
  const places = await ringInChunks(ctx.step('place'), n, async (chunk, start, end) => {
    const sums = chunk.backend.productSums(32, end - start);
    for (let at = 0; at < units.length; at += n) {
      await sums.addElementwise(slice(units, at + start, at + end), slice(counts, at + start, at + end));
      if (n === 0) break;
    }
    return await sums.finish(chunk, bounds);
  });
  return addConstant(places, -1n).with({ bounds: rowBounds(n) });
}

/** Entry 0 of all rows' unit vectors, then entry 1, and so on. */
async function unitVectors(ctx: Context, digit: BinaryShare): Promise<ArithmeticShare<32>> {
  const values = 2 ** digit.rows;
  const tables = Array.from({ length: values - 1 }, (_, v) => [
    Array.from({ length: values }, (_entry, at) => (at === v + 1 ? 1n : 0n)),
  ]);
  const others = await lookup(ctx, [digit], tables, 32);
  const rest = addConstant(scale(others.reduce(sumOf), -1n), 1n);
  // One entry is 1, the others are 0.
  return concatenate([tighten(rest, { min: 0n, max: 1n }), ...others]);
}

/** Inclusive. A row's count at its own digit is its place among all, counted from 1. */
function runningCounts(units: ArithmeticShare<32>, n: number): ArithmeticShare<32> {
  return units.with({ bounds: { min: 0n, max: BigInt(n) }, parts: units.parts.map(kernels.prefixSum) });
}
