/**
 * Frames between nodes. One WebSocket message is one frame; integers are little-endian.
 *
 *   u8 format (1) | u8 kind | u16 flags | body
 *
 *   hello      see hello.ts; the first frame each way, and the only one before the handshake is over
 *   reject     code text, message text: why the handshake failed; may follow a hello that its receiver accepts
 *   heartbeat  u16 count, count x (session 16, u32 milliseconds for which that session has stood still here, u8 with
 *              bit i set if it waits for node i here); milliseconds only where it waits
 *   open       session 16: this node has opened the session; the window grows to its full size
 *   ready      session 16, key 16, u32 length: the program waits for exactly this message; send all of it
 *   credit     session 16, u32 bytes: so many bytes of the window were claimed
 *   data       session 16, key 16, u32 clock, u32 total, u32 offset, payload; flag 1: counted against the window
 *   full       session 16: the window is used up; from now on ask for each message, however short
 *   abort      session 16, code text, message text
 *   finish     session 16: this node sends and claims nothing more
 *   control    JSON in UTF-8, for the layer above
 *
 * Data flows on the connection that its receiver dialled, from the accepting side, which in WebSocket needs no
 * masking; `data`, `full`, `abort`, `finish` and `control` therefore come only from accepting sides, `open`, `ready`
 * and `credit` only from dialling sides. A key is the first 16 bytes of SHA-256(step, 0, tag).
 */
import { hash } from 'node:crypto';
import { ByteReader } from '../core/bytes.js';
import { type ErrorCode, isErrorCode, WarifuError } from '../core/errors.js';
import { type NodeIndex, REP4 } from '../core/scheme.js';
import type { MessageKey } from './channel.js';
import { parseControl } from './control-json.js';
import { decodeHello, type Hello } from './hello.js';
import type { TransportLimits } from './limits.js';

export const FRAME_FORMAT = 1;
export const DATA_HEADER_BYTES = 48;
/** Format, kind and flags, which every frame begins with. */
const START_BYTES = 4;
const NOTHING = new Uint8Array(0);
const SESSION_BYTES = 16;
const KEY_BYTES = 16;
export const FLAG_CHARGED = 1;
export const MAX_HEARTBEAT_ENTRIES = 4096;
const MAX_CODE_BYTES = 64;
const MAX_REASON_BYTES = 2048;
/** All that any cluster has. */
const NODES = REP4.nodes;

/** The kinds of frames, by their codes. */
export const FRAME_KINDS = {
  hello: 1,
  reject: 2,
  heartbeat: 3,
  open: 4,
  ready: 5,
  credit: 6,
  data: 7,
  abort: 8,
  finish: 9,
  control: 10,
  full: 11,
} as const;

export type FrameKind = keyof typeof FRAME_KINDS;
const KIND_NAMES = new Map(
  Object.entries(FRAME_KINDS).map(([name, code]) => [code as number, name as FrameKind]),
);

/** 32 lower-case hexadecimal digits. */
export type SessionId = string;
/** 16 bytes as a latin-1 string, so that it can key a map. */
export type KeyDigest = string;

/** What a node says of a session in its heartbeats. */
export interface SessionStatus {
  readonly session: SessionId;
  /** Milliseconds for which it has only waited; 0 if it waits for nobody. */
  readonly idleMs: number;
  /** In node order. */
  readonly waitsFor: readonly NodeIndex[];
}

export interface DataFrame {
  readonly kind: 'data';
  readonly session: SessionId;
  readonly key: KeyDigest;
  readonly clock: number;
  readonly total: number;
  readonly offset: number;
  /** The payload counts against the window until the receiver claims it. */
  readonly charged: boolean;
  /** A view of the received bytes: copied by whoever keeps it. */
  readonly payload: Uint8Array;
}

export interface AbortFrame {
  readonly kind: 'abort';
  readonly session: SessionId;
  readonly code: ErrorCode;
  readonly message: string;
}

/** Frames that belong to a session. */
export type SessionFrame =
  | DataFrame
  | AbortFrame
  | { readonly kind: 'open' | 'full' | 'finish'; readonly session: SessionId }
  | { readonly kind: 'ready'; readonly session: SessionId; readonly key: KeyDigest; readonly length: number }
  | { readonly kind: 'credit'; readonly session: SessionId; readonly bytes: number };

export type Frame =
  | SessionFrame
  | { readonly kind: 'hello'; readonly hello: Hello }
  | { readonly kind: 'reject'; readonly code: ErrorCode; readonly message: string }
  | { readonly kind: 'heartbeat'; readonly sessions: readonly SessionStatus[] }
  /** With the bytes that it took on the wire. */
  | { readonly kind: 'control'; readonly bytes: number; readonly message: unknown };

/** Which end of the connection this node is: the accepting side sends data, the dialling side receives it. */
export type LinkRole = 'accepting' | 'dialling';

const FROM_ACCEPTING: ReadonlySet<FrameKind> = new Set([
  'reject',
  'heartbeat',
  'data',
  'full',
  'abort',
  'finish',
  'control',
]);
const FROM_DIALLING: ReadonlySet<FrameKind> = new Set(['reject', 'heartbeat', 'open', 'ready', 'credit']);
const FIRST: ReadonlySet<FrameKind> = new Set(['hello', 'reject']);

/** Largest WebSocket message: a full data frame, a control message, or a full heartbeat. */
export function maxPayload(limits: TransportLimits): number {
  return Math.max(limits.frameBytes + DATA_HEADER_BYTES, limits.controlBytes + 4, 128 * 1024);
}

export function digestKey(key: MessageKey): KeyDigest {
  return hash('sha256', `${key.step}\0${key.tag}`, 'buffer').toString('latin1', 0, KEY_BYTES);
}

export function isSessionId(text: string): boolean {
  return /^[0-9a-f]{32}$/.test(text);
}

/**
 * Reads the frames of one connection: first one hello (or reject), then the kinds that the other end
 * may send, and nothing at all after the first error.
 */
export class FrameDecoder {
  readonly #role: LinkRole;
  readonly #limits: TransportLimits;
  #state: 'first' | 'open' | 'failed' = 'first';

  constructor(role: LinkRole, limits: TransportLimits) {
    this.#role = role;
    this.#limits = limits;
  }

  /** Errors: FRAME_INVALID, and HANDSHAKE_VERSION for a frame format that this version does not speak. */
  decode(bytes: Uint8Array): Frame {
    return this.#checked(() => this.#decode(bytes));
  }

  /**
   * A data frame whose payload of `payloadBytes` bytes has not come yet: its payload is empty. Errors as `decode`.
   *
   * @param head the frame's first DATA_HEADER_BYTES bytes.
   */
  decodeDataHead(head: Uint8Array, payloadBytes: number): DataFrame {
    return this.#checked(() => {
      const reader = new ByteReader(head, 'frame');
      const { kind, flags } = this.#decodeStart(reader);
      if (kind !== 'data') throw invalid(`frame '${kind}' where data was announced`);
      const data = readDataHead(reader, flags, payloadBytes, this.#limits);
      reader.end();
      return data;
    });
  }

  #checked<T>(decode: () => T): T {
    if (this.#state === 'failed') throw invalid('nothing is read after an invalid frame');
    try {
      const frame = decode();
      this.#state = 'open';
      return frame;
    } catch (thrown) {
      this.#state = 'failed';
      if (thrown instanceof WarifuError && thrown.code === 'HANDSHAKE_VERSION') throw thrown;
      throw invalid(thrown instanceof Error ? thrown.message : String(thrown));
    }
  }

  #decode(bytes: Uint8Array): Frame {
    const reader = new ByteReader(bytes, 'frame');
    const { kind, flags } = this.#decodeStart(reader);
    const frame = decodeBody(kind, reader, flags, this.#limits);
    reader.end();
    return frame;
  }

  #decodeStart(reader: ByteReader): { kind: FrameKind; flags: number } {
    const format = reader.u8();
    if (format !== FRAME_FORMAT) {
      const said = `frame format ${format}, this node speaks ${FRAME_FORMAT}`;
      throw this.#state === 'first' ? new WarifuError('HANDSHAKE_VERSION', said) : invalid(said);
    }
    const code = reader.u8();
    const kind = KIND_NAMES.get(code);
    if (kind === undefined) throw invalid(`unknown frame kind ${code}`);
    const expected = this.#expected();
    if (!expected.has(kind)) throw invalid(`frame '${kind}' is not allowed here`);
    const flags = reader.u16();
    if ((flags & ~(kind === 'data' ? FLAG_CHARGED : 0)) !== 0) throw invalid(`unknown flags ${flags}`);
    return { kind, flags };
  }

  #expected(): ReadonlySet<FrameKind> {
    if (this.#state === 'first') return FIRST;
    return this.#role === 'dialling' ? FROM_ACCEPTING : FROM_DIALLING;
  }
}

function decodeBody(kind: FrameKind, reader: ByteReader, flags: number, limits: TransportLimits): Frame {
  switch (kind) {
    case 'hello':
      return { kind, hello: decodeHello(reader) };
    case 'reject':
      return { kind, code: readCode(reader), message: reader.text(MAX_REASON_BYTES) };
    case 'heartbeat':
      return { kind, sessions: readStatuses(reader) };
    case 'open':
    case 'full':
    case 'finish':
      return { kind, session: readSession(reader) };
    case 'ready':
      return { kind, session: readSession(reader), key: readKey(reader), length: reader.u32() };
    case 'credit':
      return { kind, session: readSession(reader), bytes: reader.u32() };
    case 'abort':
      return {
        kind,
        session: readSession(reader),
        code: readCode(reader),
        message: reader.text(MAX_REASON_BYTES),
      };
    case 'control':
      if (reader.remaining > limits.controlBytes)
        throw invalid(`control message over ${limits.controlBytes}`);
      return {
        kind,
        bytes: reader.remaining,
        message: parseControl(reader.raw(reader.remaining), limits.controlDepth),
      };
    case 'data': {
      const length = reader.remaining - (DATA_HEADER_BYTES - START_BYTES);
      const data = readDataHead(reader, flags, length, limits);
      return { ...data, payload: reader.raw(length) };
    }
  }
}

function readDataHead(reader: ByteReader, flags: number, length: number, limits: TransportLimits): DataFrame {
  const session = readSession(reader);
  const key = readKey(reader);
  const [clock, total, offset] = [reader.u32(), reader.u32(), reader.u32()];
  if (total > limits.messageBytes) throw invalid(`message of ${total} bytes is over ${limits.messageBytes}`);
  if (length > limits.frameBytes) throw invalid(`payload of ${length} bytes is over ${limits.frameBytes}`);
  if (offset + length > total) throw invalid(`payload runs past the ${total} bytes of its message`);
  if (length === 0 && total !== 0) throw invalid('empty payload');
  const charged = (flags & FLAG_CHARGED) !== 0;
  return { kind: 'data', session, key, clock, total, offset, charged, payload: NOTHING };
}

function readSession(reader: ByteReader): SessionId {
  return buffer(reader.raw(SESSION_BYTES)).toString('hex');
}

function readKey(reader: ByteReader): KeyDigest {
  return buffer(reader.raw(KEY_BYTES)).toString('latin1');
}

/** A code that this version does not know (a newer peer's) still ends the session, as CANCELLED. */
function readCode(reader: ByteReader): ErrorCode {
  const code = reader.text(MAX_CODE_BYTES);
  return isErrorCode(code) ? code : 'CANCELLED';
}

function readStatuses(reader: ByteReader): SessionStatus[] {
  const count = reader.u16();
  if (count > MAX_HEARTBEAT_ENTRIES) throw invalid(`heartbeat with ${count} sessions`);
  return Array.from({ length: count }, () => {
    const [session, idleMs, bits] = [readSession(reader), reader.u32(), reader.u8()];
    const waitsFor = NODES.filter((node) => (bits & (1 << node)) !== 0);
    if (bits >> NODES.length !== 0) throw invalid('a session waits for a node that there is not');
    if (idleMs > 0 && bits === 0) throw invalid('a session stands still and waits for nobody');
    return { session, idleMs, waitsFor };
  });
}

function invalid(message: string): WarifuError {
  return new WarifuError('FRAME_INVALID', message);
}

function buffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** True for the first bytes of a data frame. */
export function isDataFrame(head: Uint8Array): boolean {
  return head[1] === FRAME_KINDS.data;
}
