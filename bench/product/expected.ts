/** The example query in plain arithmetic, and the comparison with what the nodes released. */

import type { QueryAnswer } from '../../src/client/analyst/query.js';
import { resultJson } from '../../src/client/analyst/result-json.js';
import { WarifuError } from '../../src/core/errors.js';
import type { Patients } from './patients.js';

/** A column whose statistics are asked for, with how many of its units make one. */
export interface Measure {
  readonly column: 'weight' | 'yen';
  readonly scale: number;
}

const MIN_AGE = 40;
/** What is not rational agrees to so much, relative; plain doubles are not better. */
const TOLERANCE = 1e-9;
/** Beyond it a sum of integers in a double is rounded. */
const EXACT = 2 ** 53;

export function exampleSql(column: Measure['column']): string {
  return (
    `SELECT sex, COUNT(*), AVG(${column}), STDDEV_SAMP(${column}), t_test(${column}, smoker) ` +
    `FROM patients WHERE age >= ${MIN_AGE} GROUP BY sex`
  );
}

export const TWO_COLUMNS_SQL = `SELECT COUNT(*), AVG(weight), STDDEV_SAMP(weight) FROM people WHERE age >= ${MIN_AGE}`;

/** @throws WarifuError INTERNAL naming the cell that differs. */
export function checkExample(answer: QueryAnswer, table: Patients, measure: Measure): void {
  const rows = rowsOf(answer);
  ['F', 'M'].forEach((sex, i) => {
    const row = rows[i] ?? {};
    const inGroup = (r: number): boolean =>
      table.age[r]! >= MIN_AGE && (table.female[r] === 1) === (sex === 'F');
    same('sex', row['sex'], sex);
    checkMoments(row, table, measure, inGroup);
    const [no, yes] = [0, 1].map((smoker) =>
      momentsOf(table, measure, (r) => inGroup(r) && table.smoker[r] === smoker),
    ) as [Moments, Moments];
    const test = row[`t_test(${measure.column}, smoker)`] as Readonly<Record<string, unknown>>;
    same('n of t_test', String(test['n']), String([no.n, yes.n]));
    const spread = Math.sqrt(no.variance / no.n + yes.variance / yes.n);
    close('statistic of t_test', test['statistic'], (no.mean - yes.mean) / spread, TOLERANCE);
  });
}

/** The same for the query over two columns. */
export function checkTwoColumns(answer: QueryAnswer, table: Patients): void {
  const [row = {}] = rowsOf(answer);
  checkMoments(row, table, { column: 'weight', scale: 10 }, (r) => table.age[r]! >= MIN_AGE);
}

interface Moments {
  readonly n: number;
  readonly sum: bigint;
  readonly mean: number;
  readonly variance: number;
}

type Row = Readonly<Record<string, unknown>>;

function rowsOf(answer: QueryAnswer): Row[] {
  return (JSON.parse(resultJson(answer)) as { rows: Row[] }).rows;
}

function checkMoments(row: Row, table: Patients, measure: Measure, isIn: (row: number) => boolean): void {
  const { column } = measure;
  let count = 0;
  for (let r = 0; r < table.rows; r++) if (isIn(r)) count++;
  same('COUNT(*)', row['COUNT(*)'], count);
  const { sum, mean, variance } = momentsOf(table, measure, isIn);
  // the quotient of two exact doubles is rounded once, as the nodes' result must be
  close(`AVG(${column})`, row[`AVG(${column})`], mean, sum < EXACT ? 0 : TOLERANCE);
  close(`STDDEV_SAMP(${column})`, row[`STDDEV_SAMP(${column})`], Math.sqrt(variance), TOLERANCE);
}

/** Of the rows that are in and have a value. */
function momentsOf(table: Patients, { column, scale }: Measure, isIn: (row: number) => boolean): Moments {
  const values = table[column];
  let [n, sum, squares] = [0, 0n, 0n];
  for (let r = 0; r < table.rows; r++) {
    const value = values[r]!;
    if (value < 0 || !isIn(r)) continue;
    n++;
    sum += BigInt(value);
    squares += BigInt(value) * BigInt(value);
  }
  const variance = Number(BigInt(n) * squares - sum * sum) / (n * (n - 1)) / scale ** 2;
  return { n, sum, mean: Number(sum) / (n * scale), variance };
}

function same(what: string, found: unknown, expected: unknown): void {
  if (found !== expected) throw wrong(what, found, expected);
}

function close(what: string, found: unknown, expected: number, tolerance: number): void {
  if (typeof found === 'number' && Math.abs(found - expected) <= tolerance * Math.abs(expected)) return;
  throw wrong(what, found, expected);
}

/** The data of a bench is made up, so its cells may be shown. */
function wrong(what: string, found: unknown, expected: unknown): WarifuError {
  const text = `${what} is ${JSON.stringify(found)}, and plain arithmetic says ${JSON.stringify(expected)}`;
  return new WarifuError('INTERNAL', `the answer is wrong: ${text}`);
}
