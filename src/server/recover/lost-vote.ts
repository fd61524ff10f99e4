/**
 * What a node that has lost its disk says about uploads and drops that are undecided among the three others: what two of
 * them are for. Otherwise it is silent, as its answer would decide what it knows nothing of.
 *
 * One of four nodes that lies can leave a change at two for it and one against, which only its own word would decide
 * (jobs/decisions.ts). Once that node was replaced and recovers, this is its word. Where two honest nodes are
 * for one thing, no quorum was ever for the other: nobody is divided by it.
 */
import { LatestIds } from '../../core/latest-ids.js';
import type { NodeIndex } from '../../core/scheme.js';
import type { AttemptVotes, Votes } from '../identity/attempt-votes.js';
import type { ControlMessage } from '../jobs/control-message.js';
import type { JobMesh } from '../jobs/job-mesh.js';
import { isAgainst, isFor, type Told } from '../jobs/next-step.js';
import { tellPeers } from '../jobs/tell-peers.js';
import { RateLimit } from '../rate-limit.js';

export interface LostVoteOptions {
  readonly mesh: Pick<JobMesh, 'sendControl'>;
  readonly self: NodeIndex;
  /** The three others of four. */
  readonly peers: readonly NodeIndex[];
  readonly votes: Pick<AttemptVotes, 'sign'>;
}

/** Changes that are undecided at once: one of an honest cluster has a few. */
const MOST_ATTEMPTS = 1_000;
/** Questions of a peer that are passed on: others have limits too, and must not take this node for one who floods. */
const ASKS = { burst: 32, perSecond: 0.5 };

/** What the others have said of an attempt. */
interface Attempt {
  readonly told: Map<NodeIndex, Told>;
  /** Whether they were asked since this node last said something. */
  isAsked: boolean;
}

export class LostVote {
  readonly #options: LostVoteOptions;
  readonly #attempts = new LatestIds<Attempt>(MOST_ATTEMPTS);
  readonly #asks: ReadonlyMap<NodeIndex, RateLimit>;

  constructor(options: LostVoteOptions) {
    this.#options = options;
    this.#asks = new Map(options.peers.map((peer) => [peer, new RateLimit(ASKS.burst, ASKS.perSecond)]));
  }

  /** A node that asks about an attempt is asked itself, and so are the others; what they answer is heard. */
  handle(from: NodeIndex, message: Extract<ControlMessage, { attempt: string }>): void {
    const { attempt } = message;
    if (message.type === 'tell') this.#hear(from, attempt, message.outcome);
    else if (this.#asks.get(from)?.take() === true) {
      const known = this.#attempts.get(attempt) ?? { told: new Map<NodeIndex, Told>(), isAsked: true };
      known.isAsked = true;
      this.#attempts.set(attempt, known);
      this.#tell({ type: 'ask', attempt });
    }
  }

  #hear(from: NodeIndex, attempt: string, outcome: Told): void {
    const known = this.#attempts.get(attempt);
    if (known === undefined) return;
    known.told.set(from, outcome);
    if (!known.isAsked || known.told.size < this.#options.peers.length) return;
    const all = [...known.told.values()];
    if (all.filter(isFor).length > 1) {
      known.isAsked = false;
      this.#tell({ type: 'tell', attempt, outcome: 'committing', votes: this.#ownVote(attempt) });
    } else if (all.filter(isAgainst).length > 1) {
      known.isAsked = false;
      this.#tell({ type: 'tell', attempt, outcome: 'rolling-back', votes: [] });
    }
  }

  #ownVote(attempt: string): Votes {
    const { self, peers, votes } = this.#options;
    return Array.from({ length: peers.length + 1 }, (_, node) =>
      node === self ? votes.sign(attempt) : null,
    );
  }

  #tell(message: ControlMessage): void {
    tellPeers(this.#options.mesh, this.#options.peers, message);
  }
}
