/**
 * What a node writes into its audit log. Every field is a name, a code, a count or an id: no field can hold
 * bytes, a share, a key or a cell, and an event with any other field is refused.
 */
import { z } from 'zod';
import { isErrorCode } from '../../core/errors.js';
import { MAX_SQL_LENGTH } from '../../query/plan.js';
import { MAX_NAME_LENGTH } from '../../share/schema.js';

const name = z
  .string()
  .min(1)
  .max(MAX_NAME_LENGTH)
  .refine((text) => text.isWellFormed() && !/\p{Cc}/u.test(text), 'has control characters');
const id = z.string().regex(/^[0-9a-f]{32}$/);
const digest = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().min(0);
const node = z.int().min(0).max(3);
const code = z.string().refine(isErrorCode, 'is no error code');
/** Query texts are public by design. */
const sql = z
  .string()
  .min(1)
  .max(MAX_SQL_LENGTH)
  .refine((text) => text.isWellFormed() && !/[^\P{Cc}\t\n\r]/u.test(text), 'has control characters');
const softwareVersion = z.string().regex(/^[0-9A-Za-z.+-]{1,64}$/);

const slice = { user: name, table: name, slice: name, version: id };
const query = { user: name, query: id };

const kinds = [
  z.strictObject({ kind: z.literal('node-started'), software: softwareVersion, epoch: count }),
  z.strictObject({ kind: z.literal('node-stopped') }),
  z.strictObject({ kind: z.literal('log-repaired'), removed_bytes: count }),
  z.strictObject({
    kind: z.literal('store-recovered'),
    temporaries: count,
    orphans: count,
    discarded: count,
    damaged: count,
  }),
  // At a node that rebuilds its lost disk: a new log begins with the first of these.
  z.strictObject({ kind: z.literal('recovery-started'), catalogue: z.enum(['lost', 'begun']) }),
  z.strictObject({
    kind: z.literal('node-recovered'),
    tables: count,
    slices: count,
    chunks: count,
    lost: count,
  }),
  // What another node says that it cannot give.
  z.strictObject({ kind: z.literal('part-refused'), node, code, table: name, slice: name }),
  // At the others: what they gave it.
  z.strictObject({ kind: z.literal('recovery-opened'), node }),
  z.strictObject({
    kind: z.literal('recovery-ended'),
    node,
    chunks: count,
    refused: count,
    code: code.optional(),
  }),
  z.strictObject({ kind: z.literal('upload-started'), ...slice, rows: count, replace: z.boolean() }),
  z.strictObject({ kind: z.literal('upload-prepared'), ...slice, attempt: id }),
  z.strictObject({ kind: z.literal('upload-visible'), ...slice, attempt: id }),
  z.strictObject({ kind: z.literal('upload-refused'), ...slice, code }),
  z.strictObject({ kind: z.literal('upload-rolled-back'), ...slice, attempt: id }),
  z.strictObject({ kind: z.literal('slice-dropped'), user: name, table: name, slice: name, attempt: id }),
  z.strictObject({ kind: z.literal('table-dropped'), user: name, table: name, attempt: id }),
  z.strictObject({
    kind: z.literal('query-started'),
    ...query,
    table: name,
    sql,
    plan_digest: digest,
    min_count: count,
    /** The node without which the other three went on. */
    lost: node.optional(),
  }),
  z.strictObject({ kind: z.literal('query-released'), ...query, cells: count, withheld: count }),
  z.strictObject({ kind: z.literal('query-refused'), ...query, code }),
  z.strictObject({ kind: z.literal('query-failed'), ...query, code, node: node.optional() }),
  // `more`: how many of the same code the last minute had beyond those that were written one by one.
  z.strictObject({
    kind: z.literal('request-refused'),
    user: name.optional(),
    code,
    more: count.optional(),
  }),
  z.strictObject({
    kind: z.literal('user-enrolled'),
    user: name,
    roles: z.array(z.enum(['provider', 'analyst'])),
  }),
  z.strictObject({ kind: z.literal('user-revoked'), user: name }),
  z.strictObject({ kind: z.literal('granted'), table: name, grantor: name, grantee: name }),
  z.strictObject({ kind: z.literal('grant-revoked'), table: name, grantor: name, grantee: name }),
  z.strictObject({ kind: z.literal('three-allowed'), user: name, table: name, allowed: z.boolean() }),
  z.strictObject({ kind: z.literal('min-count-set'), user: name, table: name, min_count: count }),
  z.strictObject({
    kind: z.literal('contributors-set'),
    user: name,
    table: name,
    contributors: z.array(name).max(1000),
  }),
  z.strictObject({
    kind: z.literal('check-failed'),
    code,
    /** Who may have lied. */
    nodes: z.array(node).max(4),
    step: z
      .string()
      .regex(/^[a-z0-9/-]{1,240}$/)
      .optional(),
    /** Of an upload or a drop. */
    attempt: id.optional(),
    /** Another node that says so, or whoever asked the query; this node itself where there is neither. */
    told_by: node.optional(),
    /** Whom `told_by` names as the one who said it first. */
    said_by: node.optional(),
    reported_by: name.optional(),
    query: id.optional(),
    /** What was being recovered. */
    table: name.optional(),
    slice: name.optional(),
  }),
] as const;

export const auditEvent = z.discriminatedUnion('kind', kinds);
export type AuditEvent = z.infer<typeof auditEvent>;
/** Every kind of event there is. */
export const AUDIT_KINDS: readonly AuditEvent['kind'][] = kinds.map((kind) => kind.shape.kind.value);
