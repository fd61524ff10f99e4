/** Tables of the documentation, which tests compare with what they derive. */
import { readFileSync } from 'node:fs';

/** The rows of the table after a heading, cells trimmed. */
export function documentedTable(heading: string, file = 'protocols.md'): string[][] {
  const text = readFileSync(new URL(`../../docs/${file}`, import.meta.url), 'utf8');
  const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
  const lines = section.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}
