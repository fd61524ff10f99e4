/** What a node sends, read with distrust: a form that is not expected names the node. */
import { ByteReader } from '../core/bytes.js';
import { parseBoundedJson } from '../core/canonical-json.js';
import { WarifuError } from '../core/errors.js';
import { progressReply } from '../query/request-replies.js';
import { errorFromJson } from '../query/request-wire.js';
import { type KnownNode, nodeLabel } from './node-address.js';
import { printable } from './printable.js';

export interface Progress {
  readonly stage: string;
  readonly done: number;
  readonly total: number;
}

/** @throws WarifuError MESSAGE_FORM. */
export function readProgress(data: unknown): Progress {
  const parsed = progressReply.safeParse(data);
  if (!parsed.success) throw new WarifuError('MESSAGE_FORM', 'a progress message of another form');
  return { ...parsed.data, stage: printable(parsed.data.stage) };
}

/** @throws WarifuError MESSAGE_FORM. */
export function readStored(body: Uint8Array): { part: number; chunk: number } {
  const reader = new ByteReader(body, 'an acknowledgement');
  const place = { part: reader.u8(), chunk: reader.u32() };
  reader.end();
  return place;
}

/** The error of an unsealed refusal. */
export function readRefusal(body: Uint8Array): WarifuError {
  return readError(parseBoundedJson(new TextDecoder().decode(body), 'a refusal'));
}

/** An error in JSON form, its text made fit for a terminal. */
export function readError(data: unknown): WarifuError {
  const { code, message, details } = errorFromJson(data);
  return new WarifuError(code, printable(message, 'lines'), details);
}

export function misbehaved(known: KnownNode, why: string): WarifuError {
  return new WarifuError('PEER_MISBEHAVED', `${nodeLabel(known)} ${why}`, { node: known.node });
}
