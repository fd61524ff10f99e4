/**
 * What a session sends to one peer.
 *
 * A message of up to `eagerBytes` leaves at once as long as the window has room, a longer one's beginning does;
 * the rest leaves when the peer is ready for it. A message that found no room waits for credit or for its own
 * `ready`, so that an unclaimed message can hold up only other unclaimed ones.
 */
import { WarifuError } from '../core/errors.js';
import type { GrowingMessage, MessageKey } from './channel.js';
import { encodeData } from './encode-frame.js';
import { checkGrowth, reusedKey } from './errors.js';
import { digestKey, type KeyDigest, type SessionId } from './frame.js';
import type { TransportLimits } from './limits.js';
import type { FrameSource, LeavingFrame } from './link-writer.js';

/** What an unclaimed message costs its receiver besides its bytes. */
export const MESSAGE_OVERHEAD = 512;

interface Outgoing {
  readonly key: KeyDigest;
  readonly clock: number;
  readonly bytes: Uint8Array;
  readonly left: (() => void) | undefined;
  /** Bytes that have left; undefined until the first frame has, which an empty message needs too. */
  sent: number | undefined;
  /** Bytes that are final; undefined until the program has given some. */
  final: number | undefined;
  /** Bytes that may leave so far; undefined until the message itself may. */
  allowed: number | undefined;
  /** How many of them count against the window; undefined if none, not even the message itself. */
  charged: number | undefined;
}

export interface OutboxOptions {
  readonly session: SessionId;
  readonly limits: TransportLimits;
  /** Called when there are frames to send. */
  readonly wake: (source: Outbox) => void;
  /** Called whenever a frame leaves. */
  readonly onLeaving: () => void;
  /** Called once, when the window is used up for the first time: the peer must then ask for every message. */
  readonly onFull: () => void;
}

export class Outbox implements FrameSource {
  readonly #options: OutboxOptions;
  readonly #limits: TransportLimits;
  #window: number;
  /** Messages whose receiver waits already, with the length it expects. */
  readonly #ready = new Map<KeyDigest, number>();
  /** Messages with bytes that may not leave yet. */
  readonly #held = new Map<KeyDigest, Outgoing>();
  /** Those of `#held` that wait for room in the window, oldest first. */
  readonly #roomless = new Set<Outgoing>();
  /** Messages with bytes that may leave now; they take turns. */
  readonly #active = new Set<Outgoing>();
  readonly #sent = new Set<KeyDigest>();
  readonly #waiters: (() => void)[] = [];
  /** Messages begun whose last byte has not left. */
  #unfinished = 0;
  #queuedBytes = 0;
  #isOpen = false;
  #saidFull = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#limits = options.limits;
    this.#window = options.limits.earlyWindowBytes;
  }

  /** True if every message has left this node's hands. */
  get isEmpty(): boolean {
    return this.#unfinished === 0;
  }

  /** True if somebody waits until more has left. */
  get isAwaited(): boolean {
    return this.#waiters.length > 0;
  }

  /**
   * Takes a message whose bytes become final by `advance`, which resolves when the queue is short enough for more.
   *
   * @param left called when its last bytes were written.
   *
   * Errors: STEP_REUSED; MESSAGE_LENGTH if the peer already waits for another length.
   */
  begin(name: MessageKey, bytes: Uint8Array, clock: number, left?: () => void): GrowingMessage {
    const key = digestKey(name);
    if (this.#sent.has(key)) throw reusedKey('sent', name);
    this.#sent.add(key);
    const message: Outgoing = {
      key,
      clock,
      bytes,
      left,
      sent: undefined,
      final: undefined,
      allowed: undefined,
      charged: undefined,
    };
    this.#unfinished++;
    const expected = this.#ready.get(key);
    if (expected === undefined) {
      this.#held.set(key, message);
      this.#allowEager(message);
    } else {
      this.#ready.delete(key);
      checkReady(expected, bytes.length);
      this.#allowAll(message);
    }
    return { advance: (end) => this.#advance(message, end) };
  }

  async #advance(message: Outgoing, end: number): Promise<void> {
    const { length } = message.bytes;
    checkGrowth(message.final, end, length);
    this.#queuedBytes += end - (message.final ?? 0);
    message.final = end;
    this.#activate(message);
    // A message that found an empty queue is accepted whatever its size.
    while (this.#queuedBytes > Math.max(this.#limits.sendBufferBytes, length)) await this.#change();
  }

  /** Resolves when everything has left, or was forgotten. */
  async drained(): Promise<void> {
    while (!this.isEmpty) await this.#change();
  }

  /** The peer has opened the session: the full window is ours. */
  opened(): void {
    if (this.#isOpen) throw new WarifuError('FRAME_INVALID', 'a session was opened twice');
    this.#isOpen = true;
    this.credit(this.#limits.windowBytes - this.#limits.earlyWindowBytes);
  }

  /** Errors: FRAME_INVALID if more comes back than the window holds. */
  credit(bytes: number): void {
    this.#window += bytes;
    if (this.#window > this.#limits.windowBytes) {
      throw new WarifuError('FRAME_INVALID', 'more credit than the window holds');
    }
    for (const message of this.#roomless) if (!this.#allowEager(message)) break;
  }

  /** Errors: MESSAGE_LENGTH if the peer expects another length; FRAME_INVALID if it asks for too many. */
  ready(key: KeyDigest, length: number): void {
    const message = this.#held.get(key);
    if (message !== undefined) {
      checkReady(length, message.bytes.length);
      this.#allowAll(message);
    } else if (!this.#sent.has(key)) {
      if (this.#ready.size >= this.#limits.readyAhead) {
        throw new WarifuError('FRAME_INVALID', 'asked for too many messages ahead');
      }
      this.#ready.set(key, length);
    }
  }

  nextFrame(): LeavingFrame | undefined {
    const message = this.#active.values().next().value;
    if (message === undefined) return undefined;
    this.#options.onLeaving();
    this.#active.delete(message);
    const { key, clock, bytes, charged: limit, sent: offset = 0 } = message;
    const charged = limit !== undefined && (offset < limit || bytes.length === 0);
    const upTo = Math.min(charged ? limit : (message.allowed ?? 0), message.final ?? 0);
    const end = Math.min(offset + this.#limits.frameBytes, upTo);
    message.sent = end;
    if (canLeave(message)) this.#active.add(message);
    if (end === bytes.length) this.#unfinished--;
    this.#left(end - offset);
    const [head, payload] = encodeData({
      session: this.#options.session,
      key,
      clock,
      total: bytes.length,
      offset,
      charged,
      payload: bytes.subarray(offset, end),
    });
    return [head, payload, end === bytes.length ? message.left : undefined];
  }

  /** Forgets everything: the session failed, or the peer wants nothing more. */
  clear(): void {
    this.#held.clear();
    this.#roomless.clear();
    this.#active.clear();
    this.#ready.clear();
    this.#unfinished = 0;
    this.#left(this.#queuedBytes);
  }

  /** Lets what the window has room for leave; false if there is no room at all. */
  #allowEager(message: Outgoing): boolean {
    const { length } = message.bytes;
    const wanted = Math.min(length, this.#limits.eagerBytes);
    if (this.#window < wanted + MESSAGE_OVERHEAD) {
      this.#roomless.add(message);
      this.#sayFull();
      return false;
    }
    this.#roomless.delete(message);
    this.#window -= wanted + MESSAGE_OVERHEAD;
    message.charged = wanted;
    message.allowed = wanted;
    if (wanted === length) this.#held.delete(message.key);
    this.#activate(message);
    return true;
  }

  #allowAll(message: Outgoing): void {
    this.#held.delete(message.key);
    this.#roomless.delete(message);
    message.allowed = message.bytes.length;
    this.#activate(message);
  }

  #activate(message: Outgoing): void {
    if (this.#active.has(message) || !canLeave(message)) return;
    this.#active.add(message);
    this.#options.wake(this);
  }

  /** Not before the peer has opened the session: until then the window is small, and soon grows by itself. */
  #sayFull(): void {
    if (!this.#isOpen || this.#saidFull) return;
    this.#saidFull = true;
    this.#options.onFull();
  }

  #left(bytes: number): void {
    this.#queuedBytes -= bytes;
    for (const resolve of this.#waiters.splice(0)) resolve();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiters.push(resolve));
  }
}

/** True if a frame can leave: final bytes that are allowed, or the one frame of an empty message. */
function canLeave({ bytes, sent, final, allowed }: Outgoing): boolean {
  if (final === undefined || allowed === undefined) return false;
  return bytes.length === 0 ? sent === undefined : (sent ?? 0) < Math.min(allowed, final);
}

function checkReady(expected: number, length: number): void {
  if (expected !== length) {
    throw new WarifuError(
      'MESSAGE_LENGTH',
      `a message of ${length} bytes was sent, but its receiver expects ${expected}`,
      { expected, got: length },
    );
  }
}
