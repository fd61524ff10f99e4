/**
 * Tables of the documentation, which tests compare with what they derive. `WARIFU_UPDATE_TABLES=1 npx vitest run ...`
 * writes them anew.
 */
import { readFileSync, writeFileSync } from 'node:fs';

/** The rows of the table after a heading, cells trimmed. */
export function documentedTable(
  heading: string,
  derived: readonly (readonly string[])[],
  file = 'protocols.md',
): string[][] {
  const url = new URL(`../../docs/${file}`, import.meta.url);
  const sections = readFileSync(url, 'utf8').split(/^(?=## )/m);
  const at = sections.findIndex((part) => part.startsWith(`## ${heading}\n`));
  const section = sections[at] ?? '';
  if (process.env.WARIFU_UPDATE_TABLES !== undefined && at >= 0) {
    sections[at] = withRows(section, derived);
    writeFileSync(url, sections.join(''));
    return tableIn(sections[at]).slice(2);
  }
  return tableIn(section).slice(2);
}

function tableIn(section: string): string[][] {
  return section.split('\n').filter(isRow).map(cellsOf);
}

function isRow(line: string): boolean {
  return line.startsWith('|');
}

function cellsOf(line: string): string[] {
  return line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
}

/** The section with other rows below the head of its table. */
function withRows(section: string, rows: readonly (readonly string[])[]): string {
  const lines = section.split('\n');
  const first = lines.findIndex(isRow);
  const count = lines.filter(isRow).length;
  const head = cellsOf(lines[first] ?? '');
  const right = cellsOf(lines[first + 1] ?? '').map((cell) => cell.endsWith(':'));
  const widths = head.map((cell, i) => Math.max(3, cell.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]): string => {
    const padded = cells.map((cell, i) =>
      right[i] === true ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0),
    );
    return `| ${padded.join(' | ')} |`;
  };
  const rule = widths.map((width, i) =>
    right[i] === true ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width),
  );
  lines.splice(first, count, line(head), line(rule), ...rows.map(line));
  return lines.join('\n');
}
