/** Decides a column's type from what the pass over the file noted, and says why in one plain sentence. */
import { type Column, type ColumnType, formatDay, formatDecimal, parseDecimal } from '../../share/schema.js';
import { quoteCell } from '../csv/csv-fault.js';
import { isOtherDate, plainText } from './cell-text.js';
import type { CellShape, ColumnTally } from './column-tally.js';
import { outwardDays, outwardRange } from './outward-range.js';
import { yesNoPair } from './words.js';

export type TypeKind = ColumnType['kind'];

export interface LabelCount {
  readonly label: string;
  readonly count: number;
}

/** What the provider, and nobody else, is shown of a column. Counts and rare labels never leave. */
export interface ColumnReport {
  readonly name: string;
  /** Absent when the column is refused; `why` then says what to do. */
  readonly column?: Column;
  readonly why: string;
  /** Missing cells, and cells with a value. */
  readonly missing: number;
  readonly present: number;
  /** Declared range as text, rounded outwards. */
  readonly range?: { readonly min: string; readonly max: string };
  /** Labels of the schema with their counts. */
  readonly labels?: readonly LabelCount[];
  /** Labels that occur too seldom to be public, most frequent first; also when they were merged. */
  readonly rare?: readonly LabelCount[];
  /** Missing markers that the column holds, besides ''. */
  readonly markers: readonly string[];
}

export interface DecideOptions {
  /** A label that occurs less often never enters the schema. */
  readonly minLabelCount: number;
  /** The type that the provider asks for. */
  readonly kind?: TypeKind | undefined;
  /** The label into which rare labels are merged. */
  readonly mergeRare?: string | undefined;
}

/** At most so many different values, each frequent enough to be a label, keep their exact range. */
export const MAX_EXACT_VALUES = 20;
/** A column with so large a share of numbers (or dates) is meant to be one, and the rest are faults. */
const MEANT = 0.9;
const NEARLY_ALL = 0.9;

type Decision = Pick<ColumnReport, 'why' | 'range' | 'labels' | 'rare'> & { readonly type?: ColumnType };

export function decideColumn(name: string, tally: ColumnTally, options: DecideOptions): ColumnReport {
  const kind = options.kind ?? likelyKind(tally, options);
  const decision = decide(kind, tally, options);
  // '-' may be a label of a category; elsewhere it is a gap
  const markers =
    decision.type?.kind === 'category' ? tally.missing : new Map([...tally.missing, ...tally.weak]);
  const missing = total(markers);
  const { type, ...told } = decision;
  return {
    name,
    ...(type === undefined ? {} : { column: { name, type, nullable: missing > 0 } }),
    ...told,
    missing,
    present: tally.present + total(tally.weak) + total(tally.missing) - missing,
    markers: [...markers.keys()].filter((marker) => marker !== ''),
  };
}

function likelyKind(
  tally: ColumnTally,
  options: DecideOptions,
): TypeKind | 'broken-numbers' | 'broken-dates' | 'empty' {
  const n = tally.present;
  // what stays with its owner may keep a column without values; a shared schema could never be mended
  if (n === 0) return options.minLabelCount <= 1 ? 'identifier' : 'empty';
  const of = (shape: CellShape): number => tally.shapes.get(shape) ?? 0;
  if (of('number') === n) return tally.decimals > 0 ? 'decimal' : 'integer';
  if (of('date') === n) return 'date';
  const { counts } = tally;
  if (counts !== undefined && yesNoPair(counts.keys(), false) !== undefined) return 'boolean';
  const misspelt = of('exponent') + of('separators') + of('too-many-digits');
  const numeric = of('number') + misspelt;
  // one cell with a leading zero shows that the column holds codes
  if (of('leading-zeros') === 0 && numeric >= MEANT * n) return 'broken-numbers';
  if (of('date') >= MEANT * n) return 'broken-dates';
  return textKind(tally, options);
}

function textKind(tally: ColumnTally, { minLabelCount, mergeRare }: DecideOptions): TypeKind {
  const labels = labelCounts(tally);
  if (labels === undefined) return mergeRare === undefined ? 'identifier' : 'category';
  if (mergeRare !== undefined || labels.every(({ count }) => count >= minLabelCount)) return 'category';
  return labels.length >= NEARLY_ALL * total(tally.weak, tally.present) ? 'identifier' : 'category';
}

function decide(kind: ReturnType<typeof likelyKind>, tally: ColumnTally, options: DecideOptions): Decision {
  switch (kind) {
    case 'integer':
    case 'decimal':
      return decideNumber(kind, tally, options);
    case 'date':
      return decideDate(tally);
    case 'boolean':
      return decideBoolean(tally);
    case 'category':
      return decideCategory(tally, options);
    case 'identifier':
      return decideIdentifier(tally);
    case 'broken-numbers':
      return { why: `nearly all values are numbers, but ${hindrance(tally, 'number')}` };
    case 'broken-dates':
      return { why: `nearly all values are dates, but ${hindrance(tally, 'date')}` };
    case 'empty':
      return {
        why: 'there is no value to judge by: leave the column out of the file, or say which type it has',
      };
  }
}

const HINDRANCES: Readonly<Partial<Record<CellShape, string>>> = {
  exponent: 'is in exponent form, in which spreadsheets drop digits: write the number out',
  separators: 'has thousands separators: write 1234, not 1,234',
  'leading-zeros': 'has a leading zero, as codes have: remove it, or declare an identifier or category',
  'too-many-digits': 'has more than 9 decimals or 25 digits: round it',
};

/** Names the first cell that is not of the wanted shape, and how many there are. */
function hindrance(tally: ColumnTally, wanted: 'number' | 'date'): string {
  const found = [...tally.examples].filter(([shape]) => shape !== wanted);
  // a misspelt number says more about what to do than a word does
  const [shape, example] = found.find(([one]) => HINDRANCES[one] !== undefined) ?? found[0]!;
  const others = tally.present - (tally.shapes.get(wanted) ?? 0);
  const general = `is no ${wanted}: correct it, or name it as a missing marker if it means that there is no value`;
  return `${count(others, 'value')} cannot be read as such: row ${example.row}, ${quoteCell(example.text)}, ${HINDRANCES[shape] ?? general}`;
}

function decideNumber(kind: 'integer' | 'decimal', tally: ColumnTally, options: DecideOptions): Decision {
  const numbers = tally.shapes.get('number') ?? 0;
  if (numbers < tally.present || tally.least === undefined || tally.greatest === undefined) {
    return { why: cannotBe(kind, tally, 'number') };
  }
  if (kind === 'integer' && tally.decimals > 0) {
    return { why: 'it cannot be an integer, as some values have decimals: declare a decimal' };
  }
  const digits = kind === 'integer' ? 0 : Math.max(tally.decimals, 1);
  const exact = kind === 'integer' ? sharedValues(tally, options.minLabelCount) : undefined;
  const min = parseDecimal(tally.least, digits)!;
  const max = parseDecimal(tally.greatest, digits)!;
  const type: ColumnType = { kind, digits, ...(exact === undefined ? outwardRange(min, max) : { min, max }) };
  return {
    type,
    why: exact ?? numberReason(kind, digits, tally),
    range: { min: formatDecimal(type.min, digits), max: formatDecimal(type.max, digits) },
  };
}

function numberReason(kind: 'integer' | 'decimal', digits: number, tally: ColumnTally): string {
  const what = kind === 'integer' ? 'whole numbers' : `numbers with up to ${count(digits, 'decimal')}`;
  const distinct = tally.counts?.size;
  const unique = kind === 'integer' && tally.present >= 20 && distinct === tally.present;
  const hint = unique ? '; each occurs once: if it numbers patients, declare an identifier' : '';
  return `all values are ${what}; the range is rounded outwards${hint}`;
}

/**
 * A few whole numbers that many rows share (0 and 1, grades, scales) tell as little as labels do, so the range
 * is exact. A constant column is not among them.
 */
function sharedValues(tally: ColumnTally, minLabelCount: number): string | undefined {
  const { counts } = tally;
  if (counts === undefined || counts.size > MAX_EXACT_VALUES * 2) return undefined;
  const byValue = new Map<string, number>();
  for (const [text, times] of counts) {
    const value = String(parseDecimal(text.normalize('NFKC').replaceAll('\u2212', '-'), 0));
    byValue.set(value, (byValue.get(value) ?? 0) + times);
  }
  if (byValue.size < 2 || byValue.size > MAX_EXACT_VALUES) return undefined;
  if (![...byValue.values()].every((times) => times >= minLabelCount)) return undefined;
  return `all values are whole numbers, ${byValue.size} different ones, each at least ${count(minLabelCount, 'time')}: the range is exact`;
}

function decideDate(tally: ColumnTally): Decision {
  if (tally.present === 0 || tally.shapes.get('date') !== tally.present) {
    return { why: cannotBe('date', tally, 'date') };
  }
  const range = outwardDays(BigInt(tally.firstDay), BigInt(tally.lastDay));
  return {
    type: { kind: 'date', ...range },
    why: 'all values are dates; the range is rounded outwards to whole years',
    range: { min: formatDay(range.min), max: formatDay(range.max) },
  };
}

function decideBoolean(tally: ColumnTally): Decision {
  const pair = yesNoPair(tally.counts?.keys() ?? [], true);
  if (pair === undefined) {
    return { why: 'it cannot be a boolean: its values are not one of the known pairs, such as yes and no' };
  }
  return {
    type: { kind: 'boolean', true: [pair[0]], false: [pair[1]] },
    why: `all values are ${pair[0]} or ${pair[1]}`,
  };
}

function decideIdentifier(tally: ColumnTally): Decision {
  const zeros = tally.shapes.has('leading-zeros') ? ', some with leading zeros' : '';
  const labels = labelCounts(tally);
  if (tally.present === 0) return { type: { kind: 'identifier' }, why: 'it has no value' };
  return {
    type: { kind: 'identifier' },
    why:
      labels === undefined
        ? `texts${zeros}, too many different or too long ones to be labels${dateHint(tally)}`
        : `texts${zeros}, ${count(labels.length, 'different one')} among ${count(total(tally.weak, tally.present), 'value')}${dateHint(tally)}`,
  };
}

function dateHint({ examples }: ColumnTally): string {
  const example = examples.get('no-number');
  if (example === undefined || !isOtherDate(plainText(example.text))) return '';
  return `; if they are dates, write them as YYYY-MM-DD, unlike row ${example.row}`;
}

function decideCategory(tally: ColumnTally, { minLabelCount, mergeRare }: DecideOptions): Decision {
  const all = labelCounts(tally);
  if (all === undefined) {
    return { why: 'it cannot be a category: it has too many different texts, or too long ones' };
  }
  if (all.length === 0) return { why: 'it cannot be a category: it has no value' };
  const frequent = all.filter(({ count: times }) => times >= minLabelCount);
  const rare = all.filter(({ count: times }) => times < minLabelCount).toSorted((a, b) => b.count - a.count);
  if (rare.length === 0) {
    const why = `${count(all.length, 'label')}, each at least ${count(minLabelCount, 'time')}`;
    return { type: { kind: 'category', labels: all.map(({ label }) => label) }, why, labels: all };
  }
  if (mergeRare === undefined) {
    return { why: `${rareReason(rare.length, minLabelCount)}${dateHint(tally)}`, rare };
  }
  return merged(frequent, rare, mergeRare, minLabelCount);
}

function rareReason(rare: number, minLabelCount: number): string {
  return `${count(rare, 'label')} occur${rare === 1 ? 's' : ''} fewer than ${minLabelCount} times, and labels are public: merge the rare ones into one label, or declare an identifier`;
}

function merged(
  frequent: readonly LabelCount[],
  rare: readonly LabelCount[],
  other: string,
  minLabelCount: number,
): Decision {
  const before = frequent.find(({ label }) => label === other)?.count ?? 0;
  const together = rare.reduce((sum, label) => sum + label.count, before);
  if (together < minLabelCount) {
    return {
      why: `the rare labels merged into '${other}' would still occur only ${count(together, 'time')}, fewer than ${minLabelCount}: recode them in the file into a frequent label, or leave them empty`,
      rare,
    };
  }
  const labels = [...frequent.filter(({ label }) => label !== other), { label: other, count: together }];
  return {
    type: { kind: 'category', labels: labels.map(({ label }) => label), other },
    why: `${count(rare.length, 'rare label')} merged into '${other}'`,
    labels,
    rare,
  };
}

function cannotBe(kind: TypeKind, tally: ColumnTally, wanted: 'number' | 'date'): string {
  if (tally.present === 0) return `it has no value, so the range of ${kind} values cannot be told`;
  return `it cannot be ${kind === 'integer' ? 'an' : 'a'} ${kind}: ${hindrance(tally, wanted)}`;
}

/** Labels in the order of the schema (by code point, so that the order tells nothing), or undefined. */
function labelCounts(tally: ColumnTally): LabelCount[] | undefined {
  const { counts } = tally;
  if (counts === undefined) return undefined;
  return [...counts, ...tally.weak]
    .map(([label, times]) => ({ label, count: times }))
    .toSorted((a, b) => byCodePoint(a.label, b.label));
}

function total(counts: ReadonlyMap<string, number>, start = 0): number {
  let sum = start;
  for (const times of counts.values()) sum += times;
  return sum;
}

function count(n: number, noun: string): string {
  return `${n.toLocaleString('en')} ${noun}${n === 1 ? '' : 's'}`;
}

/** As PostgreSQL's C collation: UTF-8 keeps the order of code points, which UTF-16 does not. */
function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
