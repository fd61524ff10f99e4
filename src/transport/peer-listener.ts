/**
 * The peer port: sockets (sockets.ts: TLS 1.3 with client certificates) whose owner is known before one byte of the
 * connection reaches a parser. Only then does the socket go to the HTTP upgrade and to the WebSocket library.
 */
import { createServer as createHttpServer } from 'node:http';
import type { Server, Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { asWarifuError, WarifuError } from '../core/errors.js';
import type { NodeIndex } from '../core/scheme.js';
import { maxPayload } from './frame.js';
import type { TransportLimits } from './limits.js';
import { listen } from './listen.js';
import type { PeerSockets } from './sockets.js';

export const PEER_PATH = '/warifu-peer';
/** Header of a refusal: error code and message, percent-encoded. */
export const REFUSAL_HEADER = 'warifu-refusal';

export interface PeerListenerOptions {
  readonly sockets: PeerSockets;
  readonly limits: TransportLimits;
  readonly onConnection: (peer: NodeIndex, webSocket: WebSocket, socket: Socket) => void;
  readonly onRefused: (error: WarifuError) => void;
}

interface Pending {
  /** Cuts a connection that takes too long to become a link. */
  readonly late: NodeJS.Timeout;
  /** Known once its certificate was checked. */
  peer: NodeIndex | undefined;
}

export class PeerListener {
  readonly #options: PeerListenerOptions;
  readonly #server: Server;
  readonly #http = createHttpServer({ maxHeaderSize: 4096 });
  readonly #webSockets: WebSocketServer;
  /** Connections that are not links yet. */
  readonly #pending = new Map<Socket, Pending>();

  constructor(options: PeerListenerOptions) {
    this.#options = options;
    const { limits, sockets } = options;
    this.#server = sockets.createServer(
      {
        onSocket: (socket) => this.#accept(socket),
        onFault: (error) => options.onRefused(tlsFault(error)),
      },
      limits.handshakeMs,
    );
    this.#server.maxConnections = limits.connections;
    this.#webSockets = new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      maxPayload: maxPayload(limits),
    });
    this.#http.on('request', (_request, response) => response.writeHead(426).end());
    this.#http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket as Socket, head));
  }

  /** Resolves with the port once it listens. Errors: NODE_UNREACHABLE with the reason of the system. */
  listen(host: string, port: number): Promise<number> {
    return listen(this.#server, host, port);
  }

  /** Stops listening and drops connections that are not yet links. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#pending.keys()) socket.destroy();
    this.#http.closeAllConnections();
    await closed;
  }

  #accept(socket: Socket): void {
    const late = setTimeout(() => socket.destroy(), this.#options.limits.handshakeMs);
    const pending: Pending = { late, peer: undefined };
    this.#pending.set(socket, pending);
    socket.on('close', () => this.#settle(socket));
    socket.on('error', () => socket.destroy());
    socket.setNoDelay(true);
    try {
      pending.peer = this.#options.sockets.identify(socket);
    } catch (thrown) {
      this.#refuse(socket, asWarifuError(thrown));
      return;
    }
    this.#http.emit('connection', socket);
  }

  #settle(socket: Socket): void {
    clearTimeout(this.#pending.get(socket)?.late);
    this.#pending.delete(socket);
  }

  /** Says why, without having read anything, and hangs up. */
  #refuse(socket: Socket, error: WarifuError): void {
    this.#options.onRefused(error);
    const reason = encodeURIComponent(`${error.code} ${error.message}`);
    socket.end(
      `HTTP/1.1 403 Forbidden\r\n${REFUSAL_HEADER}: ${reason}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`,
    );
    // Bytes of the refused client are thrown away unread, so that the farewell is not lost to a reset.
    socket.resume();
  }

  #upgrade(request: Parameters<WebSocketServer['handleUpgrade']>[0], socket: Socket, head: Buffer): void {
    const peer = this.#pending.get(socket)?.peer;
    if (peer === undefined || request.url !== PEER_PATH) {
      socket.destroy();
      return;
    }
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      this.#settle(socket);
      this.#options.onConnection(peer, webSocket, socket);
    });
  }
}

function tlsFault(error: Error & { code?: string }): WarifuError {
  const why = error.code ?? error.message;
  return new WarifuError('NODE_UNREACHABLE', `a TLS handshake on the peer port failed: ${why}`);
}
