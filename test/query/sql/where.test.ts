/**
 * WHERE against an independent SQL engine (SQLite): random conditions over random rows with missing values
 * must choose exactly the same rows.
 */
import fc from 'fast-check';
import sqlite from 'node-sqlite3-wasm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Predicate } from '../../../src/query/plan.js';
import { planQuery } from '../../../src/query/sql/plan-query.js';
import { type Column, formatDay, formatDecimal } from '../../../src/share/schema.js';
import { evaluate, type Row } from './evaluate.js';
import { PATIENTS } from './fixtures.js';

const ROWS = 120;
const columns = PATIENTS.schema.columns.filter(
  ({ name, type }) => name !== 'huge' && type.kind !== 'identifier',
);
const quoted = (name: string): string => `"${name}"`;

function cell({ type, nullable }: Column): fc.Arbitrary<string | null> {
  const present = ((): fc.Arbitrary<string> => {
    switch (type.kind) {
      case 'integer':
      case 'decimal': {
        const near = fc.bigInt({ min: type.min, max: type.min + 12n < type.max ? type.min + 12n : type.max });
        return fc
          .oneof(near, fc.bigInt({ min: type.min, max: type.max }), fc.constantFrom(type.min, type.max))
          .map((value) => formatDecimal(value, type.digits));
      }
      case 'date':
        return fc
          .oneof(fc.bigInt({ min: 10_000n, max: 10_003n }), fc.bigInt({ min: type.min, max: type.max }))
          .map(formatDay);
      case 'category':
        return fc.constantFrom(...type.labels);
      case 'boolean':
      case 'identifier':
        return fc.constantFrom('yes', 'no');
    }
  })();
  return nullable ? fc.option(present, { freq: 3, nil: null }) : present;
}

/** A condition in PostgreSQL's dialect and in SQLite's. */
interface Written {
  readonly ours: string;
  readonly theirs: string;
}
const same = (text: string): Written => ({ ours: text, theirs: text });
const wrap = (pattern: string, ...parts: readonly Written[]): Written => ({
  ours: parts.reduce((text, part, i) => text.replaceAll(`$${i}`, () => part.ours), pattern),
  theirs: parts.reduce((text, part, i) => text.replaceAll(`$${i}`, () => part.theirs), pattern),
});

const numbers = columns.filter(({ type }) => type.kind === 'integer' || type.kind === 'decimal');
const dates = columns.filter(({ type }) => type.kind === 'date');
const flags = columns.filter(({ type }) => type.kind === 'boolean');
const wards = columns.filter(({ name }) => name.endsWith('ward'));
const anyOf = (some: readonly Column[]): fc.Arbitrary<Written> =>
  fc.constantFrom(...some).map(({ name }) => same(quoted(name)));
const sign = fc.constantFrom('=', '<>', '!=', '<', '<=', '>', '>=').map(same);
const equality = fc.constantFrom('=', '<>').map(same);
const number = fc
  .oneof(
    fc.integer({ min: -8, max: 15 }).map(String),
    fc.constantFrom(
      '120',
      '121',
      '-5.0',
      '-2.5',
      '-0.455',
      '2.5',
      '2.45',
      '3e0',
      '7',
      '25e-1',
      '1e3',
      '-1e3',
      '300',
      '0.1',
      '.5',
      '- 3',
    ),
    fc.constant('NULL'),
  )
  .map(same);
const date = fc.oneof(
  fc
    .constantFrom('1899-12-31', '1900-01-01', '1997-05-19', '1997-05-20', '1997-05-21', '2030-01-01')
    .chain((day) =>
      fc.constantFrom(`'${day}'`, `DATE '${day}'`).map((ours) => ({ ours, theirs: `'${day}'` })),
    ),
  fc.constant(same('NULL')),
);
const wardLabel = fc.constantFrom("'a'", "'b'", "'c'", 'NULL').map(same);
const sexLabel = fc.constantFrom("'男'", "'女'", 'NULL').map(same);
const truth = fc.constantFrom('TRUE', 'FALSE', 'NULL').map(same);

/** Operands of one type: a column first, then anything. */
const family = fc.constantFrom(
  { column: anyOf(numbers), other: fc.oneof(number, anyOf(numbers)), ordered: true },
  { column: anyOf(dates), other: fc.oneof(date, anyOf(dates)), ordered: true },
  { column: anyOf(wards), other: fc.oneof(wardLabel, anyOf(wards)), ordered: false },
  { column: fc.constant(same(quoted('sex'))), other: sexLabel, ordered: false },
  { column: anyOf(flags), other: fc.oneof(truth, anyOf(flags)), ordered: false },
);

const atom: fc.Arbitrary<Written> = fc.oneof(
  family.chain(({ column, other, ordered }) =>
    fc.tuple(column, ordered ? sign : equality, other).map((parts) => wrap('$0 $1 $2', ...parts)),
  ),
  family.chain(({ column, other, ordered }) =>
    fc.tuple(other, ordered ? sign : equality, column).map((parts) => wrap('$0 $1 $2', ...parts)),
  ),
  family.chain(({ column, other }) =>
    fc
      .tuple(column, fc.constantFrom('IN', 'NOT IN').map(same), other, other, other)
      .map((parts) => wrap('$0 $1 ($2, $3, $4)', ...parts)),
  ),
  fc
    .constantFrom(
      { column: anyOf(numbers), other: fc.oneof(number, anyOf(numbers)) },
      { column: anyOf(dates), other: fc.oneof(date, anyOf(dates)) },
    )
    .chain(({ column, other }) =>
      fc
        .tuple(column, fc.constantFrom('BETWEEN', 'NOT BETWEEN').map(same), other, other)
        .map((parts) => wrap('$0 $1 $2 AND $3', ...parts)),
    ),
  family.chain(({ column, other }) =>
    fc
      .tuple(column, fc.constantFrom('IS DISTINCT FROM', 'IS NOT DISTINCT FROM').map(same), other)
      .map((parts) => wrap('$0 $1 $2', ...parts)),
  ),
  fc
    .tuple(anyOf(columns), fc.constantFrom('IS NULL', 'IS NOT NULL').map(same))
    .map((parts) => wrap('$0 $1', ...parts)),
  anyOf(flags),
  truth,
  fc.tuple(number, sign, number).map((parts) => wrap('$0 $1 $2', ...parts)),
);

const suffix = fc.oneof(
  fc.constantFrom('IS TRUE', 'IS NOT TRUE', 'IS FALSE', 'IS NOT FALSE', 'IS NULL', 'IS NOT NULL').map(same),
  fc.constantFrom(
    { ours: 'IS UNKNOWN', theirs: 'IS NULL' },
    { ours: 'IS NOT UNKNOWN', theirs: 'IS NOT NULL' },
  ),
);
const { condition } = fc.letrec<{ condition: Written }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 4 },
    atom,
    fc.tuple(tie('condition'), tie('condition')).map((parts) => wrap('($0) AND ($1)', ...parts)),
    fc.tuple(tie('condition'), tie('condition')).map((parts) => wrap('($0) OR ($1)', ...parts)),
    tie('condition').map((part) => wrap('NOT ($0)', part)),
    fc.tuple(tie('condition'), suffix).map((parts) => wrap('($0) $1', ...parts)),
  ),
}));

const rows = fc.sample(
  fc.record<Record<string, string | null>>(
    Object.fromEntries(columns.map((column) => [column.name, cell(column)])),
  ),
  { numRuns: ROWS, seed: 2026 },
);

describe('WHERE chooses the rows that SQLite chooses', () => {
  const database = new sqlite.Database(':memory:');

  beforeAll(() => {
    // No declared types: each value keeps its own (numbers, texts), and nothing is converted.
    database.exec(`CREATE TABLE patients (n, ${columns.map(({ name }) => quoted(name)).join(', ')})`);
    database.exec('BEGIN');
    rows.forEach((row, n) => {
      const values = columns.map(({ name, type }) => literal(type.kind, row[name] ?? null));
      database.exec(`INSERT INTO patients VALUES (${n}, ${values.join(', ')})`);
    });
    database.exec('COMMIT');
  });
  afterAll(() => database.close());

  function literal(kind: string, text: string | null): string {
    if (text === null) return 'NULL';
    if (kind === 'integer' || kind === 'decimal') return text;
    if (kind === 'boolean') return text === 'yes' ? '1' : '0';
    return `'${text}'`;
  }

  async function chosenByUs(where: string): Promise<number[]> {
    const plan = await planQuery(`SELECT COUNT(*) FROM patients WHERE ${where}`, [PATIENTS]);
    expect(isSimplified(plan.where)).toBe(true);
    return rows.flatMap((row: Row, n) => (evaluate(PATIENTS.schema, row, plan.where) ? [n] : []));
  }

  function chosenByThem(where: string): number[] {
    return database.all(`SELECT n FROM patients WHERE ${where} ORDER BY n`).map((row) => Number(row['n']));
  }

  test('random conditions', async () => {
    await fc.assert(
      fc.asyncProperty(condition, async ({ ours, theirs }) => {
        expect(await chosenByUs(ours)).toEqual(chosenByThem(theirs));
      }),
      { numRuns: 4000 },
    );
  });

  test.each([
    ['age NOT IN (1, 2, NULL)'],
    ['NOT (age IN (1, NULL))'],
    ['age >= 40.5'],
    ['age <= 40.5'],
    ['age = 40.5 OR NOT (age = 40.5)'],
    ['visits >= -2.5'],
    ['visits < -2.5'],
    ['height > -0.455'],
    ['age >= 0'],
    ['age < 0'],
    ['age > 120 OR age <= 120'],
    ['weight = 70'],
    ['weight > height'],
    ['NOT (weight > height)'],
    ['fixed = visits'],
    ['fixed = 7'],
    ['age = age'],
    ['smoker = smoker'],
    ['smoker <> diabetic'],
    ['NOT smoker'],
    ["sex <> '男'"],
    ['born < admitted AND NOT (born IS NULL)'],
    ['((age > 1) IS NULL) IS NOT NULL'],
    ['(age IS NULL OR age > 200) IS NULL'],
    ['NULL'],
    ['1 = 1 AND 2 < 1.5'],
  ])('%s', async (where) => {
    expect(await chosenByUs(where)).toEqual(chosenByThem(where));
  });
});

/** No constants inside lists, no list inside a list of its kind, none of fewer than two. */
function isSimplified(predicate: Predicate): boolean {
  if (predicate.kind !== 'and' && predicate.kind !== 'or') return true;
  if (predicate.terms.length < 2) return false;
  return predicate.terms.every(
    (term) =>
      term.kind !== 'true' && term.kind !== 'false' && term.kind !== predicate.kind && isSimplified(term),
  );
}
