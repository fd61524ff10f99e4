/** Tables, their contributors, settings and grants, as rows of the catalogue. */
import { WarifuError } from '../../core/errors.js';
import { nearestNameHint } from '../../core/nearest-name.js';
import { foldName, parseSchema, schemaToJson, type TableSchema } from '../../share/schema.js';
import type { Grant, TableRecord } from './catalogue.js';
import type { Row, Sqlite } from './sqlite.js';

export function schemaText(schema: TableSchema): string {
  return JSON.stringify(schemaToJson(schema));
}

/** Schemas read last, by their text: a version is asked for with every frame of its upload. */
const parsed = new Map<string, TableSchema>();
const MOST_PARSED = 8;

/** A schema that the catalogue stored. @throws WarifuError STORE_DAMAGED */
export function storedSchema(text: string): TableSchema {
  const known = parsed.get(text);
  if (known !== undefined) return known;
  try {
    const schema = parseSchema(JSON.parse(text));
    const [oldest] = parsed.keys();
    if (parsed.size === MOST_PARSED && oldest !== undefined) parsed.delete(oldest);
    parsed.set(text, schema);
    return schema;
  } catch {
    throw new WarifuError('STORE_DAMAGED', 'the catalogue holds a schema that cannot be read');
  }
}

export function allTables(db: Sqlite): TableRecord[] {
  return db.all('SELECT * FROM tables ORDER BY folded').map((row) => toRecord(db, row));
}

export function findTable(db: Sqlite, name: string): TableRecord | undefined {
  const row = db.get('SELECT * FROM tables WHERE folded = ?', foldName(name));
  return row === undefined ? undefined : toRecord(db, row);
}

function toRecord(db: Sqlite, row: Row): TableRecord {
  const key = row.text('folded');
  return {
    name: row.text('name'),
    schema: storedSchema(row.text('schema')),
    owner: row.text('owner'),
    created: row.integer('created'),
    contributors: db
      .all('SELECT user FROM contributors WHERE tbl = ? ORDER BY user', key)
      .map((found) => found.text('user')),
    minCounts: db
      .all('SELECT user, min_count FROM settings WHERE tbl = ? ORDER BY user', key)
      .map((found) => ({ user: found.text('user'), minCount: found.integer('min_count') })),
    allowThree: db
      .all('SELECT user FROM allow_three WHERE tbl = ? ORDER BY user', key)
      .map((found) => found.text('user')),
    grants: db
      .all('SELECT grantor, grantee FROM grants WHERE tbl = ? ORDER BY grantor, grantee', key)
      .map((found) => ({ grantor: found.text('grantor'), grantee: found.text('grantee') })),
  };
}

/** The key of a table that must exist. @throws WarifuError UNKNOWN_TABLE with the nearest name. */
export function tableKey(db: Sqlite, name: string): string {
  const key = foldName(name);
  if (db.get('SELECT 1 AS one FROM tables WHERE folded = ?', key) !== undefined) return key;
  const names = db.all('SELECT name FROM tables').map((row) => row.text('name'));
  const hint = nearestNameHint(name, names);
  throw new WarifuError('UNKNOWN_TABLE', `there is no table '${name}'${hint}`, { table: name });
}

export function insertTable(
  db: Sqlite,
  table: { readonly name: string; readonly schema: string; readonly owner: string; readonly created: number },
): void {
  const { name, schema, owner, created } = table;
  db.run('INSERT INTO tables VALUES (?, ?, ?, ?, ?)', foldName(name), name, schema, owner, created);
}

/** Contributors, settings and grants go with it. */
export function deleteTable(db: Sqlite, key: string): void {
  db.run('DELETE FROM tables WHERE folded = ?', key);
}

export function setContributors(db: Sqlite, table: string, users: readonly string[]): void {
  const key = tableKey(db, table);
  db.run('DELETE FROM contributors WHERE tbl = ?', key);
  for (const user of new Set(users)) db.run('INSERT INTO contributors VALUES (?, ?)', key, user);
}

export function setMinCount(db: Sqlite, table: string, user: string, minCount: number): void {
  if (!(Number.isSafeInteger(minCount) && minCount >= 0)) {
    throw new RangeError(`a minimum count is an integer from 0, not ${minCount}`);
  }
  db.run('INSERT OR REPLACE INTO settings VALUES (?, ?, ?)', tableKey(db, table), user, minCount);
}

/** Whether a user lets queries of the table go on with three of four nodes. */
export function setAllowThree(db: Sqlite, table: string, user: string, allowed: boolean): void {
  const key = tableKey(db, table);
  if (allowed) db.run('INSERT OR IGNORE INTO allow_three VALUES (?, ?)', key, user);
  else db.run('DELETE FROM allow_three WHERE tbl = ? AND user = ?', key, user);
}

export function addGrant(db: Sqlite, table: string, { grantor, grantee }: Grant): void {
  db.run('INSERT OR IGNORE INTO grants VALUES (?, ?, ?)', tableKey(db, table), grantor, grantee);
}

export function removeGrant(db: Sqlite, table: string, { grantor, grantee }: Grant): void {
  const key = tableKey(db, table);
  db.run('DELETE FROM grants WHERE tbl = ? AND grantor = ? AND grantee = ?', key, grantor, grantee);
}
