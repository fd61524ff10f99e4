/** Limits of a client's connections; tests lower them. */
export interface ConnectionLimits {
  /** Milliseconds for connecting, TLS and the WebSocket upgrade together. */
  readonly connectMs: number;
  /** Milliseconds between pings. */
  readonly pingMs: number;
  /** Milliseconds in which no byte moved either way, after which a node counts as lost. */
  readonly silenceMs: number;
  /** Milliseconds that the other nodes have to say why, after one has failed. */
  readonly graceMs: number;
  /** Milliseconds that the other nodes have to answer, after one has: they finish together. */
  readonly answerMs: number;
  /** Upload frames that may wait for a node's acknowledgement. */
  readonly windowFrames: number;
}

export const CONNECTION_LIMITS: ConnectionLimits = {
  connectMs: 5000,
  pingMs: 2500,
  silenceMs: 10_000,
  graceMs: 3000,
  answerMs: 60_000,
  windowFrames: 4,
};
