/**
 * Whether a session moves: since when this node only waits and for whom, and what its peers say of themselves. A session
 * stands still if nobody moves on whom this node waits, be it through others; `standstill.ts` finds who is to blame.
 */
import { WarifuError } from '../core/errors.js';
import type { NodeIndex } from '../core/scheme.js';
import type { MessageKey } from './channel.js';
import { standsStill } from './errors.js';
import type { SessionStatus } from './frame.js';
import type { TransportLimits } from './limits.js';
import { findStandstill, SAID_NOTHING_YET, type Said, saidNow } from './standstill.js';

export interface ProgressOptions {
  readonly self: NodeIndex;
  readonly peers: readonly NodeIndex[];
  readonly limits: TransportLimits;
  /** Whether this node waits for a peer: for its messages, or for it to take those of this node. */
  readonly waitsFor: (peer: NodeIndex) => boolean;
  /** The message of a peer waited for longest, if any. */
  readonly awaitedFrom: (peer: NodeIndex) => MessageKey | undefined;
}

export class Progress {
  readonly #options: ProgressOptions;
  readonly #said: Map<NodeIndex, Said>;
  #lastMove = performance.now();
  #lastBeat = this.#lastMove;

  constructor(options: ProgressOptions) {
    this.#options = options;
    this.#said = new Map(options.peers.map((peer) => [peer, SAID_NOTHING_YET]));
  }

  /** Something came, left or was asked for. */
  moved(): void {
    this.#lastMove = performance.now();
  }

  /** Once per heartbeat. A node that was itself stopped for longer has not waited meanwhile, and blames nobody for it. */
  beat(): void {
    const now = performance.now();
    const { heartbeatMs } = this.#options.limits;
    const stoppedMs = now - this.#lastBeat - heartbeatMs;
    if (stoppedMs > heartbeatMs) this.#lastMove = Math.min(now, this.#lastMove + stoppedMs);
    this.#lastBeat = now;
  }

  /** A peer sends nothing more. */
  finished(peer: NodeIndex): void {
    this.#said.set(peer, { ...SAID_NOTHING_YET, state: 'finished' });
  }

  /** For whom this node waits, and for how long without any coming or going. */
  get status(): Pick<SessionStatus, 'idleMs' | 'waitsFor'> {
    const waitsFor = this.#options.peers.filter((peer) => this.#options.waitsFor(peer));
    return { idleMs: waitsFor.length > 0 ? performance.now() - this.#lastMove : 0, waitsFor };
  }

  /**
   * What a peer's heartbeat says of the session; undefined if it does not list it.
   *
   * Errors: FRAME_INVALID if it says that it waits for itself, or for a node that takes no part.
   */
  peerSays(from: NodeIndex, status: SessionStatus | undefined): void {
    for (const node of status?.waitsFor ?? []) this.#checkAwaited(node, from);
    const before = this.#said.get(from);
    if (before !== undefined) this.#said.set(from, saidNow(before, status, performance.now()));
  }

  /**
   * The error with which this node ends a session that stands still; undefined as long as something moves.
   *
   * @param isTold a peer has found so, up to two beats sooner than this node would.
   */
  standstill({ isTold = false } = {}): WarifuError | undefined {
    const { self, limits, awaitedFrom } = this.#options;
    const { idleMs, waitsFor } = this.status;
    const beatsMs = 2 * limits.heartbeatMs;
    const earlyMs = isTold ? beatsMs : 0;
    if (waitsFor.length === 0 || idleMs < limits.noProgressMs - earlyMs) return undefined;
    const found = findStandstill(
      { self, waitsFor, idleMs, said: this.#said, now: performance.now() },
      {
        // What a peer said is up to two beats old; it may also lie.
        stillMs: limits.noProgressMs - earlyMs - beatsMs,
        beatsMs,
        isOver: idleMs >= limits.longestWaitMs - earlyMs,
      },
    );
    return found === undefined ? undefined : standsStill(found, awaitedFrom(found.awaited), idleMs);
  }

  #checkAwaited(node: NodeIndex, by: NodeIndex): void {
    const { self, peers } = this.#options;
    if (node === by) throw new WarifuError('FRAME_INVALID', 'a session waits for the node that it is at');
    if (node === self || peers.includes(node)) return;
    throw new WarifuError('FRAME_INVALID', `a session waits for node ${node}, which takes no part in it`);
  }
}
