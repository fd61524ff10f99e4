/** A result as CSV (RFC 4180): a header, then a record per row; withheld and NULL cells are empty. */
import Papa from 'papaparse';
import type { ResultTable } from './assemble.js';
import { ExactNumber } from './finish-cell.js';
import { exactJson } from './result-json.js';

/** Texts that a spreadsheet would run as a formula. */
const FORMULA = /^[=+\-@\t\r]/;

/** Tests are one cell each, as JSON. */
export function resultCsv({ columns, rows }: ResultTable): string {
  const records = rows.map((row) => columns.map((column) => cellText(row[column])));
  return `${Papa.unparse([columns.map(neutral), ...records], { newline: '\r\n' })}\r\n`;
}

function cellText(cell: unknown): string {
  if (cell === null) return '';
  if (typeof cell === 'string') return neutral(cell);
  if (cell instanceof ExactNumber) return cell.text;
  return exactJson(cell);
}

/** Labels and names come from other organisations; an apostrophe makes a spreadsheet take them as text. */
function neutral(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}
