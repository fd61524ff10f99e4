/**
 * What a client can ask of the nodes: one strict, bounded object per kind. Everything in it is public among the
 * nodes; data travels only in upload frames, results only in sealed replies.
 */
import { z } from 'zod';
import { digestField, hexField, idField, nameField, wordField } from '../core/fields.js';
import { MAX_ROWS } from '../share/schema.js';
import { MAX_SQL_LENGTH } from './plan.js';

export { MAX_SQL_LENGTH };

export const REQUEST_FORMAT = 1;
/** Strongest gate that makes sense: no table has more rows. */
export const MAX_MIN_COUNT = MAX_ROWS;
export const MAX_CONTRIBUTORS = 100;
/** Rows to a chunk: whole 64-bit words of validity bits, and a chunk of a wide column stays under 16 MiB. */
export const MAX_CHUNK_ROWS = 2 ** 20;
export const minCountField = z.int().min(1).max(MAX_MIN_COUNT);

const header = {
  v: z.literal(REQUEST_FORMAT),
  /** Fingerprint of the cluster whose nodes are meant. */
  cluster: digestField,
  user: wordField,
  /** The client's clock, milliseconds since 1970. */
  time: z.int().min(0),
  nonce: hexField(16),
  /** Fresh X25519 public key of the client, to which every reply is sealed. */
  reply_key: hexField(32),
};

/** Asks whether the node would carry the order out, and is linked to all others; nothing changes. */
const checkField = z.literal(true).optional();

const requestJson = z.discriminatedUnion('kind', [
  z.strictObject({
    ...header,
    kind: z.literal('query'),
    sql: z.string().min(1).max(MAX_SQL_LENGTH),
    explain: z.boolean(),
    id: idField,
    /** The node of four that is lost, where the other three are to go on. */
    without: z.literal([0, 1, 2, 3]).optional(),
  }),
  z.strictObject({
    ...header,
    kind: z.literal('upload-begin'),
    table: nameField,
    slice: nameField,
    version: idField,
    /** The JSON form of a TableSchema; checked by `parseSchema` when the request is opened. */
    schema: z.record(z.string(), z.unknown()),
    rows: z.int().min(1).max(MAX_ROWS),
    chunk_rows: z.int().min(64).max(MAX_CHUNK_ROWS).multipleOf(64),
    replace: z.boolean(),
  }),
  z.strictObject({
    ...header,
    kind: z.literal('upload-status'),
    table: nameField,
    slice: nameField,
    version: idField,
  }),
  z.strictObject({
    ...header,
    kind: z.literal('upload-commit'),
    table: nameField,
    slice: nameField,
    version: idField,
    manifest_digest: digestField,
  }),
  z.strictObject({ ...header, kind: z.literal('drop'), table: nameField, slice: nameField.optional() }),
  z.strictObject({
    ...header,
    kind: z.literal('table-settings'),
    table: nameField,
    min_count: minCountField.optional(),
    contributors: z.array(wordField).max(MAX_CONTRIBUTORS).optional(),
    /** Whether queries may go on with three of four nodes when one is lost. */
    allow_three: z.boolean().optional(),
    check: checkField,
  }),
  z.strictObject({
    ...header,
    kind: z.literal('grant'),
    table: nameField,
    grantee: wordField,
    check: checkField,
  }),
  z.strictObject({ ...header, kind: z.literal('revoke'), table: nameField, grantee: wordField }),
  z.strictObject({ ...header, kind: z.literal('tables') }),
  z.strictObject({ ...header, kind: z.literal('describe'), table: nameField }),
  z.strictObject({ ...header, kind: z.literal('cancel'), id: idField }),
  /** The answers of the nodes to a query of this user's did not fit together. */
  z.strictObject({
    ...header,
    kind: z.literal('report'),
    query: idField,
    code: z.enum(['COPIES_DIFFER', 'PEER_MISBEHAVED', 'MESSAGE_FORM']),
    /** Who may have lied. */
    nodes: z.array(z.literal([0, 1, 2, 3])).max(4),
  }),
  z.strictObject({ ...header, kind: z.literal('status') }),
]);

export const requestSchema: z.ZodType<Request> = requestJson;

/** A parsed request: the header fields and those of its kind. */
export type Request = z.infer<typeof requestJson>;
export type RequestKind = Request['kind'];
export type RequestOf<K extends RequestKind> = Extract<Request, { kind: K }>;

type HeaderField = keyof typeof header;

type WithoutHeader<R> = R extends Request ? Omit<R, HeaderField> : never;
/** What a caller fills in; `newRequest` adds the header. */
export type RequestBody = WithoutHeader<Request>;
