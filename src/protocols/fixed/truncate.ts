/**
 * Truncation: x / 2^bits, over the same ring or another.
 *
 * Functionality: `truncate` and `truncateTo` give floor(x / 2^bits) or one more, the exact quotient where it is whole.
 *   `truncateExactly` gives the floor, `roundExactly` the nearest whole number (halves up).
 * Protocol: `rescale` of the backend, with a multiple of 2^bits that makes every value non-negative on the way. For the floor
 *   (ours), what is left, x - 2^bits * y, is below 0 exactly where y is too large; its sign, of bits+1 bits, is taken off.
 * Requires: the bounds of x, moved up to 0 in whole steps of 2^bits, below 2^(w-1) for a ring of w bits.
 * Cost (rep3): 2 rounds, 6.7 bytes per node and element at 64 bits; nothing for 0 bits over the same ring. Exact: a sign
 *   of bits+1 bits and a bit conversion more (20 of 64 bits: 9 rounds, 18.8 bytes).
 * Reveals: nothing. But which neighbour `truncate` gives depends on the parts, so that whoever learns its result may learn
 *   something about the bits cut off: results that are released without further noise are truncated exactly.
 * Fails: BOUND_NOT_PROVED before anything is sent.
 */
import { WarifuError } from '../../core/errors.js';
import { kernels } from '../../kernels/kernels.js';
import type { RingWidth } from '../../kernels/ring-vector.js';
import type { Bounds } from '../../share/bounds.js';
import { addConstant, partAt, slice, subtract } from '../../share/linear.js';
import { type ArithmeticShare, latest } from '../../share/shares.js';
import type { Rescaling } from '../backend.js';
import type { Context } from '../context.js';
import { bitToRing } from '../convert.js';
import { isNegative } from '../less-than.js';
import { fractionsInChunks } from './chunks.js';

/** x / 2^bits, rounded down or up. */
export async function truncate<W extends RingWidth>(
  ctx: Context,
  x: ArithmeticShare<W>,
  bits: number,
): Promise<ArithmeticShare<W>> {
  return bits === 0 ? x : await truncateTo(ctx, x, bits, x.width);
}

/** x / 2^bits, rounded down or up, over the ring of `width` bits. */
export async function truncateTo<W extends RingWidth, V extends RingWidth>(
  ctx: Context,
  x: ArithmeticShare<W>,
  bits: number,
  width: V,
): Promise<ArithmeticShare<V>> {
  const to = rescaling(x.bounds, x.width, bits, width);
  return await fractionsInChunks(ctx, x.length, async (chunk, start, end) =>
    chunk.backend.rescale(chunk, slice(x, start, end), to),
  );
}

/** floor(x / 2^bits). */
export async function truncateExactly<W extends RingWidth>(
  ctx: Context,
  x: ArithmeticShare<W>,
  bits: number,
): Promise<ArithmeticShare<W>> {
  checkShift(bits, x.width);
  if (bits === 0) return x;
  const bounds = { min: x.bounds.min >> BigInt(bits), max: x.bounds.max >> BigInt(bits) };
  return await fractionsInChunks(ctx, x.length, async (chunk, start, end) => {
    const own = slice(x, start, end);
    const near = await truncate(chunk.step('near'), own, bits);
    const above = await isNegative(chunk.step('sign'), remainder(own, near, bits));
    return subtract(near, await bitToRing(chunk.step('bit'), above, x.width)).with({ bounds });
  });
}

/** The whole number nearest to x / 2^bits; halves are rounded up. */
export async function roundExactly<W extends RingWidth>(
  ctx: Context,
  x: ArithmeticShare<W>,
  bits: number,
): Promise<ArithmeticShare<W>> {
  checkShift(bits, x.width);
  return bits === 0 ? x : await truncateExactly(ctx, addConstant(x, 1n << BigInt(bits - 1)), bits);
}

/**
 * How the backend rescales values of these bounds.
 *
 * @throws RangeError for a wrong number of bits; WarifuError BOUND_NOT_PROVED where the values are too wide.
 */
export function rescaling<V extends RingWidth>(
  { min, max }: Bounds,
  from: RingWidth,
  bits: number,
  width: V,
): Rescaling<V> {
  checkShift(bits, from);
  const offset = min < 0n ? ceiling(-min, bits) << BigInt(bits) : 0n;
  if (max + offset >= 1n << BigInt(from - 1)) {
    throw new WarifuError(
      'BOUND_NOT_PROVED',
      `a value to be truncated could need ${(max + offset).toString(2).length + 1} bits and the ring has ${from}`,
      { bits: (max + offset).toString(2).length + 1, width: from },
    );
  }
  const bounds = { min: min >> BigInt(bits), max: ceiling(max, bits) };
  return { offset, shift: bits, width, bounds };
}

function checkShift(bits: number, from: RingWidth): void {
  if (!Number.isInteger(bits) || bits < 0 || bits >= from) {
    throw new RangeError(`truncation by ${bits} of ${from} bits`);
  }
}

/** x - 2^bits * quotient, for a quotient off by less than 1: its bounds follow from that, not from its operands'. */
function remainder<W extends RingWidth>(
  x: ArithmeticShare<W>,
  quotient: ArithmeticShare<W>,
  bits: number,
): ArithmeticShare<W> {
  const step = 1n << BigInt(bits);
  return x.with({
    bounds: { min: 1n - step, max: step - 1n },
    clock: latest(x, quotient),
    parts: x.parts.map((part, i) => kernels.subtract(part, kernels.scale(partAt(quotient, i), step))),
  });
}

/** ceil(value / 2^bits). */
function ceiling(value: bigint, bits: number): bigint {
  return -(-value >> BigInt(bits));
}
