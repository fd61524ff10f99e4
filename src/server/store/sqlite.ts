/**
 * The catalogue's SQLite file: one connection, one writer, transactions that survive a power loss.
 *
 * node-sqlite3-wasm locks by a directory `FILE.lock` that a killed process leaves behind; whoever opens the file
 * has the data directory's own lock (data-lock.ts), so a lock found here is a dead one's.
 *
 * The write-ahead log is the only journal that is safe with it. Its xCheckReservedLock finds the lock that the
 * connection itself holds, so SQLite takes every rollback journal for one in use and never rolls back after a
 * crash: the file is then silently damaged (0.8.60; test/server/store/sqlite-crash.test.ts). The log needs no
 * such question, and, in exclusive mode, no shared memory, which this build lacks.
 */
import { rmSync, statfsSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import sqlite from 'node-sqlite3-wasm';
import { WarifuError } from '../../core/errors.js';
import { storeFull } from './files.js';
import { newerFormat } from './vault.js';

/** "WRFU": marks the file as a catalogue of warifu. */
const APPLICATION_ID = 0x57524655;
/** Less room than this beside a failed write counts as a full disk. */
const ROOM_TO_WORK = 2 ** 20;
/** The lock before the log, which then needs no shared memory; the log is written back at 256 pages, 1 MiB. */
const SETTINGS = ['locking_mode=EXCLUSIVE', 'journal_mode=WAL', 'synchronous=FULL', 'wal_autocheckpoint=256'];

export type SqlValue = string | number | bigint | Uint8Array | boolean | null;
type Stored = string | number | bigint | Uint8Array | null;

/** A row with typed access; a column of another type than the schema says is STORE_DAMAGED. */
export class Row {
  readonly #values: Record<string, Stored>;

  constructor(values: Record<string, Stored>) {
    this.#values = values;
  }

  text(column: string): string {
    const value = this.#values[column];
    return typeof value === 'string' ? value : unexpected(column);
  }

  textOrNull(column: string): string | undefined {
    return this.#values[column] === null ? undefined : this.text(column);
  }

  integer(column: string): number {
    const value = this.#values[column];
    return typeof value === 'number' ? value : unexpected(column);
  }

  bytesOrNull(column: string): Uint8Array | undefined {
    const value = this.#values[column];
    if (value === null) return undefined;
    return value instanceof Uint8Array ? value : unexpected(column);
  }
}

function unexpected(column: string): never {
  throw new WarifuError('STORE_DAMAGED', `the catalogue's column '${column}' holds what it cannot hold`);
}

export class Sqlite {
  readonly #path: string;
  #database: sqlite.Database;

  /**
   * Opens a catalogue and brings it up to date.
   *
   * @param path a file, or ':memory:'.
   * @param migrations SQL scripts; the file's version is how many of them it has seen.
   * @throws WarifuError STORE_FORMAT for a newer file, STORE_DAMAGED, STORE_FULL, STORE_FAILED.
   */
  constructor(path: string, migrations: readonly string[]) {
    this.#path = path;
    if (path !== ':memory:') rmSync(`${path}.lock`, { recursive: true, force: true });
    this.#database = this.#open();
    try {
      this.#migrate(migrations);
    } catch (thrown) {
      this.close();
      throw thrown;
    }
  }

  #open(): sqlite.Database {
    const database = new sqlite.Database(this.#path);
    try {
      for (const setting of SETTINGS) database.get(`PRAGMA ${setting}`);
      return database;
    } catch (thrown) {
      database.close();
      throw this.#failure(thrown);
    }
  }

  #migrate(migrations: readonly string[]): void {
    const check = this.all('PRAGMA quick_check(1)')[0]?.text('quick_check');
    if (check !== 'ok') throw this.#damaged(check ?? 'no answer');
    const application = this.#pragma('application_id');
    const version = this.#pragma('user_version');
    if (application !== APPLICATION_ID && (application !== 0 || version !== 0)) {
      throw this.#damaged('it is the database of another program');
    }
    if (version > migrations.length) throw newerFormat(basename(this.#path), version);
    for (let done = version; done < migrations.length; done++) {
      this.transaction(() => {
        this.#guarded(() => {
          this.#database.exec(migrations[done] ?? '');
          this.#database.exec(`PRAGMA application_id=${APPLICATION_ID}; PRAGMA user_version=${done + 1}`);
        });
      });
    }
  }

  #pragma(name: string): number {
    return this.all(`PRAGMA ${name}`)[0]?.integer(name) ?? 0;
  }

  /** All rows of a query. */
  all(sql: string, ...values: SqlValue[]): Row[] {
    return this.#guarded(() =>
      this.#database.all(sql, values).map((row) => new Row(row as Record<string, Stored>)),
    );
  }

  /** The first row of a query. */
  get(sql: string, ...values: SqlValue[]): Row | undefined {
    return this.all(sql, ...values)[0];
  }

  /** Runs a statement; the number of rows changed. */
  run(sql: string, ...values: SqlValue[]): number {
    return this.#guarded(() => this.#database.run(sql, values).changes);
  }

  /** Runs the body as one transaction, durable when this returns; a throw undoes everything. */
  transaction<T>(body: () => T): T {
    this.#guarded(() => this.#database.exec('BEGIN IMMEDIATE'));
    try {
      const result = body();
      this.#guarded(() => this.#database.exec('COMMIT'));
      return result;
    } catch (thrown) {
      this.#undo();
      throw thrown;
    }
  }

  /** A rollback that itself fails leaves a connection that refuses everything: open it anew. */
  #undo(): void {
    try {
      if (this.#database.inTransaction) this.#database.exec('ROLLBACK');
    } catch {
      this.#database.close();
      this.#database = this.#open();
    }
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }

  #guarded<T>(operation: () => T): T {
    try {
      return operation();
    } catch (thrown) {
      throw this.#failure(thrown);
    }
  }

  #failure(thrown: unknown): unknown {
    if (!(thrown instanceof sqlite.SQLite3Error)) return thrown;
    const { message } = thrown;
    if (/not a database|malformed/.test(message)) return this.#damaged(message);
    const file = basename(this.#path);
    if (/is full/.test(message) || (/disk I\/O/.test(message) && this.#isFull())) return storeFull(file);
    return new WarifuError('STORE_FAILED', `the catalogue '${file}' cannot be used: ${message}`, { file });
  }

  /** This build reports a full disk as any other failure to write. */
  #isFull(): boolean {
    const { bavail, bsize } = statfsSync(dirname(this.#path));
    return bavail * bsize < ROOM_TO_WORK;
  }

  #damaged(why: string): WarifuError {
    const file = basename(this.#path);
    return new WarifuError('STORE_DAMAGED', `'${file}' is damaged: ${why}; restore it from a backup`, {
      file,
    });
  }
}
