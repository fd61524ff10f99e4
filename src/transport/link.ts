/**
 * One connection between two nodes, from the first hello to its end: handshake, heartbeats, and the frames that
 * arrive. What leaves is the writer's business (link-writer.ts).
 */
import type { Socket } from 'node:net';
import type { RawData, WebSocket } from 'ws';
import { asWarifuError, WarifuError } from '../core/errors.js';
import type { NodeIndex } from '../core/scheme.js';
import type { DialledStream } from './dialled-stream.js';
import { encodeHeartbeat, encodeHelloFrame, encodeReject } from './encode-frame.js';
import { type Frame, FrameDecoder, type LinkRole, maxPayload, type SessionStatus } from './frame.js';
import { FramePieces } from './frame-pieces.js';
import { compareHello, encodeHello, type Hello } from './hello.js';
import type { TransportLimits } from './limits.js';
import { type FrameSource, LinkWriter } from './link-writer.js';
import type { LinkShape } from './shape.js';
import { WebSocketReader } from './web-socket-reader.js';

/** Frames after the handshake. */
export type LinkFrame = Exclude<Frame, { kind: 'hello' | 'reject' | 'heartbeat' }>;

/** An upgraded connection. What a dialled one receives does not pass through its WebSocket. */
export type Connection =
  | { readonly role: 'accepting'; readonly webSocket: WebSocket; readonly socket: Socket }
  | {
      readonly role: 'dialling';
      readonly webSocket: WebSocket;
      readonly socket: Socket;
      readonly stream: DialledStream;
    };

export interface LinkOptions {
  readonly connection: Connection;
  readonly peer: NodeIndex;
  readonly limits: TransportLimits;
  readonly shape: LinkShape | undefined;
  readonly hello: Hello;
  readonly onOpen: (link: Link, theirs: Hello) => void;
  /** Throws a WarifuError for a frame that the peer must not send; the link then ends. */
  readonly onFrame: (link: Link, frame: LinkFrame) => void;
  /** Throws as `onFrame` does. */
  readonly onHeartbeat: (link: Link, sessions: readonly SessionStatus[]) => void;
  /** Exactly once; `opened` tells a lost link from a failed handshake. */
  readonly onClosed: (link: Link, error: WarifuError, opened: boolean) => void;
}

/** Time for a last frame to leave before the socket is cut. */
const FAREWELL_MS = 1000;

export class Link {
  readonly role: LinkRole;
  readonly peer: NodeIndex;
  readonly #options: LinkOptions;
  readonly #decoder: FrameDecoder;
  readonly #writer: LinkWriter;
  readonly #late: NodeJS.Timeout;
  #state: 'hello' | 'open' | 'closed' = 'hello';
  #theirs: Hello | undefined;
  #bytesSeen = 0;
  #silentBeats = 0;

  constructor(options: LinkOptions) {
    const { connection, limits } = options;
    const { webSocket } = connection;
    this.role = connection.role;
    this.peer = options.peer;
    this.#options = options;
    this.#writer = new LinkWriter(connection, limits, options.shape);
    this.#decoder = new FrameDecoder(connection.role, limits);
    webSocket.on('message', (data, isBinary) => this.#message(data, isBinary));
    webSocket.on('close', () => this.#closed(this.#lost('the connection ended')));
    webSocket.on('error', (error) => this.#broken(error));
    this.#late = setTimeout(() => {
      this.fail(this.#unreachable(`sent no hello within ${limits.handshakeMs / 1000} seconds`));
    }, limits.handshakeMs);
    webSocket.send(encodeHelloFrame(encodeHello(options.hello)));
  }

  /**
   * Begins to read. What came with the answer to the opening handshake, often the peer's hello, is read at once, so
   * whoever owns the link must know it by then.
   */
  begin(): void {
    const { connection } = this.#options;
    if (connection.role === 'dialling') this.#readPast(connection.stream);
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** The peer's hello, once the handshake is over. */
  get theirs(): Hello | undefined {
    return this.#theirs;
  }

  /** Queues a frame that goes before all data. Errors: NODE_LOST if the queue is full; the link then ends. */
  sendControl(frame: Uint8Array): void {
    if (this.#state !== 'open') return;
    if (!this.#writer.sendControl(frame)) this.fail(this.#lost('it takes no more control messages'));
  }

  /** Tells the writer that a source has frames. */
  wake(source: FrameSource): void {
    if (this.#state === 'open') this.#writer.wake(source);
  }

  /** Once per heartbeat interval: says that this node lives, and ends a link that has been silent too long. */
  beat(sessions: readonly SessionStatus[]): void {
    if (this.#state !== 'open') return;
    const { limits, connection } = this.#options;
    const { socket } = connection;
    // Beats are counted, not milliseconds: a node that was itself stopped must not blame its peers.
    this.#silentBeats = socket.bytesRead === this.#bytesSeen ? this.#silentBeats + 1 : 0;
    this.#bytesSeen = socket.bytesRead;
    if (this.#silentBeats >= limits.silentBeats) {
      const seconds = Math.round((limits.silentBeats * limits.heartbeatMs) / 1000);
      this.fail(this.#lost(`it has been silent for ${seconds} seconds`));
      return;
    }
    this.sendControl(encodeHeartbeat(sessions));
  }

  /** Ends the link at once. During the handshake the peer is told why. */
  fail(error: WarifuError): void {
    if (this.#state === 'closed') return;
    if (this.#state === 'hello' && error.code !== 'NODE_UNREACHABLE') this.#sayWhy(error);
    else this.#options.connection.webSocket.terminate();
    this.#closed(error);
  }

  /** Ends the link in good order: what the socket has taken leaves, then the connection closes. */
  close(why: string): void {
    if (this.#state === 'closed') return;
    this.#options.connection.webSocket.close(1001);
    this.#cutLater();
    this.#closed(this.#lost(why));
  }

  #message(data: RawData, isBinary: boolean): void {
    this.#guarded(() => {
      if (!isBinary || !Buffer.isBuffer(data)) throw new WarifuError('FRAME_INVALID', 'frame is not binary');
      this.#frame(this.#decoder.decode(data));
    });
  }

  /** Reads binary messages straight from the socket; the WebSocket gets whatever else arrives. */
  #readPast(stream: DialledStream): void {
    const pieces = new FramePieces(this.#decoder, (frame) => this.#frame(frame));
    const reader = new WebSocketReader(maxPayload(this.#options.limits), {
      onMessage: (length) => pieces.begin(length),
      onBytes: (bytes) => pieces.add(bytes),
      onOther: (bytes) => stream.passOn(bytes),
    });
    stream.readWith((bytes) => this.#guarded(() => reader.read(bytes)));
  }

  /** What goes wrong in reading ends the link. */
  #guarded(read: () => void): void {
    if (this.#state === 'closed') return;
    try {
      read();
    } catch (thrown) {
      const { code, message, details } = asWarifuError(thrown);
      const said = code === 'FRAME_INVALID' ? `node ${this.peer}: ${message}` : message;
      this.fail(new WarifuError(code, said, { ...details, node: this.peer }));
    }
  }

  #frame(frame: Frame): void {
    if (this.#state === 'closed') return;
    if (frame.kind === 'hello') {
      this.#greeted(frame.hello);
    } else if (frame.kind === 'reject') {
      this.#options.connection.webSocket.terminate();
      const said = `node ${this.peer}: ${frame.message}`;
      this.#closed(new WarifuError(frame.code, said, { node: this.peer, told_by: this.peer }));
    } else if (frame.kind === 'heartbeat') {
      this.#options.onHeartbeat(this, frame.sessions);
    } else {
      this.#options.onFrame(this, frame);
    }
  }

  #greeted(theirs: Hello): void {
    compareHello(this.#options.hello, theirs, this.peer, this.#options.limits.clockMs);
    clearTimeout(this.#late);
    this.#theirs = theirs;
    this.#state = 'open';
    this.#options.onOpen(this, theirs);
  }

  #sayWhy(error: WarifuError): void {
    this.#options.connection.webSocket.send(encodeReject(error.code, error.message));
    this.#options.connection.webSocket.close(1008);
    this.#cutLater();
  }

  #cutLater(): void {
    const { webSocket } = this.#options.connection;
    const cut = setTimeout(() => webSocket.terminate(), FAREWELL_MS);
    webSocket.once('close', () => clearTimeout(cut));
  }

  #broken(error: Error & { code?: string }): void {
    this.#options.connection.webSocket.terminate();
    const isFrame = error.code?.startsWith('WS_ERR') === true;
    const why = error.code ?? error.message;
    const message = `node ${this.peer} sent an invalid frame: ${why}`;
    this.#closed(isFrame ? new WarifuError('FRAME_INVALID', message, { node: this.peer }) : this.#lost(why));
  }

  #closed(error: WarifuError): void {
    if (this.#state === 'closed') return;
    const opened = this.#state === 'open';
    this.#state = 'closed';
    clearTimeout(this.#late);
    this.#writer.stop();
    this.#options.onClosed(this, error, opened);
  }

  #lost(why: string): WarifuError {
    const code = this.#state === 'open' ? 'NODE_LOST' : 'NODE_UNREACHABLE';
    return new WarifuError(code, `node ${this.peer} is lost: ${why}`, { node: this.peer });
  }

  #unreachable(why: string): WarifuError {
    return new WarifuError('NODE_UNREACHABLE', `node ${this.peer} ${why}`, { node: this.peer });
  }
}
