/**
 * What both sides of a sine series bring: for x = A + B and the angles t_A and t_B of the operands
 *   a sin(k(t_A + t_B)) = sin(k t_A) * a cos(k t_B) + cos(k t_A) * a sin(k t_B)
 * for each amplitude a and its odd k.
 */
import { oddHarmonics } from '../kernels/harmonics.js';
import { kernels } from '../kernels/kernels.js';
import { RingVector } from '../kernels/ring-vector.js';
import { SERIES_FRACTION, type SineSeries } from './backend.js';

/** Bits of fraction of each factor. */
const FRACTION = SERIES_FRACTION / 2;

/** Sine and cosine for each amplitude, over Z_2^64: what the holders of A know. */
export function firstFactors(operand: RingVector, { turns, amplitudes }: SineSeries): RingVector {
  const ones = amplitudes.map(() => 1);
  return oddHarmonics(operand, turns, ones, FRACTION, 'sine');
}

/** Cosine and sine times each amplitude: what the holders of B know. */
export function secondFactors(operand: RingVector, { turns, amplitudes }: SineSeries): RingVector {
  return oddHarmonics(operand, turns, amplitudes, FRACTION, 'cosine');
}

/** For each element the sum of the products of its factors. */
export function sumOfProducts(first: RingVector, second: RingVector, { amplitudes }: SineSeries): RingVector {
  const ones = RingVector.fromBigInts(
    64,
    amplitudes.flatMap(() => [1n, 1n]),
  );
  const [sum] = kernels.combineEntries(kernels.multiply(first, second), [ones]);
  return sum as RingVector;
}
