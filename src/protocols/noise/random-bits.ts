/**
 * Random bits that no node knows: uniform ones, and biased ones.
 *
 * Protocol: uniform bits are streams of the holders of each part. A biased bit says whether 64 of them, read as a number,
 *   are below a public constant (below-constants.ts).
 * Cost (rep3): uniform bits send nothing; a biased one 6 rounds and 15 bytes per node.
 * Reveals: nothing. Error: a probability is rounded to a multiple of 2^-64.
 */
import { rows } from '../../share/bits.js';
import type { BinaryShare } from '../../share/shares.js';
import type { Context } from '../context.js';
import { belowConstants, COMPARED_BITS } from './below-constants.js';
import { checkCount } from './chunks.js';
import { checkPositive, type Fraction } from './fraction.js';

/** Rows of uniform bits. */
export function randomBits(ctx: Context, count: number, length: number): BinaryShare {
  return ctx.backend.randomBits(ctx, count, length);
}

/** For each probability, from 0 to 1, a row of bits that are 1 with it, independent of each other. */
export async function biasedBits(
  ctx: Context,
  length: number,
  probabilities: readonly Fraction[],
): Promise<BinaryShare> {
  return await bitsBelow(ctx, length, probabilities.map(thresholdOf));
}

/** For each threshold from 0 to 2^64 a row of bits that are 1 with probability threshold / 2^64. */
export async function bitsBelow(
  ctx: Context,
  length: number,
  thresholds: readonly bigint[],
): Promise<BinaryShare> {
  checkCount(length);
  const random = randomBits(ctx.step('random'), COMPARED_BITS * thresholds.length, length);
  const numbers = thresholds.map((_, i) => rows(random, i * COMPARED_BITS, (i + 1) * COMPARED_BITS));
  return await belowConstants(ctx.step('below'), numbers, thresholds);
}

function thresholdOf(probability: Fraction): bigint {
  const { numerator, denominator } = probability;
  if (numerator < 0n || numerator > denominator) throw new RangeError('a probability is from 0 to 1');
  checkPositive({ numerator: 1n, denominator }, 'a probability');
  return ((numerator << BigInt(COMPARED_BITS + 1)) + denominator) / (2n * denominator);
}
