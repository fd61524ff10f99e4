/**
 * What a query must answer, without any of our code for conditions, groups or numbers: SQLite chooses the rows of
 * each group, and every aggregate is an exact rational over them, rounded once by the decimal reader of the engine.
 */
import sqlite from 'node-sqlite3-wasm';
import type { ResultTable } from '../../src/client/analyst/assemble.js';
import { type CellValue, ExactNumber } from '../../src/client/analyst/finish-cell.js';
import type { Aggregate, QueryPlan } from '../../src/query/plan.js';
import type { Column } from '../../src/share/schema.js';
import type { PlainRow, PlainTable } from './table.js';

export type Key = string | boolean | null;
/** COUNT and SUM as text, averages and spreads as doubles, tests by their exact fields. */
export type Expected = string | number | null | ExpectedTest;
export interface ExpectedTest {
  readonly statistic: number;
  readonly df: number;
  readonly estimate: readonly [number, number];
  readonly n: readonly [number, number];
}

export interface ExpectedCell {
  readonly value: Expected;
  /** Non-missing rows; of each group for a test. */
  readonly counts: readonly number[];
}

export interface ExpectedAnswer {
  readonly rows: Record<string, Expected | boolean>[];
  readonly n: Record<string, number | readonly number[] | null | undefined>[];
  readonly withheld: { readonly row: number; readonly column: string; readonly rule: string }[];
}

/** What the analyst got, in the form of an expected answer: of a test only what the oracle computes. */
export function comparable({ rows, n, withheld }: ResultTable): unknown {
  const cells = rows.map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name, comparableCell(value)])),
  );
  return { rows: cells, n, withheld };
}

function comparableCell(value: CellValue | string | boolean): unknown {
  if (value instanceof ExactNumber) return value.text;
  if (typeof value !== 'object' || value === null) return value;
  const { statistic, df, estimate, n } = value;
  return { statistic, df, estimate, n };
}

export class Oracle {
  readonly #database = new sqlite.Database(':memory:');
  readonly #table: PlainTable;

  constructor(table: PlainTable) {
    this.#table = table;
    const { columns } = table.schema;
    // No declared types: each value keeps its own, and nothing is converted.
    const names = columns.map(({ name }) => `"${name}"`);
    this.#database.exec(`CREATE TABLE ${table.name} (row_number, ${names.join(', ')})`);
    this.#database.exec('BEGIN');
    table.rows.forEach((row, n) => {
      const cells = columns.map((column) => literal(column, row[column.name] ?? null));
      this.#database.exec(`INSERT INTO ${table.name} VALUES (${[n, ...cells].join(', ')})`);
    });
    this.#database.exec('COMMIT');
  }

  close(): void {
    this.#database.close();
  }

  /** Rows of each group that has rows, by the JSON text of its keys. */
  groups(where: string, groupBy: readonly string[]): Map<string, PlainRow[]> {
    const { name, schema, rows } = this.#table;
    const keys = groupBy.map((column) => `"${column}"`);
    const select = [...keys.map((key, i) => `${key} AS k${i}`), 'json_group_array(row_number) AS members'];
    const by = keys.length > 0 ? ` GROUP BY ${keys.join(', ')}` : '';
    const found = this.#database.all(`SELECT ${select.join(', ')} FROM ${name} WHERE ${where}${by}`);
    return new Map(
      found.map((row) => {
        const values = groupBy.map((column, i): Key => {
          const value = row[`k${i}`];
          const boolean = schema.columns.find((one) => one.name === column)?.type.kind === 'boolean';
          return boolean && typeof value === 'number' ? value === 1 : (value as Key);
        });
        const members = JSON.parse(row['members'] as string) as number[];
        return [JSON.stringify(values), members.map((i) => rows[i] as PlainRow)];
      }),
    );
  }

  /**
   * The whole answer: every group of the public labels, or with the gates off (1) those that have rows.
   *
   * @param where the plan's condition, in SQLite's dialect.
   */
  answer(plan: QueryPlan, where: string, minCount: number): ExpectedAnswer {
    const found = this.groups(where, plan.groupBy);
    const groups = allGroups(plan, this.#table).filter(
      (keys) => minCount > 1 || keys.length === 0 || found.has(JSON.stringify(keys)),
    );
    const answer: ExpectedAnswer = { rows: [], n: [], withheld: [] };
    for (const [row, keys] of groups.entries()) {
      const members = found.get(JSON.stringify(keys)) ?? [];
      const cells: Record<string, Expected | boolean> = {};
      const n: Record<string, number | readonly number[] | null | undefined> = {};
      for (const output of plan.output) {
        if (output.kind === 'key') {
          cells[output.name] = keys[plan.groupBy.indexOf(output.column)] ?? null;
          continue;
        }
        const { kind } = output.aggregate;
        const { value, counts } = this.cell(output.aggregate, members);
        const passes = counts.every((count) => count >= minCount);
        if (!passes && minCount > 1) {
          answer.withheld.push({ row, column: output.name, rule: `minimum count ${minCount}` });
        }
        cells[output.name] = passes || minCount === 1 ? value : null;
        if (kind === 't-test') n[output.name] = passes ? counts : null;
        else if (kind !== 'count' && kind !== 'count-rows' && kind !== 'sum') {
          n[output.name] = passes || minCount === 1 ? counts[0] : null;
        }
      }
      answer.rows.push(cells);
      answer.n.push(n);
    }
    return answer;
  }

  /** The aggregate over rows of the table; null where SQL has no value. */
  cell(aggregate: Aggregate, rows: readonly PlainRow[]): ExpectedCell {
    return expectedCell(aggregate, rows, (name) => {
      const column = this.#table.schema.columns.find((one) => one.name === name);
      if (column === undefined) throw new Error(`no column ${name}`);
      return column;
    });
  }
}

/** The keys that a column can have, in output order. */
export function keysOf({ type, nullable }: Column): Key[] {
  const keys: Key[] = type.kind === 'category' ? [...type.labels] : [false, true];
  return nullable ? [...keys, null] : keys;
}

/** All groups of a plan in output order. */
export function allGroups(plan: QueryPlan, table: PlainTable): Key[][] {
  return plan.groupBy.reduce<Key[][]>(
    (groups, name) => {
      const column = table.schema.columns.find((one) => one.name === name);
      if (column === undefined) throw new Error(`no column ${name}`);
      return groups.flatMap((group) => keysOf(column).map((key) => [...group, key]));
    },
    [[]],
  );
}

function literal({ type }: Column, text: string | null): string {
  if (text === null) return 'NULL';
  if (type.kind === 'integer' || type.kind === 'decimal') return text;
  if (type.kind === 'boolean') return type.true.includes(text) ? '1' : '0';
  return `'${text}'`;
}

type ColumnOf = (name: string) => Column;

function expectedCell(aggregate: Aggregate, rows: readonly PlainRow[], columnOf: ColumnOf): ExpectedCell {
  if (aggregate.kind === 'count-rows') return { value: String(rows.length), counts: [rows.length] };
  const column = columnOf(aggregate.column);
  const digits = column.type.kind === 'decimal' ? column.type.digits : 0;
  const valuesIn = (some: readonly PlainRow[]): bigint[] =>
    some.flatMap((row) => {
      const text = row[aggregate.column] ?? null;
      return text === null ? [] : [column.type.kind === 'decimal' ? unscaled(text, digits) : BigInt(text)];
    });
  if (aggregate.kind === 'count') {
    const n = rows.filter((row) => (row[aggregate.column] ?? null) !== null).length;
    return { value: String(n), counts: [n] };
  }
  if (aggregate.kind !== 't-test') {
    const values = valuesIn(rows);
    return { value: moment(aggregate.kind, values, digits), counts: [values.length] };
  }
  const group = columnOf(aggregate.group);
  const labels =
    group.type.kind === 'category'
      ? group.type.labels.map((label) => [label])
      : group.type.kind === 'boolean'
        ? [group.type.false, group.type.true]
        : group.type.kind === 'integer'
          ? [[String(group.type.min)], [String(group.type.max)]]
          : [];
  const [first = [], second = []] = labels.map((spellings) =>
    valuesIn(rows.filter((row) => spellings.includes(row[aggregate.group] ?? '\0'))),
  );
  const counts = [first.length, second.length];
  return { value: twoSamples(aggregate.variant, first, second, digits), counts };
}

/** '-1.50' in units of 10^-digits. */
function unscaled(text: string, digits: number): bigint {
  const [whole = '', fraction = ''] = text.split('.');
  return BigInt(whole + fraction.padEnd(digits, '0'));
}

const total = (values: readonly bigint[]): bigint => values.reduce((sum, x) => sum + x, 0n);

/** n^2 times the population variance. */
function spreadOf(values: readonly bigint[]): bigint {
  const n = BigInt(values.length);
  const sum = total(values);
  // by the definition, n times each deviation from the mean, so that nothing cancels
  return total(values.map((x) => (n * x - sum) ** 2n)) / (n === 0n ? 1n : n);
}

function moment(
  kind: Exclude<Aggregate['kind'], 'count-rows' | 'count' | 't-test'>,
  values: readonly bigint[],
  digits: number,
): string | number | null {
  const n = BigInt(values.length);
  const unit = 10n ** BigInt(digits);
  if (n === 0n) return null;
  if (kind === 'sum') return decimalText(total(values), digits);
  if (kind === 'avg') return nearest(total(values), n * unit);
  const divisor = kind.endsWith('samp') ? n * (n - 1n) : n * n;
  if (divisor === 0n) return null;
  const variance = [spreadOf(values), divisor * unit * unit] as const;
  return kind.startsWith('var') ? nearest(...variance) : nearestRoot(...variance);
}

function decimalText(value: bigint, digits: number): string {
  if (digits === 0) return value.toString();
  const text = (value < 0n ? -value : value).toString().padStart(digits + 1, '0');
  return `${value < 0n ? '-' : ''}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

function twoSamples(
  variant: 'welch' | 'student',
  first: readonly bigint[],
  second: readonly bigint[],
  digits: number,
): ExpectedTest | null {
  const [n1, n2] = [BigInt(first.length), BigInt(second.length)];
  const [q1, q2] = [spreadOf(first), spreadOf(second)];
  if (n1 < 2n || n2 < 2n || q1 + q2 === 0n) return null;
  const unit = 10n ** BigInt(digits);
  const [s1, s2] = [total(first), total(second)];
  // v_i = q_i / (n_i^2 (n_i - 1)): a_i / (a common denominator)
  const [d1, d2] = [n1 * n1 * (n1 - 1n), n2 * n2 * (n2 - 1n)];
  const [a1, a2] = [q1 * d2, q2 * d1];
  const difference = s1 * n2 - s2 * n1;
  const squared = difference * difference;
  const m = n1 * n2;
  const estimate = [nearest(s1, n1 * unit), nearest(s2, n2 * unit)] as const;
  const n = [first.length, second.length] as const;
  const signed = (t: number): number => (difference < 0n ? -t : t);
  if (variant === 'welch') {
    const statistic = signed(nearestRoot(squared * d1 * d2, m * m * (a1 + a2)));
    const df = nearest((a1 + a2) ** 2n * (n1 - 1n) * (n2 - 1n), a1 * a1 * (n2 - 1n) + a2 * a2 * (n1 - 1n));
    return { statistic, df, estimate, n };
  }
  const df = n1 + n2 - 2n;
  // pooled variance (q1/n1 + q2/n2) / df, times (n1 + n2) / (n1 n2)
  const statistic = signed(nearestRoot(squared * df, (q1 * n2 + q2 * n1) * (n1 + n2)));
  return { statistic, df: Number(df), estimate, n };
}

/** Significant decimal digits before rounding; a last digit stands for all that is cut off. */
const DIGITS = 60n;

/** The double nearest to a rational, through its decimal expansion. */
export function nearest(numerator: bigint, denominator: bigint): number {
  if (numerator < 0n) return -nearest(-numerator, denominator);
  if (numerator === 0n) return 0;
  const shift = DIGITS + BigInt(denominator.toString().length);
  const scaled = numerator * 10n ** shift;
  const sticky = scaled % denominator === 0n ? '0' : '1';
  return Number(`${scaled / denominator}${sticky}e-${shift + 1n}`);
}

/** The double nearest to the root of a rational, through its decimal expansion. */
export function nearestRoot(numerator: bigint, denominator: bigint): number {
  if (numerator === 0n) return 0;
  const shift = DIGITS + BigInt(denominator.toString().length);
  const scaled = numerator * 10n ** (2n * shift);
  const root = floorRoot(scaled / denominator);
  const sticky = root * root * denominator === scaled ? '0' : '1';
  return Number(`${root}${sticky}e-${shift + 1n}`);
}

function floorRoot(x: bigint): bigint {
  let low = 0n;
  let high = 10n ** BigInt(Math.ceil(x.toString().length / 2) + 1);
  while (low < high) {
    const middle = (low + high + 1n) / 2n;
    if (middle * middle <= x) low = middle;
    else high = middle - 1n;
  }
  return low;
}
