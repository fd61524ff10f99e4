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

export interface LostVoteOptions {
  readonly mesh: Pick<JobMesh, 'sendControl'>;
  readonly self: NodeIndex;
  /** The three others of four. */
  readonly peers: readonly NodeIndex[];
  readonly votes: Pick<AttemptVotes, 'sign'>;
}

/** Changes that are undecided at once: one of an honest cluster has a few. */
const MOST_ATTEMPTS = 1_000;

export class LostVote {
  readonly #options: LostVoteOptions;
  readonly #told = new LatestIds<Map<NodeIndex, Told>>(MOST_ATTEMPTS);

  constructor(options: LostVoteOptions) {
    this.#options = options;
  }

  /** A node that asks about an attempt is asked itself, and so are the others; what they answer is heard. */
  handle(from: NodeIndex, message: Extract<ControlMessage, { attempt: string }>): void {
    const { attempt } = message;
    if (message.type === 'tell') this.#hear(from, attempt, message.outcome);
    else {
      this.#told.set(attempt, this.#told.get(attempt) ?? new Map<NodeIndex, Told>());
      this.#tell({ type: 'ask', attempt });
    }
  }

  #hear(from: NodeIndex, attempt: string, outcome: Told): void {
    const told = this.#told.get(attempt)?.set(from, outcome);
    if (told === undefined || told.size < this.#options.peers.length) return;
    const all = [...told.values()];
    if (all.filter(isFor).length > 1) {
      this.#tell({ type: 'tell', attempt, outcome: 'committing', votes: this.#ownVote(attempt) });
    } else if (all.filter(isAgainst).length > 1) {
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
