/**
 * What the recovering node asks in a session, and the form of the answers: both are read only here.
 *
 * The n-th ask is a message of ASK_BYTES: u8 kind, 16 bytes id, u8 part, u32 chunk. Its answer is a head of u8 status
 * and u32 length, and a body of that length: what was asked for, or the error as JSON.
 */
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { ByteReader, ByteWriter } from '../../core/bytes.js';
import { sha256 } from '../../core/digest.js';
import { WarifuError } from '../../core/errors.js';
import type { PartIndex } from '../../core/scheme.js';
import { childStep, rootStep, type StepPath } from '../../core/step.js';
import type { MessageKey } from '../../transport/channel.js';

/** snapshot: tables and slices; manifest: of a slice version; chunk: one part of one; end: nothing more. */
const KINDS = ['snapshot', 'manifest', 'chunk', 'end'] as const;
const ID_BYTES = 16;
export const ASK_BYTES = 1 + ID_BYTES + 1 + 4;
export const HEAD_BYTES = 5;
/** An error travels in bounded form (control-message.ts). */
export const MAX_ERROR_BYTES = 1 << 20;
const ROOT = rootStep('recover');

export type Ask =
  | { readonly kind: 'snapshot' | 'end' }
  | { readonly kind: 'manifest'; readonly version: string }
  | { readonly kind: 'chunk'; readonly version: string; readonly part: PartIndex; readonly chunk: number };

/** The id of the session itself: it is no job's, whatever a node that says it recovers has asked for. */
export function recoverySessionId(asked: string): string {
  const text = new TextEncoder().encode(`warifu recovery session v1\0${asked}`);
  return bytesToHex(sha256(text)).slice(0, 2 * ID_BYTES);
}

export function encodeAsk(ask: Ask): Uint8Array {
  const id = 'version' in ask ? hexToBytes(ask.version) : new Uint8Array(ID_BYTES);
  const [part, chunk] = ask.kind === 'chunk' ? [ask.part, ask.chunk] : [0, 0];
  return new ByteWriter(ASK_BYTES).u8(KINDS.indexOf(ask.kind)).raw(id).u8(part).u32(chunk).finish();
}

/** @throws WarifuError PEER_MISBEHAVED */
export function decodeAsk(bytes: Uint8Array): Ask {
  const reader = new ByteReader(bytes, 'the question of a recovering node');
  const kind = KINDS[reader.u8()];
  const version = bytesToHex(reader.raw(ID_BYTES));
  const part = reader.u8();
  const chunk = reader.u32();
  reader.end();
  if (kind === undefined || part > 3) {
    throw new WarifuError('PEER_MISBEHAVED', 'a recovering node asked for what there is not');
  }
  if (kind === 'chunk') return { kind, version, part: part as PartIndex, chunk };
  return kind === 'manifest' ? { kind, version } : { kind };
}

export interface AnswerHead {
  readonly ok: boolean;
  readonly length: number;
}

export function encodeHead({ ok, length }: AnswerHead): Uint8Array {
  return new ByteWriter(HEAD_BYTES)
    .u8(ok ? 0 : 1)
    .u32(length)
    .finish();
}

/** @throws WarifuError PEER_MISBEHAVED */
export function decodeHead(bytes: Uint8Array): AnswerHead {
  const reader = new ByteReader(bytes, 'the answer to a recovering node');
  const status = reader.u8();
  const length = reader.u32();
  reader.end();
  if (status > 1) throw new WarifuError('PEER_MISBEHAVED', 'an answer is neither one nor an error');
  return { ok: status === 0, length };
}

/** The messages of the n-th ask, with the clocks of ask and answer. */
export function messagesOf(n: number): {
  readonly ask: MessageKey;
  readonly head: MessageKey;
  readonly body: MessageKey;
  readonly clock: number;
} {
  const step: StepPath = childStep(ROOT, String(n));
  return {
    ask: { step, tag: 'ask' },
    head: { step, tag: 'head' },
    body: { step, tag: 'body' },
    clock: 2 * n + 1,
  };
}
