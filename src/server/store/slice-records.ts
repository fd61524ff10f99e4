/** Slice versions as rows of the catalogue, and the checks of what may become visible. */
import { WarifuError } from '../../core/errors.js';
import { foldName, MAX_ROWS, schemaDifferences, type TableSchema } from '../../share/schema.js';
import type { SliceUpload, SliceVersion, VersionState } from './catalogue.js';
import type { Row, Sqlite } from './sqlite.js';
import { findTable, schemaText, storedSchema } from './table-records.js';

/** Where a slice stands: folded names. */
export interface SliceKey {
  readonly tbl: string;
  readonly slice: string;
}

export function sliceKey(names: { readonly table: string; readonly slice: string }): SliceKey {
  return { tbl: foldName(names.table), slice: foldName(names.slice) };
}

const STATES: readonly VersionState[] = ['staged', 'prepared', 'visible', 'dropped'];

function toVersion(row: Row): SliceVersion {
  const state = STATES.find((known) => known === row.text('state'));
  if (state === undefined) throw new WarifuError('STORE_DAMAGED', 'a slice version has an unknown state');
  const [rows, chunkRows] = [row.integer('rows'), row.integer('chunk_rows')];
  return {
    table: row.text('table_name'),
    slice: row.text('slice_name'),
    version: row.text('version'),
    contributor: row.text('contributor'),
    schema: storedSchema(row.text('schema')),
    rows,
    chunkRows,
    chunks: Math.ceil(rows / chunkRows),
    state,
    replaces: row.textOrNull('replaces'),
    changed: row.integer('changed'),
  };
}

export function findVersion(db: Sqlite, version: string): SliceVersion | undefined {
  const row = db.get('SELECT * FROM versions WHERE version = ?', version);
  return row === undefined || isForgotten(row) ? undefined : toVersion(row);
}

export function allVersions(db: Sqlite): SliceVersion[] {
  const rows = db.all('SELECT * FROM versions ORDER BY tbl, slice, version');
  return rows.filter((row) => !isForgotten(row)).map(toVersion);
}

/** Sorted here, not by SQLite, whose order of UTF-8 bytes differs from that of code units. */
export function visibleSlices(db: Sqlite, table: string): SliceVersion[] {
  const rows = db.all(`SELECT * FROM versions WHERE tbl = ? AND state = 'visible'`, foldName(table));
  const keyed = rows.map((row) => ({ slice: row.text('slice'), version: toVersion(row) }));
  return keyed.toSorted((a, b) => (a.slice < b.slice ? -1 : 1)).map(({ version }) => version);
}

function visibleVersion(db: Sqlite, { tbl, slice }: SliceKey): SliceVersion | undefined {
  const row = db.get(`SELECT * FROM versions WHERE tbl = ? AND slice = ? AND state = 'visible'`, tbl, slice);
  return row === undefined ? undefined : toVersion(row);
}

/** The version that is visible under a slice's name. @throws WarifuError UNKNOWN_SLICE */
export function visibleVersionOf(db: Sqlite, table: string, slice: string): SliceVersion {
  const visible = visibleVersion(db, sliceKey({ table, slice }));
  if (visible !== undefined) return visible;
  throw new WarifuError('UNKNOWN_SLICE', `table '${table}' has no slice '${slice}'`, { table, slice });
}

/** Inserts a staged version, or returns the one that is there. Errors: see Catalogue.stage. */
export function stageVersion(db: Sqlite, upload: SliceUpload, now: number): SliceVersion {
  checkShape(upload);
  const before = db.get('SELECT * FROM versions WHERE version = ?', upload.version);
  if (before !== undefined) return continued(before, upload);
  const key = sliceKey(upload);
  const visible = visibleVersion(db, key);
  if (visible !== undefined) checkReplacement(upload, visible);
  checkSchema(db, upload.table, upload.schema);
  const { version, table, slice, contributor, schema, rows, chunkRows } = upload;
  const names = [version, key.tbl, table, key.slice, slice, contributor];
  const values = [...names, schemaText(schema), rows, chunkRows, visible?.version ?? null, now];
  db.run(`INSERT INTO versions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, 'staged', ?)`, ...values);
  const staged = findVersion(db, version);
  if (staged === undefined) throw new WarifuError('INTERNAL', 'a staged version cannot be read back');
  return staged;
}

function checkShape({ version, rows, chunkRows }: SliceUpload): void {
  if (!/^[0-9a-f]{32}$/.test(version)) throw new RangeError('a slice version is 32 hexadecimal digits');
  if (!(Number.isInteger(rows) && rows >= 1 && rows <= MAX_ROWS)) {
    throw new RangeError(`a slice has 1 to ${MAX_ROWS} rows, not ${rows}`);
  }
  if (!(Number.isInteger(chunkRows) && chunkRows >= 1 && chunkRows <= MAX_ROWS)) {
    throw new RangeError(`a chunk has 1 to ${MAX_ROWS} rows, not ${chunkRows}`);
  }
}

function continued(row: Row, upload: SliceUpload): SliceVersion {
  const same =
    row.text('table_name') === upload.table &&
    row.text('slice_name') === upload.slice &&
    row.text('contributor') === upload.contributor &&
    row.text('schema') === schemaText(upload.schema) &&
    row.integer('rows') === upload.rows &&
    row.integer('chunk_rows') === upload.chunkRows;
  if (same && !isForgotten(row) && row.text('state') !== 'dropped') return toVersion(row);
  const why = same ? 'was abandoned or dropped' : 'began with other particulars';
  throw new WarifuError('SLICE_EXISTS', `this upload ${why}: start a new one`, { version: upload.version });
}

function checkReplacement(upload: SliceUpload, visible: SliceVersion): void {
  const { table, slice } = upload;
  if (visible.contributor !== upload.contributor) {
    throw new WarifuError('NOT_ALLOWED', `slice '${slice}' of table '${table}' is another contributor's`, {
      table,
      slice,
    });
  }
  if (!upload.replace) {
    throw new WarifuError(
      'SLICE_EXISTS',
      `table '${table}' has a slice '${slice}' already: give --replace to put this one in its place`,
      { table, slice },
    );
  }
}

function checkSchema(db: Sqlite, table: string, schema: TableSchema): void {
  const existing = findTable(db, table);
  const differences = existing === undefined ? [] : schemaDifferences(existing.schema, schema);
  if (differences.length === 0) return;
  throw new WarifuError('SCHEMA_MISMATCH', `the schema is not that of table '${table}': ${differences[0]}`, {
    table,
    differences,
  });
}

/** What must hold so that a staged version can become visible at any later time. */
export function checkVisible(db: Sqlite, version: SliceVersion): void {
  const { table, slice } = version;
  checkSchema(db, table, version.schema);
  const visible = visibleVersion(db, sliceKey(version));
  if (visible?.version !== version.replaces) {
    throw new WarifuError(
      'SLICE_EXISTS',
      `slice '${slice}' of table '${table}' changed since this upload began`,
      {
        table,
        slice,
      },
    );
  }
  const others = db.get(
    `SELECT coalesce(sum(rows), 0) AS rows FROM versions WHERE tbl = ? AND state IN ('visible', 'prepared')`,
    foldName(table),
  );
  const rows = (others?.integer('rows') ?? 0) + version.rows - (visible?.rows ?? 0);
  if (rows > MAX_ROWS) {
    throw new WarifuError(
      'TABLE_TOO_LARGE',
      `table '${table}' would have ${rows} rows, more than ${MAX_ROWS}`,
      {
        table,
        rows,
      },
    );
  }
}

export function setState(db: Sqlite, version: string, state: VersionState, now: number): void {
  db.run('UPDATE versions SET state = ?, changed = ? WHERE version = ?', state, now, version);
}

export function setManifest(db: Sqlite, version: string, manifest: Uint8Array): void {
  db.run('UPDATE versions SET manifest = ? WHERE version = ?', manifest, version);
}

export function manifestOf(db: Sqlite, version: string): Uint8Array | undefined {
  return db.get('SELECT manifest FROM versions WHERE version = ?', version)?.bytesOrNull('manifest');
}

/** Drops all versions of a table. */
export function dropVersionsOf(db: Sqlite, tbl: string, now: number): void {
  db.run(`UPDATE versions SET state = 'dropped', changed = ? WHERE tbl = ? AND state <> 'dropped'`, now, tbl);
}

/** Leaves of a dropped version only its id, so that it is never used again; no rows marks it. */
export function forgetVersion(db: Sqlite, version: string): void {
  db.run(
    `UPDATE versions SET manifest = NULL, schema = '', rows = 0 WHERE version = ? AND state = 'dropped'`,
    version,
  );
}

function isForgotten(row: Row): boolean {
  return row.integer('rows') === 0;
}
