/**
 * Finishes of COUNT, SUM, AVG, VAR and STDDEV from what the nodes release.
 *
 * The nodes compute on encoded values e = x * 10^digits - min, so the released integers are
 *
 *     n = number of rows,  S = sum of e,  Q = n * (sum of e^2) - S^2 = n^2 * (population variance of e)
 *
 * and are exact; every result here is exact too, or the double nearest to the exact value. null is SQL's NULL.
 */
import { WarifuError } from '../../core/errors.js';
import { formatDecimal } from '../../share/schema.js';
import { type Rational, rational, sqrtToDouble, toDouble } from './rational.js';

/** How a column encodes its numbers: the declared minimum in units of 10^-digits. A NumberType is one. */
export interface Scale {
  readonly min: bigint;
  readonly digits: number;
}

export type VarianceKind = 'samp' | 'pop';

/**
 * SUM as decimal text with all its digits: an integer where digits = 0, otherwise with exactly `digits`
 * decimals. null for n = 0.
 */
export function sumText(n: bigint, sum: bigint, scale: Scale): string | null {
  return checkedCount(n) === 0n ? null : formatDecimal(sum + n * scale.min, scale.digits);
}

/** AVG as the nearest double; null for n = 0. */
export function mean(n: bigint, sum: bigint, scale: Scale): number | null {
  if (checkedCount(n) === 0n) return null;
  const { numerator, denominator } = exactMean(n, sum, scale);
  return toDouble(numerator, denominator);
}

/** The mean of x for n > 0. */
export function exactMean(n: bigint, sum: bigint, scale: Scale): Rational {
  return rational(sum + n * scale.min, n * powerOfTen(scale));
}

/** VAR_SAMP or VAR_POP as the nearest double, in squared units of x; null for n = 0, and for one row of samp. */
export function variance(kind: VarianceKind, n: bigint, q: bigint, scale: Scale): number | null {
  const exact = exactVariance(kind, n, q, scale);
  return exact === null ? null : toDouble(exact.numerator, exact.denominator);
}

/** STDDEV_SAMP or STDDEV_POP as the nearest double, in units of x; null as for variance. */
export function standardDeviation(kind: VarianceKind, n: bigint, q: bigint, scale: Scale): number | null {
  const exact = exactVariance(kind, n, q, scale);
  return exact === null ? null : sqrtToDouble(exact.numerator, exact.denominator);
}

function exactVariance(kind: VarianceKind, n: bigint, q: bigint, scale: Scale): Rational | null {
  checkedSpread(q);
  const divisor = kind === 'samp' ? checkedCount(n) - 1n : checkedCount(n);
  return divisor <= 0n ? null : rational(q, n * divisor * powerOfTen(scale) ** 2n);
}

function powerOfTen(scale: Scale): bigint {
  return 10n ** BigInt(scale.digits);
}

/** A released count. Throws WarifuError INTERNAL when negative: no data has such a count. */
export function checkedCount(n: bigint): bigint {
  if (n < 0n) throw new WarifuError('INTERNAL', 'a released count is negative');
  return n;
}

/** A released Q. Throws WarifuError INTERNAL when negative: no data has such a spread. */
export function checkedSpread(q: bigint): bigint {
  if (q < 0n) throw new WarifuError('INTERNAL', 'a released sum of squares is negative');
  return q;
}
