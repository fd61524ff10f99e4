/**
 * Frames of sessions that this node has not opened yet: peers start at slightly different moments. Kept in the
 * order in which they came, within a budget per peer, for a short time.
 */
import type { NodeIndex } from '../core/scheme.js';
import type { SessionFrame, SessionId } from './frame.js';
import type { TransportLimits } from './limits.js';

/** What a kept frame costs besides its payload. */
const FRAME_OVERHEAD = 512;

interface Waiting {
  readonly since: number;
  readonly frames: { readonly from: NodeIndex; readonly frame: SessionFrame; readonly cost: number }[];
}

export class EarlyFrames {
  readonly #limits: TransportLimits;
  readonly #sessions = new Map<SessionId, Waiting>();
  readonly #used = new Map<NodeIndex, number>();

  constructor(limits: TransportLimits) {
    this.#limits = limits;
  }

  /** Keeps a frame; false if its peer's budget is used up. */
  add(from: NodeIndex, frame: SessionFrame): boolean {
    const cost = FRAME_OVERHEAD + (frame.kind === 'data' ? frame.payload.length : 0);
    const used = (this.#used.get(from) ?? 0) + cost;
    if (used > this.#limits.earlyBytes) return false;
    this.#used.set(from, used);
    let waiting = this.#sessions.get(frame.session);
    if (waiting === undefined) {
      waiting = { since: performance.now(), frames: [] };
      this.#sessions.set(frame.session, waiting);
    }
    waiting.frames.push({ from, frame: kept(frame), cost });
    return true;
  }

  /** The frames of a session, which are then forgotten. */
  take(session: SessionId): { readonly from: NodeIndex; readonly frame: SessionFrame }[] {
    const frames = this.#sessions.get(session)?.frames ?? [];
    this.#sessions.delete(session);
    for (const { from, cost } of frames) this.#used.set(from, (this.#used.get(from) ?? 0) - cost);
    return frames;
  }

  /** Forgets what a lost peer sent. */
  dropPeer(peer: NodeIndex): void {
    for (const [session, { since, frames }] of this.#sessions) {
      const others = frames.filter(({ from }) => from !== peer);
      if (others.length === 0) this.#sessions.delete(session);
      else this.#sessions.set(session, { since, frames: others });
    }
    this.#used.delete(peer);
  }

  /** Sessions whose frames have waited too long, with the peers that wait in them. */
  overdue(): { readonly session: SessionId; readonly peers: readonly NodeIndex[] }[] {
    const before = performance.now() - this.#limits.earlyMs;
    return [...this.#sessions]
      .filter(([, { since }]) => since < before)
      .map(([session, { frames }]) => ({ session, peers: [...new Set(frames.map(({ from }) => from))] }));
  }
}

/** The payload is a view of a socket's buffer and must be copied to outlive it. */
function kept(frame: SessionFrame): SessionFrame {
  return frame.kind === 'data' ? { ...frame, payload: new Uint8Array(frame.payload) } : frame;
}
