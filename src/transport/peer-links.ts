/**
 * The two connections between this node and one peer, and the effort to keep them up: this node dials the one
 * on which it receives data, the peer dials the other.
 */
import { randomInt } from 'node:crypto';
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { asWarifuError, type WarifuError } from '../core/errors.js';
import type { NodeIndex } from '../core/scheme.js';
import type { LinkRole, SessionStatus } from './frame.js';
import type { Hello } from './hello.js';
import type { TransportLimits } from './limits.js';
import { type Connection, Link, type LinkFrame } from './link.js';
import { dial } from './peer-dialler.js';
import type { LinkShape } from './shape.js';
import type { PeerSockets } from './sockets.js';

export interface PeerLinksOptions {
  readonly peer: NodeIndex;
  readonly host: string;
  readonly port: number;
  readonly sockets: PeerSockets;
  readonly limits: TransportLimits;
  readonly shape: LinkShape | undefined;
  readonly hello: () => Hello;
  readonly onFrame: (peer: NodeIndex, frame: LinkFrame) => void;
  /** Throws as `onFrame` does. */
  readonly onHeartbeat: (peer: NodeIndex, sessions: readonly SessionStatus[]) => void;
  readonly onUp: (peer: NodeIndex) => void;
  /** Either connection was lost; called for every loss of an opened one. */
  readonly onLost: (peer: NodeIndex, error: WarifuError) => void;
  /** A connection could not be made. */
  readonly onFault: (peer: NodeIndex, error: WarifuError) => void;
}

export class PeerLinks {
  readonly #options: PeerLinksOptions;
  readonly #stopping = new AbortController();
  readonly #links = new Map<LinkRole, Link>();
  #attempts = 0;
  #lastError: WarifuError | undefined;
  #wakeDialler: (() => void) | undefined;

  constructor(options: PeerLinksOptions) {
    this.#options = options;
  }

  get peer(): NodeIndex {
    return this.#options.peer;
  }

  /** The connection on which this node sends data to the peer, if it is open. */
  get outgoing(): Link | undefined {
    return this.#open('accepting');
  }

  /** The connection on which this node receives data from the peer, if it is open. */
  get incoming(): Link | undefined {
    return this.#open('dialling');
  }

  /** Both connections are open, to the same run of the peer's process. */
  get isUp(): boolean {
    const boot = this.incoming?.theirs?.bootId;
    return boot !== undefined && boot === this.outgoing?.theirs?.bootId;
  }

  /** Why the peer is not up, as far as is known. */
  get lastError(): WarifuError | undefined {
    return this.isUp ? undefined : this.#lastError;
  }

  start(): void {
    void this.#keepDialled();
  }

  stop(): void {
    this.#stopping.abort();
    this.#wakeDialler?.();
    for (const link of this.#links.values()) link.close('this node is stopping');
  }

  /** The peer has dialled this node; a connection that it replaces is given up. */
  accept(webSocket: WebSocket, socket: Socket): void {
    void this.#run({ role: 'accepting', webSocket, socket });
  }

  /** The peer broke the rules: both connections end. */
  fail(error: WarifuError): void {
    for (const link of this.#links.values()) link.fail(error);
  }

  beat(sessions: readonly SessionStatus[]): void {
    this.#links.get('accepting')?.beat(sessions);
    this.#links.get('dialling')?.beat([]);
  }

  async #keepDialled(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await this.#run({ role: 'dialling', ...(await dial({ ...this.#options, signal })) });
      } catch (thrown) {
        if (!signal.aborted) this.#fault(asWarifuError(thrown));
      }
      if (!signal.aborted) await this.#pause();
    }
  }

  /** Runs a connection; resolves when it has ended. */
  #run(connection: Connection): Promise<void> {
    const { role, webSocket } = connection;
    return new Promise((resolve) => {
      if (this.#stopping.signal.aborted) {
        webSocket.terminate();
        resolve();
        return;
      }
      this.#links.get(role)?.close('it connected anew');
      const { peer, limits, shape, hello, onFrame, onHeartbeat } = this.#options;
      const link = new Link({
        connection,
        peer,
        limits,
        shape,
        hello: hello(),
        onOpen: () => this.#opened(),
        onFrame: (_link, frame) => onFrame(peer, frame),
        // Sessions are listed only by the side that sends their data.
        onHeartbeat: (_link, sessions) => {
          if (role === 'dialling') onHeartbeat(peer, sessions);
        },
        onClosed: (closed, error, opened) => {
          this.#closed(role, closed, error, opened);
          resolve();
        },
      });
      this.#links.set(role, link);
      link.begin();
    });
  }

  #opened(): void {
    // It is alive, and its hello was right: no need to wait before dialling it. A peer that this node refuses
    // must not end the pause: each side's refused dial would bring on the next one of the other.
    this.#wakeDialler?.();
    if (!this.isUp) return;
    this.#attempts = 0;
    this.#options.onUp(this.peer);
  }

  #closed(role: LinkRole, link: Link, error: WarifuError, opened: boolean): void {
    if (this.#links.get(role) === link) this.#links.delete(role);
    if (this.#stopping.signal.aborted) return;
    this.#lastError = error;
    if (opened) this.#options.onLost(this.peer, error);
    // A hello that this side accepted may still be refused by the other.
    if (!opened || error.code.startsWith('HANDSHAKE')) this.#fault(error);
  }

  #fault(error: WarifuError): void {
    this.#lastError = error;
    this.#options.onFault(this.peer, error);
  }

  #open(role: LinkRole): Link | undefined {
    const link = this.#links.get(role);
    return link?.isOpen === true ? link : undefined;
  }

  /** Longer after each failure, by a random share, so that restarted nodes do not dial in step. */
  #pause(): Promise<void> {
    const { redialMs, redialMaxMs } = this.#options.limits;
    const longest = Math.min(redialMaxMs, redialMs * 2 ** Math.min(this.#attempts++, 16));
    const ms = randomInt(Math.ceil(longest / 2), longest + 1);
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wakeDialler = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
