/**
 * Test helpers: a plain list of numbers, as the nodes would release its moments.
 */
import { readFileSync } from 'node:fs';
import { parseDecimal } from '../../../src/share/schema.js';
import type { Scale } from '../../../src/statistics/finish/moments.js';
import type { GroupSpread } from '../../../src/statistics/finish/t-test.js';

/** n, S and Q of integers in units of 10^-digits. */
export function released(values: readonly bigint[], scale: Scale): GroupSpread {
  const encoded = values.map((value) => value - scale.min);
  const n = BigInt(encoded.length);
  const sum = encoded.reduce((total, e) => total + e, 0n);
  const squares = encoded.reduce((total, e) => total + e * e, 0n);
  return { n, sum, q: n * squares - sum * sum };
}

/** Decimal texts as integers in units of 10^-digits. */
export function decimals(texts: readonly string[], digits: number): bigint[] {
  return texts.map((text) => {
    const value = parseDecimal(text, digits);
    if (value === undefined) throw new Error(`'${text}' is no decimal(${digits})`);
    return value;
  });
}

/** A column of a CSV file in test/vectors (no quotes in these), by its place. */
export function vectorColumn(file: string, place: number): string[] {
  const text = readFileSync(new URL(`../../vectors/${file}`, import.meta.url), 'utf8');
  const rows = text.trim().split('\n').slice(1);
  return rows.map((row) => row.split(',')[place] ?? '');
}
