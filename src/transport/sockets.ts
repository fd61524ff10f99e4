/**
 * How sockets between nodes are made and identified. There is one way for nodes: TLS 1.3 with pinned certificates.
 * The interface exists so that a bench can measure, on loopback, what that costs; its other way is not in `src/`.
 */
import { constants } from 'node:crypto';
import type { Server, Socket, TcpSocketConnectOpts } from 'node:net';
import { connect, createServer, type TLSSocket } from 'node:tls';
import type { NodeIndex } from '../core/scheme.js';
import { identifyPeer, type Pins } from './pins.js';

export interface ServerEvents {
  /** A socket whose handshake is over; nothing has been read from it. */
  readonly onSocket: (socket: Socket) => void;
  /** A handshake that failed. */
  readonly onFault: (error: Error) => void;
}

export interface PeerSockets {
  /** The event of a dialled socket that says that its handshake is over. */
  readonly connected: 'connect' | 'secureConnect';
  /** A server that does not listen yet. */
  createServer(events: ServerEvents, handshakeMs: number): Server;
  /** Begins to dial. What arrives goes to `onread` from the first byte after the handshake. */
  connect(to: TcpSocketConnectOpts): Socket;
  /** Whose socket it is. Errors: HANDSHAKE_CERTIFICATE. */
  identify(socket: Socket): NodeIndex;
}

export interface TlsIdentity {
  /** Private key and certificate of this node, PEM. */
  readonly key: string;
  readonly certificate: string;
}

/** AES-128-GCM first: the fastest here (ANCHORS in docs/performance.md), at 128 bits of security like the rest. */
const CIPHERS = 'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256';

export class TlsSockets implements PeerSockets {
  readonly connected = 'secureConnect';
  readonly #identity: TlsIdentity;
  readonly #pins: Pins;

  constructor(identity: TlsIdentity, pins: Pins) {
    this.#identity = identity;
    this.#pins = pins;
  }

  createServer({ onSocket, onFault }: ServerEvents, handshakeMs: number): Server {
    const server = createServer({
      key: this.#identity.key,
      cert: this.#identity.certificate,
      minVersion: 'TLSv1.3',
      ciphers: CIPHERS,
      requestCert: true,
      // Not a lax setting: identifyPeer compares the pins before anything is read, and says why it refuses,
      // which TLS would not.
      rejectUnauthorized: false,
      secureOptions: constants.SSL_OP_NO_TICKET,
      handshakeTimeout: handshakeMs,
    });
    // Tickets that hold their own session are off, and of the others none is kept: nothing can be resumed.
    server.on('resumeSession', (_id, done) => done(null, null));
    server.on('secureConnection', onSocket);
    server.on('tlsClientError', onFault);
    return server;
  }

  connect(to: TcpSocketConnectOpts): Socket {
    return connect({
      ...to,
      key: this.#identity.key,
      cert: this.#identity.certificate,
      minVersion: 'TLSv1.3',
      ciphers: CIPHERS,
      // Not a lax setting: the dialler compares the pins before any byte is written.
      rejectUnauthorized: false,
    });
  }

  identify(socket: Socket): NodeIndex {
    return identifyPeer(socket as TLSSocket, this.#pins);
  }
}
