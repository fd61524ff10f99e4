/**
 * One-hot vectors: for each value of a small domain, a vector that is 1 where a shared number has this value, else 0.
 *
 * Protocol: a lookup with a table for each value but the last, which is 1 less the others.
 * Requires: a digit of 1 to 8 bits, or an integer with bounds in [0, size) for a size of at most 256.
 * Cost (rep3): of a digit of D = 2^d values 2 rounds and D-1 ring elements from each node: of 8 values 28 bytes over
 *   Z_2^32; of an integer those of its bits before (to-bits.ts), and nodes 1 and 2 send one element for each value but
 *   the last.
 * Reveals: nothing. Fails: never.
 */
import { WarifuError } from '../../core/errors.js';
import type { RingWidth } from '../../kernels/ring-vector.js';
import { BIT } from '../../share/bounds.js';
import { add, addConstant, scale } from '../../share/linear.js';
import type { ArithmeticShare, BinaryShare } from '../../share/shares.js';
import type { Context } from '../context.js';
import { lookup } from './lookup.js';
import { toBits } from './to-bits.js';

const LARGEST_DOMAIN = 256;

/** 2^rows vectors of 0 and 1, the first 1 where the digit is 0. */
export async function oneHot<W extends RingWidth>(
  ctx: Context,
  digit: BinaryShare,
  width: W,
): Promise<ArithmeticShare<W>[]> {
  return await oneHotOf(ctx, digit, 2 ** digit.rows, width);
}

/**
 * `size` vectors of 0 and 1, the first 1 where x is 0.
 *
 * @throws RangeError for a size that is not 1 to 256; WarifuError BOUND_NOT_PROVED where x could be outside [0, size).
 */
export async function oneHotOfInteger<V extends RingWidth, W extends RingWidth>(
  ctx: Context,
  x: ArithmeticShare<V>,
  size: number,
  width: W,
): Promise<ArithmeticShare<W>[]> {
  checkDomain(x, size, LARGEST_DOMAIN);
  if (size === 1) return [ctx.constant(width, x.length, 1n)];
  const digit = await toBits(ctx.step('bits'), x, 0, bitsOfDomain(size));
  return await oneHotOf(ctx.step('one-hot'), digit, size, width);
}

/** Bits of numbers below a size of 2 or more. */
export function bitsOfDomain(size: number): number {
  return 32 - Math.clz32(size - 1);
}

/** RangeError for a domain that is empty or too large; BOUND_NOT_PROVED where x could be outside it. */
export function checkDomain<W extends RingWidth>(x: ArithmeticShare<W>, size: number, largest: number): void {
  if (!Number.isInteger(size) || size < 1 || size > largest) {
    throw new RangeError(`a domain of ${size} values, not 1 to ${largest}`);
  }
  const { min, max } = x.bounds;
  if (min < 0n || max >= BigInt(size)) {
    throw new WarifuError('BOUND_NOT_PROVED', `a value could be outside the ${size} values of its domain`);
  }
}

/** As `oneHot` for a digit that is known to be below `size`, which is 2 or more. */
async function oneHotOf<W extends RingWidth>(
  ctx: Context,
  digit: BinaryShare,
  size: number,
  width: W,
): Promise<ArithmeticShare<W>[]> {
  const values = Array.from({ length: 2 ** digit.rows }, (_, value) => value);
  const tables = values.slice(0, size - 1).map((own) => [values.map((value) => (value === own ? 1n : 0n))]);
  const vectors = await lookup(ctx, [digit], tables, width);
  const others = vectors.reduce((sum, vector) => add(sum, vector).with({ bounds: BIT }));
  return [...vectors, addConstant(scale(others, -1n), 1n)];
}
