/**
 * Discrete Gaussian noise that no node knows: P[x] is proportional to e^(-x^2 / (2 sigma^2)) for whole numbers x.
 *
 * Protocol: |x| is the number of public thresholds, P[|x| < k] * 2^64, that one random number of 64 bits reaches; all
 *   are compared side by side, and a lookup sums them. Another random bit is the sign.
 * Requires: 0 < sigma <= 128. |x| goes up to about 9.2 sigma, where what is beyond has a probability of 2^-65.
 * Error: the distribution is off by less than 2^-53 in statistical distance: 2^-64 for each threshold.
 * Cost (rep3), with N thresholds, about 9.2 sigma: 9 rounds; 15 N bytes per node for the comparisons and (N + 3) / 3 + 1
 *   ring elements and more: sigma = 3 over Z_2^64 516 bytes per node and number on average. It grows with sigma: noise of
 *   this kind is for released cells, not for rows.
 * Reveals: nothing.
 */
import type { RingWidth } from '../../kernels/ring-vector.js';
import { rows } from '../../share/bits.js';
import type { ArithmeticShare, BinaryShare } from '../../share/shares.js';
import { lookup } from '../bits/lookup.js';
import type { Context } from '../context.js';
import { multiply } from '../multiply.js';
import { belowConstants, COMPARED_BITS } from './below-constants.js';
import { checkCount, noiseInChunks } from './chunks.js';
import { checkPositive, exponential, type Fraction } from './fraction.js';
import { randomBits } from './random-bits.js';

const LARGEST_DEVIATION = 128n;

/**
 * n numbers.
 *
 * @param deviation sigma.
 * @throws RangeError for a deviation that is not above 0 and at most 128; WarifuError BOUND_NOT_PROVED where the ring is
 *   too narrow.
 */
export async function discreteGaussian<W extends RingWidth>(
  ctx: Context,
  n: number,
  deviation: Fraction,
  width: W,
): Promise<ArithmeticShare<W>> {
  checkCount(n);
  const thresholds = gaussianThresholds(deviation);
  if (thresholds.length === 0) return ctx.constant(width, n, 0n);
  return await noiseInChunks(ctx, n, thresholds.length * COMPARED_BITS, async (chunk, length) => {
    const number = randomBits(chunk.step('number'), COMPARED_BITS, length);
    const sign = randomBits(chunk.step('sign'), 1, length);
    const below = await belowConstants(
      chunk.step('below'),
      thresholds.map(() => number),
      thresholds,
    );
    return await signedCount(chunk, below, sign, width);
  });
}

/** The number of rows that are 0, with a sign. */
async function signedCount<W extends RingWidth>(
  ctx: Context,
  below: BinaryShare,
  sign: BinaryShare,
  width: W,
): Promise<ArithmeticShare<W>> {
  const digits = Array.from({ length: below.rows }, (_, i) => rows(below, i, i + 1));
  const counted = digits.map(() => [1n, 0n]);
  const [count, factor] = (await lookup(
    ctx.step('count'),
    [...digits, sign],
    [
      [...counted, [0n, 0n]],
      [...digits.map(() => [0n, 0n]), [1n, -1n]],
    ],
    width,
  )) as [ArithmeticShare<W>, ArithmeticShare<W>];
  return await multiply(ctx.step('signed'), count, factor);
}

/**
 * 2^64 * P[|x| < k] for k = 1, 2, ..., rounded, while it is below 2^64: how often |x| is at least k.
 *
 * The weights are exact to 2^-100; what lies beyond 16 sigma is below 2^-180 of the sum.
 */
export function gaussianThresholds(deviation: Fraction): bigint[] {
  checkPositive(deviation, 'a standard deviation');
  const { numerator, denominator } = deviation;
  if (numerator > LARGEST_DEVIATION * denominator) throw new RangeError('a standard deviation above 128');
  const last = (16n * numerator) / denominator + 2n;
  const weights = Array.from({ length: Number(last) }, (_, k) => {
    const square = (BigInt(k) * denominator) ** 2n;
    const weight = exponential({ numerator: square, denominator: 2n * numerator ** 2n }, 128);
    return k === 0 ? weight : 2n * weight;
  });
  const total = weights.reduce((sum, weight) => sum + weight);
  const thresholds: bigint[] = [];
  let below = 0n;
  for (const weight of weights) {
    below += weight;
    const threshold = ((below << BigInt(COMPARED_BITS + 1)) + total) / (2n * total);
    if (threshold >= 1n << BigInt(COMPARED_BITS)) break;
    thresholds.push(threshold);
  }
  return thresholds;
}
