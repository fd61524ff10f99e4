/**
 * Names, from the text rather than from the parser's tree: PostgreSQL silently cuts names off at 63 bytes,
 * which is 21 Japanese characters.
 */
import type { SqlSource, SqlToken } from './source.js';
import type { Name } from './syntax.js';

/** The name a token stands for, folded as PostgreSQL folds it (ASCII only; quoted names as they are). */
export function nameOf(token: SqlToken): Name {
  const { text, start } = token;
  if (text.startsWith('"')) return { text: text.slice(1, -1).replaceAll('""', '"'), at: start };
  return { text: text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase()), at: start };
}

/** The names of a dotted reference of `count` parts that starts at a position. */
export function namesAt(source: SqlSource, at: number, count: number): Name[] {
  const first = source.tokenFrom(at);
  const names: Name[] = [];
  for (let i = 0; i < count; i++) {
    const token = source.tokens[first + 2 * i];
    if (token !== undefined) names.push(checkedName(source, token));
  }
  return names;
}

/** A name, unless it is written with Unicode escapes. */
export function checkedName(source: SqlSource, token: SqlToken): Name {
  if (/^u&"/i.test(token.text)) {
    throw source.unsupported(token.start, {
      what: 'a name with Unicode escapes is not offered',
      instead: 'write the characters themselves',
    });
  }
  return nameOf(token);
}
