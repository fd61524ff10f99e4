/** Sockets of a lying node: what its program writes is cut into frames again, and any of them may be replaced. */
import type { Server, Socket, TcpSocketConnectOpts } from 'node:net';
import type { NodeIndex } from '../../../src/core/scheme.js';
import type { LinkRole } from '../../../src/transport/frame.js';
import type { PeerSockets, ServerEvents } from '../../../src/transport/sockets.js';
import { binaryFrameHead } from '../../../src/transport/web-socket-reader.js';

/** A frame that is about to leave. */
export interface Leaving {
  readonly from: NodeIndex;
  readonly to: NodeIndex;
  readonly role: LinkRole;
  readonly bytes: Buffer;
  /** Sends a frame to the same node on the other connection. */
  readonly across: (frame: Uint8Array) => void;
}

/** What leaves instead of a frame; undefined: the frame. */
export type Bend = (leaving: Leaving) => readonly Uint8Array[] | undefined;

const BINARY = 0x82;
const MASKED = 0x80;
const END_OF_HEAD = '\r\n\r\n';

export class LyingSockets implements PeerSockets {
  readonly connected = 'secureConnect';
  bend: Bend = () => undefined;
  readonly #self: NodeIndex;
  readonly #inner: PeerSockets;
  readonly #owners = new WeakMap<Socket, NodeIndex>();
  /** The latest connection of each kind, with its own `write`. */
  readonly #open = new Map<string, { readonly socket: Socket; readonly send: (frame: Uint8Array) => void }>();

  constructor(self: NodeIndex, inner: PeerSockets) {
    this.#self = self;
    this.#inner = inner;
  }

  createServer({ onSocket, onFault }: ServerEvents, handshakeMs: number): Server {
    const accept = (socket: Socket): void => {
      this.#attach(socket, 'accepting');
      onSocket(socket);
    };
    return this.#inner.createServer({ onSocket: accept, onFault }, handshakeMs);
  }

  connect(to: TcpSocketConnectOpts): Socket {
    const socket = this.#inner.connect(to);
    this.#attach(socket, 'dialling');
    return socket;
  }

  identify(socket: Socket): NodeIndex {
    const node = this.#inner.identify(socket);
    this.#owners.set(socket, node);
    return node;
  }

  /** Breaks both connections to a node, which are then made anew. */
  cut(to: NodeIndex): void {
    for (const role of ['accepting', 'dialling']) this.#open.get(`${role} ${to}`)?.socket.destroy();
  }

  #attach(socket: Socket, role: LinkRole): void {
    const cutter = new FrameCutter();
    const write = socket.write.bind(socket) as (bytes: Uint8Array, done?: (error?: Error) => void) => boolean;
    const send = (frame: Uint8Array): void => {
      write(wrapped(frame, role));
    };
    socket.write = ((chunk: Uint8Array | string, first?: unknown, second?: unknown) => {
      const done = [first, second].find((one) => typeof one === 'function') as (() => void) | undefined;
      for (const { isFrame, bytes } of cutter.cut(Buffer.from(chunk as Uint8Array))) {
        const to = this.#owners.get(socket);
        if (!isFrame || to === undefined) {
          write(bytes);
          continue;
        }
        this.#open.set(`${role} ${to}`, { socket, send });
        for (const frame of this.#leaving(bytes, to, role)) send(frame);
      }
      return write(Buffer.alloc(0), done);
    }) as Socket['write'];
  }

  #leaving(bytes: Buffer, to: NodeIndex, role: LinkRole): readonly Uint8Array[] {
    const other = role === 'accepting' ? 'dialling' : 'accepting';
    const across = (frame: Uint8Array): void => this.#open.get(`${other} ${to}`)?.send(frame);
    return this.bend({ from: this.#self, to, role, bytes, across }) ?? [bytes];
  }
}

interface Piece {
  /** Whether it is a frame, without the head that WebSocket gave it; otherwise anything else, as it came. */
  readonly isFrame: boolean;
  readonly bytes: Buffer;
}

/** Cuts what one end of a WebSocket connection writes: first a head of HTTP, then frames. */
class FrameCutter {
  #buffered: Buffer = Buffer.alloc(0);
  #afterHead = false;

  cut(bytes: Buffer): Piece[] {
    this.#buffered = Buffer.concat([this.#buffered, bytes]);
    const pieces: Piece[] = [];
    for (let piece = this.#next(); piece !== undefined; piece = this.#next()) pieces.push(piece);
    return pieces;
  }

  #next(): Piece | undefined {
    if (this.#buffered.length === 0) return undefined;
    if (!this.#afterHead) {
      const end = this.#buffered.indexOf(END_OF_HEAD);
      this.#afterHead = end >= 0;
      return {
        isFrame: false,
        bytes: this.#take(end < 0 ? this.#buffered.length : end + END_OF_HEAD.length),
      };
    }
    const [kind = 0, second = 0] = this.#buffered;
    const short = second & ~MASKED;
    const headBytes = 2 + (short === 127 ? 8 : short === 126 ? 2 : 0) + ((second & MASKED) === 0 ? 0 : 4);
    if (this.#buffered.length < Math.max(2, headBytes)) return undefined;
    const length =
      short === 127
        ? Number(this.#buffered.readBigUInt64BE(2))
        : short === 126
          ? this.#buffered.readUInt16BE(2)
          : short;
    if (this.#buffered.length < headBytes + length) return undefined;
    const bytes = Buffer.from(this.#take(headBytes + length));
    if (kind !== BINARY) return { isFrame: false, bytes };
    const payload = bytes.subarray(headBytes);
    const mask = bytes.subarray(headBytes - 4, headBytes);
    if ((second & MASKED) !== 0) payload.forEach((byte, i) => (payload[i] = byte ^ (mask[i % 4] ?? 0)));
    return { isFrame: true, bytes: payload };
  }

  #take(length: number): Buffer {
    const taken = this.#buffered.subarray(0, length);
    this.#buffered = this.#buffered.subarray(length);
    return taken;
  }
}

/** As a WebSocket message; dialling ends mask, here with zeros. */
function wrapped(frame: Uint8Array, role: LinkRole): Uint8Array {
  const head = Buffer.from(binaryFrameHead(frame.length));
  if (role === 'accepting') return Buffer.concat([head, frame]);
  head[1] = (head[1] ?? 0) | MASKED;
  return Buffer.concat([head, Buffer.alloc(4), frame]);
}
