/** Words that files use for missing values and for yes and no. */
import { foldName } from '../../share/schema.js';

/** A cell with one of these is missing in every column. Compared after trimming, case-sensitively. */
export const MISSING_MARKERS: readonly string[] = [
  '',
  'NA',
  'N/A',
  '#N/A',
  'n/a',
  'NULL',
  'null',
  'NaN',
  'nan',
  '欠損',
  '欠測',
];

/**
 * Missing where the rest of a column is numbers, dates or yes/no; in a text column a label, as '-' is the
 * negative result of many tests. '不明' (unknown) is an answer, not a gap: who means a gap says so.
 */
export const WEAK_MISSING_MARKERS: readonly string[] = ['-', '－', '.'];

/**
 * Pairs of spellings for true and false. 0 and 1 are not among them: such a column is an integer, whose sum
 * and mean are wanted; it becomes boolean on request.
 */
const YES_NO: readonly (readonly [string, string])[] = [
  ['yes', 'no'],
  ['y', 'n'],
  ['true', 'false'],
  ['t', 'f'],
  ['はい', 'いいえ'],
  ['有', '無'],
  ['有り', '無し'],
  ['あり', 'なし'],
];
const NUMERIC_PAIR = ['1', '0'] as const;

/**
 * The pair of spellings that covers all given texts (case and width do not count), or undefined. A single
 * text is enough, as a column may hold only one of the two; but not T or F, since F alone is the sex of the
 * patients of a women's hospital, unless the column is known to be boolean.
 *
 * @param known the column is declared boolean; then 1 and 0 count, too.
 */
export function yesNoPair(texts: Iterable<string>, known: boolean): readonly [string, string] | undefined {
  const folded = new Set<string>();
  for (const text of texts) {
    folded.add(foldName(text));
    if (folded.size > 2) return undefined;
  }
  if (folded.size === 0) return undefined;
  if (!known && folded.size === 1 && (folded.has('t') || folded.has('f'))) return undefined;
  const pairs = known ? [...YES_NO, NUMERIC_PAIR] : YES_NO;
  return pairs.find((pair) => [...folded].every((text) => pair.includes(text)));
}
