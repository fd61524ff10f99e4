/** Reads an audit log from its start and finds the first broken link, in bounded memory. */
import { WarifuError } from '../../core/errors.js';
import type { Files } from '../store/files.js';
import { newerFormat } from '../store/vault.js';
import { type AuditHead, type AuditRecord, readLine } from './audit-record.js';

const READ_BYTES = 2 ** 20;
/** An event is at most a query text and some names. */
const MAX_LINE_BYTES = 2 ** 18;
const NEWLINE = 0x0a;

export interface AuditReport {
  readonly head: AuditHead;
  /** Bytes that are well chained. */
  readonly size: number;
  /** Bytes after them: the remains of one append that was cut short, or one that is under way. */
  readonly tornBytes: number;
}

/**
 * Verifies the whole chain.
 *
 * A log that was cut back to an earlier line is well chained in itself: only who kept a later head can tell, and
 * gives it as `known`.
 *
 * @param visit is called with each event in order.
 * @throws WarifuError AUDIT_BROKEN naming the first bad line (from 1), STORE_FORMAT, STORE_FAILED.
 */
export async function verifyAudit(
  files: Files,
  path: string,
  options: { readonly known?: AuditHead; readonly visit?: (record: AuditRecord) => void } = {},
): Promise<AuditReport> {
  const { known } = options;
  let head: AuditHead | undefined;
  let knownSeen = known === undefined;
  let [size, line, tornBytes] = [0, 0, 0];
  for await (const { text, bytes, ended, last } of linesOf(files, path)) {
    line++;
    const read = ended ? readLine(text, head) : TORN;
    if ('fault' in read) {
      if (read.fault === 'newer') throw newerFormat('audit log', read.format ?? 0);
      if (read.fault !== 'torn' || !last || head === undefined)
        throw broken(line, 'was edited, removed or moved');
      tornBytes = bytes;
      break;
    }
    head = read.head;
    size += bytes;
    if (known?.seq === head.seq) {
      if (known.hash !== head.hash) throw broken(line, 'is not what was written there before');
      knownSeen = true;
    }
    if (read.record !== undefined) options.visit?.(read.record);
  }
  if (head === undefined) throw broken(1, 'is missing');
  if (!knownSeen) throw broken(line + 1, 'is missing: the log was cut back');
  return { head, size, tornBytes };
}

const TORN = { fault: 'torn' } as const;

interface Line {
  readonly text: string;
  /** With the newline. */
  readonly bytes: number;
  /** Whether it has its newline. */
  readonly ended: boolean;
  /** Whether the file ends here. */
  readonly last: boolean;
}

/** The lines of the file as long as it is now: it may grow meanwhile. */
async function* linesOf(files: Files, path: string): AsyncGenerator<Line> {
  const size = (await files.stat(path))?.size ?? 0;
  let rest: Uint8Array = new Uint8Array();
  for (let at = 0; at < size; ) {
    const piece = await files.read(path, at, Math.min(READ_BYTES, size - at));
    if (piece === undefined || piece.length === 0) break;
    at += piece.length;
    const bytes = Buffer.concat([rest, piece]);
    let from = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, from)) {
      const last = at === size && end + 1 === bytes.length;
      yield { text: bytes.toString('utf8', from, end), bytes: end + 1 - from, ended: true, last };
      from = end + 1;
    }
    rest = bytes.subarray(from);
    if (rest.length > MAX_LINE_BYTES) break;
  }
  if (rest.length > 0)
    yield { text: '', bytes: rest.length, ended: false, last: rest.length <= MAX_LINE_BYTES };
}

function broken(line: number, how: string): WarifuError {
  return new WarifuError(
    'AUDIT_BROKEN',
    `the audit log is broken: line ${line} ${how}; what stands before it is as it was written`,
    { line },
  );
}
