/**
 * Reads the binary frames of a WebSocket (RFC 6455, section 5.2) straight out of the bytes of its socket, without
 * putting a message together first. Everything else, also a fragmented message or a frame that breaks the rules, is
 * left as it came to a full implementation (`ws`), which answers it or fails the connection.
 */
import { WarifuError } from '../core/errors.js';

export interface ReaderEvents {
  /** A binary message of that many bytes begins. */
  readonly onMessage: (length: number) => void;
  /** Its next bytes: a view of the socket's buffer. */
  readonly onBytes: (bytes: Uint8Array) => void;
  /** Bytes of other frames, heads included. */
  readonly onOther: (bytes: Uint8Array) => void;
}

const FINAL_BINARY = 0x82;
const MASKED = 0x80;
const LENGTH_16 = 126;
const LENGTH_64 = 127;
const MASK_BYTES = 4;

/** The head of an unmasked, unfragmented binary frame, as the accepting side sends it. */
export function binaryFrameHead(length: number): Uint8Array {
  if (length < LENGTH_16) return Uint8Array.of(FINAL_BINARY, length);
  const short = length <= 0xffff;
  const head = Buffer.alloc(short ? 4 : 10);
  head[0] = FINAL_BINARY;
  head[1] = short ? LENGTH_16 : LENGTH_64;
  if (short) head.writeUInt16BE(length, 2);
  else head.writeBigUInt64BE(BigInt(length), 2);
  return head;
}

export class WebSocketReader {
  readonly #maxPayload: number;
  readonly #events: ReaderEvents;
  readonly #head = Buffer.alloc(10);
  #headBytes = 0;
  /** Bytes of the current frame that are still to come. */
  #remaining = 0;
  #isBinary = false;

  constructor(maxPayload: number, events: ReaderEvents) {
    this.#maxPayload = maxPayload;
    this.#events = events;
  }

  /** Errors: FRAME_INVALID for a frame over the limit, and whatever the events throw. */
  read(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#remaining === 0) {
        at = this.#readHead(bytes, at);
        continue;
      }
      const end = Math.min(bytes.length, at + this.#remaining);
      this.#remaining -= end - at;
      const piece = bytes.subarray(at, end);
      at = end;
      if (this.#isBinary) this.#events.onBytes(piece);
      else this.#events.onOther(piece);
    }
  }

  /** Takes bytes of a frame's head; begins the frame once it is complete. */
  #readHead(bytes: Uint8Array, start: number): number {
    let at = start;
    while (at < bytes.length && this.#headBytes < headLength(this.#head, this.#headBytes)) {
      this.#head[this.#headBytes++] = bytes[at++]!;
    }
    if (this.#headBytes === headLength(this.#head, this.#headBytes)) this.#begin();
    return at;
  }

  #begin(): void {
    const head = this.#head.subarray(0, this.#headBytes);
    this.#headBytes = 0;
    const length = payloadLength(head);
    if (length > this.#maxPayload) {
      throw new WarifuError('FRAME_INVALID', `a frame of ${length} bytes is over ${this.#maxPayload}`);
    }
    const isMasked = (head[1]! & MASKED) !== 0;
    this.#isBinary = head[0] === FINAL_BINARY && !isMasked;
    this.#remaining = length + (isMasked ? MASK_BYTES : 0);
    if (this.#isBinary) this.#events.onMessage(length);
    else this.#events.onOther(head);
  }
}

function headLength(head: Buffer, known: number): number {
  if (known < 2) return 2;
  const short = head[1]! & ~MASKED;
  return short === LENGTH_64 ? 10 : short === LENGTH_16 ? 4 : 2;
}

function payloadLength(head: Buffer): number {
  const short = head[1]! & ~MASKED;
  if (short === LENGTH_64) return Number(head.readBigUInt64BE(2));
  return short === LENGTH_16 ? head.readUInt16BE(2) : short;
}
