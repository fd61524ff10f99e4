/**
 * One computation among some nodes, over the links of a mesh: its channel, its end, and its idleness.
 *
 * A session that fails here fails everywhere: its peers are told, and every wait of its program ends with the
 * same error. It holds no socket; the mesh gives it frames and carries its own.
 */
import { asWarifuError, WarifuError } from '../core/errors.js';
import { saidBy } from '../core/node-names.js';
import type { NodeIndex } from '../core/scheme.js';
import type { Channel, GrowingMessage, MessageKey } from './channel.js';
import { encodeAbort, encodeSessionMark } from './encode-frame.js';
import { finishedEarly } from './errors.js';
import { type AbortFrame, type SessionFrame, type SessionId, type SessionStatus } from './frame.js';
import { Inbox } from './inbox.js';
import type { TransportLimits } from './limits.js';
import type { FrameSource } from './link-writer.js';
import { TrafficMeter } from './meter.js';
import { Outbox } from './outbox.js';
import { Progress } from './progress.js';

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
}

export class Session {
  readonly id: SessionId;
  readonly meter: TrafficMeter;
  readonly #options: SessionOptions;
  readonly #peers = new Map<NodeIndex, PeerState>();
  readonly #ending = new AbortController();
  readonly #progress: Progress;
  #state: 'open' | 'closing' | 'ended' = 'open';
  #failure: WarifuError | undefined;

  constructor(options: SessionOptions) {
    this.id = options.id;
    this.#options = options;
    this.meter = new TrafficMeter(options.perStep ?? false);
    this.#progress = new Progress({
      ...options,
      waitsFor: (peer) => this.#waitsFor(peer),
      awaitedFrom: (peer) => this.#peers.get(peer)?.inbox.awaited,
    });
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
      begin: (to, key, bytes, clock, left) => this.#begin(to, key, bytes, clock, left),
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
    this.#progress.moved();
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
    if (frame.kind !== 'abort') this.#progress.moved();
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

  /** What a peer's heartbeat says of this session; undefined if it does not list it. Errors: FRAME_INVALID. */
  peerSays(from: NodeIndex, status: SessionStatus | undefined): void {
    if (this.#peers.has(from)) this.#progress.peerSays(from, status);
  }

  /** What this node's heartbeats say of it. */
  get status(): SessionStatus {
    return { session: this.id, ...this.#progress.status };
  }

  /** Once per heartbeat: ends a session in which nobody moves any more. */
  beat(): void {
    this.#progress.beat();
    const error = this.#progress.standstill();
    if (error !== undefined) this.abort(error);
  }

  #peerState(peer: NodeIndex): PeerState {
    const { id, limits, links } = this.#options;
    return {
      outbox: new Outbox({
        session: id,
        limits,
        wake: (source) => links.wake(peer, source),
        onLeaving: () => this.#progress.moved(),
        onFull: () => links.sendAsSender(peer, encodeSessionMark('full', id)),
      }),
      inbox: new Inbox({
        session: id,
        peer,
        limits,
        reply: (frame) => links.sendAsReceiver(peer, frame),
      }),
    };
  }

  /** For its messages, or for it to take those of this node. */
  #waitsFor(node: NodeIndex): boolean {
    const peer = this.#peers.get(node);
    if (peer === undefined) return false;
    const { inbox, outbox } = peer;
    return inbox.awaited !== undefined || outbox.isAwaited || (this.#state === 'closing' && !outbox.isEmpty);
  }

  /** A peer ends the session. That it stands still this node may see for itself, and then knows who is to blame. */
  #told(from: NodeIndex, { code, message }: AbortFrame): WarifuError {
    const own = code === 'NO_PROGRESS' ? this.#progress.standstill({ isTold: true }) : undefined;
    return own ?? new WarifuError(code, saidBy(`node ${from}`, message), { node: from, told_by: from });
  }

  async #send(to: NodeIndex, key: MessageKey, bytes: Uint8Array, clock: number): Promise<void> {
    await this.#begin(to, key, bytes, clock).advance(bytes.length);
  }

  #begin(
    to: NodeIndex,
    key: MessageKey,
    bytes: Uint8Array,
    clock: number,
    left?: () => void,
  ): GrowingMessage {
    const { outbox } = this.#usable(to);
    const { messageBytes } = this.#options.limits;
    if (bytes.length > messageBytes) {
      throw new RangeError(`message of ${bytes.length} bytes in ${key.step}; at most ${messageBytes}`);
    }
    const message = this.#orAbort(to, () => outbox.begin(key, bytes, clock, left));
    this.meter.sent(key.step, bytes.length, clock);
    return {
      advance: (end) => {
        this.#progress.moved();
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
    this.#progress.moved();
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
        this.#progress.finished(from);
        outbox.clear();
        inbox.finish(finishedEarly(from, undefined));
        if (inbox.awaited !== undefined) this.abort(finishedEarly(from, inbox.awaited));
        break;
      case 'abort':
        this.#end(this.#told(from, frame));
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
