/**
 * The links of one node to all its peers, kept up for as long as the node runs, with the sessions that use
 * them and the control messages of the layer above.
 */
import { randomBytes } from 'node:crypto';
import { asWarifuError, type ErrorCode, WarifuError } from '../core/errors.js';
import { LatestIds } from '../core/latest-ids.js';
import type { NodeIndex } from '../core/scheme.js';
import { printControl } from './control-json.js';
import { EarlyFrames } from './early-frames.js';
import { encodeAbort, encodeControl } from './encode-frame.js';
import { isSessionId, type SessionFrame, type SessionId } from './frame.js';
import { type Hello, PROTOCOL_VERSION } from './hello.js';
import { DEFAULT_LIMITS, type TransportLimits } from './limits.js';
import type { LinkFrame } from './link.js';
import { PeerLinks } from './peer-links.js';
import { PeerListener } from './peer-listener.js';
import { type PinnedNode, Pins } from './pins.js';
import { Session, type SessionLinks } from './session.js';
import type { LinkShape } from './shape.js';
import { type PeerSockets, type TlsIdentity, TlsSockets } from './sockets.js';

export interface PeerAddress extends PinnedNode {
  readonly host: string;
  readonly port: number;
}

export interface MeshEvents {
  /** An error that it throws ends the link to that peer: a message that it cannot read. */
  readonly onControl?: (from: NodeIndex, message: unknown, bytes: number) => void;
  readonly onPeerUp?: (peer: NodeIndex) => void;
  readonly onPeerDown?: (peer: NodeIndex, error: WarifuError) => void;
  /** A connection that did not come to be: a failed dial, handshake or certificate; `peer` if it is known.
   * Repeated at every attempt. */
  readonly onFault?: (error: WarifuError, peer: NodeIndex | undefined) => void;
}

export interface MeshOptions extends MeshEvents {
  readonly self: NodeIndex;
  readonly listen: { readonly host: string; readonly port: number };
  readonly tls: TlsIdentity;
  readonly peers: readonly PeerAddress[];
  /** Fingerprint of the cluster file: 64 hexadecimal digits. */
  readonly cluster: string;
  readonly software: string;
  readonly limits?: Partial<TransportLimits>;
  /** Makes the links of this node as slow as those of a wide-area network. */
  readonly shape?: LinkShape;
  /** Other sockets than TLS with pinned certificates: only for a bench on loopback. */
  readonly sockets?: PeerSockets;
  /** Milliseconds since 1970; tests set it wrong. */
  readonly wallClock?: () => number;
  /** Tests pretend to be another version. */
  readonly protocolVersion?: number;
}

export interface PeerStatus {
  readonly node: NodeIndex;
  readonly up: boolean;
  readonly software: string | undefined;
  /** Why it is not up. */
  readonly error: WarifuError | undefined;
}

/** Ended sessions whose late frames are dropped without a word. */
const REMEMBERED_SESSIONS = 10_000;

export class PeerMesh {
  readonly #options: MeshOptions;
  readonly #limits: TransportLimits;
  readonly #bootId = randomBytes(16).toString('hex');
  readonly #listener: PeerListener;
  readonly #peers = new Map<NodeIndex, PeerLinks>();
  readonly #sessions = new Map<SessionId, Session>();
  readonly #ended = new LatestIds<true>(REMEMBERED_SESSIONS);
  readonly #early: EarlyFrames;
  readonly #upPeers = new Set<NodeIndex>();
  readonly #upWaiters = new Set<() => void>();
  #heart: NodeJS.Timeout | undefined;

  /** Errors: CONFIG_INVALID for certificates or a fingerprint that cannot be read. */
  constructor(options: MeshOptions) {
    if (!/^[0-9a-f]{64}$/.test(options.cluster)) {
      throw new WarifuError('CONFIG_INVALID', 'the cluster fingerprint is not 64 hexadecimal digits');
    }
    this.#options = options;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#early = new EarlyFrames(this.#limits);
    const sockets = options.sockets ?? new TlsSockets(options.tls, new Pins(options.peers));
    for (const address of options.peers) this.#peers.set(address.node, this.#peerLinks(address, sockets));
    this.#listener = new PeerListener({
      sockets,
      limits: this.#limits,
      onConnection: (peer, webSocket, socket) => this.#peers.get(peer)?.accept(webSocket, socket),
      onRefused: (error) => options.onFault?.(error, undefined),
    });
  }

  /** Listens and begins to dial. Resolves with the port. Errors: CONFIG_INVALID if it cannot listen. */
  async start(): Promise<number> {
    const { host, port } = this.#options.listen;
    const bound = await this.#listener.listen(host, port);
    for (const peer of this.#peers.values()) peer.start();
    this.#heart = setInterval(() => this.#beat(), this.#limits.heartbeatMs);
    return bound;
  }

  /** Fails all sessions with CANCELLED, here and at the peers, and closes all links. */
  async stop(): Promise<void> {
    clearInterval(this.#heart);
    const error = new WarifuError('CANCELLED', `node ${this.#options.self} is stopping`);
    for (const session of this.#sessions.values()) session.abort(error);
    // Links pump in a microtask; the aborts leave before the links close.
    await Promise.resolve();
    for (const peer of this.#peers.values()) peer.stop();
    await this.#listener.close();
  }

  status(): PeerStatus[] {
    return [...this.#peers.values()].map((links) => ({
      node: links.peer,
      up: links.isUp,
      software: links.incoming?.theirs?.software,
      error: links.lastError,
    }));
  }

  /** Resolves when all peers are up. Errors: that of a peer that is not after `ms` (else NODE_UNREACHABLE). */
  async whenUp(ms: number): Promise<void> {
    const until = performance.now() + ms;
    while (this.#upPeers.size < this.#peers.size) {
      if (performance.now() >= until) throw this.#firstDown();
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.max(1, until - performance.now()));
        this.#upWaiters.add(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  /**
   * Opens a session with some peers. All its nodes open it under the same id, within `earlyMs` of each other;
   * an id is used once.
   *
   * Errors: NODE_UNREACHABLE if a peer is not up, NODE_BUSY if too many sessions are open.
   */
  openSession(
    id: SessionId,
    options: { readonly peers: readonly NodeIndex[]; readonly perStep?: boolean },
  ): Session {
    if (!isSessionId(id)) throw new RangeError('a session id is 32 lower-case hexadecimal digits');
    if (this.#sessions.has(id)) throw new WarifuError('INTERNAL', `session ${id} is open already`);
    if (this.#ended.has(id)) throw new WarifuError('CANCELLED', `session ${id} has ended`);
    if (this.#sessions.size >= this.#limits.sessions) {
      throw new WarifuError(
        'NODE_BUSY',
        `${this.#limits.sessions} sessions are open already: try again later`,
      );
    }
    for (const peer of options.peers) this.#requireUp(peer);
    const session = new Session({
      ...options,
      id,
      self: this.#options.self,
      limits: this.#limits,
      links: this.#sessionLinks(),
      onEnded: () => this.#forget(id),
    });
    this.#sessions.set(id, session);
    for (const { from, frame } of this.#early.take(id)) this.#replay(session, from, frame);
    return session;
  }

  /**
   * Sends a JSON message to the layer above at a peer, in order with other such messages to it.
   *
   * Errors: NODE_UNREACHABLE if the peer is not up; MESSAGE_FORM if the message is too long.
   */
  sendControl(peer: NodeIndex, message: unknown): void {
    this.#requireUp(peer).outgoing?.sendControl(
      encodeControl(printControl(message, this.#limits.controlBytes)),
    );
  }

  #peerLinks({ node, host, port }: PeerAddress, sockets: PeerSockets): PeerLinks {
    return new PeerLinks({
      peer: node,
      host,
      port,
      sockets,
      limits: this.#limits,
      shape: this.#options.shape,
      hello: () => this.#hello(),
      onFrame: (peer, frame) => this.#frame(peer, frame),
      onHeartbeat: (peer, statuses) => {
        const bySession = new Map(statuses.map((status) => [status.session, status]));
        for (const [id, session] of this.#sessions) session.peerSays(peer, bySession.get(id));
      },
      onUp: (peer) => this.#up(peer),
      onLost: (peer, error) => this.#lost(peer, error),
      onFault: (peer, error) => this.#options.onFault?.(error, peer),
    });
  }

  #hello(): Hello {
    return {
      version: this.#options.protocolVersion ?? PROTOCOL_VERSION,
      cluster: this.#options.cluster,
      node: this.#options.self,
      wallClock: (this.#options.wallClock ?? Date.now)(),
      bootId: this.#bootId,
      software: this.#options.software,
    };
  }

  #sessionLinks(): SessionLinks {
    return {
      sendAsSender: (peer, frame) => this.#peers.get(peer)?.outgoing?.sendControl(frame),
      sendAsReceiver: (peer, frame) => this.#peers.get(peer)?.incoming?.sendControl(frame),
      wake: (peer, source) => this.#peers.get(peer)?.outgoing?.wake(source),
    };
  }

  #requireUp(peer: NodeIndex): PeerLinks {
    const links = this.#peers.get(peer);
    if (links === undefined) throw new RangeError(`node ${peer} is not a peer`);
    if (!links.isUp) throw unreachable(links);
    return links;
  }

  #firstDown(): WarifuError {
    const down = [...this.#peers.values()].find((links) => !links.isUp);
    if (down === undefined) return new WarifuError('NODE_UNREACHABLE', 'not all nodes are up');
    return down.lastError ?? unreachable(down);
  }

  #up(peer: NodeIndex): void {
    this.#upPeers.add(peer);
    this.#options.onPeerUp?.(peer);
    for (const wake of this.#upWaiters) wake();
    this.#upWaiters.clear();
  }

  #lost(peer: NodeIndex, error: WarifuError): void {
    this.#early.dropPeer(peer);
    for (const session of this.#sessions.values()) session.peerLost(peer, error);
    if (this.#upPeers.delete(peer)) this.#options.onPeerDown?.(peer, error);
  }

  #frame(from: NodeIndex, frame: LinkFrame): void {
    if (frame.kind === 'control') {
      this.#options.onControl?.(from, frame.message, frame.bytes);
      return;
    }
    if (this.#ended.has(frame.session)) return;
    const session = this.#sessions.get(frame.session);
    if (session !== undefined) session.handle(from, frame);
    else if (!this.#early.add(from, frame)) this.#refuse(frame.session, [from], 'NODE_BUSY', 'too much came');
  }

  #replay(session: Session, from: NodeIndex, frame: SessionFrame): void {
    try {
      session.handle(from, frame);
    } catch (thrown) {
      // The caller of openSession is not to blame; a frame against the rules ends the links it came from.
      this.#peers.get(from)?.fail(asWarifuError(thrown));
    }
  }

  #forget(id: SessionId): void {
    this.#sessions.delete(id);
    this.#ended.set(id, true);
  }

  #beat(): void {
    for (const session of this.#sessions.values()) session.beat();
    for (const links of this.#peers.values()) {
      const shared = [...this.#sessions.values()].filter((session) => session.peers.includes(links.peer));
      links.beat(shared.map((session) => session.status));
    }
    const seconds = this.#limits.earlyMs / 1000;
    for (const { session, peers } of this.#early.overdue()) {
      this.#refuse(session, peers, 'NO_PROGRESS', `the session was not opened within ${seconds} seconds`);
    }
  }

  /** Ends a session that this node never opened. */
  #refuse(id: SessionId, peers: readonly NodeIndex[], code: ErrorCode, why: string): void {
    this.#early.take(id);
    this.#forget(id);
    for (const peer of peers) {
      const frame = encodeAbort(id, code, `node ${this.#options.self}: ${why}`);
      this.#peers.get(peer)?.outgoing?.sendControl(frame);
    }
  }
}

function unreachable(links: PeerLinks): WarifuError {
  const why = links.lastError === undefined ? '' : `: ${links.lastError.message}`;
  return new WarifuError('NODE_UNREACHABLE', `node ${links.peer} is not connected${why}`, {
    node: links.peer,
  });
}
