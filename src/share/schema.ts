/**
 * What a table's columns are: the public part of a data set.
 *
 * Everything here is public (ranges, labels, names). A cell is stored as a distance from the declared
 * minimum, so an encoded value is an integer in [0, 2^bits); a missing slot is 0 with validity bit 0.
 */
import { z } from 'zod';
import { WarifuError } from '../core/errors.js';

/** min and max are inclusive and in units of 10^-digits (digits = 0 for integers). */
export interface NumberType {
  readonly kind: 'integer' | 'decimal';
  readonly digits: number;
  readonly min: bigint;
  readonly max: bigint;
}
/** min and max are days since 1970-01-01, inclusive. */
export interface DateType {
  readonly kind: 'date';
  readonly min: bigint;
  readonly max: bigint;
}
/**
 * The code of a label is its place in the list. With `other`, a label that is not listed is encoded as that
 * label (which is in the list): rare labels are never written into the schema.
 */
export interface CategoryType {
  readonly kind: 'category';
  readonly labels: readonly string[];
  readonly other?: string;
}
/** Spellings are compared after trimming, case-insensitively. */
export interface BooleanType {
  readonly kind: 'boolean';
  readonly true: readonly string[];
  readonly false: readonly string[];
}
/** A 128-bit key of a text normalised by NFKC, lower case, no spaces, no leading zeros. */
export interface IdentifierType {
  readonly kind: 'identifier';
}
export type ColumnType = NumberType | DateType | CategoryType | BooleanType | IdentifierType;

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** Whether values may be missing. When false, the column has no validity bits and every row counts. */
  readonly nullable: boolean;
}

export interface TableSchema {
  readonly columns: readonly Column[];
  /** Spellings of a missing cell, compared after trimming, case-sensitively. Always contains ''. */
  readonly missing: readonly string[];
}

export const SCHEMA_FORMAT = 1;
export const MAX_COLUMNS = 1000;
export const MAX_LABELS = 10_000;
export const MAX_NAME_LENGTH = 128;
/** Rows of one table version, over all slices: counts stay below 2^32. */
export const MAX_ROWS = 2 ** 31;

/** Largest encoded value of a column (its range), or undefined where there is no arithmetic encoding. */
export function encodedMax(type: ColumnType): bigint | undefined {
  switch (type.kind) {
    case 'integer':
    case 'decimal':
    case 'date':
      return type.max - type.min;
    case 'category':
      return BigInt(type.labels.length - 1);
    case 'boolean':
    case 'identifier':
      return undefined;
  }
}

/** Number of bits of the largest encoded value; booleans 1, identifiers 128, a constant column 0. */
export function encodedBits(type: ColumnType): number {
  if (type.kind === 'boolean') return 1;
  if (type.kind === 'identifier') return 128;
  const max = encodedMax(type) ?? 0n;
  return max === 0n ? 0 : max.toString(2).length;
}

/** The ring in which a column is dealt: packed bits, Z_2^64, or Z_2^128 for wide columns. */
export function dealtWidth(type: ColumnType): 1 | 64 | 128 {
  if (type.kind === 'boolean') return 1;
  return encodedBits(type) > 62 ? 128 : 64;
}

const name = z
  .string()
  .min(1)
  .max(MAX_NAME_LENGTH)
  .refine(
    (text) => text === text.trim() && !/\p{Cc}/u.test(text),
    'has spaces around it or control characters',
  );
const label = z.string().min(1).max(MAX_NAME_LENGTH);
const integerText = z.union([z.string().regex(/^-?\d{1,36}$/), z.int()]).transform((value) => BigInt(value));
const decimalText = z.union([
  z.string().regex(/^-?\d{1,36}(\.\d{1,18})?$/),
  // a person who edits the file may write 0 or 99.5 without quotes
  z
    .number()
    .transform(String)
    .refine((text) => /^-?\d{1,36}(\.\d{1,18})?$/.test(text), 'is not a plain decimal number'),
]);
const dateText = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);

const columnJson = z.discriminatedUnion('type', [
  z.strictObject({
    name,
    type: z.literal('integer'),
    min: integerText,
    max: integerText,
    nullable: z.boolean(),
  }),
  z.strictObject({
    name,
    type: z.literal('decimal'),
    digits: z.int().min(1).max(18),
    min: decimalText,
    max: decimalText,
    nullable: z.boolean(),
  }),
  z.strictObject({ name, type: z.literal('date'), min: dateText, max: dateText, nullable: z.boolean() }),
  z.strictObject({
    name,
    type: z.literal('category'),
    labels: z.array(label).min(1).max(MAX_LABELS),
    other: label.optional(),
    nullable: z.boolean(),
  }),
  z.strictObject({
    name,
    type: z.literal('boolean'),
    true: z.array(label).min(1).max(20),
    false: z.array(label).min(1).max(20),
    nullable: z.boolean(),
  }),
  z.strictObject({ name, type: z.literal('identifier'), nullable: z.boolean() }),
]);
type ColumnJson = z.infer<typeof columnJson>;

const schemaJson = z.strictObject({
  warifu_schema: z.literal(SCHEMA_FORMAT),
  missing: z.array(z.string().max(MAX_NAME_LENGTH).trim()).max(50),
  columns: z.array(columnJson).min(1).max(MAX_COLUMNS),
});

/**
 * Parses and checks a schema from JSON data (a schema file, or a message).
 *
 * @throws WarifuError SCHEMA_INVALID naming the column and the fault.
 */
export function parseSchema(data: unknown): TableSchema {
  const parsed = schemaJson.safeParse(data);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const where = issue === undefined ? '' : placeOf(data, issue.path);
    throw invalid(`the schema is not valid: ${where}${issue?.message ?? 'unknown fault'}`);
  }
  const columns = parsed.data.columns.map(toColumn);
  const seen = new Set<string>();
  for (const column of columns) {
    const folded = foldName(column.name);
    if (seen.has(folded)) throw invalid(`the schema has two columns named '${column.name}'`);
    seen.add(folded);
  }
  const missing = [...new Set(['', ...parsed.data.missing])];
  for (const column of columns) refuseMarkerAsValue(column, missing);
  return { columns, missing };
}

/** A text that means "missing" could never be the label. */
function refuseMarkerAsValue({ name: columnName, type }: Column, missing: readonly string[]): void {
  const texts =
    type.kind === 'category' ? type.labels : type.kind === 'boolean' ? [...type.true, ...type.false] : [];
  const clash = texts.find((text) => missing.includes(text));
  if (clash !== undefined) {
    throw invalid(`column '${columnName}': '${clash}' is a value here and also a missing marker`);
  }
}

function placeOf(data: unknown, path: readonly PropertyKey[]): string {
  const [first, index, ...rest] = path;
  if (first !== 'columns' || typeof index !== 'number') return path.length === 0 ? '' : `${path.join('.')}: `;
  const columns = (data as { columns?: { name?: unknown }[] }).columns;
  const columnName = columns?.[index]?.name;
  const shown = typeof columnName === 'string' ? `'${columnName}'` : `number ${index + 1}`;
  return `column ${shown}${rest.length > 0 ? `, ${rest.join('.')}` : ''}: `;
}

function toColumn(json: ColumnJson): Column {
  return { name: json.name, nullable: json.nullable, type: toType(json) };
}

function toType(json: ColumnJson): ColumnType {
  switch (json.type) {
    case 'integer':
      return ranged(json.name, { kind: 'integer', digits: 0, min: json.min, max: json.max });
    case 'decimal':
      return ranged(json.name, {
        kind: 'decimal',
        digits: json.digits,
        min: scaledDecimal(json.name, json.min, json.digits),
        max: scaledDecimal(json.name, json.max, json.digits),
      });
    case 'date':
      return ranged(json.name, {
        kind: 'date',
        min: dayNumber(json.name, json.min),
        max: dayNumber(json.name, json.max),
      });
    case 'category':
      return checkedCategory(json.name, json.labels, json.other);
    case 'boolean':
      return checkedBoolean(json.name, json.true, json.false);
    case 'identifier':
      return { kind: 'identifier' };
  }
}

function ranged<T extends NumberType | DateType>(columnName: string, type: T): T {
  if (type.min > type.max) throw invalid(`column '${columnName}': min is larger than max`);
  if (encodedBits(type) > 126) throw invalid(`column '${columnName}': the range is wider than 126 bits`);
  return type;
}

function checkedCategory(
  columnName: string,
  labels: readonly string[],
  other: string | undefined,
): CategoryType {
  if (new Set(labels).size !== labels.length) throw invalid(`column '${columnName}': a label occurs twice`);
  if (labels.some((text) => text !== text.trim()))
    throw invalid(`column '${columnName}': a label has spaces around it`);
  if (other === undefined) return { kind: 'category', labels };
  if (!labels.includes(other)) throw invalid(`column '${columnName}': 'other' must be one of the labels`);
  return { kind: 'category', labels, other };
}

function checkedBoolean(columnName: string, yes: readonly string[], no: readonly string[]): BooleanType {
  const folded = new Set(yes.map(foldName));
  if (no.some((text) => folded.has(foldName(text)))) {
    throw invalid(`column '${columnName}': a spelling stands for both true and false`);
  }
  return { kind: 'boolean', true: yes, false: no };
}

function invalid(message: string): WarifuError {
  return new WarifuError('SCHEMA_INVALID', message);
}

/** Names are compared NFKC-normalised and without case. */
export function foldName(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}

function scaledDecimal(columnName: string, text: string, digits: number): bigint {
  const scaled = parseDecimal(text, digits);
  if (scaled === undefined)
    throw invalid(`column '${columnName}': '${text}' has more than ${digits} decimals`);
  return scaled;
}

/**
 * Decimal text as an integer in units of 10^-digits; undefined when it is no plain decimal number or has
 * non-zero digits beyond. Accepts a sign, and an omitted integer part or fraction.
 */
export function parseDecimal(text: string, digits: number): bigint | undefined {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?$/.exec(text);
  if (match === null) return undefined;
  const [, sign = '', whole = '', fraction = ''] = match;
  if (whole === '' && fraction === '') return undefined;
  const kept = fraction.slice(0, digits).padEnd(digits, '0');
  if (/[^0]/.test(fraction.slice(digits))) return undefined;
  const magnitude = BigInt(whole + kept === '' ? '0' : whole + kept);
  return sign === '-' ? -magnitude : magnitude;
}

/** An integer in units of 10^-digits as decimal text, with exactly `digits` decimals. */
export function formatDecimal(value: bigint, digits: number): string {
  if (digits === 0) return value.toString();
  const sign = value < 0n ? '-' : '';
  const text = (value < 0n ? -value : value).toString().padStart(digits + 1, '0');
  return `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

const DAY_MS = 86_400_000;

/** Days since 1970-01-01 of an ISO date, or undefined when it is none (2023-02-29). */
export function parseDay(text: string): bigint | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (match === null) return undefined;
  const instant = Date.parse(`${text}T00:00:00Z`);
  if (Number.isNaN(instant) || formatDay(BigInt(instant / DAY_MS)) !== text) return undefined;
  return BigInt(instant / DAY_MS);
}

/** ISO date of a day number. */
export function formatDay(day: bigint): string {
  return new Date(Number(day) * DAY_MS).toISOString().slice(0, 10);
}

function dayNumber(columnName: string, text: string): bigint {
  const day = parseDay(text);
  if (day === undefined) throw invalid(`column '${columnName}': '${text}' is not a date YYYY-MM-DD`);
  return day;
}

/** The JSON form of a schema (keys in a fixed order, so equal schemas have equal text). */
export function schemaToJson(schema: TableSchema): Record<string, unknown> {
  return {
    warifu_schema: SCHEMA_FORMAT,
    missing: schema.missing,
    columns: schema.columns.map(({ name: columnName, type, nullable }) => ({
      name: columnName,
      ...typeToJson(type),
      nullable,
    })),
  };
}

function typeToJson(type: ColumnType): Record<string, unknown> {
  switch (type.kind) {
    case 'integer':
      return { type: 'integer', min: type.min.toString(), max: type.max.toString() };
    case 'decimal':
      return {
        type: 'decimal',
        digits: type.digits,
        min: formatDecimal(type.min, type.digits),
        max: formatDecimal(type.max, type.digits),
      };
    case 'date':
      return { type: 'date', min: formatDay(type.min), max: formatDay(type.max) };
    case 'category':
      return {
        type: 'category',
        labels: type.labels,
        ...(type.other === undefined ? {} : { other: type.other }),
      };
    case 'boolean':
      return { type: 'boolean', true: type.true, false: type.false };
    case 'identifier':
      return { type: 'identifier' };
  }
}

/** What differs between two schemas, a sentence each; empty when they match. Missing markers may differ. */
export function schemaDifferences(ours: TableSchema, theirs: TableSchema): string[] {
  const differences: string[] = [];
  const theirsByName = new Map(theirs.columns.map((column) => [column.name, column]));
  for (const column of ours.columns) {
    const other = theirsByName.get(column.name);
    if (other === undefined) differences.push(`column '${column.name}' is missing from the new schema`);
    else differences.push(...columnDifferences(column, other));
  }
  const oursNames = new Set(ours.columns.map((column) => column.name));
  for (const column of theirs.columns) {
    if (!oursNames.has(column.name)) differences.push(`column '${column.name}' is not in the table's schema`);
  }
  const order = (schema: TableSchema): string => JSON.stringify(schema.columns.map((column) => column.name));
  if (differences.length === 0 && order(ours) !== order(theirs))
    differences.push('the columns stand in another order');
  return differences;
}

function columnDifferences(ours: Column, theirs: Column): string[] {
  const text = (column: Column): string =>
    JSON.stringify({ ...typeToJson(column.type), nullable: column.nullable });
  if (text(ours) === text(theirs)) return [];
  return [`column '${ours.name}': the table has ${text(ours)}, the new schema ${text(theirs)}`];
}
