/**
 * The client port: TLS 1.3 with the node's pinned key, no client certificate; what shows who a client is are its
 * signed requests. Everything before the first of them is bounded in number, size and time.
 */
import { constants } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { DropArgument, Socket } from 'node:net';
import { WebSocketServer } from 'ws';
import { WarifuError } from '../../core/errors.js';
import { CLIENT_PATH, MAX_WIRE_MESSAGE } from '../../query/request-wire.js';
import { listen } from '../../transport/listen.js';
import { ClientConnection } from './client-connection.js';
import { CLIENT_PORT_LIMITS, type ClientPortLimits } from './limits.js';
import type { PortContext } from './port-context.js';
import { UserConnections } from './user-connections.js';

const MAX_HEADER_BYTES = 4096;
const UNKNOWN = 'an unknown address';

export interface ClientPortOptions extends Omit<PortContext, 'limits' | 'byUser'> {
  /** Private key and certificate of this node, PEM. */
  readonly tls: { readonly key: string; readonly cert: string };
  /** Instead of the usual limits. */
  readonly limits?: Partial<ClientPortLimits>;
}

export class ClientPort {
  readonly #context: PortContext;
  readonly #server: Server;
  readonly #webSockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MAX_WIRE_MESSAGE,
  });
  readonly #connections = new Set<ClientConnection>();
  readonly #sockets = new Set<Socket>();

  constructor({ tls, ...options }: ClientPortOptions) {
    const limits = { ...CLIENT_PORT_LIMITS, ...options.limits };
    this.#context = { ...options, limits, byUser: new UserConnections(limits.connectionsOfUser) };
    this.#server = createServer({
      key: tls.key,
      cert: tls.cert,
      minVersion: 'TLSv1.3',
      secureOptions: constants.SSL_OP_NO_TICKET,
      handshakeTimeout: limits.handshakeMs,
      headersTimeout: limits.handshakeMs,
      requestTimeout: limits.handshakeMs,
      connectionsCheckingInterval: Math.min(1000, limits.handshakeMs),
      maxHeaderSize: MAX_HEADER_BYTES,
    });
    this.#server.maxConnections = limits.connections;
    this.#listenToServer();
  }

  #listenToServer(): void {
    const server = this.#server;
    // Tickets that hold their own session are off, and of the others none is kept: nothing can be resumed.
    server.on('resumeSession', (_id, done) => done(null, null));
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    server.on('drop', (dropped?: DropArgument) => {
      const full = new WarifuError('NODE_BUSY', 'the client port holds as many connections as it may');
      this.#context.onRefused(full, dropped?.remoteAddress ?? UNKNOWN);
    });
    // Failed TLS handshakes come here too.
    server.on('clientError', (error: Error & { code?: string }, socket) => {
      this.#refuse('a connection to the client port failed before any request', error.code, socket as Socket);
      socket.destroy();
    });
    server.on('request', (request, response) => {
      this.#refuse('a client asked by HTTP, not by WebSocket', undefined, request.socket);
      response.writeHead(426, { connection: 'close' }).end();
    });
    server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) =>
      this.#upgrade(request, socket, head),
    );
  }

  /**
   * Starts to listen; resolves with the port.
   *
   * @param port 0 for any free one.
   * @throws WarifuError NODE_UNREACHABLE with the reason of the system.
   */
  listen(host: string, port: number): Promise<number> {
    return listen(this.#server, host, port);
  }

  /** Stops listening, ends all connections and aborts what was asked on them. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const connection of this.#connections) connection.close();
    // A moment for the farewells; after it, nobody is waited for.
    const late = setTimeout(() => this.#destroyAll(), this.#connections.size === 0 ? 0 : 200);
    await closed;
    clearTimeout(late);
  }

  #destroyAll(): void {
    this.#server.closeAllConnections();
    for (const socket of this.#sockets) socket.destroy();
  }

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const remoteAddress = socket.remoteAddress ?? UNKNOWN;
    socket.on('error', () => socket.destroy());
    if (request.url !== CLIENT_PATH) {
      this.#refuse('a client asked for a path that is not served', undefined, socket);
      socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
      socket.resume();
      setTimeout(() => socket.destroy(), this.#context.limits.handshakeMs).unref();
      return;
    }
    socket.setNoDelay(true);
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      const connection = new ClientConnection(webSocket, socket, this.#context, remoteAddress);
      this.#connections.add(connection);
      webSocket.on('close', () => this.#connections.delete(connection));
    });
  }

  #refuse(what: string, code: string | undefined, socket: Socket | undefined): void {
    const error =
      code === 'ECONNRESET' || code === 'EPIPE'
        ? new WarifuError('CANCELLED', 'a client went away before it had asked anything')
        : new WarifuError('FRAME_INVALID', code === undefined ? what : `${what}: ${code}`);
    this.#context.onRefused(error, socket?.remoteAddress ?? UNKNOWN);
  }
}
