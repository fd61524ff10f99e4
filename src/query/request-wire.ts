/**
 * What travels on a client's connection to one node (WebSocket over TLS 1.3, binary messages).
 *
 * Client to node: u8 type, then a signed request envelope, a signed upload frame, or a signed manifest.
 * Node to client: u8 type, then a sealed reply message, the acknowledgement of an upload frame (u8 part, u32
 * chunk), or an unsealed error (JSON of a WarifuError) for a request that could not be opened or a frame that was
 * not stored; after the latter the node closes.
 *
 * One request at a time: the next one follows the last message of the reply. Upload frames and a manifest may
 * stand between the requests upload-begin and upload-commit, which name the upload they belong to.
 */
import { z } from 'zod';
import { ByteReader, ByteWriter } from '../core/bytes.js';
import { asWarifuError, isErrorCode, WarifuError } from '../core/errors.js';

export const CLIENT_PATH = '/warifu-client';
/** Largest message either way. Providers choose chunks so that a frame stays below it. */
export const MAX_WIRE_MESSAGE = 16 * 1024 * 1024;
export const FROM_CLIENT = { request: 1, uploadFrame: 2, manifest: 3 } as const;
export const FROM_NODE = { sealed: 1, stored: 2, refused: 3 } as const;

/** The content of one sealed reply message. The last one is a result or an error. */
export interface ReplyMessage {
  readonly kind: 'progress' | 'result' | 'error';
  /** Plain data; for an error the JSON form of a WarifuError. */
  readonly data: unknown;
  /** Share bytes of a query's answer, else empty. */
  readonly attachment: Uint8Array;
}

const KINDS = ['progress', 'result', 'error'] as const;
const MAX_JSON_BYTES = 8 * 1024 * 1024;

export function encodeReplyMessage({ kind, data, attachment }: ReplyMessage): Uint8Array {
  return new ByteWriter(attachment.length + 1024)
    .u8(KINDS.indexOf(kind))
    .text(JSON.stringify(data))
    .raw(attachment)
    .finish();
}

/** @throws WarifuError MESSAGE_FORM. The attachment is copied, so it starts at an aligned offset. */
export function decodeReplyMessage(bytes: Uint8Array): ReplyMessage {
  const reader = new ByteReader(bytes, 'a reply');
  const kind = KINDS[reader.u8()];
  if (kind === undefined) throw new WarifuError('MESSAGE_FORM', 'a reply of unknown kind');
  const text = reader.text(MAX_JSON_BYTES);
  return { kind, data: parseJson(text), attachment: reader.raw(reader.remaining).slice() };
}

const errorJson = z.object({
  code: z.string(),
  message: z.string().max(20_000),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.array(z.string())])),
});

/** A WarifuError that arrived as JSON; anything else becomes INTERNAL. */
export function errorFromJson(data: unknown): WarifuError {
  const parsed = errorJson.safeParse(data);
  if (!parsed.success || !isErrorCode(parsed.data.code)) {
    return new WarifuError('INTERNAL', 'a node sent an error in an unknown form');
  }
  return new WarifuError(parsed.data.code, parsed.data.message, parsed.data.details);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (thrown) {
    throw new WarifuError('MESSAGE_FORM', `a reply is not JSON: ${asWarifuError(thrown).message}`);
  }
}
