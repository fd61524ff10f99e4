/** The parser: PostgreSQL's own grammar (libpg-query). Its tree is checked node by node in read-*.ts. */
import { hasSqlDetails, parse } from 'libpg-query';
import { WarifuError } from '../../core/errors.js';
import { type SqlSource, sqlError } from './source.js';

/**
 * The statements of a text, as the parser's raw tree.
 *
 * @throws WarifuError SQL_SYNTAX with the place where the parser stopped.
 */
export async function parseSql(source: SqlSource): Promise<unknown> {
  try {
    return await parse(source.text);
  } catch (thrown) {
    throw syntaxError(thrown, source.text, (offset) => source.position(offset));
  }
}

/** The parser's error about a text that the scanner refused. */
export async function parseFailure(text: string, positions: Uint32Array): Promise<WarifuError> {
  try {
    await parse(text);
  } catch (thrown) {
    return syntaxError(thrown, text, (offset) => positions[offset] ?? text.length);
  }
  return new WarifuError('SQL_SYNTAX', 'the query cannot be split into words: write it more plainly');
}

function syntaxError(thrown: unknown, text: string, position: (byteOffset: number) => number): WarifuError {
  const message = thrown instanceof Error ? thrown.message : 'the parser failed';
  const at = hasSqlDetails(thrown) ? position(thrown.sqlDetails?.cursorPosition ?? 0) : 0;
  // The parser quotes the rest of an unterminated text, which the excerpt shows already.
  const what = message.startsWith('unterminated') ? message.replace(/ at or near [\s\S]*$/, '') : message;
  return sqlError('SQL_SYNTAX', text, at, {
    what: what.replaceAll(/\p{Cc}/gu, ' '),
    instead: 'the query must be one SELECT in PostgreSQL’s syntax',
  });
}
