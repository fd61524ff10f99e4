/**
 * Reads the cells of one column from bytes: what they are worth is what their texts are (`cell-codec.ts`), and only
 * cells that are seldom seen become texts.
 */
import { type ColumnType, encodedMax, type TableSchema } from '../../share/schema.js';
import { type CellBatch, CellTexts } from '../csv/cell-batch.js';
import type { CsvEncoding } from '../csv/encoding.js';
import { type CellCodec, type CellFault, cellCodec, isFault } from './cell-codec.js';
import { CellMemo } from './cell-memo.js';

/** A missing cell. */
export const MISSING = -1;
/** What the cell is worth may exceed 2^53: it is in `wide`; of an identifier, its text in `identifier`. */
export const WIDE = -2;
/** The cell does not fit: why is in `fault`. */
export const FAULTY = -3;

export class CellReader {
  /** After WIDE. */
  wide = 0n;
  identifier = '';
  /** After FAULTY. */
  fault: CellFault | undefined;
  readonly #codec: CellCodec;
  readonly #isIdentifier: boolean;
  readonly #missing: ReadonlySet<string>;
  readonly #number: PlainNumbers | undefined;
  readonly #texts = new CellTexts();
  #memo = new CellMemo();
  #encoding: CsvEncoding | undefined;

  constructor(type: ColumnType, { missing }: Pick<TableSchema, 'missing'>) {
    this.#codec = cellCodec(type);
    this.#isIdentifier = type.kind === 'identifier';
    this.#missing = new Set(missing);
    this.#number = plainNumbers(type, missing);
  }

  /** The encoded value of a field of a record, where it is at most 2^53; else MISSING, WIDE or FAULTY. */
  read(batch: CellBatch, record: number, field: number): number {
    const { bytes, bounds } = batch;
    const at = 2 * (record * batch.width + field);
    const start = bounds[at]!;
    const end = bounds[at + 1]!;
    if (start === end) return MISSING;
    if (this.#number !== undefined) {
      const value = readPlainNumber(bytes, start, end, this.#number);
      if (value >= 0) return value;
    }
    if (batch.encoding !== this.#encoding) {
      this.#encoding = batch.encoding;
      this.#memo = new CellMemo();
    }
    const known = this.#memo.get(bytes, start, end);
    if (known !== undefined) return known;
    const value = this.#readText(this.#texts.between(batch, start, end).trim());
    if (value >= MISSING) this.#memo.set(bytes, start, end, value);
    return value;
  }

  #readText(text: string): number {
    if (this.#missing.has(text)) return MISSING;
    if (this.#isIdentifier) {
      this.identifier = text;
      return WIDE;
    }
    const value = this.#codec(text);
    if (isFault(value)) {
      this.fault = value;
      return FAULTY;
    }
    if (typeof value === 'number') return value;
    this.wide = value;
    return WIDE;
  }
}

/** Numbers that are read without a text. All are integers of at most 2^53, in units of 10^-digits. */
interface PlainNumbers {
  readonly digits: number;
  readonly min: number;
  readonly max: number;
}

const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** Undefined where every cell must be looked at as a text: not a number, a wide range, a number that means missing. */
function plainNumbers(type: ColumnType, missing: readonly string[]): PlainNumbers | undefined {
  if (type.kind !== 'integer' && type.kind !== 'decimal') return undefined;
  const { digits, min, max } = type;
  if ([min, max, encodedMax(type)!].some((bound) => bound > SAFE || bound < -SAFE)) return undefined;
  const numbers = { digits, min: Number(min), max: Number(max) };
  const encoder = new TextEncoder();
  const isMarked = missing.some((marker) => {
    const bytes = encoder.encode(marker);
    return readPlainNumber(bytes, 0, bytes.length, numbers) >= 0;
  });
  return isMarked ? undefined : numbers;
}

/** Digits of a number that a double holds exactly, whatever they are. */
const EXACT_DIGITS = 15;
const ZERO = 0x30;
const POINT = 0x2e;
const PLUS = 0x2b;
const MINUS = 0x2d;

/**
 * A number's distance from the minimum, or -1 where the text must decide: it is no plain number of few digits, has
 * more decimals than the column, or lies outside the range.
 */
function readPlainNumber(bytes: Uint8Array, start: number, end: number, numbers: PlainNumbers): number {
  const { digits } = numbers;
  if (end - start + digits > EXACT_DIGITS) return -1;
  const sign = bytes[start];
  let at = sign === MINUS || sign === PLUS ? start + 1 : start;
  const first = at;
  let value = 0;
  for (; at < end; at++) {
    const digit = bytes[at]! - ZERO;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  const whole = at - first;
  // a number begins with no zero but that before the point
  if (whole === 0 || (whole > 1 && bytes[first] === ZERO)) return -1;
  let decimals = 0;
  if (at < end) {
    if (bytes[at] !== POINT) return -1;
    for (at++; at < end; at++, decimals++) {
      const digit = bytes[at]! - ZERO;
      if (digit < 0 || digit > 9) return -1;
      value = value * 10 + digit;
    }
    if (decimals > digits) return -1;
  }
  for (; decimals < digits; decimals++) value *= 10;
  if (sign === MINUS) value = -value;
  return value >= numbers.min && value <= numbers.max ? value - numbers.min : -1;
}
