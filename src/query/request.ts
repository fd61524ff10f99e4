/**
 * What a client can ask of the nodes: one strict, bounded object per kind. Everything in it is public among the
 * nodes; data travels only in upload frames, results only in sealed replies.
 */
import { z } from 'zod';
import { MAX_NAME_LENGTH, MAX_ROWS } from '../share/schema.js';
import { MAX_SQL_LENGTH } from './plan.js';

export const REQUEST_FORMAT = 1;
/** Strongest gate that makes sense: no table has more rows. */
export const MAX_MIN_COUNT = MAX_ROWS;
export const MAX_CONTRIBUTORS = 100;
/** Rows to a chunk: whole 64-bit words of validity bits, and a chunk of a wide column stays under 16 MiB. */
export const MAX_CHUNK_ROWS = 2 ** 20;
const MAX_USER_NAME = 64;

const hex = (bytes: number): z.ZodString =>
  z.string().regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`), `must be ${bytes * 2} lower-case hex digits`);

/** A query id or slice version: 16 random bytes, made by the client. */
export const idField = hex(16);
/** A SHA-256 digest or a cluster fingerprint. */
export const digestField = hex(32);

/** Table and slice names: shown to people, so no control characters, no spaces around, one Unicode form. */
export const nameField = z
  .string()
  .min(1)
  .max(MAX_NAME_LENGTH)
  .refine(
    (text) =>
      text.isWellFormed() && text === text.trim() && text === text.normalize('NFC') && !/\p{C}/u.test(text),
    'must have no spaces around it, no control characters, and be in Unicode form NFC',
  );

/** User names are one word, since they stand in one-line public keys and in commands. */
export const userField = z
  .string()
  .max(MAX_USER_NAME)
  .regex(/^[\p{L}\p{N}][\p{L}\p{M}\p{N}._@-]*$/u, 'must be one word of letters, digits and . _ @ -')
  .refine((text) => text === text.normalize('NFC'), 'must be in Unicode form NFC');

export const minCountField = z.int().min(1).max(MAX_MIN_COUNT);

const header = {
  v: z.literal(REQUEST_FORMAT),
  /** Fingerprint of the cluster whose nodes are meant. */
  cluster: digestField,
  user: userField,
  /** The client's clock, milliseconds since 1970. */
  time: z.int().min(0),
  nonce: hex(16),
  /** Fresh X25519 public key of the client, to which every reply is sealed. */
  reply_key: hex(32),
};

const requestJson = z.discriminatedUnion('kind', [
  z.strictObject({
    ...header,
    kind: z.literal('query'),
    sql: z.string().min(1).max(MAX_SQL_LENGTH),
    explain: z.boolean(),
    id: idField,
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
    /** One try to commit; random, so that what a failed try left behind is never mistaken for a later one. */
    attempt: idField,
    manifest_digest: digestField,
  }),
  z.strictObject({ ...header, kind: z.literal('drop'), table: nameField, slice: nameField.optional() }),
  z.strictObject({
    ...header,
    kind: z.literal('table-settings'),
    table: nameField,
    min_count: minCountField.optional(),
    contributors: z.array(userField).max(MAX_CONTRIBUTORS).optional(),
  }),
  z.strictObject({ ...header, kind: z.literal('grant'), table: nameField, grantee: userField }),
  z.strictObject({ ...header, kind: z.literal('revoke'), table: nameField, grantee: userField }),
  z.strictObject({ ...header, kind: z.literal('tables') }),
  z.strictObject({ ...header, kind: z.literal('describe'), table: nameField }),
  z.strictObject({ ...header, kind: z.literal('cancel'), id: idField }),
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
