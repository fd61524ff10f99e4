/**
 * Selection by one bit of several columns at once.
 *
 * Protocol: the bit becomes an integer once for all columns of a ring; the columns' products share a round.
 * Cost (rep3): 3 rounds, and a ring element per node for the bit and one for each column. For bits: 1 round, a bit for
 *   each row.
 * Reveals: nothing. Fails: never.
 */
import type { RingWidth } from '../../kernels/ring-vector.js';
import { sameShape as sameBits, stack, xor } from '../../share/bits.js';
import { joinBounds, proveFits } from '../../share/bounds.js';
import { sameShape } from '../../share/linear.js';
import type { ArithmeticShare, BinaryShare } from '../../share/shares.js';
import type { Context } from '../context.js';
import { bitToRing, choose } from '../convert.js';
import { and } from '../logic.js';
import { sameLength } from '../multiply.js';

/**
 * For each pair of columns xs[i] where the bit is 1, else ys[i].
 *
 * @throws RangeError for another number or length of columns; WarifuError BOUND_NOT_PROVED where a column's values and
 *   those of its partner do not fit the ring together.
 */
export async function selectColumns<W extends RingWidth>(
  ctx: Context,
  bit: BinaryShare,
  xs: readonly ArithmeticShare<W>[],
  ys: readonly NoInfer<ArithmeticShare<W>>[],
): Promise<ArithmeticShare<W>[]> {
  if (xs.length !== ys.length) throw new RangeError(`${xs.length} and ${ys.length} columns`);
  const [first] = xs;
  if (first === undefined) return [];
  xs.forEach((x, i) => {
    const y = ys[i] as ArithmeticShare<W>;
    sameShape(x, y);
    proveFits(joinBounds(x.bounds, y.bounds), x.width, 'one of two values');
    sameLength(bit.length, x.length);
  });
  const chosen = await bitToRing(ctx.step('bit'), bit, first.width);
  return await Promise.all(
    xs.map((x, i) => choose(ctx.step(`column-${i}`), chosen, x, ys[i] as ArithmeticShare<W>)),
  );
}

/** The columns of x where the bit is 1, else those of y. RangeError for other shapes. */
export async function selectBits(
  ctx: Context,
  bit: BinaryShare,
  x: BinaryShare,
  y: BinaryShare,
): Promise<BinaryShare> {
  if (bit.rows !== 1) throw new RangeError('selection takes one row of bits');
  sameLength(bit.length, x.length);
  sameBits(x, y);
  if (x.rows === 0) return x;
  return xor(y, await and(ctx, stack(Array.from({ length: x.rows }, () => bit)), xor(x, y)));
}
