/**
 * What a session receives from one peer: puts messages together from their frames and matches them with the
 * receives of the program. Unclaimed bytes never exceed the window; a claimed message goes straight into the
 * buffer that its receiver gets.
 */
import { WarifuError } from '../core/errors.js';
import { release } from '../core/release.js';
import type { NodeIndex } from '../core/scheme.js';
import { uninitialised } from '../core/uninitialised.js';
import type { MessageKey } from './channel.js';
import { encodeCredit, encodeReady } from './encode-frame.js';
import { duplicateMessage, reusedKey, wrongLength } from './errors.js';
import { type DataFrame, digestKey, type KeyDigest, type SessionId } from './frame.js';
import type { TransportLimits } from './limits.js';
import { MESSAGE_OVERHEAD } from './outbox.js';

const NOTHING = new Uint8Array(0);
/** What the beginning of an unclaimed message gets; less than `MESSAGE_OVERHEAD`. */
const FIRST_EARLY_BYTES = 256;

interface Claim {
  readonly name: MessageKey;
  readonly length: number;
  readonly resolve: (bytes: Uint8Array) => void;
  readonly reject: (error: WarifuError) => void;
  readySent: boolean;
}

interface Incoming {
  total: number;
  clock: number;
  received: number;
  isComplete: boolean;
  /** What came before the claim: the first `received` bytes of this. */
  early: Uint8Array;
  /** Window bytes to give back at the claim. */
  charged: number;
  target: Uint8Array | undefined;
}

export interface InboxOptions {
  readonly session: SessionId;
  readonly peer: NodeIndex;
  readonly limits: TransportLimits;
  /** Sends a `ready` or `credit` frame to the peer. */
  readonly reply: (frame: Uint8Array) => void;
}

export class Inbox {
  readonly #options: InboxOptions;
  readonly #claims = new Map<KeyDigest, Claim>();
  readonly #incoming = new Map<KeyDigest, Incoming>();
  /** Messages that were handed over. */
  readonly #done = new Set<KeyDigest>();
  #unclaimed = 0;
  #toReturn = 0;
  #askAlways = false;
  #finished: WarifuError | undefined;

  constructor(options: InboxOptions) {
    this.#options = options;
  }

  /** The message waited for longest, if any. */
  get awaited(): MessageKey | undefined {
    return this.#claims.values().next().value?.name;
  }

  /** Waits for a message. Errors: STEP_REUSED, MESSAGE_LENGTH, and whatever ends the session. */
  claim(name: MessageKey, length: number): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const key = digestKey(name);
      if (this.#claims.has(key) || this.#done.has(key)) throw reusedKey('received', name);
      const claim: Claim = { name, length, resolve, reject, readySent: false };
      const incoming = this.#incoming.get(key);
      if (incoming !== undefined) this.#checkLength(claim, incoming.total);
      else if (this.#finished !== undefined) throw this.#finished;
      this.#claims.set(key, claim);
      if (incoming !== undefined) this.#adopt(key, incoming, claim);
      const mustAsk = this.#askAlways || length > this.#options.limits.eagerBytes;
      if (mustAsk && incoming?.isComplete !== true) this.#sendReady(key, claim);
    });
  }

  /**
   * Takes a frame.
   *
   * Errors: FRAME_INVALID for one that the rules of the window forbid, or whose message already came;
   * MESSAGE_LENGTH if the program expects another length.
   */
  data(frame: DataFrame): void {
    const claim = this.#claims.get(frame.key);
    const incoming = this.#incoming.get(frame.key) ?? this.#begin(frame, claim);
    if (incoming.isComplete) throw this.#duplicate(frame.key);
    const follows = frame.offset === incoming.received && frame.total === incoming.total;
    if (!follows || frame.clock !== incoming.clock)
      throw invalid('a frame does not follow the one before it');
    this.#charge(frame, incoming, claim);
    if (claim === undefined) {
      incoming.early = appended(incoming.early, incoming.received, frame.payload, incoming.total);
    } else {
      incoming.target ??= allocate(frame.total);
      incoming.target.set(frame.payload, frame.offset);
    }
    incoming.received += frame.payload.length;
    incoming.isComplete = incoming.received === incoming.total;
    if (claim !== undefined && incoming.isComplete) this.#handOver(frame.key, incoming, claim);
  }

  /** The peer has no window left: short messages, too, come only when they are asked for. */
  askAlways(): void {
    this.#askAlways = true;
    for (const [key, claim] of this.#claims) if (!claim.readySent) this.#sendReady(key, claim);
  }

  /** The peer sends nothing more: what has not come will not come. */
  finish(error: WarifuError): void {
    this.#finished = error;
  }

  fail(error: WarifuError): void {
    const claims = [...this.#claims.values()];
    this.#claims.clear();
    this.#incoming.clear();
    for (const claim of claims) claim.reject(error);
  }

  #begin(frame: DataFrame, claim: Claim | undefined): Incoming {
    if (this.#done.has(frame.key)) throw this.#duplicate(frame.key);
    if (claim !== undefined) this.#checkLength(claim, frame.total);
    const incoming: Incoming = {
      total: frame.total,
      clock: frame.clock,
      received: 0,
      isComplete: false,
      early: NOTHING,
      charged: 0,
      target: undefined,
    };
    this.#incoming.set(frame.key, incoming);
    return incoming;
  }

  #charge(frame: DataFrame, incoming: Incoming, claim: Claim | undefined): void {
    if (!frame.charged) {
      if (claim?.readySent !== true) throw invalid('more of a message came than was asked for');
      return;
    }
    const cost = frame.payload.length + (frame.offset === 0 ? MESSAGE_OVERHEAD : 0);
    if (claim !== undefined) {
      this.#giveBack(cost);
      return;
    }
    incoming.charged += cost;
    this.#unclaimed += cost;
    if (this.#unclaimed > this.#options.limits.windowBytes) throw invalid('more came than the window holds');
  }

  /** A message of which some has come is claimed now. */
  #adopt(key: KeyDigest, incoming: Incoming, claim: Claim): void {
    this.#unclaimed -= incoming.charged;
    this.#giveBack(incoming.charged);
    if (incoming.early.length === incoming.total) {
      incoming.target = incoming.early;
    } else {
      incoming.target = allocate(incoming.total);
      incoming.target.set(incoming.early.subarray(0, incoming.received));
      release([incoming.early]);
    }
    incoming.early = NOTHING;
    if (incoming.isComplete) this.#handOver(key, incoming, claim);
  }

  #handOver(key: KeyDigest, incoming: Incoming, claim: Claim): void {
    this.#claims.delete(key);
    this.#incoming.delete(key);
    this.#done.add(key);
    claim.resolve(incoming.target ?? new Uint8Array(0));
  }

  #sendReady(key: KeyDigest, claim: Claim): void {
    claim.readySent = true;
    this.#options.reply(encodeReady(this.#options.session, key, claim.length));
  }

  #giveBack(bytes: number): void {
    this.#toReturn += bytes;
    if (this.#toReturn < this.#options.limits.windowBytes / 4) return;
    this.#options.reply(encodeCredit(this.#options.session, this.#toReturn));
    this.#toReturn = 0;
  }

  #checkLength(claim: Claim, total: number): void {
    if (claim.length !== total) throw wrongLength(claim.name, this.#options.peer, claim.length, total);
  }

  #duplicate(key: KeyDigest): WarifuError {
    const name = this.#claims.get(key)?.name;
    if (name !== undefined) return duplicateMessage(name, this.#options.peer);
    return invalid(`a message came twice from node ${this.#options.peer}`);
  }
}

/** Every byte is overwritten before anyone sees it. */
function allocate(length: number): Uint8Array {
  return new Uint8Array(uninitialised(length));
}

/**
 * The first `used` bytes of a buffer and those after them. It grows to four times what it must hold, so that a peer which
 * sends byte by byte makes this node keep no more than four times what the window counts, and one that sends half a
 * megabyte in whole frames has it copied once.
 */
function appended(buffer: Uint8Array, used: number, bytes: Uint8Array, total: number): Uint8Array {
  const needed = used + bytes.length;
  let room = buffer;
  if (needed > buffer.length) {
    room = allocate(Math.min(total, Math.max(4 * needed, FIRST_EARLY_BYTES)));
    room.set(buffer.subarray(0, used));
    release([buffer]);
  }
  room.set(bytes, used);
  return room;
}

function invalid(message: string): WarifuError {
  return new WarifuError('FRAME_INVALID', message);
}
