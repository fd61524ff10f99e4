/**
 * What a cell's text means, for inference, validation and encoding alike.
 *
 * Cells are trimmed. Numbers and dates are read after NFKC, so full-width digits (１２３) count; the sign may
 * be U+2212. Not numbers: exponent forms (1e3: precision lost by a spreadsheet), thousands separators (1,234:
 * a decimal comma elsewhere), and leading zeros (0123 is a code).
 */
import { parseDecimal } from '../../share/schema.js';

/** Digits before the decimal point that a number may have. */
export const MAX_WHOLE_DIGITS = 25;
/** Decimals that inference takes from a file. */
export const MAX_DECIMALS = 9;

export type NumberShape =
  | 'number'
  | 'leading-zeros'
  | 'exponent'
  | 'separators'
  | 'too-many-digits'
  | 'no-number';

// a text of printable ASCII is its own NFKC form
const ASCII = /^[ -~]*$/;

/** The form in which numbers and dates are read. */
export function plainText(text: string): string {
  return ASCII.test(text) ? text : text.normalize('NFKC').replaceAll('\u2212', '-').trim();
}

const NUMBER = /^[+-]?(\d*)(?:\.(\d*))?$/;
const EXPONENT = /^[+-]?(?:\d+\.?\d*|\.\d+)[eE][+-]?\d+$/;
const SEPARATORS = /^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?$/;

/** Whether a plain text is a number, or what keeps it from being one. */
export function numberShape(plain: string): NumberShape {
  const match = NUMBER.exec(plain);
  if (match === null) {
    if (EXPONENT.test(plain)) return 'exponent';
    return SEPARATORS.test(plain) ? 'separators' : 'no-number';
  }
  const [, whole = '', fraction = ''] = match;
  if (whole === '' && fraction === '') return 'no-number';
  if (whole.length > 1 && whole.startsWith('0')) return 'leading-zeros';
  if (whole.length > MAX_WHOLE_DIGITS || decimalsOf(plain) > MAX_DECIMALS) return 'too-many-digits';
  return 'number';
}

/** Decimals as written; zeros at the end count only as far as they are kept. */
export function decimalsOf(plain: string): number {
  const point = plain.indexOf('.');
  if (point === -1) return 0;
  const written = plain.length - point - 1;
  return written <= MAX_DECIMALS ? written : plain.replace(/0+$/, '').length - point - 1;
}

/**
 * A number in units of 10^-digits: a `number` where it has at most 15 digits, else a `bigint`; undefined when
 * the text is no number, or has non-zero digits beyond.
 */
export function readScaled(plain: string, digits: number): number | bigint | undefined {
  if (plain.length + digits <= 15) return readShort(plain, digits);
  const whole = NUMBER.exec(plain)?.[1];
  if (whole === undefined || whole.length > MAX_WHOLE_DIGITS) return undefined;
  if (whole.length > 1 && whole.startsWith('0')) return undefined;
  return parseDecimal(plain, digits);
}

const ZERO = 0x30;
const POINT = 0x2e;
const PLUS = 0x2b;
const MINUS = 0x2d;

/** The same without a regular expression or a bigint, as most cells of a file come here. */
function readShort(plain: string, digits: number): number | undefined {
  const signed = plain.charCodeAt(0) === MINUS || plain.charCodeAt(0) === PLUS;
  let value = 0;
  let wholeDigits = 0;
  let fractionDigits = -1;
  for (let i = signed ? 1 : 0; i < plain.length; i++) {
    const code = plain.charCodeAt(i);
    if (code === POINT && fractionDigits === -1) {
      fractionDigits = 0;
      continue;
    }
    const digit = code - ZERO;
    if (digit < 0 || digit > 9) return undefined;
    if (fractionDigits === -1) {
      if (wholeDigits === 1 && value === 0) return undefined;
      wholeDigits++;
    } else if (++fractionDigits > digits) {
      if (digit !== 0) return undefined;
      continue;
    }
    value = value * 10 + digit;
  }
  if (wholeDigits === 0 && fractionDigits <= 0) return undefined;
  for (let kept = Math.max(fractionDigits, 0); kept < digits; kept++) value *= 10;
  return plain.charCodeAt(0) === MINUS && value !== 0 ? -value : value;
}

const DAY_MS = 86_400_000;
const DATE = /^(\d{4})(?:-(\d{1,2})-(\d{1,2})|\/(\d{1,2})\/(\d{1,2})|年(\d{1,2})月(\d{1,2})日)$/;

/** Days since 1970-01-01 of YYYY-MM-DD, YYYY/MM/DD or YYYY年M月D日; undefined for anything else. */
export function readDay(plain: string): number | undefined {
  const match = DATE.exec(plain);
  if (match === null) return undefined;
  const month = Number(match[2] ?? match[4] ?? match[6]);
  const day = Number(match[3] ?? match[5] ?? match[7]);
  // not through an ISO text: a file has a date a row
  const instant = new Date(0);
  instant.setUTCFullYear(Number(match[1]), month - 1, day);
  if (instant.getUTCMonth() !== month - 1 || instant.getUTCDate() !== day) return undefined;
  return instant.getTime() / DAY_MS;
}

const OTHER_DATE =
  /^(?:\d{1,2}[/.-]\d{1,2}[/.-]\d{4}|\d{4}[-/]\d{1,2}[-/]\d{1,2}[ T]\d.*|\d{4}\.\d{1,2}\.\d{1,2}|(?:明治|大正|昭和|平成|令和|[MTSHR])(?:\d{1,2}|元)[年./-].*)$/;

/** Whether a plain text is a date to people only: 31/01/2025, 2025-01-31 09:30, 令和7年1月31日. */
export function isOtherDate(plain: string): boolean {
  return OTHER_DATE.test(plain);
}
