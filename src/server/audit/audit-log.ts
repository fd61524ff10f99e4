/** The audit log of a node: append-only, chained by hash, durable before `append` resolves. */
import { dirname } from 'node:path';
import type { Disk } from '../store/disk.js';
import { Files } from '../store/files.js';
import { type AuditEvent, auditEvent } from './audit-event.js';
import { type AuditHead, type AuditLine, type AuditRecord, firstLine, nextLine } from './audit-record.js';
import { verifyAudit } from './verify.js';

export interface AuditLog {
  /** Number and hash of the last event: kept elsewhere, it shows when the log was cut back. */
  readonly head: AuditHead;
  /**
   * Appends an event; one after the other in the order of the calls.
   *
   * @throws WarifuError STORE_FULL, STORE_FAILED (the log stays as it was); TypeError for an event that is not
   *   of its kind's form, without showing its fields.
   */
  append(event: AuditEvent): Promise<void>;
}

function checked(event: AuditEvent): AuditEvent {
  const parsed = auditEvent.safeParse(event);
  if (parsed.success) return parsed.data;
  const places = parsed.error.issues.map((issue) => issue.path.join('.') || issue.code);
  throw new TypeError(`an audit event of kind '${event.kind}' is not valid at: ${places.join(', ')}`);
}

export class FileAuditLog implements AuditLog {
  readonly #files: Files;
  readonly #path: string;
  readonly #now: () => number;
  #head: AuditHead;
  #size: number;
  /** Appends wait for the one before. */
  #last: Promise<void> = Promise.resolve();
  /** An append failed and may have left part of a line. */
  #unclean = false;

  private constructor(files: Files, path: string, now: () => number, head: AuditHead, size: number) {
    this.#files = files;
    this.#path = path;
    this.#now = now;
    this.#head = head;
    this.#size = size;
  }

  /**
   * Verifies the log and opens it, or begins it. The remains of an append that a crash cut short are removed,
   * and that is recorded.
   *
   * @throws WarifuError AUDIT_BROKEN, STORE_FORMAT, STORE_FULL, STORE_FAILED.
   */
  static async open(disk: Disk, path: string, now: () => number = Date.now): Promise<FileAuditLog> {
    const files = new Files(disk, dirname(path));
    if ((await files.stat(path)) === undefined) {
      const { bytes, head } = firstLine(now());
      await files.writeAtomically(path, [bytes]);
      return new FileAuditLog(files, path, now, head, bytes.length);
    }
    // The file's name may not be durable yet if a crash came between its rename and the directory's fsync.
    await files.syncDirectory(dirname(path));
    const { head, size, tornBytes } = await verifyAudit(files, path);
    const log = new FileAuditLog(files, path, now, head, size);
    if (tornBytes > 0) {
      await files.truncate(path, size);
      await log.append({ kind: 'log-repaired', removed_bytes: tornBytes });
    }
    return log;
  }

  get head(): AuditHead {
    return this.#head;
  }

  append(event: AuditEvent): Promise<void> {
    const done = this.#last.then(() => this.#append(checked(event)));
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #append(event: AuditEvent): Promise<void> {
    if (this.#unclean) await this.#files.truncate(this.#path, this.#size);
    this.#unclean = true;
    const { bytes, head } = nextLine(this.#head, event, this.#now());
    await this.#files.append(this.#path, bytes);
    this.#unclean = false;
    this.#head = head;
    this.#size += bytes.length;
  }
}

/** The log of a node that keeps nothing: the same chain, in memory. */
export class MemoryAuditLog implements AuditLog {
  readonly #now: () => number;
  readonly #records: AuditRecord[] = [];
  #last: AuditLine;

  constructor(now: () => number = Date.now) {
    this.#now = now;
    this.#last = firstLine(now());
  }

  get head(): AuditHead {
    return this.#last.head;
  }

  /** All events so far. */
  get records(): readonly AuditRecord[] {
    return this.#records;
  }

  async append(event: AuditEvent): Promise<void> {
    const now = this.#now();
    const valid = checked(event);
    this.#last = nextLine(this.#last.head, valid, now);
    this.#records.push({ seq: this.#last.head.seq, time: new Date(now).toISOString(), event: valid });
  }
}
