/**
 * What is checked before the parser sees a text: length, characters and nesting.
 *
 * The parser recurses in WebAssembly. A deep tree overflows the stack of the process that hosts it (measured:
 * 4,000 times NOT is enough), and the parser is then in no defined state. So depth is bounded on the tokens.
 */
import { scan } from 'libpg-query';
import { WarifuError } from '../../core/errors.js';
import { MAX_SQL_DEPTH, MAX_SQL_LENGTH } from '../plan.js';
import { parseFailure } from './parse.js';
import { positionsOfBytes, SqlSource, type SqlToken, sqlError } from './source.js';

const COMMENTS = new Set(['SQL_COMMENT', 'C_COMMENT']);
const OPENING = new Set(['(', '[']);
const CLOSING = new Set([')', ']']);
/** After these, the expression before is complete: what follows at this level is no deeper. */
const RESETTING = new Set([',', 'AND', 'OR', ';']);
/** These nest without brackets, whatever stands between them. */
const NESTING_WORDS = new Set(['CASE', 'UNION', 'INTERSECT', 'EXCEPT', 'JOIN']);

/**
 * Reads a text into tokens.
 *
 * @throws WarifuError SQL_SYNTAX (no text, bad characters, open quotes), SQL_UNSUPPORTED (too long or too deep).
 */
export async function scanSql(text: string): Promise<SqlSource> {
  checkCharacters(text);
  const positions = positionsOfBytes(text);
  const tokens = await tokensOf(text, positions);
  if (tokens.length === 0) {
    throw new WarifuError('SQL_SYNTAX', 'the query is empty: write SELECT COUNT(*) FROM table, for example');
  }
  checkDepth(text, tokens);
  return new SqlSource(text, tokens, positions);
}

function checkCharacters(text: string): void {
  if (text.length > MAX_SQL_LENGTH) {
    const message = `the query has ${text.length} characters, ${MAX_SQL_LENGTH} are allowed: shorten it`;
    throw new WarifuError('SQL_UNSUPPORTED', message, { length: text.length, limit: MAX_SQL_LENGTH });
  }
  if (!text.isWellFormed()) {
    throw new WarifuError('SQL_SYNTAX', 'the query is not valid Unicode (half of a surrogate pair)');
  }
  // The scanner's time grows with the square of the comments that are open inside one another.
  if (text.split('/*').length - 1 > MAX_SQL_DEPTH) {
    const message = `the query has more than ${MAX_SQL_DEPTH} comments: leave some out`;
    throw new WarifuError('SQL_UNSUPPORTED', message, { limit: MAX_SQL_DEPTH });
  }
  const control = /(?![\t\n\r])\p{Cc}/u.exec(text);
  if (control !== null) {
    const code = control[0].charCodeAt(0).toString(16).padStart(4, '0').toUpperCase();
    throw sqlError('SQL_SYNTAX', text, control.index, {
      what: `control character U+${code}`,
      instead: 'remove it',
    });
  }
}

async function tokensOf(text: string, positions: Uint32Array): Promise<SqlToken[]> {
  if (text.trim() === '') return [];
  const scanned = await scan(text).catch(() => undefined);
  // The scanner reports its own errors in a form that says nothing; the parser names them and their place.
  if (scanned === undefined) throw await parseFailure(text, positions);
  return scanned.tokens
    .filter((token) => !COMMENTS.has(token.tokenName))
    .map((token) => ({
      text: token.text,
      start: positions[token.start] ?? text.length,
      end: positions[token.end] ?? text.length,
      kind: kindOf(token.tokenName, token.text),
      word: kindOf(token.tokenName, token.text) === 'other' ? token.text.toUpperCase() : '',
    }));
}

function kindOf(tokenName: string, text: string): SqlToken['kind'] {
  if (tokenName === 'IDENT' || text.startsWith('"') || /^u&"/i.test(text)) return 'identifier';
  return /^[IFS]CONST$/.test(tokenName) || /['$]/.test(text) ? 'constant' : 'other';
}

/**
 * Bounds the depth of any tree over these tokens: brackets, and within each level the operators and keywords
 * since the last comma, AND or OR (those lists are flat).
 */
function checkDepth(text: string, tokens: readonly SqlToken[]): void {
  const levels: number[] = [0];
  let nestingWords = 0;
  for (const token of tokens) {
    const top = levels.length - 1;
    if (OPENING.has(token.word)) levels.push(0);
    else if (CLOSING.has(token.word)) {
      if (levels.length > 1) levels.pop();
    } else if (NESTING_WORDS.has(token.word)) nestingWords += 1;
    else if (RESETTING.has(token.word)) levels[top] = 0;
    else if (token.kind === 'other' && token.word !== '.') levels[top] = (levels[top] ?? 0) + 1;
    const depth = levels.length + nestingWords + levels.reduce((sum, chain) => sum + chain, 0);
    if (depth > MAX_SQL_DEPTH) {
      throw sqlError('SQL_UNSUPPORTED', text, token.start, {
        what: `the query nests deeper than ${MAX_SQL_DEPTH}`,
        instead: 'write it with fewer brackets and operators inside one another',
      });
    }
  }
}
