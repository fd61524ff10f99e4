import { MAX_REQUEST_BYTES } from '../../query/request-envelope.js';

/** Limits of the client port, in one place; tests lower them. */
export interface ClientPortLimits {
  /** Connections at once, finished handshakes or not; more are dropped. */
  readonly connections: number;
  /** Connections at once on which one user has asked something. */
  readonly connectionsOfUser: number;
  /** Bytes that may come before the first request that a user signed is read. */
  readonly strangerBytes: number;
  /** Milliseconds for each of: the TLS handshake, the HTTP upgrade, the first request that a user signed. */
  readonly handshakeMs: number;
  /** Milliseconds between pings. */
  readonly pingMs: number;
  /** Milliseconds without one byte from a client after which it counts as gone. */
  readonly silenceMs: number;
  /** Milliseconds that a connection may stay open without a request or an upload. */
  readonly idleMs: number;
  /** Messages that may wait for their turn before the socket is paused. */
  readonly queuedMessages: number;
  /** Requests that may be refused unopened before the connection is closed. */
  readonly refusals: number;
  /** Bytes of a reply not yet taken by the socket, above which progress messages are left out. */
  readonly progressBytes: number;
}

export const CLIENT_PORT_LIMITS: ClientPortLimits = {
  connections: 64,
  connectionsOfUser: 16,
  // The largest request, and its framing.
  strangerBytes: MAX_REQUEST_BYTES + (64 << 10),
  handshakeMs: 10_000,
  pingMs: 5_000,
  silenceMs: 30_000,
  idleMs: 60_000,
  queuedMessages: 3,
  refusals: 8,
  progressBytes: 1 << 20,
};
