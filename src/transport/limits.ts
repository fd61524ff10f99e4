/**
 * Every limit of the links between nodes, in one place. All are options: tests lower them, and operators of
 * slow links may raise them; both ends of a cluster use the same values for `eager` and the windows.
 */
export interface TransportLimits {
  /** Largest message of a program, in bytes. */
  readonly messageBytes: number;
  /** Largest payload of one data frame, in bytes. */
  readonly frameBytes: number;
  /** Bytes of a message that may travel before its receiver has asked for it. */
  readonly eagerBytes: number;
  /** Bytes per session and sender that may lie unclaimed at the receiver. */
  readonly windowBytes: number;
  /** The same before the receiver has opened the session. */
  readonly earlyWindowBytes: number;
  /** Bytes per peer that frames of sessions not yet opened here may hold in all. */
  readonly earlyBytes: number;
  /** Milliseconds that frames wait for their session to be opened here. */
  readonly earlyMs: number;
  /** Bytes per session and peer that wait to be sent before `send` makes its caller wait. */
  readonly sendBufferBytes: number;
  /** Messages per session and peer that a receiver may ask for before they are sent. */
  readonly readyAhead: number;
  /** Bytes handed to a socket and not yet taken by the kernel. */
  readonly socketBytes: number;
  /** Largest JSON control message, in bytes. */
  readonly controlBytes: number;
  /** Control bytes that wait for one link. */
  readonly controlQueueBytes: number;
  /** Deepest nesting of a JSON control message. */
  readonly controlDepth: number;
  /** Sessions open at once. */
  readonly sessions: number;
  /** Milliseconds from the TCP connection to the end of the handshake. */
  readonly handshakeMs: number;
  /** Largest difference of wall clocks, in milliseconds. */
  readonly clockMs: number;
  /** Milliseconds between heartbeats. */
  readonly heartbeatMs: number;
  /** Heartbeat intervals without a byte after which a link is dead. */
  readonly silentBeats: number;
  /** Milliseconds in which neither this node nor the awaited one moved a session, both waiting for messages. */
  readonly noProgressMs: number;
  /** Milliseconds after which a wait ends whatever the awaited node says of itself. */
  readonly longestWaitMs: number;
  /** First and longest pause between attempts to dial a peer, in milliseconds. */
  readonly redialMs: number;
  readonly redialMaxMs: number;
  /** Connections that the peer port holds at once, finished handshakes or not. */
  readonly connections: number;
}

const KIB = 1024;
const MIB = 1024 * KIB;

export const DEFAULT_LIMITS: TransportLimits = {
  messageBytes: 1024 * MIB,
  frameBytes: 128 * KIB,
  eagerBytes: MIB,
  windowBytes: 16 * MIB,
  earlyWindowBytes: 2 * MIB,
  earlyBytes: 32 * MIB,
  earlyMs: 10_000,
  sendBufferBytes: 256 * MIB,
  readyAhead: 65_536,
  socketBytes: MIB,
  controlBytes: 128 * KIB,
  controlQueueBytes: 16 * MIB,
  controlDepth: 64,
  sessions: 1024,
  handshakeMs: 5_000,
  clockMs: 5 * 60_000,
  heartbeatMs: 1_000,
  silentBeats: 5,
  noProgressMs: 60_000,
  longestWaitMs: 15 * 60_000,
  redialMs: 100,
  redialMaxMs: 2_000,
  connections: 64,
};
