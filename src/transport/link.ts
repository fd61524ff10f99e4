/**
 * One connection between two nodes, from the first hello to its end: handshake, heartbeats, and a writer that
 * gives control frames precedence and takes data frames from its sources in turn, as fast as the socket drains.
 */
import type { TLSSocket } from 'node:tls';
import type { RawData, WebSocket } from 'ws';
import { asWarifuError, WarifuError } from '../core/errors.js';
import type { NodeIndex } from '../core/scheme.js';
import {
  encodeHeartbeat,
  encodeHelloFrame,
  encodeReject,
  type Frame,
  FrameDecoder,
  type LinkRole,
  type SessionIdle,
} from './frame.js';
import { compareHello, encodeHello, type Hello } from './hello.js';
import type { TransportLimits } from './limits.js';

/** Something that has data frames to send; asked again and again until it has none. */
export interface FrameSource {
  nextFrame(): Uint8Array | undefined;
}

/** Frames after the handshake. */
export type LinkFrame = Exclude<Frame, { kind: 'hello' | 'reject' | 'heartbeat' }>;

export interface LinkOptions {
  readonly role: LinkRole;
  readonly peer: NodeIndex;
  readonly webSocket: WebSocket;
  readonly socket: TLSSocket;
  readonly limits: TransportLimits;
  readonly hello: Hello;
  readonly onOpen: (link: Link, theirs: Hello) => void;
  /** Throws a WarifuError for a frame that the peer must not send; the link then ends. */
  readonly onFrame: (link: Link, frame: LinkFrame) => void;
  readonly onIdle: (link: Link, idle: readonly SessionIdle[]) => void;
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
  readonly #control: Uint8Array[] = [];
  readonly #sources = new Set<FrameSource>();
  readonly #late: NodeJS.Timeout;
  #controlBytes = 0;
  #state: 'hello' | 'open' | 'closed' = 'hello';
  #theirs: Hello | undefined;
  #pumping = false;
  #bytesSeen = 0;
  #silentBeats = 0;

  constructor(options: LinkOptions) {
    this.role = options.role;
    this.peer = options.peer;
    this.#options = options;
    this.#decoder = new FrameDecoder(options.role, options.limits);
    const { webSocket, limits } = options;
    webSocket.on('message', (data, isBinary) => this.#message(data, isBinary));
    webSocket.on('close', () => this.#closed(this.#lost('the connection ended')));
    webSocket.on('error', (error) => this.#broken(error));
    this.#late = setTimeout(() => {
      this.fail(this.#unreachable(`sent no hello within ${limits.handshakeMs / 1000} seconds`));
    }, limits.handshakeMs);
    webSocket.send(encodeHelloFrame(encodeHello(options.hello)));
    // The dialler paused it, so that no frame is lost between its handshake and this listener.
    webSocket.resume();
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
    this.#controlBytes += frame.length;
    if (this.#controlBytes > this.#options.limits.controlQueueBytes) {
      this.fail(this.#lost('it takes no more control messages'));
      return;
    }
    this.#control.push(frame);
    this.#schedule();
  }

  /** Tells the writer that a source has frames. */
  wake(source: FrameSource): void {
    if (this.#state !== 'open') return;
    this.#sources.add(source);
    this.#schedule();
  }

  /** Once per heartbeat interval: says that this node lives, and ends a link that has been silent too long. */
  beat(idle: readonly SessionIdle[]): void {
    if (this.#state !== 'open') return;
    const { limits, socket } = this.#options;
    // Beats are counted, not milliseconds: a node that was itself stopped must not blame its peers.
    this.#silentBeats = socket.bytesRead === this.#bytesSeen ? this.#silentBeats + 1 : 0;
    this.#bytesSeen = socket.bytesRead;
    if (this.#silentBeats >= limits.silentBeats) {
      const seconds = Math.round((limits.silentBeats * limits.heartbeatMs) / 1000);
      this.fail(this.#lost(`it has been silent for ${seconds} seconds`));
      return;
    }
    this.sendControl(encodeHeartbeat(idle));
  }

  /** Ends the link at once. During the handshake the peer is told why. */
  fail(error: WarifuError): void {
    if (this.#state === 'closed') return;
    if (this.#state === 'hello' && error.code !== 'NODE_UNREACHABLE') this.#sayWhy(error);
    else this.#options.webSocket.terminate();
    this.#closed(error);
  }

  /** Ends the link in good order: what the socket has taken leaves, then the connection closes. */
  close(why: string): void {
    if (this.#state === 'closed') return;
    this.#options.webSocket.close(1001);
    this.#cutLater();
    this.#closed(this.#lost(why));
  }

  #message(data: RawData, isBinary: boolean): void {
    if (this.#state === 'closed') return;
    try {
      if (!isBinary || !Buffer.isBuffer(data)) throw new WarifuError('FRAME_INVALID', 'frame is not binary');
      this.#frame(this.#decoder.decode(data));
    } catch (thrown) {
      const error = asWarifuError(thrown);
      const message = `node ${this.peer}: ${error.message}`;
      this.fail(
        error.code === 'FRAME_INVALID'
          ? new WarifuError(error.code, message, { ...error.details, node: this.peer })
          : error,
      );
    }
  }

  #frame(frame: Frame): void {
    if (frame.kind === 'hello') {
      this.#greeted(frame.hello);
    } else if (frame.kind === 'reject') {
      this.#options.webSocket.terminate();
      this.#closed(new WarifuError(frame.code, frame.message, { node: this.peer }));
    } else if (frame.kind === 'heartbeat') {
      this.#options.onIdle(this, frame.idle);
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
    this.#options.webSocket.send(encodeReject(error.code, error.message));
    this.#options.webSocket.close(1008);
    this.#cutLater();
  }

  #cutLater(): void {
    const { webSocket } = this.#options;
    const cut = setTimeout(() => webSocket.terminate(), FAREWELL_MS);
    webSocket.once('close', () => clearTimeout(cut));
  }

  #broken(error: Error & { code?: string }): void {
    this.#options.webSocket.terminate();
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
    this.#control.length = 0;
    this.#sources.clear();
    this.#options.onClosed(this, error, opened);
  }

  #lost(why: string): WarifuError {
    const code = this.#state === 'open' ? 'NODE_LOST' : 'NODE_UNREACHABLE';
    return new WarifuError(code, `node ${this.peer} is lost: ${why}`, { node: this.peer });
  }

  #unreachable(why: string): WarifuError {
    return new WarifuError('NODE_UNREACHABLE', `node ${this.peer} ${why}`, { node: this.peer });
  }

  /** Frames queued in the same turn leave together. */
  #schedule(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    queueMicrotask(() => {
      this.#pumping = false;
      this.#pump();
    });
  }

  #pump(): void {
    const { webSocket, socket, limits } = this.#options;
    socket.cork();
    while (this.#state === 'open' && webSocket.bufferedAmount < limits.socketBytes) {
      const frame = this.#nextFrame();
      if (frame === undefined) break;
      webSocket.send(frame, (error) => {
        if (error === undefined || error === null) this.#schedule();
      });
    }
    socket.uncork();
  }

  #nextFrame(): Uint8Array | undefined {
    const control = this.#control.shift();
    if (control !== undefined) {
      this.#controlBytes -= control.length;
      return control;
    }
    for (const source of this.#sources) {
      // To the back of the queue: sources take turns frame by frame.
      this.#sources.delete(source);
      const frame = source.nextFrame();
      if (frame === undefined) continue;
      this.#sources.add(source);
      return frame;
    }
    return undefined;
  }
}
