/** The tables of docs/fixed-point.md, so that tests and text agree. */
import { readFileSync } from 'node:fs';

export interface Documented {
  /** Largest error found, as a part of what is allowed. */
  readonly error: number;
  /** Rounds and bytes per node and element, as printed. */
  readonly cost: string;
}

/** The row of a function, named by its first cell. */
export function documented(name: string): Documented {
  const text = readFileSync(new URL('../../../docs/fixed-point.md', import.meta.url), 'utf8');
  const row = text.split('\n').find((line) => line.startsWith(`| \`${name}\` |`));
  if (row === undefined) throw new Error(`docs/fixed-point.md has no row for ${name}`);
  const [error = '', rounds = '', bytes = ''] = row
    .split('|')
    .slice(2)
    .map((cell) => cell.trim());
  return { error: Number(error), cost: `${rounds} ${bytes}` };
}
