/**
 * The peer port: TLS 1.3 with client certificates, checked against the pins before one byte of the connection
 * reaches a parser. Only then does the socket go to the HTTP upgrade and to the WebSocket library.
 */
import { constants } from 'node:crypto';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createTlsServer, type Server, type TLSSocket } from 'node:tls';
import { type WebSocket, WebSocketServer } from 'ws';
import { asWarifuError, WarifuError } from '../core/errors.js';
import type { NodeIndex } from '../core/scheme.js';
import { DATA_HEADER_BYTES } from './frame.js';
import type { TransportLimits } from './limits.js';
import { listen } from './listen.js';
import { identifyPeer, type Pins } from './pins.js';

export const PEER_PATH = '/warifu-peer';
/** Header of a refusal: error code and message, percent-encoded. */
export const REFUSAL_HEADER = 'warifu-refusal';

export interface TlsIdentity {
  /** Private key and certificate of this node, PEM. */
  readonly key: string;
  readonly certificate: string;
}

export interface PeerListenerOptions {
  readonly tls: TlsIdentity;
  readonly pins: Pins;
  readonly limits: TransportLimits;
  readonly onConnection: (peer: NodeIndex, webSocket: WebSocket, socket: TLSSocket) => void;
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
  readonly #pending = new Map<TLSSocket, Pending>();

  constructor(options: PeerListenerOptions) {
    this.#options = options;
    const { limits, tls } = options;
    this.#server = createTlsServer({
      key: tls.key,
      cert: tls.certificate,
      minVersion: 'TLSv1.3',
      requestCert: true,
      // Not a lax setting: identifyPeer compares the pins before anything is read, and says why it refuses,
      // which TLS would not.
      rejectUnauthorized: false,
      secureOptions: constants.SSL_OP_NO_TICKET,
      handshakeTimeout: limits.handshakeMs,
    });
    // Tickets that hold their own session are off, and of the others none is kept: nothing can be resumed.
    this.#server.on('resumeSession', (_id, done) => done(null, null));
    this.#server.maxConnections = limits.connections;
    this.#webSockets = new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      maxPayload: maxPayload(limits),
    });
    this.#server.on('secureConnection', (socket) => this.#accept(socket));
    this.#server.on('tlsClientError', (error) => options.onRefused(tlsFault(error)));
    this.#http.on('request', (_request, response) => response.writeHead(426).end());
    this.#http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket as TLSSocket, head));
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

  #accept(socket: TLSSocket): void {
    const late = setTimeout(() => socket.destroy(), this.#options.limits.handshakeMs);
    const pending: Pending = { late, peer: undefined };
    this.#pending.set(socket, pending);
    socket.on('close', () => this.#settle(socket));
    socket.on('error', () => socket.destroy());
    socket.setNoDelay(true);
    try {
      pending.peer = identifyPeer(socket, this.#options.pins);
    } catch (thrown) {
      this.#refuse(socket, asWarifuError(thrown));
      return;
    }
    this.#http.emit('connection', socket);
  }

  #settle(socket: TLSSocket): void {
    clearTimeout(this.#pending.get(socket)?.late);
    this.#pending.delete(socket);
  }

  /** Says why, without having read anything, and hangs up. */
  #refuse(socket: TLSSocket, error: WarifuError): void {
    this.#options.onRefused(error);
    const reason = encodeURIComponent(`${error.code} ${error.message}`);
    socket.end(
      `HTTP/1.1 403 Forbidden\r\n${REFUSAL_HEADER}: ${reason}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`,
    );
    // Bytes of the refused client are thrown away unread, so that the farewell is not lost to a reset.
    socket.resume();
  }

  #upgrade(request: Parameters<WebSocketServer['handleUpgrade']>[0], socket: TLSSocket, head: Buffer): void {
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

/** Largest WebSocket message: a full data frame, a control message, or a full heartbeat. */
export function maxPayload(limits: TransportLimits): number {
  return Math.max(limits.frameBytes + DATA_HEADER_BYTES, limits.controlBytes + 4, 128 * 1024);
}

function tlsFault(error: Error & { code?: string }): WarifuError {
  const why = error.code ?? error.message;
  return new WarifuError('NODE_UNREACHABLE', `a TLS handshake on the peer port failed: ${why}`);
}
