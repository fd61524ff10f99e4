/**
 * The audit log's lines and their chain.
 *
 * Line 0 is {"warifu_audit":1,...}; each later line is one event. A line holds a record (format or seq, time,
 * event) and hash = SHA-256(hash of the line before, canonical JSON of the record), from 32 zero bytes on.
 */
import { z } from 'zod';
import { canonicalJson } from '../../core/canonical-json.js';
import { DIGEST_BYTES, sha256 } from '../../core/digest.js';
import { type AuditEvent, auditEvent } from './audit-event.js';

export const AUDIT_FORMAT = 1;
/** A log of which nothing is known. */
export const GENESIS = '00'.repeat(DIGEST_BYTES);

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const time = z.iso.datetime();
const headLine = z.strictObject({ warifu_audit: z.literal(AUDIT_FORMAT), time, hash });
const eventLine = z.strictObject({ seq: z.int().min(1), time, event: auditEvent, hash });

/** How far a log goes: the number of its last event (0 for none) and the hash of its last line. */
export interface AuditHead {
  readonly seq: number;
  readonly hash: string;
}

export interface AuditRecord {
  readonly seq: number;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly event: AuditEvent;
}

/** A line with its newline, and the head after it. */
export interface AuditLine {
  readonly bytes: Uint8Array;
  readonly head: AuditHead;
}

export function firstLine(now: number): AuditLine {
  return chained(GENESIS, 0, { warifu_audit: AUDIT_FORMAT, time: new Date(now).toISOString() });
}

export function nextLine(head: AuditHead, event: AuditEvent, now: number): AuditLine {
  const seq = head.seq + 1;
  return chained(head.hash, seq, { seq, time: new Date(now).toISOString(), event });
}

function chained(before: string, seq: number, record: Record<string, unknown>): AuditLine {
  const linked = link(before, record);
  const bytes = new TextEncoder().encode(`${canonicalJson({ ...record, hash: linked })}\n`);
  return { bytes, head: { seq, hash: linked } };
}

function link(before: string, record: Record<string, unknown>): string {
  const text = new TextEncoder().encode(canonicalJson(record));
  return Buffer.from(sha256(Buffer.from(before, 'hex'), text)).toString('hex');
}

/** 'torn': zeros instead of JSON, as a power loss leaves what was written and not synced. */
export type LineFault = 'torn' | 'newer' | 'broken';
export type ReadLine =
  | { readonly head: AuditHead; readonly record: AuditRecord | undefined }
  | { readonly fault: LineFault; readonly format?: number };

/** Checks a line (without its newline) against the head before it; no head before the first line. */
export function readLine(text: string, before: AuditHead | undefined): ReadLine {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { fault: text.includes('\0') ? 'torn' : 'broken' };
  }
  const parsed = (before === undefined ? headLine : eventLine).safeParse(json);
  if (!parsed.success) {
    const format = z.looseObject({ warifu_audit: z.int() }).safeParse(json);
    const newer = before === undefined && format.success && format.data.warifu_audit > AUDIT_FORMAT;
    return newer ? { fault: 'newer', format: format.data.warifu_audit } : { fault: 'broken' };
  }
  const { hash: stated, ...record } = parsed.data;
  const seq = before === undefined ? 0 : before.seq + 1;
  if ('seq' in record && record.seq !== seq) return { fault: 'broken' };
  // Text that parses the same but is written otherwise is an edit too.
  if (link(before?.hash ?? GENESIS, record) !== stated || canonicalJson(json) !== text)
    return { fault: 'broken' };
  return { head: { seq, hash: stated }, record: 'seq' in record ? record : undefined };
}
