/** The catalogue in an SQLite file, or in memory for a node that keeps nothing. */
import type { Votes } from '../identity/attempt-votes.js';
import {
  commitAttempt,
  lean,
  outcomeOf,
  pendingAttempts,
  prepareDrop,
  prepareUpload,
  rollbackAttempt,
  votesOf,
} from './attempt-records.js';
import type {
  Catalogue,
  CatalogueContents,
  Grant,
  Leaning,
  Outcome,
  PendingAttempt,
  SliceUpload,
  SliceVersion,
  TableRecord,
} from './catalogue.js';
import { MIGRATIONS } from './catalogue-schema.js';
import { beginRebuild, finishRebuild, isRebuilding, stageManifest } from './restore-records.js';
import {
  allVersions,
  findVersion,
  forgetVersion,
  manifestOf,
  setState,
  stageVersion,
  visibleSlices,
} from './slice-records.js';
import { Sqlite } from './sqlite.js';
import {
  addGrant,
  allTables,
  findTable,
  removeGrant,
  setAllowThree,
  setContributors,
  setMinCount,
} from './table-records.js';

export const IN_MEMORY = ':memory:';

/**
 * Each method is one transaction. SQLite works synchronously: a promise here has settled when it is returned.
 */
export class SqliteCatalogue implements Catalogue {
  readonly #db: Sqlite;
  readonly #now: () => number;

  /**
   * @param path a file in a directory that this process has locked (data-lock.ts), or IN_MEMORY.
   * @param now milliseconds since 1970.
   * @throws WarifuError STORE_FORMAT, STORE_DAMAGED, STORE_FULL, STORE_FAILED.
   */
  constructor(path: string, now: () => number = Date.now) {
    this.#db = new Sqlite(path, MIGRATIONS);
    this.#now = now;
  }

  async #change<T>(body: (db: Sqlite, now: number) => T): Promise<T> {
    return this.#db.transaction(() => body(this.#db, this.#now()));
  }

  async #read<T>(body: (db: Sqlite) => T): Promise<T> {
    return body(this.#db);
  }

  nextEpoch(): Promise<number> {
    return this.#change((db) => {
      db.run(`UPDATE node SET value = value + 1 WHERE key = 'epoch'`);
      return db.get(`SELECT value FROM node WHERE key = 'epoch'`)?.integer('value') ?? 0;
    });
  }

  tables(): Promise<TableRecord[]> {
    return this.#read(allTables);
  }

  table(name: string): Promise<TableRecord | undefined> {
    return this.#read((db) => findTable(db, name));
  }

  setContributors(table: string, users: readonly string[]): Promise<void> {
    return this.#change((db) => setContributors(db, table, users));
  }

  setMinCount(table: string, user: string, minCount: number): Promise<void> {
    return this.#change((db) => setMinCount(db, table, user, minCount));
  }

  setAllowThree(table: string, user: string, allowed: boolean): Promise<void> {
    return this.#change((db) => setAllowThree(db, table, user, allowed));
  }

  grant(table: string, grant: Grant): Promise<void> {
    return this.#change((db) => addGrant(db, table, grant));
  }

  revoke(table: string, grant: Grant): Promise<void> {
    return this.#change((db) => removeGrant(db, table, grant));
  }

  stage(upload: SliceUpload): Promise<SliceVersion> {
    return this.#change((db, now) => stageVersion(db, upload, now));
  }

  version(version: string): Promise<SliceVersion | undefined> {
    return this.#read((db) => findVersion(db, version));
  }

  versions(): Promise<SliceVersion[]> {
    return this.#read(allVersions);
  }

  visibleSlices(table: string): Promise<SliceVersion[]> {
    return this.#read((db) => visibleSlices(db, table));
  }

  manifest(version: string): Promise<Uint8Array | undefined> {
    return this.#read((db) => manifestOf(db, version));
  }

  prepareUpload(attempt: string, version: string, manifest: Uint8Array): Promise<void> {
    return this.#change((db, now) => prepareUpload(db, attempt, version, manifest, now));
  }

  prepareDrop(attempt: string, table: string, slice?: string): Promise<void> {
    return this.#change((db, now) => prepareDrop(db, attempt, table, slice, now));
  }

  lean(attempt: string, leaning: Leaning, votes: Votes): Promise<void> {
    return this.#change((db) => lean(db, attempt, leaning, votes));
  }

  votes(attempt: string): Promise<Votes> {
    return this.#read((db) => votesOf(db, attempt));
  }

  commit(attempt: string): Promise<void> {
    return this.#change((db, now) => commitAttempt(db, attempt, now));
  }

  rollback(attempt: string): Promise<void> {
    return this.#change((db, now) => rollbackAttempt(db, attempt, now));
  }

  outcome(attempt: string): Promise<Outcome> {
    return this.#read((db) => outcomeOf(db, attempt));
  }

  pending(): Promise<PendingAttempt[]> {
    return this.#read(pendingAttempts);
  }

  abandon(version: string): Promise<boolean> {
    return this.#change((db, now) => {
      const state = findVersion(db, version)?.state;
      if (state === 'staged') setState(db, version, 'dropped', now);
      return state === 'staged' || state === 'dropped';
    });
  }

  forget(version: string): Promise<void> {
    return this.#change((db) => forgetVersion(db, version));
  }

  isRebuilding(): Promise<boolean> {
    return this.#read(isRebuilding);
  }

  beginRebuild(): Promise<void> {
    return this.#change(beginRebuild);
  }

  stageManifest(version: string, manifest: Uint8Array): Promise<void> {
    return this.#change((db) => stageManifest(db, version, manifest));
  }

  finishRebuild(contents: CatalogueContents): Promise<void> {
    return this.#change((db, now) => finishRebuild(db, contents, now));
  }

  rememberNonce(user: string, nonce: string, expires: number): Promise<boolean> {
    return this.#change(
      (db) => db.run('INSERT OR IGNORE INTO nonces VALUES (?, ?, ?)', user, nonce, expires) === 1,
    );
  }

  async forgetNonces(now: number): Promise<void> {
    await this.#change((db) => db.run('DELETE FROM nonces WHERE expires < ?', now));
  }

  async forgetUnknown(before: number): Promise<void> {
    await this.#change((db) =>
      db.run(`DELETE FROM attempts WHERE kind = 'unknown' AND state = 'rolled-back' AND changed < ?`, before),
    );
  }

  close(): void {
    this.#db.close();
  }
}
