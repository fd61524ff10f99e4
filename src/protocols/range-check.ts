/**
 * Check on shares that a dealt column keeps its declaration: every value in [0, range], every missing slot 0.
 *
 * Functionality: one bit, 1 where all rows pass. The dealer is not trusted, so nothing is assumed of x beyond
 *   being a ring element: the sign tests run at the full width of the ring.
 * Protocol: with validity v as a 0/1 value, x passes where neither x nor range*v - x has its top bit set.
 *   For range < 2^(w-2) this is 0 <= x <= range*v over the integers, which also forces missing slots to 0.
 * Requires: range below 2^(w-2).
 * Cost (rep3): 2 (bit to integer) + 2 + ceil(log2(w-1)) + 1 rounds, then the AND over rows.
 * Reveals: nothing here; the caller opens the one bit.
 */
import { WarifuError } from '../core/errors.js';
import { kernels } from '../kernels/kernels.js';
import type { RingWidth } from '../kernels/ring-vector.js';
import { columns, not } from '../share/bits.js';
import { slice } from '../share/linear.js';
import type { ArithmeticShare, BinaryShare } from '../share/shares.js';
import { bitsInChunks } from './chunks.js';
import type { Context } from './context.js';
import { bitToRing } from './convert.js';
import { isZeroModulo } from './equality.js';
import { allBits } from './fold.js';
import { signBit } from './less-than.js';
import { and, or } from './logic.js';
import { sameLength } from './multiply.js';

/** 1 (a row of length 1) where every x lies in [0, range], and is 0 where the validity bit is 0. */
export async function columnInRange<W extends RingWidth>(
  ctx: Context,
  x: ArithmeticShare<W>,
  validity: BinaryShare | undefined,
  range: bigint,
): Promise<BinaryShare> {
  if (range < 0n || range >= 1n << BigInt(x.width - 2)) {
    throw new WarifuError(
      'BOUND_NOT_PROVED',
      `a range check in a ring of ${x.width} bits needs a smaller range`,
    );
  }
  if (validity !== undefined) sameLength(x.length, validity.length);
  const passes = await bitsInChunks(ctx, x.length, (chunk, start, end) => {
    const valid = validity === undefined ? undefined : columns(validity, start, end);
    return rowsInRange(chunk, slice(x, start, end), valid, range);
  });
  return await allBits(ctx.step('rows'), passes);
}

/** 1 where x lies in [0, range], and is 0 where the validity bit is 0. */
async function rowsInRange<W extends RingWidth>(
  ctx: Context,
  x: ArithmeticShare<W>,
  validity: BinaryShare | undefined,
  range: bigint,
): Promise<BinaryShare> {
  const raw = x.with({ bounds: { min: 0n, max: (1n << BigInt(x.width)) - 1n } });
  const limit =
    validity === undefined
      ? ctx.constant(x.width, x.length, range)
      : scaled(await bitToRing(ctx.step('validity'), validity, x.width), range);
  const rest = raw.with({
    clock: Math.max(raw.clock, limit.clock),
    parts: raw.parts.map((part, i) => kernels.subtract(limit.parts[i] ?? part, part)),
  });
  const [below, above] = await Promise.all([
    signBit(ctx.step('below'), raw, x.width),
    signBit(ctx.step('above'), rest, x.width),
  ]);
  return await and(ctx.step('both'), not(below), not(above));
}

/** 1 (a row of length 1) where every x with validity bit 0 is 0: for identifiers, which have no range. */
export async function missingSlotsAreZero<W extends RingWidth>(
  ctx: Context,
  x: ArithmeticShare<W>,
  validity: BinaryShare,
): Promise<BinaryShare> {
  sameLength(x.length, validity.length);
  const passes = await bitsInChunks(ctx, x.length, async (chunk, start, end) => {
    const zero = await isZeroModulo(chunk.step('zero'), slice(x, start, end), x.width);
    return await or(chunk.step('either'), columns(validity, start, end), zero);
  });
  return await allBits(ctx.step('rows'), passes);
}

/** v * range as raw residues: the bounds of x are not proved yet, so nothing is derived from them. */
function scaled<W extends RingWidth>(v: ArithmeticShare<W>, range: bigint): ArithmeticShare<W> {
  return v.with({
    bounds: { min: 0n, max: range },
    parts: v.parts.map((part) => kernels.scale(part, range)),
  });
}
