/**
 * Check on shares that a dealt column keeps its declaration: every value in [0, range], every missing slot 0.
 *
 * Functionality: one bit, 1 where all rows pass. The dealer is not trusted, so nothing is assumed of x beyond
 *   being a ring element of w bits. The answer is exact for each of them, as if x were compared at full width.
 * Protocol: with b the bits of the range (range < 2^b), x passes where
 *   (1) the backend's band test passes, which takes all w bits;
 *   (2) bit b of x is 0;
 *   (3) x - range - 1 is negative as a number of b+1 bits (needed unless range = 2^b - 1);
 *   (4) x is 0 modulo 2^(b+1), or not missing.
 *   Band (rep3): x is a sum u + v of two operands. Let s and t be what their bits from b on stand for, and c the carry
 *   out of the b bits below, so that x = 2^b*X + low with X = s + t + c modulo 2^(w-b) and 0 <= low < 2^b. The band
 *   test passes exactly where s + t is 0 or -1 modulo 2^(w-b).
 * Proof: complete: where 0 <= x < 2^b, X is 0, so s + t = -c, which is 0 or -1. Sound: where (1) holds,
 *   X is one of -1, 0 and 1; by (2), which looks at the lowest bit of X, it is even, so X = 0. So (1) and (2) together
 *   say 0 <= x < 2^b. Then -2^b <= x - range - 1 < 2^b, which b+1 bits hold, so (3) says x <= range; and x is 0 exactly
 *   where it is so modulo 2^(b+1). No step has a chance of failing.
 * Requires: range below 2^(w-2).
 * Cost (rep3): the longest of 2 + ceil(log2(w-b-1)) (band), 2 + ceil(log2(ceil(b/3))) (signs) and
 *   2 + ceil(log2(b+1)) (missing) rounds, 1 to 2 to join them, then the AND over rows.
 * Reveals: nothing here; the caller opens the one bit.
 */
import { WarifuError } from '../core/errors.js';
import type { RingWidth } from '../kernels/ring-vector.js';
import { columns, not, stack } from '../share/bits.js';
import { addConstant, slice } from '../share/linear.js';
import type { ArithmeticShare, BinaryShare } from '../share/shares.js';
import { bitsInChunks } from './chunks.js';
import type { Context } from './context.js';
import { isZeroModulo } from './equality.js';
import { allBits } from './fold.js';
import { signBit } from './less-than.js';
import { allRows, or } from './logic.js';
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

/**
 * 1 where x lies in [0, range], and is 0 where the validity bit is 0; range below 2^(w-2). The bounds that x carries
 * are not proved yet: each test says itself how many bits it takes.
 */
export async function rowsInRange<W extends RingWidth>(
  ctx: Context,
  x: ArithmeticShare<W>,
  validity: BinaryShare | undefined,
  range: bigint,
): Promise<BinaryShare> {
  const b = range === 0n ? 0 : range.toString(2).length;
  const checks = [inBand(ctx.step('band'), x, b), signBit(ctx.step('below'), x, b + 1).then(not)];
  if (range + 1n !== 1n << BigInt(b)) {
    checks.push(signBit(ctx.step('above'), addConstant(x, -range - 1n), b + 1));
  }
  if (validity !== undefined) checks.push(zeroUnless(ctx.step('missing'), validity, x, b + 1));
  return await allRows(ctx.step('all'), stack(await Promise.all(checks)));
}

/** 1 where 0 <= x < 2^b, and 0 where x lies outside [-2^b, 2^(b+1)). */
async function inBand<W extends RingWidth>(
  ctx: Context,
  x: ArithmeticShare<W>,
  b: number,
): Promise<BinaryShare> {
  const bits = await ctx.backend.bandBits(ctx.step('bits'), x, b);
  return await allRows(ctx.step('all'), bits);
}

/** 1 (a row of length 1) where every x with validity bit 0 is 0: for identifiers, which have no range. */
export async function missingSlotsAreZero<W extends RingWidth>(
  ctx: Context,
  x: ArithmeticShare<W>,
  validity: BinaryShare,
): Promise<BinaryShare> {
  sameLength(x.length, validity.length);
  const passes = await bitsInChunks(ctx, x.length, (chunk, start, end) =>
    zeroUnless(chunk, columns(validity, start, end), slice(x, start, end), x.width),
  );
  return await allBits(ctx.step('rows'), passes);
}

/** 1 where the validity bit is 1 or x is 0 modulo 2^k. */
async function zeroUnless<W extends RingWidth>(
  ctx: Context,
  validity: BinaryShare,
  x: ArithmeticShare<W>,
  k: number,
): Promise<BinaryShare> {
  const zero = await isZeroModulo(ctx.step('zero'), x, k);
  return await or(ctx.step('either'), validity, zero);
}
