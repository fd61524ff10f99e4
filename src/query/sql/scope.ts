/** What the names of a query stand for: the table of its FROM, and that table's columns. */
import { nearestNameHint } from '../../core/nearest-name.js';
import { type Column, foldName, type TableSchema } from '../../share/schema.js';
import type { SqlSource } from './source.js';
import type { ColumnSyntax, Name, SelectSyntax } from './syntax.js';

/** A table that the analyst may ask about. */
export interface TableCandidate {
  readonly name: string;
  readonly schema: TableSchema;
}

/** Names of columns that an error lists. */
const LISTED = 12;

export class Scope {
  readonly source: SqlSource;
  readonly table: TableCandidate;
  readonly #qualifier: string;
  readonly #columns: ReadonlyMap<string, Column>;

  constructor(source: SqlSource, table: TableCandidate, alias: Name | undefined) {
    this.source = source;
    this.table = table;
    this.#qualifier = alias?.text ?? table.name;
    this.#columns = new Map(table.schema.columns.map((column) => [column.name, column]));
  }

  /** The column of a reference. @throws WarifuError UNKNOWN_COLUMN, UNKNOWN_TABLE */
  column(reference: ColumnSyntax): Column {
    this.#checkQualifier(reference.qualifier);
    const found = this.find(reference.name.text);
    if (found !== undefined) return found;
    const names = this.table.schema.columns.map((column) => column.name);
    throw this.source.error('UNKNOWN_COLUMN', reference.name.at, {
      what: `table '${this.table.name}' has no column '${reference.name.text}'`,
      instead: hint(reference.name.text, names),
    });
  }

  /** A column by name: as written, else without regard to case and width where that is unique. */
  find(name: string): Column | undefined {
    return this.#columns.get(name) ?? onlyMatch(name, [...this.#columns.values()]);
  }

  /** A column by its declared name. */
  declared(name: string): Column {
    const column = this.#columns.get(name);
    if (column === undefined) throw new RangeError(`no column '${name}'`);
    return column;
  }

  #checkQualifier(qualifier: Name | undefined): void {
    if (qualifier === undefined || foldName(qualifier.text) === foldName(this.#qualifier)) return;
    throw this.source.error('UNKNOWN_TABLE', qualifier.at, {
      what: `the query has no table '${qualifier.text}'`,
      instead: `write ${this.#qualifier} or leave it out`,
    });
  }
}

/** @throws WarifuError UNKNOWN_TABLE */
export function scopeOf(source: SqlSource, select: SelectSyntax, tables: readonly TableCandidate[]): Scope {
  const { table, alias } = select;
  const found = tables.find((candidate) => candidate.name === table.text);
  const matches = tables.filter((candidate) => foldName(candidate.name) === foldName(table.text));
  const quoted = source.text[table.at] === '"';
  if (matches.length > 1 && !(quoted && found !== undefined)) {
    throw source.error('UNKNOWN_TABLE', table.at, {
      what: `'${table.text}' stands for several tables`,
      instead: `write one of ${matches.map((match) => `"${match.name}"`).join(', ')} in double quotes`,
    });
  }
  const chosen = found ?? matches[0];
  if (chosen !== undefined) return new Scope(source, chosen, alias);
  throw source.error('UNKNOWN_TABLE', table.at, {
    what: `there is no table '${table.text}' that you may query`,
    instead: hint(
      table.text,
      tables.map((candidate) => candidate.name),
    ),
  });
}

function onlyMatch(name: string, columns: readonly Column[]): Column | undefined {
  const folded = foldName(name);
  const matches = columns.filter((column) => foldName(column.name) === folded);
  return matches.length === 1 ? matches[0] : undefined;
}

function hint(wanted: string, names: readonly string[]): string {
  if (names.length === 0) return 'there are none; ask its owner for a grant';
  return listNames(wanted, names);
}

/** The names there are (the first few of many), and the one that was probably meant. */
export function listNames(wanted: string, names: readonly string[]): string {
  const more = names.length > LISTED ? ` and ${names.length - LISTED} more` : '';
  return `choose from ${names.slice(0, LISTED).join(', ')}${more}${nearestNameHint(wanted, names)}`;
}
