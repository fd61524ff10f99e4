/**
 * Fixed-point arithmetic on bigint: x stands for x / 2^FRACTION_BITS.
 *
 * It exists because tails of distributions are wanted to more digits than doubles keep through a long
 * computation, and equal in every engine (ECMAScript leaves the accuracy of Math.exp and Math.log open).
 * Every operation rounds down and is off by a few units of 2^-FRACTION_BITS.
 */
import { bitLength, integerSquareRoot, type Rational } from './rational.js';

export const FRACTION_BITS = 192;
const FRACTION = BigInt(FRACTION_BITS);
export const ONE = 1n << FRACTION;

export function fixed({ numerator, denominator }: Rational): bigint {
  return (numerator << FRACTION) / denominator;
}

export function times(a: bigint, b: bigint): bigint {
  return (a * b) >> FRACTION;
}

export function over(a: bigint, b: bigint): bigint {
  return (a << FRACTION) / b;
}

/** Square root of a rational >= 0. */
export function fixedRoot({ numerator, denominator }: Rational): bigint {
  return integerSquareRoot((numerator << (2n * FRACTION)) / denominator);
}

/** significand / 2^FRACTION_BITS * 2^exponent: a positive number of any size. */
export interface Scaled {
  readonly significand: bigint;
  readonly exponent: number;
}

/** factor * (numerator / denominator)^power without overflow, for a ratio > 0; power may be large. */
export function scaledPower(ratio: Rational, power: Rational, factor: bigint): Scaled {
  // An error of the logarithm is multiplied by the power: that many guard bits more.
  const guard = Math.max(0, bitLength(power.numerator) - bitLength(power.denominator) + 1);
  const bits = FRACTION_BITS + guard;
  const product = (naturalLog(ratio, bits) * power.numerator) / power.denominator;
  const exponent = product / naturalLogOfTwo(bits) - (product < 0n ? 1n : 0n);
  const rest = (product - exponent * naturalLogOfTwo(bits)) >> BigInt(guard);
  return { significand: times(factor, smallExponential(rest)), exponent: Number(exponent) };
}

/** ln(ratio) * 2^bits, for a ratio > 0. */
function naturalLog({ numerator, denominator }: Rational, bits: number): bigint {
  // ratio = 2^k * m with m in (1/2, 2), and ln m = 2 artanh((m - 1) / (m + 1)).
  const k = bitLength(numerator) - bitLength(denominator);
  const n = k < 0 ? numerator << BigInt(-k) : numerator;
  const d = k > 0 ? denominator << BigInt(k) : denominator;
  return BigInt(k) * naturalLogOfTwo(bits) + 2n * inverseHyperbolicTangent(n - d, n + d, bits);
}

const logsOfTwo = new Map<number, bigint>();

function naturalLogOfTwo(bits: number): bigint {
  const known = logsOfTwo.get(bits);
  if (known !== undefined) return known;
  const computed = 2n * inverseHyperbolicTangent(1n, 3n, bits);
  logsOfTwo.set(bits, computed);
  return computed;
}

/** artanh(n / d) * 2^bits by its power series, for |n / d| <= 1/3. */
function inverseHyperbolicTangent(n: bigint, d: bigint, bits: number): bigint {
  const shift = BigInt(bits);
  const x = (n << shift) / d;
  const square = (x * x) >> shift;
  let sum = 0n;
  let power = x;
  for (let odd = 1n; power !== 0n && power !== -1n; odd += 2n) {
    sum += power / odd;
    power = (power * square) >> shift;
  }
  return sum;
}

/** e^x for fixed-point 0 <= x < 1. */
function smallExponential(x: bigint): bigint {
  // e^x = (e^(x / 2^8))^(2^8): the series of the reduced argument needs about 20 terms.
  const halvings = 8n;
  const reduced = x >> halvings;
  let sum = ONE;
  let term = reduced;
  for (let k = 2n; term !== 0n; k += 1n) {
    sum += term;
    term = times(term, reduced) / k;
  }
  for (let i = 0n; i < halvings; i += 1n) sum = times(sum, sum);
  return sum;
}
