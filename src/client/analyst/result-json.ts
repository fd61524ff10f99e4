/** The JSON form of a result: a contract that scripts depend on (docs/commands.md). */
import { ExactNumber } from './finish-cell.js';
import type { QueryAnswer } from './query.js';

/** One line: rows, n, withheld and cost, and the lost node where three of four computed it. Exact numbers keep all their digits. */
export function resultJson({ table, cost, lost }: QueryAnswer): string {
  const { rows, n, withheld } = table;
  return exactJson({ rows, n, withheld, cost, ...(lost === undefined ? {} : { lost }) });
}

/** As JSON.stringify of plain data; an ExactNumber becomes a JSON number of exactly its digits. */
export function exactJson(value: unknown): string {
  if (value instanceof ExactNumber) return value.text;
  if (Array.isArray(value)) return `[${value.map(exactJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(
      ([key, member]) => `${JSON.stringify(key)}:${exactJson(member)}`,
    );
    return `{${members.join(',')}}`;
  }
  return JSON.stringify(value);
}
