/**
 * A client's connection to one node: one request at a time; between requests, upload frames with a window of
 * acknowledgements. Any fault ends the connection, and everything that waits on it fails with the same error.
 */
import type { TLSSocket } from 'node:tls';
import type { WebSocket } from 'ws';
import { asWarifuError, WarifuError } from '../core/errors.js';
import { requestDigest } from '../query/request-envelope.js';
import { type ReplyKey, ReplyOpener } from '../query/request-seal.js';
import { decodeReplyMessage, FROM_CLIENT, FROM_NODE, type ReplyMessage } from '../query/request-wire.js';
import type { ConnectionLimits } from './connection-limits.js';
import { type KnownNode, nodeLabel } from './node-address.js';
import { type DialOptions, dialNode } from './node-dial.js';
import {
  misbehaved,
  type Progress,
  readError,
  readProgress,
  readRefusal,
  readStored,
} from './node-messages.js';

const CLOSE_MS = 500;
const EMPTY = new Uint8Array();

/** Place of a frame among those of one upload to one node. */
export interface FramePlace {
  readonly part: number;
  readonly chunk: number;
}

interface PendingReply {
  readonly opener: ReplyOpener;
  readonly onProgress: (progress: Progress) => void;
  readonly resolve: (reply: ReplyMessage) => void;
  readonly reject: (error: WarifuError) => void;
}

interface Waiter {
  /** Most frames without acknowledgement with which the waiter may go on. */
  readonly atMost: number;
  readonly resolve: () => void;
  readonly reject: (error: WarifuError) => void;
}

export interface OpenOptions extends DialOptions {
  /** Fingerprint of the cluster, hex. */
  readonly cluster: string;
  readonly limits: ConnectionLimits;
}

export class NodeConnection {
  readonly known: KnownNode;
  readonly #cluster: string;
  readonly #limits: ConnectionLimits;
  readonly #webSocket: WebSocket;
  readonly #socket: TLSSocket;
  readonly #liveness: NodeJS.Timeout;
  readonly #unacknowledged = new Map<string, () => void>();
  #reply: PendingReply | undefined;
  #waiters: Waiter[] = [];
  #failure: WarifuError | undefined;

  /** Errors: those of `dialNode`. */
  static async open(options: OpenOptions): Promise<NodeConnection> {
    const { webSocket, socket } = await dialNode(options);
    return new NodeConnection(webSocket, socket, options);
  }

  private constructor(webSocket: WebSocket, socket: TLSSocket, options: OpenOptions) {
    this.known = options.known;
    this.#cluster = options.cluster;
    this.#limits = options.limits;
    this.#webSocket = webSocket;
    this.#socket = socket;
    webSocket.on('message', (data) => this.#receive(data as Buffer));
    webSocket.on('error', (error: Error & { code?: string }) =>
      this.fail(this.#lost(error.code ?? error.message)),
    );
    webSocket.on('close', (_code, reason) => this.fail(this.#lost(reason.toString() || 'it hung up')));
    this.#liveness = this.#watch();
    webSocket.resume();
  }

  get isAwaitingReply(): boolean {
    return this.#reply !== undefined;
  }

  /**
   * Sends a request and waits for the last message of its reply: a result, or an error that the node answers.
   *
   * @throws WarifuError NODE_LOST, NO_PROGRESS or PEER_MISBEHAVED naming the node; what `fail` was given.
   */
  request(
    envelope: Uint8Array,
    replyKey: ReplyKey,
    onProgress: (progress: Progress) => void = () => undefined,
  ): Promise<ReplyMessage> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure);
      if (this.#reply !== undefined) throw new TypeError('one request at a time on a connection');
      const context = {
        requestDigest: requestDigest(envelope),
        cluster: this.#cluster,
        node: this.known.node,
      };
      this.#reply = { opener: new ReplyOpener(replyKey, context), onProgress, resolve, reject };
      this.#send(FROM_CLIENT.request, envelope);
    });
  }

  /**
   * Sends an upload frame as soon as the window has room.
   *
   * @param onStored called when the node has acknowledged it.
   */
  async sendFrame(place: FramePlace, bytes: Uint8Array, onStored: () => void): Promise<void> {
    await this.#waitFor(this.#limits.windowFrames - 1);
    this.#unacknowledged.set(keyOf(place), onStored);
    this.#send(FROM_CLIENT.uploadFrame, bytes);
  }

  /** Resolves when every frame is acknowledged. */
  flush(): Promise<void> {
    return this.#waitFor(0);
  }

  /** Sends the manifest that the next commit names. */
  sendManifest(bytes: Uint8Array): void {
    if (this.#failure === undefined) this.#send(FROM_CLIENT.manifest, bytes);
  }

  /** Ends the connection; whatever waits on it fails with this error. Later calls change nothing. */
  fail(error: WarifuError): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    clearInterval(this.#liveness);
    this.#reply?.reject(error);
    this.#reply = undefined;
    for (const waiter of this.#waiters) waiter.reject(error);
    this.#waiters = [];
    this.#unacknowledged.clear();
    this.#webSocket.close();
    setTimeout(() => this.#webSocket.terminate(), CLOSE_MS).unref();
  }

  #receive(data: Uint8Array): void {
    if (this.#failure !== undefined) return;
    try {
      this.#handle(data[0], data.subarray(1));
    } catch (thrown) {
      const error = asWarifuError(thrown);
      this.fail(
        error.code === 'MESSAGE_FORM'
          ? misbehaved(this.known, `sent what cannot be read: ${error.message}`)
          : error,
      );
    }
  }

  #handle(type: number | undefined, body: Uint8Array): void {
    switch (type) {
      case FROM_NODE.sealed:
        return this.#handleSealed(body);
      case FROM_NODE.stored:
        return this.#handleStored(body);
      case FROM_NODE.refused:
        return this.#handleRefused(readRefusal(body));
      default:
        throw misbehaved(this.known, 'sent a message of an unknown type');
    }
  }

  #handleSealed(body: Uint8Array): void {
    const pending = this.#reply;
    if (pending === undefined) throw misbehaved(this.known, 'sent a reply to no request');
    const { bytes, last } = pending.opener.open(body);
    const message = decodeReplyMessage(bytes);
    if (last === (message.kind === 'progress')) {
      throw misbehaved(this.known, 'marked the wrong message as the last of its reply');
    }
    if (message.kind === 'progress') {
      pending.onProgress(readProgress(message.data));
      return;
    }
    this.#reply = undefined;
    pending.resolve(message);
  }

  #handleStored(body: Uint8Array): void {
    const key = keyOf(readStored(body));
    const onStored = this.#unacknowledged.get(key);
    if (onStored === undefined) throw misbehaved(this.known, 'acknowledged a frame that was not sent');
    this.#unacknowledged.delete(key);
    onStored();
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) this.#settle(waiter);
  }

  #handleRefused(error: WarifuError): void {
    const pending = this.#reply;
    if (pending === undefined) {
      const { code, message, details } = error;
      throw new WarifuError(code, `${nodeLabel(this.known)}: ${message}`, {
        ...details,
        node: this.known.node,
      });
    }
    this.#reply = undefined;
    pending.resolve({ kind: 'error', data: error.toJSON(), attachment: EMPTY });
  }

  #waitFor(atMost: number): Promise<void> {
    return new Promise((resolve, reject) => this.#settle({ atMost, resolve, reject }));
  }

  #settle(waiter: Waiter): void {
    if (this.#failure !== undefined) waiter.reject(this.#failure);
    else if (this.#unacknowledged.size <= waiter.atMost) waiter.resolve();
    else this.#waiters.push(waiter);
  }

  #send(type: number, body: Uint8Array): void {
    // Not cleared first: a frame of megabytes is overwritten whole.
    const message = Buffer.allocUnsafe(body.length + 1);
    message[0] = type;
    message.set(body, 1);
    this.#webSocket.send(message);
  }

  /** A node that takes or gives a byte is alive: a large frame may take a slow link longer than any limit. */
  #watch(): NodeJS.Timeout {
    const { pingMs, silenceMs } = this.#limits;
    let moved = '';
    let silentMs = 0;
    return setInterval(() => {
      const now = `${this.#socket.bytesRead} ${this.#webSocket.bufferedAmount}`;
      silentMs = now === moved ? silentMs + pingMs : 0;
      moved = now;
      if (silentMs >= silenceMs) {
        const why = `has been silent for ${silenceMs / 1000} seconds; try again`;
        this.fail(
          new WarifuError('NO_PROGRESS', `${nodeLabel(this.known)} ${why}`, { node: this.known.node }),
        );
        this.#webSocket.terminate();
      } else if (this.#webSocket.bufferedAmount === 0) this.#webSocket.ping();
    }, pingMs);
  }

  #lost(why: string): WarifuError {
    return new WarifuError('NODE_LOST', `${nodeLabel(this.known)} dropped out: ${why}; try again`, {
      node: this.known.node,
    });
  }
}

function keyOf({ part, chunk }: FramePlace): string {
  return `${part}/${chunk}`;
}

/** The error of a reply that is one. */
export function errorOf(reply: ReplyMessage): WarifuError | undefined {
  return reply.kind === 'error' ? readError(reply.data) : undefined;
}
