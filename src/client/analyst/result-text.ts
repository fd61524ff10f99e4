/** A result as a table for people. */
import Table from 'cli-table3';
import type { TTestResult } from '../../statistics/finish/t-test.js';
import { printable } from '../printable.js';
import type { ResultTable } from './assemble.js';
import { type CellValue, ExactNumber } from './finish-cell.js';

/** Digits of a rounded number that a person reads; `--json` has them all. */
const SHOWN_DIGITS = 10;

/** Withheld cells that are named one by one. */
const LISTED = 20;

/** The table, and below it the cells that are withheld, with the rule. Ends without a line end. */
export function resultText(result: ResultTable): string {
  const { columns, rows, withheld } = result;
  const rules = new Map(withheld.map(({ row, column, rule }) => [`${row} ${column}`, rule]));
  const table = new Table({
    head: columns.map((column) => printable(column)),
    colAligns: columns.map((column) => (isNumeric(result, column) ? 'right' : 'left')),
    style: { head: [], border: [] },
  });
  for (const [i, row] of rows.entries()) {
    table.push(
      columns.map((column) => (rules.has(`${i} ${column}`) ? 'withheld' : cellText(row[column] ?? null))),
    );
  }
  return [table.toString(), ...withheldLines(result)].join('\n');
}

function isNumeric({ rows }: ResultTable, column: string): boolean {
  return rows.some((row) => typeof row[column] === 'number' || row[column] instanceof ExactNumber);
}

function cellText(cell: CellValue | string | boolean): string {
  if (cell === null) return 'NULL';
  if (typeof cell === 'number') return shown(cell);
  if (typeof cell === 'string') return printable(cell);
  if (typeof cell === 'boolean') return String(cell);
  return cell instanceof ExactNumber ? cell.text : testText(cell);
}

function testText({ statistic, df, p_value, conf_int, estimate, n }: TTestResult): string {
  return [
    `t = ${shown(statistic)}`,
    `df = ${shown(df)}`,
    `p = ${shown(p_value)}`,
    `95% CI ${conf_int.map(shown).join(' to ')}`,
    `means ${estimate.map(shown).join(', ')}`,
    `n = ${n.join(', ')}`,
  ].join('\n');
}

function shown(value: number): string {
  return String(Number(value.toPrecision(SHOWN_DIGITS)));
}

/** A line a withheld cell, with its group and the rule; after twenty, how many more. */
export function withheldLines({ rows, columns, withheld }: ResultTable): string[] {
  const more = withheld.length - LISTED;
  // only groups are named by texts and booleans; one of them may be NULL
  const keyColumns = columns.filter((name) => rows.some((row) => isKey(row[name])));
  const lines = withheld.slice(0, LISTED).map(({ row, column, rule }) => {
    const keys = keyColumns.map((name) => {
      const key = rows[row]?.[name];
      return isKey(key) ? printable(String(key)) : 'NULL';
    });
    const where = keys.length === 0 ? '' : ` of ${keys.join(', ')}`;
    return `withheld: ${printable(column)}${where} (${rule})`;
  });
  return more > 0 ? [...lines, `and ${more} more withheld cells`] : lines;
}

function isKey(cell: unknown): cell is string | boolean {
  return typeof cell === 'string' || typeof cell === 'boolean';
}
