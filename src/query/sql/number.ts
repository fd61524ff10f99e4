/** Exact decimal constants. */
import type { Constant } from './syntax.js';

export type NumberConstant = Extract<Constant, { kind: 'number' }>;

/** Digits before or after the point beyond which a constant is refused: columns have at most 54. */
const MAX_DIGITS = 100;

/** A number as PostgreSQL writes it (1_000, .5, 1e3, 0x1F); undefined when it is too large to be compared. */
export function parseNumber(text: string): NumberConstant | undefined {
  const plain = text.replaceAll('_', '');
  const radix = /^(-?)(0[xob][0-9a-f]+)$/i.exec(plain);
  if (radix !== null) {
    const magnitude = BigInt(radix[2] ?? '0');
    return bounded({ kind: 'number', mantissa: radix[1] === '-' ? -magnitude : magnitude, digits: 0 });
  }
  const match = /^(-?)(\d*)\.?(\d*)(?:e([+-]?\d{1,4}))?$/i.exec(plain);
  if (match === null) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  if (whole.length + fraction.length > 4 * MAX_DIGITS) return undefined;
  const magnitude = BigInt(`0${whole}${fraction}`);
  const digits = fraction.length - Number(exponent);
  if (Math.abs(digits) > 4 * MAX_DIGITS) return undefined;
  const mantissa = (sign === '-' ? -magnitude : magnitude) * 10n ** BigInt(Math.max(0, -digits));
  return bounded({ kind: 'number', mantissa, digits: Math.max(0, digits) });
}

function bounded(value: NumberConstant): NumberConstant | undefined {
  const magnitude = value.mantissa < 0n ? -value.mantissa : value.mantissa;
  return value.digits <= MAX_DIGITS && magnitude < 10n ** BigInt(MAX_DIGITS) ? value : undefined;
}

/** The constant in units of 10^-digits, rounded down, and whether that is exact. */
export function scaled(
  value: NumberConstant,
  digits: number,
): { readonly floor: bigint; readonly exact: boolean } {
  const numerator = value.mantissa * 10n ** BigInt(digits);
  const denominator = 10n ** BigInt(value.digits);
  const quotient = numerator / denominator;
  const remainder = numerator % denominator;
  return { floor: remainder < 0n ? quotient - 1n : quotient, exact: remainder === 0n };
}

/** Sign of left - right. */
export function compareNumbers(left: NumberConstant, right: NumberConstant): number {
  const difference =
    left.mantissa * 10n ** BigInt(right.digits) - right.mantissa * 10n ** BigInt(left.digits);
  return difference < 0n ? -1 : Number(difference > 0n);
}
