/** The votes of all nodes on one attempt, as they come in: only valid ones count. */
import type { NodeIndex } from '../../core/scheme.js';
import type { AttemptVotes, Votes } from '../identity/attempt-votes.js';

export class VoteTally {
  readonly #attempt: string;
  readonly #votes: (string | null)[];
  readonly #keys: Pick<AttemptVotes, 'isVote'>;
  #listener: () => void = () => undefined;

  constructor(attempt: string, nodes: number, keys: Pick<AttemptVotes, 'isVote'>) {
    this.#attempt = attempt;
    this.#votes = Array.from({ length: nodes }, () => null);
    this.#keys = keys;
  }

  /** Whether the vote is one; a second one of a node changes nothing. */
  add(node: NodeIndex, vote: string): boolean {
    if (this.#votes[node] === vote) return true;
    if (!this.#keys.isVote(node, this.#attempt, vote)) return false;
    if (node >= this.#votes.length || this.has(node)) return true;
    this.#votes[node] = vote;
    if (this.isComplete) this.#listener();
    return true;
  }

  /** Adds those that are votes. */
  addAll(votes: Votes): void {
    for (const [node, vote] of votes.entries()) if (vote !== null) this.add(node as NodeIndex, vote);
  }

  has(node: NodeIndex): boolean {
    return typeof this.#votes[node] === 'string';
  }

  /** Those that are known. */
  get votes(): Votes {
    return [...this.#votes];
  }

  get isComplete(): boolean {
    return this.#votes.every((vote) => vote !== null);
  }

  /** Told when the last vote comes. */
  onComplete(listener: () => void): void {
    this.#listener = listener;
  }
}
