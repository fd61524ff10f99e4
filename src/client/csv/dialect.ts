/** How a CSV file separates fields and ends lines, read off its header line. */

export type Delimiter = ',' | '\t' | ';';

export interface Dialect {
  readonly delimiter: Delimiter;
  /** '\n' stands for CRLF too, also where a file mixes both. */
  readonly newline: '\n' | '\r';
}

export const DELIMITER_NAMES: Readonly<Record<Delimiter, string>> = {
  ',': 'comma',
  '\t': 'tab',
  ';': 'semicolon',
};

const DELIMITERS: readonly Delimiter[] = [',', '\t', ';'];

/**
 * The delimiter that occurs most often in the header line outside quotes (the comma where equal), and the
 * end of that line. Only the header is asked: decimal commas and free text in the data cannot mislead it.
 */
export function sniffDialect(start: string): Dialect {
  const counts = new Map<string, number>(DELIMITERS.map((delimiter) => [delimiter, 0]));
  let newline: Dialect['newline'] = '\n';
  let quoted = false;
  let blank = true;
  for (let i = 0; i < start.length; i++) {
    const character = start[i]!;
    if (character === '"') quoted = !quoted;
    if (quoted) {
      blank = false;
      continue;
    }
    if (character === '\n' || character === '\r') {
      // blank lines before the header are skipped by the reader, too
      if (blank) continue;
      newline = character === '\r' && start[i + 1] !== '\n' ? '\r' : '\n';
      break;
    }
    if (character.trim() !== '') blank = false;
    const count = counts.get(character);
    if (count !== undefined) counts.set(character, count + 1);
  }
  const delimiter = DELIMITERS.reduce((best, next) => (counts.get(next)! > counts.get(best)! ? next : best));
  return { delimiter, newline };
}
