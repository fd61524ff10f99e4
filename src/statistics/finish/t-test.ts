/**
 * Finish of the two-sample t test, Welch's and Student's, two-sided, shaped like R's htest.
 *
 * With n, S, Q per group as in moments.ts, and d the difference of the means:
 *
 *     Welch     v_i = Q_i / (n_i^2 (n_i - 1)) is the squared standard error of mean i;
 *               t^2 = d^2 / (v_1 + v_2),  df = (v_1 + v_2)^2 / (v_1^2 / (n_1 - 1) + v_2^2 / (n_2 - 1))
 *     Student   P = n_2 Q_1 + n_1 Q_2 is all that is released of the spread: the pooled variance times
 *               n_1 n_2 (n_1 + n_2 - 2);  t^2 = d^2 / (pooled variance (1 / n_1 + 1 / n_2))
 *
 * Statistic, df and estimates are the doubles nearest to the exact values; so are the p-value and the confidence
 * limits, but for about 1e-25 of the larger term before rounding. Where R stops with an error (fewer than two
 * rows in a group, no spread in either group), the result is null, SQL's NULL; so it is for Student's test with
 * one row in a group, which R would answer but whose spread is the other group's alone.
 */
import { WarifuError } from '../../core/errors.js';
import { checkedCount, checkedSpread, exactMean, type Scale } from './moments.js';
import {
  add,
  divide,
  multiply,
  type Rational,
  rational,
  sqrtToBits,
  sqrtToDouble,
  subtract,
  toDouble,
} from './rational.js';
import { studentT, upperQuantile, upperTail } from './student-t.js';

/** What a t test prints; the group order is that of the labels, as the caller gave them. */
export interface TTestResult {
  readonly statistic: number;
  readonly df: number;
  readonly p_value: number;
  /** Of the difference of the means, group 1 less group 2, at 95 percent. */
  readonly conf_int: readonly [number, number];
  readonly estimate: readonly [number, number];
  readonly null_value: 0;
  readonly alternative: 'two.sided';
  readonly method: 'Welch Two Sample t-test' | 'Two Sample t-test';
  readonly n: readonly [number, number];
}

/** Released of a group: its rows and the sum of its encoded values. */
export interface GroupSum {
  readonly n: bigint;
  readonly sum: bigint;
}

/** Released of a group by Welch's test: also Q = n * (sum of squares) - sum^2 of the encoded values. */
export interface GroupSpread extends GroupSum {
  readonly q: bigint;
}

/** Probability beyond each confidence limit: a level of 95 percent. */
const BEYOND = rational(1n, 40n);
/** Bits kept of the two irrational numbers in a confidence limit. */
const ROOT_BITS = 224;

/** Welch's t test; null as the head says. Throws WarifuError INTERNAL for a negative n or q. */
export function welchTTest(first: GroupSpread, second: GroupSpread, scale: Scale): TTestResult | null {
  checkedSpread(first.q);
  checkedSpread(second.q);
  if (tooFew(first, second) || first.q + second.q === 0n) return null;
  const [v1, v2] = [squaredError(first, scale), squaredError(second, scale)];
  const whole = add(v1, v2);
  const part = (v: Rational, n: bigint): Rational => divide(multiply(v, v), rational(n - 1n));
  const df = divide(multiply(whole, whole), add(part(v1, first.n), part(v2, second.n)));
  return finished('Welch Two Sample t-test', [first, second], scale, whole, df);
}

/** Student's t test, pooled = n2 Q1 + n1 Q2; null as the head says. Throws WarifuError INTERNAL as welchTTest. */
export function studentTTest(
  first: GroupSum,
  second: GroupSum,
  pooled: bigint,
  scale: Scale,
): TTestResult | null {
  if (tooFew(first, second) || checkedSpread(pooled) === 0n) return null;
  const [n1, n2] = [first.n, second.n];
  const df = n1 + n2 - 2n;
  const squared = rational(pooled * (n1 + n2), (n1 * n2) ** 2n * df * 100n ** BigInt(scale.digits));
  return finished('Two Sample t-test', [first, second], scale, squared, rational(df));
}

function tooFew(first: GroupSum, second: GroupSum): boolean {
  return checkedCount(first.n) < 2n || checkedCount(second.n) < 2n;
}

function squaredError({ n, q }: GroupSpread, scale: Scale): Rational {
  return rational(q, n * n * (n - 1n) * 100n ** BigInt(scale.digits));
}

/** All that follows from the squared standard error of the difference, in squared units of x, and df. */
function finished(
  method: TTestResult['method'],
  [first, second]: readonly [GroupSum, GroupSum],
  scale: Scale,
  squaredStandardError: Rational,
  df: Rational,
): TTestResult {
  const m1 = exactMean(first.n, first.sum, scale);
  const m2 = exactMean(second.n, second.sum, scale);
  const difference = subtract(m1, m2);
  const tSquared = divide(multiply(difference, difference), squaredStandardError);
  const t = sqrtToDouble(tSquared.numerator, tSquared.denominator);
  const distribution = studentT(df);
  const quantile = upperQuantile(distribution, BEYOND);
  if (quantile === undefined)
    throw new WarifuError('INTERNAL', 'a t test with less than one degree of freedom');
  const reach = multiply(quantile, sqrtToBits(squaredStandardError, ROOT_BITS));
  const tail = upperTail(distribution, tSquared);
  return {
    statistic: difference.numerator < 0n ? -t : t,
    df: nearest(df),
    p_value: nearest(add(tail, tail)),
    conf_int: [nearest(subtract(difference, reach)), nearest(add(difference, reach))],
    estimate: [nearest(m1), nearest(m2)],
    null_value: 0,
    alternative: 'two.sided',
    method,
    n: [Number(first.n), Number(second.n)],
  };
}

function nearest({ numerator, denominator }: Rational): number {
  return toDouble(numerator, denominator);
}
