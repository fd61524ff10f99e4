/**
 * Rebuilding a lost catalogue (server/recover), as rows. All run in a transaction.
 *
 * While it is under way a mark stands in the catalogue, and the versions that are being fetched are staged ones with
 * their manifest, so that no slice is visible before the last step shows all tables and slices at once.
 */
import { WarifuError } from '../../core/errors.js';
import { foldName } from '../../share/schema.js';
import { rollbackAttempt } from './attempt-records.js';
import type { CatalogueContents } from './catalogue.js';
import { findVersion, setManifest, setState } from './slice-records.js';
import type { Sqlite } from './sqlite.js';
import {
  addGrant,
  allTables,
  insertTable,
  schemaText,
  setAllowThree,
  setContributors,
  setMinCount,
} from './table-records.js';

const MARK = 'rebuilding';

export function isRebuilding(db: Sqlite): boolean {
  return db.get('SELECT 1 AS one FROM node WHERE key = ?', MARK) !== undefined;
}

/** Marks a catalogue in which nothing is decided or visible. */
export function beginRebuild(db: Sqlite): void {
  if (isRebuilding(db)) return;
  const shown = db.get(`SELECT 1 AS one FROM versions WHERE state IN ('prepared', 'visible')`);
  if (allTables(db).length > 0 || shown !== undefined) {
    throw new WarifuError('INTERNAL', 'only an empty catalogue is rebuilt');
  }
  db.run('INSERT INTO node VALUES (?, 1)', MARK);
}

/** Remembers the manifest by which the chunks of a staged version are checked. */
export function stageManifest(db: Sqlite, version: string, manifest: Uint8Array): void {
  checkRebuilding(db);
  if (findVersion(db, version)?.state !== 'staged') {
    throw new WarifuError('INTERNAL', 'only a staged version is given its manifest ahead');
  }
  setManifest(db, version, manifest);
}

/** Shows the contents and takes the mark away. Fetched versions that are not among them are dropped. */
export function finishRebuild(db: Sqlite, contents: CatalogueContents, now: number): void {
  checkRebuilding(db);
  for (const table of contents.tables) {
    const { name, schema, owner } = table;
    insertTable(db, { name, owner, schema: schemaText(schema), created: now });
    setContributors(db, name, table.contributors);
    for (const { user, minCount } of table.minCounts) setMinCount(db, name, user, minCount);
    for (const user of table.allowThree) setAllowThree(db, name, user, true);
    for (const grant of table.grants) addGrant(db, name, grant);
  }
  for (const version of contents.visible) {
    const staged = findVersion(db, version);
    if (staged?.state !== 'staged') throw new WarifuError('INTERNAL', 'a fetched version is not staged');
    if (!contents.tables.some(({ name }) => foldName(name) === foldName(staged.table))) {
      throw new WarifuError('INTERNAL', 'a fetched version has no table');
    }
    setState(db, version, 'visible', now);
  }
  db.run(
    `UPDATE versions SET state = 'dropped', changed = ? WHERE state = 'staged' AND manifest IS NOT NULL`,
    now,
  );
  for (const attempt of contents.givenUp) rollbackAttempt(db, attempt, now);
  // The lost catalogue had counted starts: seconds since 1970 are more than it can have counted.
  db.run(`UPDATE node SET value = max(value, ?) WHERE key = 'epoch'`, Math.floor(now / 1000));
  db.run('DELETE FROM node WHERE key = ?', MARK);
}

function checkRebuilding(db: Sqlite): void {
  if (!isRebuilding(db)) throw new WarifuError('INTERNAL', 'the catalogue is not being rebuilt');
}
