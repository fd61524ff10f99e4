/**
 * Selection by one bit of several columns at once.
 *
 * Protocol: the bit becomes an integer once for all columns of a ring; the columns' products share a round.
 * Cost (rep3): 3 rounds, and a ring element per node for the bit and one for each column. For bits: 1 round, a bit for
 *   each row.
 * Reveals: nothing. Fails: never.
 */
import type { RingWidth } from '../../kernels/ring-vector.js';
import { rows, sameShape as sameBits, stack, xor } from '../../share/bits.js';
import { joinBounds } from '../../share/bounds.js';
import { add, sameShape, subtract } from '../../share/linear.js';
import type { ArithmeticShare, BinaryShare } from '../../share/shares.js';
import type { Context } from '../context.js';
import { bitToRing } from '../convert.js';
import { and } from '../logic.js';
import { multiply, sameLength } from '../multiply.js';

/**
 * For each pair of columns xs[i] where the bit is 1, else ys[i].
 *
 * @throws RangeError for another number or length of columns; WarifuError BOUND_NOT_PROVED where a difference could leave
 *   the ring.
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
  const differences = xs.map((x, i) => {
    const y = ys[i] as ArithmeticShare<W>;
    sameShape(x, y);
    sameLength(bit.length, x.length);
    return subtract(x, y);
  });
  const chosen = await bitToRing(ctx.step('bit'), bit, first.width);
  return await Promise.all(
    differences.map(async (difference, i) => {
      const y = ys[i] as ArithmeticShare<W>;
      const bounds = joinBounds((xs[i] as ArithmeticShare<W>).bounds, y.bounds);
      const product = await multiply(ctx.step(`column-${i}`), chosen, difference);
      // One of the two: the sum of their bounds need not fit.
      return add(y.with({ bounds: ZERO }), product.with({ bounds: ZERO })).with({ bounds });
    }),
  );
}

/** The columns of x where the bit is 1, else those of y. RangeError for other shapes. */
export async function selectBits(
  ctx: Context,
  bit: BinaryShare,
  x: BinaryShare,
  y: BinaryShare,
): Promise<BinaryShare> {
  sameBits(x, y);
  if (x.rows === 0) return x;
  const own = rows(bit, 0, 1);
  return xor(y, await and(ctx, stack(Array.from({ length: x.rows }, () => own)), xor(x, y)));
}

const ZERO = { min: 0n, max: 0n };
