/**
 * Student's t distribution with real degrees of freedom: upper tail and its quantile.
 *
 * P(T > t) = I_x(a, 1/2) / 2 with a = df/2, x = df / (df + t^2), y = 1 - x (DLMF 8.17). Both parts of the half
 * line share the weight w(t) = x^a sqrt(y):
 *
 *     P(0 < T < t) = K w(t) 2 S(t),   S = 2F1(a + 1/2, 1; 3/2; y)          (DLMF 8.17.8: all terms positive)
 *     P(T > t)     = K w(t) / C(t)    C = the continued fraction of I_x, even part of DLMF 8.17.22
 *                                         (DiDonato and Morris 1992, ACM TOMS 18(3), BFRAC)
 *
 * and together they are 1/2 at any t. Evaluated once at a point where both converge well, that gives K, so no
 * gamma function appears and none can cancel at large df. All in fixed point (docs/decisions/0002).
 */
import {
  FRACTION_BITS,
  fixed,
  fixedRoot,
  ONE,
  over,
  type Scaled,
  scaledPower,
  times,
} from './fixed-point.js';
import {
  add,
  compare,
  divide,
  fromDouble,
  multiply,
  type Rational,
  rational,
  shortened,
  subtract,
  toDouble,
} from './rational.js';

/** Inputs are cut to this many bits: it moves a tail of 2^-1074 by less than 2^-200 of itself. */
const INPUT_BITS = 224;
/** Below, almost all of the distribution lies beyond any double. */
const SMALLEST_DF = rational(1n, 1n << 20n);
/** Above, T is normal to 14 digits as far as its tail is a double: the difference is t^4 / 4 df, and t < 39. */
const LARGEST_DF = rational(10n ** 20n);
/** A tail below 2^-2000 is 0, whatever the double wanted of it. */
const LOWEST_EXPONENT = -2000;
/** Continued fraction and series end when a step changes them by less than this part. */
const NEGLIGIBLE = ONE >> BigInt(FRACTION_BITS - 32);
const MOST_TERMS = 10_000;

/** A t distribution made ready for evaluation by `studentT`. */
export interface StudentT {
  readonly df: Rational;
  /** x and y at the point t^2 = 9 df / (df + 6), where series and continued fraction meet. */
  readonly x: Rational;
  readonly y: Rational;
  /** 2 S + 1 / C at that point, so that K w = 1 / (2 mass); fixed point. */
  readonly mass: bigint;
}

/** P(T > t), and t times the density, at one t. */
interface Point {
  readonly tail: Rational;
  readonly slope: Rational;
}

/** The distribution with df degrees of freedom. Throws RangeError below 2^-20; from 1e20 on it is the normal. */
export function studentT(df: Rational): StudentT {
  if (compare(df, SMALLEST_DF) < 0) throw new RangeError('degrees of freedom below 2^-20');
  const limited = shortened(compare(df, LARGEST_DF) > 0 ? LARGEST_DF : df, INPUT_BITS);
  const x = divide(add(limited, rational(6n)), add(limited, rational(15n)));
  const y = subtract(rational(1n), x);
  const mass = 2n * series(limited, y) + over(ONE, continuedFraction(limited, x, y));
  return { df: limited, x, y, mass };
}

/** P(T > t) of t >= 0, given t^2, to about 45 digits; 0 below 2^-2000. */
export function upperTail(distribution: StudentT, tSquared: Rational): Rational {
  return evaluate(distribution, tSquared).tail;
}

function evaluate({ df, x: meetingX, y: meetingY, mass }: StudentT, tSquared: Rational): Point {
  const square = shortened(tSquared, INPUT_BITS);
  const total = add(df, square);
  const x = divide(df, total);
  const y = divide(square, total);
  // K w(t) = (x / x0)^a sqrt(y / y0) / (2 mass)
  const root = over(fixedRoot(divide(y, meetingY)), 2n * mass);
  const weight = scaledPower(shortened(divide(x, meetingX), INPUT_BITS), divide(df, rational(2n)), root);
  const slope = toRational(weight, 2n * ONE);
  if (compare(y, meetingY) < 0) {
    const central = toRational(weight, 2n * series(df, y));
    return { tail: subtract(rational(1n, 2n), central), slope };
  }
  return { tail: toRational(weight, over(ONE, continuedFraction(df, x, y))), slope };
}

/** weight * factor, both fixed point; the subtraction above loses 9 bits of 192 at most. */
function toRational({ significand, exponent }: Scaled, factor: bigint): Rational {
  if (exponent < LOWEST_EXPONENT) return rational(0n);
  const product = times(significand, factor);
  return exponent > 0
    ? rational(product << BigInt(exponent), ONE)
    : rational(product, ONE << BigInt(-exponent));
}

/** S = sum over k of product over j < k of (a + 1/2 + j) / (3/2 + j) y. */
function series(df: Rational, y: Rational): bigint {
  const fixedY = fixed(y);
  const twiceAY = fixed(multiply(df, y));
  let term = ONE;
  let sum = ONE;
  for (let odd = 1n; term > 0n; odd += 2n) {
    term = times(term, twiceAY + odd * fixedY) / (odd + 2n);
    sum += term;
  }
  return sum;
}

/** C, with I_x(a, 1/2) = x^a sqrt(y) / (B(a, 1/2) C), by the modified Lentz method. */
function continuedFraction(df: Rational, rationalX: Rational, y: Rational): bigint {
  const a = fixed(df) / 2n;
  const x = fixed(rationalX);
  const ay = fixed(multiply(df, y)) / 2n;
  const denominator = (m: bigint): bigint => {
    const last = times(over(a + m * ONE, a + (2n * m + 1n) * ONE), ay - x / 2n + ONE + m * (2n * ONE - x));
    if (m === 0n) return last;
    return m * ONE - (m * (2n * m - 1n) * over(x, a + (2n * m - 1n) * ONE)) / 2n + last;
  };
  const minusNumerator = (m: bigint): bigint => {
    const d = a + (2n * m - 1n) * ONE;
    const factors = times(over(a + (m - 1n) * ONE, d), over(a + m * ONE - ONE / 2n, d));
    return (m * (2n * m - 1n) * times(factors, times(x, x))) / 2n;
  };
  let result = denominator(0n);
  let c = result;
  let d = 0n;
  for (let m = 1n; m < MOST_TERMS; m += 1n) {
    const [numerator, b] = [minusNumerator(m), denominator(m)];
    d = over(ONE, b - times(numerator, d));
    c = b - over(numerator, c);
    const change = times(c, d);
    result = times(result, change);
    const distance = change - ONE;
    if (distance < NEGLIGIBLE && distance > -NEGLIGIBLE) return result;
  }
  throw new RangeError('the continued fraction of the t distribution did not converge');
}

/** Newton's method in doubles stops here; each of the exact steps that follow doubles the digits. */
const CLOSE = 1e-8;
const EXACT_STEPS = 2;
const MOST_STEPS = 200;

/**
 * The t > 0 with P(T > t) = p, to about 30 digits, for 0 < p < 1/2; undefined where t is above 1e308.
 *
 * Newton's method runs on ln P as a function of v = a ln(1 + t^2 / df), in which it is convex and far out
 * almost the line -v, whatever df is: all steps but the first approach from one side.
 */
export function upperQuantile(distribution: StudentT, p: Rational): Rational | undefined {
  const df = toDouble(distribution.df.numerator, distribution.df.denominator);
  const start = Math.log(toDouble(p.denominator, 2n * p.numerator));
  let v = Math.min(start, start * start);
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const t = tOfExponent(v, df);
    if (t > 1e308) return undefined;
    const { tail, slope } = evaluate(distribution, squared(fromDouble(t)));
    const logRatio = Math.log(quotient(tail, p));
    if (Math.abs(logRatio) < CLOSE) return polished(distribution, p, fromDouble(t));
    // d ln P / dv = -(slope / P) / (x t^2), and x t^2 = df t^2 / (df + t^2)
    const next = v + logRatio * quotient(tail, slope) * (df / (1 + df / t / t));
    v = next > 0 ? next : v / 4;
  }
  throw new RangeError('the quantile of the t distribution did not converge');
}

/** t = sqrt(df (e^(2 v / df) - 1)) */
function tOfExponent(v: number, df: number): number {
  const u = (2 * v) / df;
  return u < 700 ? Math.sqrt(df) * Math.sqrt(Math.expm1(u)) : Math.exp((Math.log(df) + u) / 2);
}

function polished(distribution: StudentT, p: Rational, start: Rational): Rational {
  let t = start;
  for (let step = 0; step < EXACT_STEPS; step += 1) {
    const { tail, slope } = evaluate(distribution, squared(t));
    const relative = divide(subtract(tail, p), slope);
    t = shortened(multiply(t, add(rational(1n), relative)), INPUT_BITS);
  }
  return t;
}

function squared(x: Rational): Rational {
  return multiply(x, x);
}

function quotient(a: Rational, b: Rational): number {
  return toDouble(a.numerator * b.denominator, a.denominator * b.numerator);
}

/**
 * The double nearest to P(T > t). t: any number, infinities included; df >= 2^-20, Infinity for the normal
 * distribution. Throws RangeError for NaN and for smaller df.
 */
export function studentTUpperTail(t: number, df: number): number {
  const distribution = studentT(degreesOfFreedom(df));
  if (Number.isNaN(t)) throw new RangeError('t is not a number');
  if (!Number.isFinite(t)) return t > 0 ? 0 : 1;
  const { numerator, denominator } = upperTail(distribution, squared(fromDouble(t)));
  return t < 0 ? toDouble(denominator - numerator, denominator) : toDouble(numerator, denominator);
}

/** The double nearest to P(|T| > |t|); arguments and errors as for studentTUpperTail. */
export function studentTTwoSided(t: number, df: number): number {
  const distribution = studentT(degreesOfFreedom(df));
  if (Number.isNaN(t)) throw new RangeError('t is not a number');
  if (!Number.isFinite(t)) return 0;
  const { numerator, denominator } = upperTail(distribution, squared(fromDouble(t)));
  return toDouble(2n * numerator, denominator);
}

/**
 * The double nearest to the t with P(T > t) = p; infinite beyond 1e308. 0 <= p <= 1, df as for
 * studentTUpperTail. Throws RangeError otherwise.
 */
export function studentTUpperQuantile(p: number, df: number): number {
  const distribution = studentT(degreesOfFreedom(df));
  if (!(p >= 0 && p <= 1)) throw new RangeError('p is not a probability');
  if (p === 0.5) return 0;
  // 1 - p is exact here: p is at least half of 1.
  const tail = p > 0.5 ? 1 - p : p;
  const t = tail === 0 ? undefined : upperQuantile(distribution, fromDouble(tail));
  const magnitude = t === undefined ? Number.POSITIVE_INFINITY : toDouble(t.numerator, t.denominator);
  return p > 0.5 ? -magnitude : magnitude;
}

function degreesOfFreedom(df: number): Rational {
  return df === Number.POSITIVE_INFINITY ? LARGEST_DF : fromDouble(df);
}
