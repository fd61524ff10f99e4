/**
 * What a cell of a declared column is worth: the one place where validation and encoding read cells.
 */

import { nearestNameHint } from '../../core/nearest-name.js';
import {
  type BooleanType,
  type CategoryType,
  type ColumnType,
  type DateType,
  encodedMax,
  foldName,
  formatDay,
  formatDecimal,
  type NumberType,
} from '../../share/schema.js';
import { quoteCell } from '../csv/csv-fault.js';
import { plainText, readDay, readScaled } from './cell-text.js';

/** A cell that does not fit its column. */
export interface CellFault {
  readonly what: string;
  readonly advice: string;
}

/**
 * The encoded value of a trimmed, non-missing text: distance from the minimum, label's place, 1 or 0; for an
 * identifier always 0 (its key is made when it is encoded). A bigint only where a value may exceed 2^53.
 */
export type CellCodec = (text: string) => number | bigint | CellFault;

export function cellCodec(type: ColumnType): CellCodec {
  switch (type.kind) {
    case 'integer':
    case 'decimal':
      return numberCodec(type);
    case 'date':
      return dateCodec(type);
    case 'category':
      return categoryCodec(type);
    case 'boolean':
      return booleanCodec(type);
    case 'identifier':
      return () => 0;
  }
}

export function isFault(value: number | bigint | CellFault): value is CellFault {
  return typeof value === 'object';
}

const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

function numberCodec(type: NumberType): CellCodec {
  const { digits, min, max } = type;
  const isSmall = [min, max, encodedMax(type)!].every((bound) => bound <= SAFE && bound >= -SAFE);
  const least = Number(min);
  const greatest = Number(max);
  return (text) => {
    const value = readScaled(plainText(text), digits);
    if (value === undefined) return notNumber(text, type);
    // within a small range a number needs no bigint, and comparing with one is slow
    if (isSmall && typeof value === 'number' && value >= least && value <= greatest) return value - least;
    if (value < min || value > max)
      return outside(text, formatDecimal(min, digits), formatDecimal(max, digits));
    return isSmall ? Number(value) - least : BigInt(value) - min;
  };
}

function notNumber(text: string, { kind, digits }: NumberType): CellFault {
  const plain = plainText(text);
  const advice = 'correct it, or leave it empty if there is no value';
  if (readScaled(plain, 18) !== undefined) {
    const decimals = digits === 0 ? 'an integer' : `a number with at most ${digits} decimals`;
    return {
      what: `${quoteCell(text)} is not ${decimals}`,
      advice: 'round it, or declare more decimals in the schema',
    };
  }
  const hint = /^[+-]?[\d.,]+$/.test(plain) ? ' (no thousands separators, no leading zeros)' : '';
  return {
    what: `${quoteCell(text)} is not ${kind === 'integer' ? 'an integer' : 'a decimal number'}${hint}`,
    advice,
  };
}

function outside(text: string, min: string, max: string): CellFault {
  return {
    what: `${quoteCell(text)} is outside the declared range ${min} to ${max}`,
    advice:
      'correct it, or widen the range in the schema (of a table that exists: its owner, with a new table)',
  };
}

function dateCodec({ min, max }: DateType): CellCodec {
  const first = Number(min);
  const last = Number(max);
  return (text) => {
    const day = readDay(plainText(text));
    if (day === undefined) {
      return {
        what: `${quoteCell(text)} is not a date`,
        advice: 'write it as YYYY-MM-DD, YYYY/MM/DD or YYYY年M月D日',
      };
    }
    if (day < first || day > last) return outside(text, formatDay(min), formatDay(max));
    return day - first;
  };
}

function categoryCodec({ labels, other }: CategoryType): CellCodec {
  const places = new Map(labels.map((label, place) => [label, place]));
  const otherPlace = other === undefined ? undefined : places.get(other);
  return (text) =>
    places.get(text) ??
    otherPlace ?? {
      what: `${quoteCell(text)} is not among the ${labels.length} labels${nearestNameHint(text, labels)}`,
      advice: 'correct it, or add the label to the schema',
    };
}

function booleanCodec(type: BooleanType): CellCodec {
  const values = new Map([
    ...type.true.map((text) => [foldName(text), 1] as const),
    ...type.false.map((text) => [foldName(text), 0] as const),
  ]);
  return (text) =>
    values.get(text) ??
    values.get(foldName(text)) ?? {
      what: `${quoteCell(text)} is neither ${type.true.join('/')} nor ${type.false.join('/')}`,
      advice: 'correct it, or add the spelling to the schema',
    };
}
