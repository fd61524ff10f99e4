/**
 * One computation among some nodes, over the links of a mesh: its channel, its end, and its idleness.
 *
 * A session that fails here fails everywhere: its peers are told, and every wait of its program ends with the
 * same error. It holds no socket; the mesh gives it frames and carries its own.
 */
import { asWarifuError, WarifuError } from '../core/errors.js';
import type { NodeIndex } from '../core/scheme.js';
import type { Channel, GrowingMessage, MessageKey } from './channel.js';
import { noProgress } from './errors.js';
import { encodeAbort, encodeSessionMark, type SessionFrame, type SessionId } from './frame.js';
import { Inbox } from './inbox.js';
import type { TransportLimits } from './limits.js';
import type { FrameSource } from './link-writer.js';
import { TrafficMeter } from './meter.js';
import { Outbox } from './outbox.js';

/** How a session reaches its peers. */
export interface SessionLinks {
  /** On the connection on which this node sends data. */
  sendAsSender(peer: NodeIndex, frame: Uint8Array): void;
  /** On the connection on which this node receives data. */
  sendAsReceiver(peer: NodeIndex, frame: Uint8Array): void;
  wake(peer: NodeIndex, source: FrameSource): void;
}

export interface SessionOptions {
  readonly id: SessionId;
  readonly self: NodeIndex;
  readonly peers: readonly NodeIndex[];
  readonly limits: TransportLimits;
  readonly links: SessionLinks;
  /** Called once, when the session has failed or is closed. */
  readonly onEnded: (session: Session) => void;
  /** Keep totals by step. Default false. */
  readonly perStep?: boolean;
}

interface PeerState {
  readonly outbox: Outbox;
  readonly inbox: Inbox;
  /** Milliseconds for which the peer said the session stood still there; undefined if it did not list it. */
  idleMs: number | undefined;
}

export class Session {
  readonly id: SessionId;
  readonly meter: TrafficMeter;
  readonly #options: SessionOptions;
  readonly #peers = new Map<NodeIndex, PeerState>();
  readonly #ending = new AbortController();
  #state: 'open' | 'closing' | 'ended' = 'open';
  #failure: WarifuError | undefined;
  #lastActivity = performance.now();

  constructor(options: SessionOptions) {
    this.id = options.id;
    this.#options = options;
    this.meter = new TrafficMeter(options.perStep ?? false);
    for (const peer of options.peers) this.#peers.set(peer, this.#peerState(peer));
    for (const peer of options.peers) {
      options.links.sendAsReceiver(peer, encodeSessionMark('open', options.id));
    }
  }

  get peers(): readonly NodeIndex[] {
    return this.#options.peers;
  }

  /** Aborted, with the error as its reason, when the session fails. */
  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  /** The error with which the session failed. */
  get failure(): WarifuError | undefined {
    return this.#failure;
  }

  /**
   * What protocols see. `send` waits only while more than `sendBufferBytes` to that peer have not left yet:
   * a program that sends more than that must receive at the same time.
   */
  channel(): Channel & { readonly meter: TrafficMeter } {
    return {
      self: this.#options.self,
      meter: this.meter,
      send: (to, key, bytes, clock) => this.#send(to, key, bytes, clock),
      begin: (to, key, bytes, clock) => this.#begin(to, key, bytes, clock),
      receive: (from, key, length) => this.#receive(from, key, length),
    };
  }

  /** Ends the session with an error, here and at all peers. Does nothing once it has ended. */
  abort(error: WarifuError): void {
    if (this.#state === 'ended') return;
    const frame = encodeAbort(this.id, error.code, error.message);
    for (const peer of this.peers) this.#options.links.sendAsSender(peer, frame);
    this.#end(error);
  }

  /**
   * Ends the session in good order: resolves when all that was sent has left. Receives that still wait fail
   * with CANCELLED; frames that still come are dropped.
   *
   * Errors: the session's, if it fails before.
   */
  async close(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#state !== 'open') return;
    this.#state = 'closing';
    this.#lastActivity = performance.now();
    for (const { outbox } of this.#peers.values()) await outbox.drained();
    // A failure in the meantime empties the outboxes too.
    const failure = this.failure;
    if (failure !== undefined) throw failure;
    const frame = encodeSessionMark('finish', this.id);
    for (const peer of this.peers) this.#options.links.sendAsSender(peer, frame);
    this.#end(undefined);
  }

  /**
   * A frame from a peer of this session.
   *
   * Errors: FRAME_INVALID, for which the mesh ends the link; a length that does not fit ends only the session.
   */
  handle(from: NodeIndex, frame: SessionFrame): void {
    const peer = this.#peers.get(from);
    if (peer === undefined) throw new WarifuError('FRAME_INVALID', 'frame for a session of other nodes');
    if (this.#state === 'ended') return;
    this.#lastActivity = performance.now();
    try {
      this.#handle(from, peer, frame);
    } catch (thrown) {
      const error = sentBy(from, asWarifuError(thrown));
      this.abort(error);
      if (error.code === 'FRAME_INVALID') throw error;
    }
  }

  /** A peer is lost. */
  peerLost(peer: NodeIndex, error: WarifuError): void {
    if (this.#peers.has(peer)) this.abort(error);
  }

  /** What a peer's heartbeat says of this session. */
  peerIdle(from: NodeIndex, idleMs: number | undefined): void {
    const peer = this.#peers.get(from);
    if (peer !== undefined) peer.idleMs = idleMs;
  }

  /** Milliseconds for which this node has waited for a message without any coming or going; 0 if it computes. */
  get idleMs(): number {
    const waits = [...this.#peers.values()].some((peer) => this.#waitsFor(peer));
    return waits ? performance.now() - this.#lastActivity : 0;
  }

  /** Once per heartbeat: ends a session in which nobody moves any more. */
  beat(): void {
    const { limits } = this.#options;
    const { idleMs } = this;
    if (idleMs < limits.noProgressMs) return;
    // What the peer said is up to two beats old; it may also lie.
    const enough = idleMs >= limits.longestWaitMs ? 0 : limits.noProgressMs - 2 * limits.heartbeatMs;
    for (const [node, peer] of this.#peers) {
      if (this.#waitsFor(peer) && (peer.idleMs ?? Infinity) >= enough) {
        this.abort(standstill(node, peer.inbox.awaited, idleMs));
        return;
      }
    }
  }

  #peerState(peer: NodeIndex): PeerState {
    const { id, limits, links } = this.#options;
    return {
      outbox: new Outbox({
        session: id,
        limits,
        wake: (source) => links.wake(peer, source),
        onFull: () => links.sendAsSender(peer, encodeSessionMark('full', id)),
      }),
      inbox: new Inbox({
        session: id,
        peer,
        limits,
        reply: (frame) => links.sendAsReceiver(peer, frame),
      }),
      idleMs: 0,
    };
  }

  #waitsFor({ inbox, outbox }: PeerState): boolean {
    return inbox.awaited !== undefined || (this.#state === 'closing' && !outbox.isEmpty);
  }

  async #send(to: NodeIndex, key: MessageKey, bytes: Uint8Array, clock: number): Promise<void> {
    await this.#begin(to, key, bytes, clock).advance(bytes.length);
  }

  #begin(to: NodeIndex, key: MessageKey, bytes: Uint8Array, clock: number): GrowingMessage {
    const { outbox } = this.#usable(to);
    const { messageBytes } = this.#options.limits;
    if (bytes.length > messageBytes) {
      throw new RangeError(`message of ${bytes.length} bytes in ${key.step}; at most ${messageBytes}`);
    }
    const message = this.#orAbort(to, () => outbox.begin(key, bytes, clock));
    this.meter.sent(key.step, bytes.length, clock);
    return {
      advance: (end) => {
        this.#lastActivity = performance.now();
        return this.#orFail(message.advance(end));
      },
    };
  }

  async #receive(from: NodeIndex, key: MessageKey, length: number): Promise<Uint8Array> {
    const peer = this.#usable(from);
    const { messageBytes } = this.#options.limits;
    if (!Number.isInteger(length) || length < 0 || length > messageBytes) {
      throw new RangeError(`receive of ${length} bytes in ${key.step}; at most ${messageBytes}`);
    }
    this.#lastActivity = performance.now();
    return this.#orFail(peer.inbox.claim(key, length));
  }

  #usable(node: NodeIndex): PeerState {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#state !== 'open') throw new WarifuError('CANCELLED', 'the session is closed');
    const peer = this.#peers.get(node);
    if (peer === undefined) throw new RangeError(`node ${node} takes no part in this session`);
    return peer;
  }

  #orAbort<T>(to: NodeIndex, work: () => T): T {
    try {
      return work();
    } catch (thrown) {
      const error = asWarifuError(thrown);
      // The peer has asked for another length before.
      this.abort(error.code === 'MESSAGE_LENGTH' ? sentBy(to, error) : error);
      throw this.#failure ?? thrown;
    }
  }

  /** What goes wrong with one message ends the session, so that the peers do not wait for this node. */
  async #orFail<T>(work: Promise<T>): Promise<T> {
    try {
      const result = await work;
      if (this.#failure === undefined) return result;
    } catch (thrown) {
      this.abort(asWarifuError(thrown));
    }
    throw this.#failure ?? new WarifuError('CANCELLED', 'the session is closed');
  }

  #handle(from: NodeIndex, { inbox, outbox }: PeerState, frame: SessionFrame): void {
    switch (frame.kind) {
      case 'data':
        inbox.data(frame);
        break;
      case 'ready':
        outbox.ready(frame.key, frame.length);
        break;
      case 'credit':
        outbox.credit(frame.bytes);
        break;
      case 'open':
        outbox.opened();
        break;
      case 'full':
        inbox.askAlways();
        break;
      case 'finish':
        outbox.clear();
        inbox.finish(finishedEarly(from, undefined));
        if (inbox.awaited !== undefined) this.abort(finishedEarly(from, inbox.awaited));
        break;
      case 'abort':
        this.#end(
          new WarifuError(frame.code, `node ${from}: ${frame.message}`, { node: from, told_by: from }),
        );
        break;
    }
  }

  #end(failure: WarifuError | undefined): void {
    this.#state = 'ended';
    this.#failure = failure;
    const waiting = failure ?? new WarifuError('CANCELLED', 'the session was closed');
    for (const { inbox, outbox } of this.#peers.values()) {
      outbox.clear();
      inbox.fail(waiting);
    }
    if (failure !== undefined) this.#ending.abort(failure);
    this.#options.onEnded(this);
  }
}

function sentBy(node: NodeIndex, { code, message, details }: WarifuError): WarifuError {
  return new WarifuError(code, message, { ...details, node });
}

function finishedEarly(node: NodeIndex, awaited: MessageKey | undefined): WarifuError {
  const what =
    awaited === undefined ? 'what this node waits for' : `message '${awaited.tag}' of step ${awaited.step}`;
  return new WarifuError('NO_PROGRESS', `node ${node} finished without sending ${what}`, {
    node,
    ...awaited,
  });
}

function standstill(node: NodeIndex, awaited: MessageKey | undefined, ms: number): WarifuError {
  const what = `nothing has moved for ${Math.round(ms / 1000)} seconds`;
  if (awaited !== undefined) return noProgress(what, awaited, node);
  return new WarifuError('NO_PROGRESS', `${what} while handing the last messages to node ${node}`, { node });
}
