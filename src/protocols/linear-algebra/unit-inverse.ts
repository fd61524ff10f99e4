/**
 * An approximate inverse of a symmetric positive definite matrix with ones on its diagonal, by matrix products alone.
 *
 * Functionality: from C (p x p) X with I - C X near 0, if all eigenvalues of C are 2^-s or more.
 * Protocol (ours): the eigenvalues lie in [2^-s, p], since they are positive and their sum is p. From X = 2/(p + 2^-s) I and
 *   the residual E = I - C X, whose eigenvalues lie in [-d, d] for a public d < 1,
 *     X <- m X (I + E),   E <- (1 - m) I + m E^2,   d <- max(m - 1, 1 - m (1 - d^2))
 *   is Newton's iteration (Schulz 1933) with a factor m, near 2 / (2 - d^2), that centres the eigenvalues anew each
 *   time, so that 1 - d grows almost fourfold and not twofold: Chebyshev's polynomials of degree 2^k. As E is carried along, the two
 *   products of a step run side by side. What the roundings of 2^-60 make of it is found out by who uses X (solve.ts).
 * Requires: 1 <= s <= 24. By the eigenvalues no number passes 2 in E and 2^(s+1) in X.
 * Error: for s = 20 the largest element of I - C X found is 2^-23 for p = 5, and 2^-19 for p = 50.
 * Cost (rep3): 3 rounds a step, s/2 + 6 steps or so (16 for p = 5 and s = 20); 48 p^2 bytes a step and node.
 * Reveals: nothing. Fails: for another matrix X holds any numbers.
 */
import type { Fixed } from '../../share/fixed.js';
import { add, scale, subtract } from '../../share/linear.js';
import type { ArithmeticShare } from '../../share/shares.js';
import type { Context } from '../context.js';
import { truncate } from '../fixed/truncate.js';
import { type Factor, scaledIdentity, smallSum } from './small-products.js';

/** Bits of fraction of C and E. */
export const UNIT_FRACTION = 60;
/** Bits of fraction of the inverse, and those of its largest numbers, together. */
const INVERSE_BITS = 60;
/** More would leave no room for products with solutions (solve.ts). */
const MOST_INVERSE_FRACTION = 44;
/** The factor m is a multiple of 2^-3. */
const FACTOR_BITS = 3;
const CONVERGED = 2 ** -30;

/** Bits of fraction of the inverse. */
export function inverseFraction(s: number): number {
  return Math.min(INVERSE_BITS - s, MOST_INVERSE_FRACTION);
}

/** X near the inverse of `matrix`, which has UNIT_FRACTION bits of fraction and is p x p. */
export async function unitInverse(
  ctx: Context,
  matrix: Fixed<128>,
  p: number,
  s: number,
): Promise<Fixed<128>> {
  const { first, factors } = schedule(p, s);
  const fraction = inverseFraction(s);
  const one = 1n << BigInt(UNIT_FRACTION);
  const multiple = (value: bigint): ArithmeticShare<128> => scaledIdentity(ctx, p, value);
  const scaled = await truncate(ctx.step('scale'), scale(matrix.value, first.times), first.fraction);
  let e: Fixed<128> = { value: subtract(multiple(one), scaled), fraction: UNIT_FRACTION };
  let x: Fixed<128> = { value: multiple(first.times << BigInt(fraction - first.fraction)), fraction };
  for (const [i, factor] of factors.entries()) {
    const step = ctx.step(`step-${i}`);
    const shape = { rows: p, columns: p, factor };
    const [next, square] = await Promise.all([
      smallSum(
        step.step('inverse'),
        { ...shape, terms: [{ x, yT: e, inner: p }], plus: x },
        { fraction, bits: s + 1 },
      ),
      smallSum(
        step.step('residual'),
        { ...shape, terms: [{ x: e, yT: e, inner: p }] },
        { fraction: UNIT_FRACTION, bits: 1 },
      ),
    ]);
    const rest = one - ((factor.times * one) >> BigInt(factor.fraction));
    x = next;
    e = { value: add(square.value, multiple(rest)), fraction: UNIT_FRACTION };
  }
  return x;
}

/** The first X as a multiple of the identity, and the factor of each step. */
function schedule(p: number, s: number): { readonly first: Factor; readonly factors: readonly Factor[] } {
  const least = 2 ** -s;
  const fraction = Math.ceil(Math.log2(p)) + FACTOR_BITS;
  const first = { times: BigInt(Math.floor((2 / (p + least)) * 2 ** fraction)), fraction };
  const factors: Factor[] = [];
  // 1 - d, which is exact where d is near 1.
  let gap = (Number(first.times) / 2 ** fraction) * least;
  while (1 - gap > CONVERGED) {
    const times = Math.floor((2 / (1 + gap * (2 - gap))) * 2 ** FACTOR_BITS);
    const m = times / 2 ** FACTOR_BITS;
    factors.push({ times: BigInt(times), fraction: FACTOR_BITS });
    gap = Math.min(2 - m, m * gap * (2 - gap));
  }
  return { first, factors };
}
