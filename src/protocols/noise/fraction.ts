/** Exact public parameters of distributions, and numbers made of them to any precision. */

/** numerator / denominator. */
export interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** Bits beyond those asked for, in which errors of rounding stay. */
const GUARD = 96n;

/** Arguments below which the series is short. */
const REDUCED_BITS = 3n;

/** RangeError unless the fraction is above 0. */
export function checkPositive({ numerator, denominator }: Fraction, what: string): void {
  if (numerator <= 0n || denominator <= 0n) throw new RangeError(`${what} of ${numerator}/${denominator}`);
}

/**
 * e^(-x) for x >= 0, times 2^bits; off by less than 2^-20 before it is rounded down.
 *
 * The series at x / 2^k, which is below 1/8, then k squarings: each doubles the error, which the guard bits leave room
 * for as long as k is below 64.
 */
export function exponential({ numerator, denominator }: Fraction, bits: number): bigint {
  const precision = BigInt(bits) + GUARD;
  let halvings = 0n;
  while (numerator << REDUCED_BITS >= denominator << halvings) halvings++;
  if (halvings >= 64n) return 0n;
  const one = 1n << precision;
  const argument = (numerator << precision) / (denominator << halvings);
  let sum = one;
  let term = one;
  for (let i = 1n; term > 0n; i++) {
    term = ((term * argument) >> precision) / i;
    sum += i % 2n === 1n ? -term : term;
  }
  for (let i = 0n; i < halvings; i++) sum = (sum * sum) >> precision;
  return sum >> GUARD;
}
