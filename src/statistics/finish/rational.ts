/**
 * Exact rationals on bigint, and their correctly rounded conversion to doubles.
 *
 * Rationals are kept unreduced: a finish needs a handful of operations on integers of a few hundred bits,
 * where a greatest common divisor costs more than it saves.
 */

/** numerator / denominator, with denominator > 0. */
export interface Rational {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** A rational with a positive denominator. Throws RangeError when the denominator is 0. */
export function rational(numerator: bigint, denominator = 1n): Rational {
  if (denominator === 0n) throw new RangeError('a rational has denominator 0');
  return denominator < 0n ? { numerator: -numerator, denominator: -denominator } : { numerator, denominator };
}

export function add(a: Rational, b: Rational): Rational {
  return rational(a.numerator * b.denominator + b.numerator * a.denominator, a.denominator * b.denominator);
}

export function subtract(a: Rational, b: Rational): Rational {
  return add(a, { numerator: -b.numerator, denominator: b.denominator });
}

export function multiply(a: Rational, b: Rational): Rational {
  return rational(a.numerator * b.numerator, a.denominator * b.denominator);
}

/** Throws RangeError when b is 0. */
export function divide(a: Rational, b: Rational): Rational {
  return rational(a.numerator * b.denominator, a.denominator * b.numerator);
}

/** Negative, zero or positive as a is less than, equal to or greater than b. */
export function compare(a: Rational, b: Rational): number {
  const difference = a.numerator * b.denominator - b.numerator * a.denominator;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** The double x exactly. Throws RangeError for infinities and NaN. */
export function fromDouble(x: number): Rational {
  if (!Number.isFinite(x)) throw new RangeError('only finite doubles are rationals');
  const bits = new BigUint64Array(new Float64Array([x]).buffer)[0] ?? 0n;
  const field = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xf_ffff_ffff_ffffn;
  const magnitude = field === 0 ? fraction : fraction | (1n << 52n);
  const exponent = Math.max(field, 1) - 1075;
  const signed = bits >> 63n === 1n ? -magnitude : magnitude;
  return exponent >= 0 ? rational(signed << BigInt(exponent)) : rational(signed, 1n << BigInt(-exponent));
}

/** Number of bits of |x|; 0 for 0. */
export function bitLength(x: bigint): number {
  const hex = (x < 0n ? -x : x).toString(16);
  return hex === '0' ? 0 : 4 * hex.length - (Math.clz32(Number.parseInt(hex.charAt(0), 16)) - 28);
}

/** Largest integer whose square is at most x. Throws RangeError for x < 0. */
export function integerSquareRoot(x: bigint): bigint {
  if (x < 0n) throw new RangeError('the square root of a negative integer');
  if (x === 0n) return 0n;
  // Newton from above: the first power of two that is not below the root.
  let root = 1n << BigInt((bitLength(x) + 1) >> 1);
  for (;;) {
    const next = (root + x / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** Bits of a double's significand, and the exponent of the smallest subnormal. */
const SIGNIFICAND = 53;
const LOWEST_EXPONENT = -1074;

/**
 * The double nearest to numerator / denominator, ties to even, as IEEE 754 rounds: subnormals included, and
 * ±Infinity from 2^1024 - 2^970 on. 0 is +0. Throws RangeError when the denominator is 0.
 */
export function toDouble(numerator: bigint, denominator: bigint): number {
  const value = rational(numerator, denominator);
  if (value.numerator === 0n) return 0;
  const magnitude = value.numerator < 0n ? -value.numerator : value.numerator;
  const rounded = roundPositive(magnitude, value.denominator);
  return value.numerator < 0n ? -rounded : rounded;
}

function roundPositive(numerator: bigint, denominator: bigint): number {
  // The quotient by 2^exponent has 53 or 54 bits; in the second case the exponent is one more.
  let exponent = Math.max(bitLength(numerator) - bitLength(denominator) - SIGNIFICAND, LOWEST_EXPONENT);
  if (scaledQuotient(numerator, denominator, exponent).quotient >> BigInt(SIGNIFICAND) !== 0n) exponent += 1;
  const { quotient, remainder, divisor } = scaledQuotient(numerator, denominator, exponent);
  const twice = 2n * remainder;
  const up = twice > divisor || (twice === divisor && quotient % 2n === 1n);
  // Exact: the product is representable, or it overflows to Infinity as it must.
  return Number(up ? quotient + 1n : quotient) * powerOfTwo(exponent);
}

function scaledQuotient(
  numerator: bigint,
  denominator: bigint,
  exponent: number,
): { quotient: bigint; remainder: bigint; divisor: bigint } {
  const dividend = exponent < 0 ? numerator << BigInt(-exponent) : numerator;
  const divisor = exponent > 0 ? denominator << BigInt(exponent) : denominator;
  const quotient = dividend / divisor;
  return { quotient, remainder: dividend - quotient * divisor, divisor };
}

/** 2^exponent for exponent >= -1074, Infinity from 1024 on; from its bits, since `**` need not be exact. */
function powerOfTwo(exponent: number): number {
  if (exponent > 1023) return Number.POSITIVE_INFINITY;
  const bits = exponent < -1022 ? 1n << BigInt(exponent + 1074) : BigInt(exponent + 1023) << 52n;
  return new Float64Array(new BigUint64Array([bits]).buffer)[0] ?? Number.NaN;
}

/**
 * The double nearest to the square root of numerator / denominator, ties to even. Throws RangeError for a
 * negative ratio or denominator 0.
 */
export function sqrtToDouble(numerator: bigint, denominator: bigint): number {
  const value = rational(numerator, denominator);
  if (value.numerator < 0n) throw new RangeError('the square root of a negative ratio');
  if (value.numerator === 0n) return 0;
  const { root, exact, shift } = scaledRoot(value, SIGNIFICAND + 3);
  // The root has more bits than a double and its half ulp, so one sticky bit decides every rounding.
  const sticky = exact ? 2n * root : 2n * root + 1n;
  return shift >= -1 ? toDouble(sticky, 1n << BigInt(shift + 1)) : toDouble(sticky << BigInt(-shift - 1), 1n);
}

/** sqrt(value) to `bits` significant bits or more, rounded down, as a rational; value >= 0. */
export function sqrtToBits(value: Rational, bits: number): Rational {
  if (value.numerator === 0n) return value;
  const { root, shift } = scaledRoot(value, bits);
  return shift >= 0 ? rational(root, 1n << BigInt(shift)) : rational(root << BigInt(-shift));
}

/** root = floor(sqrt(value) * 2^shift) with at least `bits` bits; exact when nothing was cut off. */
function scaledRoot(value: Rational, bits: number): { root: bigint; exact: boolean; shift: number } {
  const length = bitLength(value.numerator) - bitLength(value.denominator);
  const shift = bits - Math.floor((length - 1) / 2);
  const dividend = shift > 0 ? value.numerator << BigInt(2 * shift) : value.numerator;
  const divisor = shift < 0 ? value.denominator << BigInt(-2 * shift) : value.denominator;
  const root = integerSquareRoot(dividend / divisor);
  return { root, exact: root * root * divisor === dividend, shift };
}

/** The value rounded down to about `bits` significant bits, so that later arithmetic stays small. */
export function shortened(value: Rational, bits: number): Rational {
  const shift = bits + bitLength(value.denominator) - bitLength(value.numerator);
  if (shift < 0) return rational(((value.numerator >> BigInt(-shift)) / value.denominator) << BigInt(-shift));
  return rational((value.numerator << BigInt(shift)) / value.denominator, 1n << BigInt(shift));
}
