/**
 * The SQL text with its positions: the parser speaks of UTF-8 byte offsets, people of lines and columns.
 *
 * Every error about SQL is built here, so that each shows its place: line, column and a caret under the text.
 */
import { type ErrorCode, WarifuError } from '../../core/errors.js';

/** A token of the text. start and end are UTF-16 positions; comments are not among the tokens. */
export interface SqlToken {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** identifier, constant, or a keyword or sign (`word` holds keywords in upper case). */
  readonly kind: 'identifier' | 'constant' | 'other';
  readonly word: string;
}

/** What a refusal says: what is wrong, and what to write instead. */
export interface Complaint {
  readonly what: string;
  readonly instead: string;
}

/** Characters of one line shown around the caret. */
const SHOWN = 100;
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

/** UTF-16 position of every UTF-8 byte offset of a well-formed text, and of its end. */
export function positionsOfBytes(text: string): Uint32Array {
  const positions = new Uint32Array(Buffer.byteLength(text, 'utf8') + 1);
  let byte = 0;
  let at = 0;
  for (const character of text) {
    const bytes = Buffer.byteLength(character, 'utf8');
    positions.fill(at, byte, byte + bytes);
    byte += bytes;
    at += character.length;
  }
  positions[byte] = at;
  return positions;
}

export class SqlSource {
  readonly text: string;
  readonly tokens: readonly SqlToken[];
  readonly #positions: Uint32Array;

  constructor(text: string, tokens: readonly SqlToken[], positions: Uint32Array) {
    this.text = text;
    this.tokens = tokens;
    this.#positions = positions;
  }

  /** UTF-16 position of a byte offset (the end of the text for anything beyond). */
  position(byteOffset: number): number {
    return this.#positions[byteOffset] ?? this.text.length;
  }

  /** Index of the first token at or after a position. */
  tokenFrom(at: number): number {
    let [low, high] = [0, this.tokens.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.tokens[middle]?.start ?? at) < at) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Position of the first token from `at` on that is one of the keywords, else `at`. */
  keywordFrom(at: number, ...words: readonly string[]): number {
    const found = this.tokens.find((token) => token.start >= at && words.includes(token.word));
    return found?.start ?? at;
  }

  error(code: ErrorCode, at: number, complaint: Complaint): WarifuError {
    return sqlError(code, this.text, at, complaint);
  }

  unsupported(at: number, complaint: Complaint): WarifuError {
    return this.error('SQL_UNSUPPORTED', at, complaint);
  }
}

/** An error about the place `at` (UTF-16 position) of an SQL text, with line, column and a caret. */
export function sqlError(
  code: ErrorCode,
  text: string,
  at: number,
  { what, instead }: Complaint,
): WarifuError {
  const lineStart = text.lastIndexOf('\n', at - 1) + 1;
  const line = text.slice(0, lineStart).split('\n').length;
  const column = Array.from(text.slice(lineStart, at)).length + 1;
  const sentence = `${what} (line ${line}, column ${column})${instead === '' ? '' : `: ${instead}`}`;
  return new WarifuError(code, `${sentence}\n${excerpt(text, lineStart, column - 1)}`, { line, column });
}

function excerpt(text: string, lineStart: number, caret: number): string {
  const lineEnd = text.indexOf('\n', lineStart);
  const line = Array.from(text.slice(lineStart, lineEnd < 0 ? text.length : lineEnd));
  const from = Math.max(0, caret - SHOWN / 2);
  const shown = line
    .slice(from, from + SHOWN)
    .map((character) => (/\p{Cc}/u.test(character) ? ' ' : character));
  const before = shown.slice(0, caret - from);
  const lead = from > 0 ? '…' : '';
  const tail = from + SHOWN < line.length ? '…' : '';
  const indent = before.map((character) => (WIDE.test(character) ? '  ' : ' ')).join('');
  return `  ${lead}${shown.join('')}${tail}\n  ${lead === '' ? '' : ' '}${indent}^`;
}
