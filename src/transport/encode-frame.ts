/** Frames (frame.ts) as bytes. */
import { ByteWriter } from '../core/bytes.js';
import type { ErrorCode } from '../core/errors.js';
import {
  DATA_HEADER_BYTES,
  type DataFrame,
  FLAG_CHARGED,
  FRAME_FORMAT,
  FRAME_KINDS,
  type FrameKind,
  type KeyDigest,
  MAX_HEARTBEAT_ENTRIES,
  type SessionId,
  type SessionStatus,
} from './frame.js';

function start(kind: FrameKind, flags = 0): ByteWriter {
  return new ByteWriter(64).u8(FRAME_FORMAT).u8(FRAME_KINDS[kind]).u16(flags);
}

/** Starts a hello frame; hello.ts writes its body. */
export function encodeHelloFrame(body: Uint8Array): Uint8Array {
  return start('hello').raw(body).finish();
}

export function encodeReject(code: ErrorCode, message: string): Uint8Array {
  return start('reject').text(code).text(shortened(message)).finish();
}

export function encodeHeartbeat(sessions: readonly SessionStatus[]): Uint8Array {
  const listed = sessions.slice(0, MAX_HEARTBEAT_ENTRIES);
  const writer = start('heartbeat').u16(listed.length);
  for (const { session, idleMs, waitsFor } of listed) {
    const bits = waitsFor.reduce<number>((sum, node) => sum | (1 << node), 0);
    writer
      .raw(Buffer.from(session, 'hex'))
      .u32(Math.min(Math.round(idleMs), 0xffff_ffff))
      .u8(bits);
  }
  return writer.finish();
}

export function encodeSessionMark(kind: 'open' | 'full' | 'finish', session: SessionId): Uint8Array {
  return start(kind).raw(Buffer.from(session, 'hex')).finish();
}

export function encodeReady(session: SessionId, key: KeyDigest, length: number): Uint8Array {
  return start('ready').raw(Buffer.from(session, 'hex')).raw(Buffer.from(key, 'latin1')).u32(length).finish();
}

export function encodeCredit(session: SessionId, bytes: number): Uint8Array {
  return start('credit').raw(Buffer.from(session, 'hex')).u32(bytes).finish();
}

export function encodeAbort(session: SessionId, code: ErrorCode, message: string): Uint8Array {
  return start('abort').raw(Buffer.from(session, 'hex')).text(code).text(shortened(message)).finish();
}

export function encodeControl(json: Uint8Array): Uint8Array {
  return start('control').raw(json).finish();
}

/** Head and payload of a data frame; the payload is not copied. */
export type EncodedData = readonly [head: Uint8Array, payload: Uint8Array];

export function encodeData(frame: Omit<DataFrame, 'kind'>): EncodedData {
  const { session, key, clock, total, offset, payload } = frame;
  const head = Buffer.allocUnsafe(DATA_HEADER_BYTES);
  head[0] = FRAME_FORMAT;
  head[1] = FRAME_KINDS.data;
  head.writeUInt16LE(frame.charged ? FLAG_CHARGED : 0, 2);
  head.write(session, 4, 'hex');
  head.write(key, 20, 'latin1');
  head.writeUInt32LE(clock, 36);
  head.writeUInt32LE(total, 40);
  head.writeUInt32LE(offset, 44);
  return [head, payload];
}

function shortened(message: string): string {
  return message.length > 500 ? `${message.slice(0, 499)}…` : message;
}
