/**
 * Discrete Laplace noise that no node knows: P[x] is proportional to e^(-|x|/b).
 *
 * Protocol: the difference of two geometric numbers with P[k] proportional to e^(-k/b), whose bits are independent of
 *   each other: bit j is 1 with probability 1/(1 + e^(2^j/b)). All bits of both numbers are biased bits, made side by
 *   side; their weighted sum is one lookup.
 * Requires: 0 < b <= 2^40. Bits from the first on at which e^(-2^j/b) < 2^-65 are left out.
 * Error: the distribution is off by less than 2^-57 in statistical distance: 2^-65 for each bit and each cut tail.
 * Cost (rep3), with J = log2(45.1 b) rounded up: 8 rounds; 30 J bytes per node for the bits, and a third of 2J + 2 ring
 *   elements: b = 10 over Z_2^64 323 bytes per node and number on average.
 * Reveals: nothing.
 */
import type { RingWidth } from '../../kernels/ring-vector.js';
import type { ArithmeticShare } from '../../share/shares.js';
import { weightedSum } from '../bits/from-bits.js';
import type { Context } from '../context.js';
import { noiseInChunks } from './chunks.js';
import { checkPositive, exponential, type Fraction } from './fraction.js';
import { bitsBelow } from './random-bits.js';

const LARGEST_SCALE = 1n << 40n;
const BITS = 64;

/**
 * n numbers.
 *
 * @param scale b; the standard deviation is about b * sqrt(2).
 * @throws RangeError for a scale that is not above 0 and at most 2^40; WarifuError BOUND_NOT_PROVED where the ring is too
 *   narrow.
 */
export async function discreteLaplace<W extends RingWidth>(
  ctx: Context,
  n: number,
  scale: Fraction,
  width: W,
): Promise<ArithmeticShare<W>> {
  const thresholds = laplaceThresholds(scale);
  const weights = thresholds.map((_, j) => 1n << BigInt(j));
  const both = [...thresholds, ...thresholds];
  return await noiseInChunks(ctx, n, both.length * BITS, async (chunk, length) => {
    const bits = await bitsBelow(chunk.step('bits'), length, both);
    return await weightedSum(chunk.step('sum'), bits, [...weights, ...weights.map((w) => -w)], width);
  });
}

/** For each bit of a geometric number 2^64 times the probability that it is 1. */
export function laplaceThresholds(scale: Fraction): bigint[] {
  checkPositive(scale, 'a scale');
  const { numerator, denominator } = scale;
  if (numerator > LARGEST_SCALE * denominator) throw new RangeError('a scale above 2^40');
  const precision = 128;
  const one = 1n << BigInt(precision);
  const thresholds: bigint[] = [];
  for (let j = 0n; ; j++) {
    const power = exponential({ numerator: denominator << j, denominator: numerator }, precision);
    if (thresholds.length > 0 && power < 1n << BigInt(precision - BITS - 1)) return thresholds;
    // e^-y / (1 + e^-y), rounded to the nearest.
    thresholds.push(((power << BigInt(BITS + 1)) + one + power) / (2n * (one + power)));
  }
}
