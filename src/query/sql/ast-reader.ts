/**
 * Strict access to the parser's raw tree: a node of an unknown kind, or a field that the caller does not
 * expect, is refused by name and never ignored.
 */
import { WarifuError } from '../../core/errors.js';
import { REFUSALS, type Refusal, UNKNOWN_CONSTRUCT } from './refusals.js';
import type { SqlSource } from './source.js';

export type Fields = Readonly<Record<string, unknown>>;

export interface AstNode {
  readonly kind: string;
  readonly fields: Fields;
  readonly at: number;
}

/** A text of MAX_SQL_LENGTH cannot hold more nodes than this. */
const MAX_AST_NODES = 40_000;

export class AstReader {
  readonly source: SqlSource;
  #nodes = 0;

  constructor(source: SqlSource) {
    this.source = source;
  }

  /** Opens a node, which is an object with the kind as its only key. `near` is used where it has no place. */
  open(raw: unknown, near: number): AstNode {
    this.#nodes += 1;
    if (this.#nodes > MAX_AST_NODES) {
      throw this.source.unsupported(near, { what: 'the query has too many parts', instead: 'shorten it' });
    }
    const entries = Object.entries(asFields(raw));
    const [kind, fields] = entries[0] ?? [];
    if (entries.length !== 1 || kind === undefined) throw malformed('a node without a kind');
    return this.named(kind, asFields(fields), near);
  }

  /** A node that the parser writes without its kind (a RangeVar's alias, a TypeCast's typeName). */
  named(kind: string, fields: Fields, near: number): AstNode {
    const { location } = fields;
    const at = typeof location === 'number' && location >= 0 ? this.source.position(location) : near;
    return { kind, fields, at };
  }

  /** Refuses every field of the node that is not in the list. */
  only(node: AstNode, ...allowed: readonly string[]): void {
    for (const [field, value] of Object.entries(node.fields)) {
      if (field === 'location' || allowed.includes(field)) continue;
      const at = this.#firstPlace(value) ?? node.at;
      throw this.refusal(REFUSALS[`${node.kind}.${field}`], at, node.at);
    }
  }

  /** The refusal of a whole node. */
  refuse(node: AstNode, key: string = node.kind): WarifuError {
    return this.refusal(REFUSALS[key], node.at, node.at);
  }

  /** @param from where to look for the refusal's keywords. */
  refusal(refusal: Refusal = UNKNOWN_CONSTRUCT, at = 0, from = 0): WarifuError {
    const place = refusal.words === undefined ? at : this.#keyword(from, at, refusal.words);
    return this.source.unsupported(place, refusal);
  }

  #keyword(from: number, at: number, words: readonly string[]): number {
    const found = this.source.keywordFrom(from, ...words);
    return words.includes(this.source.tokens[this.source.tokenFrom(found)]?.word ?? '') ? found : at;
  }

  #firstPlace(value: unknown): number | undefined {
    if (typeof value !== 'object' || value === null) return undefined;
    const { location } = value as Fields;
    if (typeof location === 'number' && location >= 0) return this.source.position(location);
    for (const part of Object.values(value)) {
      const place = this.#firstPlace(part);
      if (place !== undefined) return place;
    }
    return undefined;
  }
}

export function asFields(raw: unknown): Fields {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) throw malformed('no object');
  return raw as Fields;
}

export function asList(raw: unknown): readonly unknown[] {
  if (raw === undefined) return [];
  if (!Array.isArray(raw)) throw malformed('no list');
  return raw;
}

/** The parser leaves out empty texts. */
export function asText(raw: unknown): string {
  if (raw === undefined) return '';
  if (typeof raw !== 'string') throw malformed('no text');
  return raw;
}

/** The text of a String node; undefined for a node of another kind. */
export function stringNode(raw: unknown): string | undefined {
  const { String: inner, ...others } = asFields(raw);
  if (inner === undefined) return undefined;
  exactly(others);
  return asText(exactly(asFields(inner), 'sval')['sval']);
}

/** Refuses every key that is not in the list, for the parts of the tree that have no place. */
export function exactly(fields: Fields, ...allowed: readonly string[]): Fields {
  const unexpected = Object.keys(fields).find((field) => !allowed.includes(field));
  if (unexpected !== undefined) throw malformed(`an unexpected '${unexpected}'`);
  return fields;
}

function malformed(what: string): WarifuError {
  return new WarifuError('INTERNAL', `the SQL parser returned a tree of another form: ${what}`);
}
