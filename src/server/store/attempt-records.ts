/** The two phases of uploads and drops (see catalogue.ts), as rows of the catalogue. All run in a transaction. */
import { WarifuError } from '../../core/errors.js';
import { foldName } from '../../share/schema.js';
import { type Votes, votesField } from '../identity/attempt-votes.js';
import type { Leaning, Outcome, PendingAttempt } from './catalogue.js';
import {
  checkVisible,
  dropVersionsOf,
  findVersion,
  setManifest,
  setState,
  visibleVersionOf,
} from './slice-records.js';
import type { Row, Sqlite } from './sqlite.js';
import { deleteTable, findTable, insertTable, schemaText, tableKey } from './table-records.js';

const ATTEMPT = /^[0-9a-f]{32}$/;

function find(db: Sqlite, attempt: string): Row | undefined {
  if (!ATTEMPT.test(attempt)) throw new RangeError('an attempt is 32 hexadecimal digits');
  return db.get('SELECT * FROM attempts WHERE attempt = ?', attempt);
}

export function outcomeOf(db: Sqlite, attempt: string): Outcome {
  const row = find(db, attempt);
  const state = row?.text('state');
  if (row !== undefined && state === 'prepared') return leaningOf(row) ?? 'prepared';
  return state === 'committed' || state === 'rolled-back' ? state : 'unknown';
}

function leaningOf(row: Row): Leaning | undefined {
  const leaning = row.textOrNull('leaning');
  return leaning === 'committing' || leaning === 'rolling-back' ? leaning : undefined;
}

export function pendingAttempts(db: Sqlite): PendingAttempt[] {
  return db.all(`SELECT * FROM attempts WHERE state = 'prepared' ORDER BY attempt`).map((row) => {
    const [attempt, table, slice] = [
      row.text('attempt'),
      row.text('table_name'),
      row.textOrNull('slice_name'),
    ];
    const leaning = leaningOf(row);
    if (row.text('kind') === 'drop') return { kind: 'drop', attempt, leaning, table, slice };
    return { kind: 'upload', attempt, leaning, table, slice: slice ?? '', version: row.text('version') };
  });
}

interface Intent {
  readonly kind: 'upload' | 'drop';
  readonly attempt: string;
  readonly table: string;
  readonly slice: string | undefined;
  readonly version: string;
}

export function prepareUpload(
  db: Sqlite,
  attempt: string,
  version: string,
  manifest: Uint8Array,
  now: number,
): void {
  const found = findVersion(db, version);
  if (found === undefined) {
    throw new WarifuError('UNKNOWN_SLICE', 'this upload is not known here: start it again', { version });
  }
  const intent: Intent = { kind: 'upload', attempt, version, table: found.table, slice: found.slice };
  if (isRepeated(db, intent)) return;
  checkUndisputed(db, intent);
  if (found.state !== 'staged') throw wrongState(attempt, `the slice version is ${found.state}, not staged`);
  checkVisible(db, found);
  setManifest(db, version, manifest);
  setState(db, version, 'prepared', now);
  record(db, intent, now);
}

export function prepareDrop(
  db: Sqlite,
  attempt: string,
  table: string,
  slice: string | undefined,
  now: number,
): void {
  const known = find(db, attempt) !== undefined;
  // A repeated drop may find the table gone: only a new one must find what it names.
  const version = known || slice === undefined ? '' : visibleVersionOf(db, table, slice).version;
  const intent: Intent = { kind: 'drop', attempt, table, slice, version };
  if (known && isRepeated(db, intent)) return;
  tableKey(db, table);
  checkUndisputed(db, intent);
  record(db, intent, now);
}

/** Whether the attempt was prepared or committed here already, with the same content. */
function isRepeated(db: Sqlite, { kind, attempt, table, slice, version }: Intent): boolean {
  const row = find(db, attempt);
  if (row === undefined) return false;
  const state = row.text('state');
  if (state === 'rolled-back') throw busy(table, 'this attempt was given up', attempt);
  const same =
    row.text('kind') === kind &&
    row.textOrNull('tbl') === foldName(table) &&
    row.textOrNull('slice') === (slice === undefined ? undefined : foldName(slice)) &&
    (kind === 'drop' || row.textOrNull('version') === version);
  if (!same) throw wrongState(attempt, 'it was used for something else');
  return true;
}

/**
 * Two undecided attempts never touch the same slice, nor the same table where one of them makes or ends it:
 * otherwise the commit of one could make that of the other impossible.
 */
function checkUndisputed(db: Sqlite, { kind, table, slice }: Intent): void {
  const wholeTable = (kind === 'drop' && slice === undefined) || findTable(db, table) === undefined;
  const undecided = db.all(
    `SELECT slice, attempt FROM attempts WHERE state = 'prepared' AND tbl = ?`,
    foldName(table),
  );
  const disputed = undecided.find((row) => {
    const other = row.textOrNull('slice');
    return wholeTable || other === undefined || slice === undefined || other === foldName(slice);
  });
  if (disputed !== undefined)
    throw busy(table, 'another upload or drop is being decided', disputed.text('attempt'));
}

function record(db: Sqlite, { kind, attempt, table, slice, version }: Intent, now: number): void {
  const folded = slice === undefined ? null : foldName(slice);
  const values = [attempt, kind, foldName(table), table, folded, slice ?? null, version, now];
  db.run(`INSERT INTO attempts VALUES (?, ?, 'prepared', ?, ?, ?, ?, ?, ?, NULL, NULL)`, ...values);
}

/** Says what this node is for, once for ever. */
export function lean(db: Sqlite, attempt: string, leaning: Leaning, votes: Votes): void {
  const outcome = outcomeOf(db, attempt);
  if (outcome === leaning || outcome === (leaning === 'committing' ? 'committed' : 'rolled-back')) return;
  if (outcome !== 'prepared') throw wrongState(attempt, `it is ${outcome} here`);
  const text = JSON.stringify(votes);
  db.run('UPDATE attempts SET leaning = ?, votes = ? WHERE attempt = ?', leaning, text, attempt);
}

/** The votes that came with `lean`. */
export function votesOf(db: Sqlite, attempt: string): Votes {
  const text = find(db, attempt)?.textOrNull('votes');
  return text === undefined ? [] : votesField.parse(JSON.parse(text));
}

export function commitAttempt(db: Sqlite, attempt: string, now: number): void {
  const row = find(db, attempt);
  const state = row?.text('state');
  if (state === 'committed') return;
  if (row === undefined || state !== 'prepared') {
    throw wrongState(attempt, state === undefined ? 'it was never prepared here' : 'it was given up here');
  }
  if (row.text('kind') === 'upload') showVersion(db, row.text('version'), now);
  else dropNamed(db, row, now);
  decide(db, attempt, 'committed', now);
}

function showVersion(db: Sqlite, id: string, now: number): void {
  const version = findVersion(db, id);
  if (version === undefined) throw new WarifuError('STORE_DAMAGED', 'a prepared slice version is gone');
  if (version.replaces !== undefined) setState(db, version.replaces, 'dropped', now);
  if (findTable(db, version.table) === undefined) {
    const { table: name, contributor: owner } = version;
    insertTable(db, { name, owner, schema: schemaText(version.schema), created: now });
  }
  setState(db, id, 'visible', now);
}

function dropNamed(db: Sqlite, row: Row, now: number): void {
  const version = row.text('version');
  if (version !== '') {
    setState(db, version, 'dropped', now);
    return;
  }
  dropVersionsOf(db, row.text('tbl'), now);
  deleteTable(db, row.text('tbl'));
}

export function rollbackAttempt(db: Sqlite, attempt: string, now: number): void {
  const row = find(db, attempt);
  if (row === undefined) {
    // Its prepare may still be on its way: it must find this.
    db.run(
      `INSERT INTO attempts VALUES (?, 'unknown', 'rolled-back', NULL, NULL, NULL, NULL, NULL, ?, NULL, NULL)`,
      attempt,
      now,
    );
    return;
  }
  const state = row.text('state');
  if (state === 'rolled-back') return;
  if (state === 'committed') throw wrongState(attempt, 'it was committed here');
  if (row.text('kind') === 'upload') setState(db, row.text('version'), 'staged', now);
  decide(db, attempt, 'rolled-back', now);
}

function decide(db: Sqlite, attempt: string, state: 'committed' | 'rolled-back', now: number): void {
  db.run('UPDATE attempts SET state = ?, changed = ? WHERE attempt = ?', state, now, attempt);
}

/** @param attempt that stands in the way. */
function busy(table: string, why: string, attempt: string): WarifuError {
  return new WarifuError('SLICE_BUSY', `table '${table}': ${why}; try again in a moment`, { table, attempt });
}

function wrongState(attempt: string, why: string): WarifuError {
  return new WarifuError('SLICE_STATE', `attempt ${attempt}: ${why}`, { attempt });
}
