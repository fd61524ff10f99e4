/**
 * The signed envelope of a request: canonical JSON and an Ed25519 signature over it. The same bytes go to every
 * node of the cluster; each node opens them by itself.
 *
 * Layout: u8 format, u32 length, canonical JSON, 64 bytes of signature.
 */
import { bytesToHex, randomBytes } from '@noble/hashes/utils.js';
import { ByteReader, ByteWriter } from '../core/bytes.js';
import { canonicalJson, parseBoundedJson } from '../core/canonical-json.js';
import { sha256 } from '../core/digest.js';
import { WarifuError } from '../core/errors.js';
import type { SecretBytes } from '../core/secret.js';
import { parseSchema } from '../share/schema.js';
import { REQUEST_FORMAT, type Request, type RequestBody, requestSchema } from './request.js';
import { newReplyKey, type ReplyKey } from './request-seal.js';
import { SIGNATURE_BYTES, sign, verify } from './request-signature.js';

/** Largest envelope: room for a schema of 1,000 columns with many labels. */
export const MAX_REQUEST_BYTES = 4 * 1024 * 1024;
/** How far a request's time may be from the node's clock, either way. */
export const REQUEST_WINDOW_MS = 5 * 60 * 1000;

export interface RequestOrigin {
  readonly cluster: string;
  readonly user: string;
  /** The client's clock, milliseconds since 1970. */
  readonly now: number;
}

/** A complete request with fresh nonce and reply key; keep the reply key to open what the nodes answer. */
export function newRequest(
  origin: RequestOrigin,
  body: RequestBody,
): { readonly request: Request; readonly replyKey: ReplyKey } {
  const replyKey = newReplyKey();
  const request = {
    ...body,
    v: REQUEST_FORMAT,
    cluster: origin.cluster,
    user: origin.user,
    time: origin.now,
    nonce: bytesToHex(randomBytes(16)),
    reply_key: bytesToHex(replyKey.publicKey),
  } as Request;
  return { request, replyKey };
}

/**
 * The envelope of a request.
 *
 * @throws WarifuError REQUEST_INVALID for a request that no node would accept, naming the field.
 */
export function signRequest(request: Request, privateKey: SecretBytes): Uint8Array {
  const json = new TextEncoder().encode(canonicalJson(checkedRequest(request)));
  const bytes = new ByteWriter(json.length + SIGNATURE_BYTES + 5)
    .u8(REQUEST_FORMAT)
    .sized(json)
    .raw(sign('request', json, privateKey))
    .finish();
  if (bytes.length > MAX_REQUEST_BYTES) throw invalid(`it is larger than ${MAX_REQUEST_BYTES} bytes`);
  return bytes;
}

/** SHA-256 of the envelope: what nodes agree on in a start record, and what replies are bound to. */
export function requestDigest(bytes: Uint8Array): Uint8Array {
  return sha256(bytes);
}

export interface OpenRequestOptions {
  /** Fingerprint of the node's own cluster. */
  readonly cluster: string;
  /** The node's clock, milliseconds since 1970. */
  readonly now: number;
  readonly windowMs?: number;
  /** Ed25519 key of an enrolled, not revoked user of this node. */
  readonly publicKeyOf: (user: string) => Uint8Array | undefined;
}

/**
 * Parses and authenticates a request. A caller then asks its ReplayGuard, and its policy.
 *
 * @throws WarifuError REQUEST_INVALID (form or signature), REQUEST_MISADDRESSED (another cluster), NOT_ENROLLED,
 *   REQUEST_EXPIRED (naming the difference of the clocks), SCHEMA_INVALID (of an upload).
 */
export function openRequest(bytes: Uint8Array, options: OpenRequestOptions): Request {
  const { json, signature } = splitEnvelope(bytes);
  const request = parseRequest(json);
  if (request.cluster !== options.cluster) {
    throw new WarifuError(
      'REQUEST_MISADDRESSED',
      `the request is addressed to cluster ${request.cluster.slice(0, 16)}…, this node belongs to ${options.cluster.slice(0, 16)}…; use the cluster file of this node`,
    );
  }
  const publicKey = options.publicKeyOf(request.user);
  if (publicKey === undefined) {
    throw new WarifuError(
      'NOT_ENROLLED',
      `user '${request.user}' is not enrolled at this node; its operator enrols users with 'warifu user add'`,
      { user: request.user },
    );
  }
  if (!verify('request', json, signature, publicKey)) {
    throw invalid(
      `its signature does not match the key enrolled for user '${request.user}'; it was signed with another key, or altered on its way`,
    );
  }
  checkTime(request, options.now, options.windowMs ?? REQUEST_WINDOW_MS);
  if (request.kind === 'upload-begin') parseSchema(request.schema);
  return request;
}

function splitEnvelope(bytes: Uint8Array): { json: Uint8Array; signature: Uint8Array } {
  if (bytes.length > MAX_REQUEST_BYTES) throw invalid(`it is larger than ${MAX_REQUEST_BYTES} bytes`);
  return asInvalid(() => {
    const reader = new ByteReader(bytes, 'the request');
    const format = reader.u8();
    if (format !== REQUEST_FORMAT) {
      throw invalid(
        `its format is ${format}, this node speaks ${REQUEST_FORMAT}; use the same version of warifu`,
      );
    }
    const json = reader.sized(MAX_REQUEST_BYTES);
    const signature = reader.raw(SIGNATURE_BYTES);
    reader.end();
    return { json, signature };
  });
}

function parseRequest(json: Uint8Array): Request {
  const text = decodeUtf8(json);
  const data = asInvalid(() => parseBoundedJson(text, 'the request'));
  const request = checkedRequest(data);
  // One request has one spelling: what was checked here is, to the byte, what was signed.
  if (canonicalJson(request) !== text) throw invalid('its JSON is not in canonical form');
  return request;
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw invalid('its text is not UTF-8');
  }
}

function checkedRequest(data: unknown): Request {
  const parsed = requestSchema.safeParse(data);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue === undefined || issue.path.length === 0 ? '' : `field '${issue.path.join('.')}': `;
  throw invalid(`${field}${issue?.message ?? 'unknown fault'}`);
}

function checkTime(request: Request, now: number, windowMs: number): void {
  const difference = request.time - now;
  if (Math.abs(difference) <= windowMs) return;
  const seconds = Math.round(Math.abs(difference) / 1000);
  throw new WarifuError(
    'REQUEST_EXPIRED',
    `the request's time is ${seconds} seconds ${difference < 0 ? 'behind' : 'ahead of'} this node's clock, more than the ${Math.round(windowMs / 1000)} allowed; set the clock and ask again`,
    { seconds, allowed: Math.round(windowMs / 1000) },
  );
}

function asInvalid<T>(read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    if (thrown instanceof WarifuError && thrown.code === 'MESSAGE_FORM') {
      throw new WarifuError('REQUEST_INVALID', thrown.message, thrown.details);
    }
    throw thrown;
  }
}

function invalid(why: string): WarifuError {
  return new WarifuError('REQUEST_INVALID', `the request is not valid: ${why}`);
}
