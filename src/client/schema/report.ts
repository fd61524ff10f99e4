/** The inference report as text for the provider's own terminal. It shows counts and rare labels: never send it. */
import Table from 'cli-table3';
import type { CsvFile } from '../csv/csv-file.js';
import { DELIMITER_NAMES } from '../csv/dialect.js';
import type { ColumnReport, LabelCount } from './decide-column.js';
import type { Inference } from './infer.js';

/** Labels listed of a column; the others are counted. */
const MAX_SHOWN = 8;
const WIDTHS = [18, 13, 9, 28, 40];

/** Lines without colour: what was read, a table with a line per column, then the problems. */
export function renderReport(file: CsvFile, inference: Inference): string[] {
  const encoding = file.encoding === 'cp932' ? 'CP932 (Shift_JIS)' : 'UTF-8';
  const delimiter = DELIMITER_NAMES[file.dialect.delimiter];
  const rows = inference.rows.toLocaleString('en');
  const table = new Table({
    head: ['column', 'type', 'missing', 'range or labels (count)', 'why'],
    style: { head: [], border: [], compact: true },
    colWidths: WIDTHS,
    wordWrap: true,
  });
  for (const column of inference.columns) table.push(line(column));
  return [
    `${file.path}: ${rows} rows, ${inference.columns.length} columns; ${encoding}, separated by ${delimiter}`,
    ...table.toString().split('\n'),
    ...inference.problems.map((problem) => `! ${problem}`),
  ];
}

function line(report: ColumnReport): string[] {
  return [
    report.name,
    typeText(report),
    report.missing.toLocaleString('en') + report.markers.map((marker) => ` ${marker}`).join(','),
    valuesText(report),
    report.why,
  ].map((text) => text.replace(/\p{Cc}/gu, ' '));
}

function typeText({ column }: ColumnReport): string {
  if (column === undefined) return 'refused';
  const { type } = column;
  if (type.kind === 'decimal') return `decimal(${type.digits})`;
  return type.kind;
}

function valuesText({ range, labels, rare }: ColumnReport): string {
  const parts: string[] = [];
  if (range !== undefined) parts.push(`${range.min} to ${range.max}`);
  if (labels !== undefined) parts.push(labelList(labels));
  if (rare !== undefined) parts.push(`rare, not in the schema: ${labelList(rare)}`);
  return parts.join('; ');
}

function labelList(labels: readonly LabelCount[]): string {
  const shown = labels
    .slice(0, MAX_SHOWN)
    .map(({ label, count }) => `${label} (${count.toLocaleString('en')})`);
  const hidden = labels.length - shown.length;
  return shown.join(', ') + (hidden > 0 ? `, and ${hidden.toLocaleString('en')} more` : '');
}
