/**
 * JSON in one canonical form: what is signed, hashed and compared between nodes.
 *
 * Keys sorted by UTF-16 code units, no white space, numbers as ECMAScript prints them (the form of RFC 8785).
 */
import { WarifuError } from './errors.js';

/** Nesting allowed in JSON that comes from outside. */
export const MAX_JSON_DEPTH = 32;

/**
 * Canonical text of plain data (null, booleans, finite numbers, well-formed strings, arrays, plain objects).
 * Properties that are undefined are left out.
 *
 * @throws TypeError for anything else: a bigint, a class instance, NaN, a lone surrogate.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value);
  if (typeof value === 'string' && value.isWellFormed()) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (isPlainObject(value)) {
    const members = Object.keys(value)
      .filter((key) => value[key] !== undefined)
      .sort()
      .map((key) => `${canonicalJson(key)}:${canonicalJson(value[key])}`);
    return `{${members.join(',')}}`;
  }
  throw new TypeError(`a ${typeof value} has no canonical JSON form`);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/**
 * Parses JSON from outside; nesting is measured before the parser or any recursive check runs.
 *
 * @param what names the text in errors.
 * @throws WarifuError MESSAGE_FORM for text that is no JSON or is nested deeper than MAX_JSON_DEPTH.
 */
export function parseBoundedJson(text: string, what: string): unknown {
  if (jsonDepth(text) > MAX_JSON_DEPTH) {
    throw new WarifuError('MESSAGE_FORM', `${what} is nested deeper than ${MAX_JSON_DEPTH} levels`);
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // The parser's own message quotes the text, which may hold what must not reach a log.
    throw new WarifuError('MESSAGE_FORM', `${what} is not valid JSON`);
  }
}

function jsonDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const unit = text[at];
    if (inString) {
      if (unit === '\\') at++;
      else if (unit === '"') inString = false;
    } else if (unit === '"') inString = true;
    else if (unit === '{' || unit === '[') deepest = Math.max(deepest, ++depth);
    else if (unit === '}' || unit === ']') depth--;
  }
  return deepest;
}
