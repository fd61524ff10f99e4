/**
 * Two durable phases for what all nodes must do alike: an upload becomes visible, a slice or table goes.
 *
 * Phase one: every node prepares durably under the attempt's id, votes, and waits for the votes of all. Phase two:
 * it commits. A node that has prepared never takes that back by itself: if votes are missing (a node was lost), the
 * attempt stays undecided and is asked about until all agree. Committed anywhere: commit. Rolled back anywhere:
 * roll back. Prepared everywhere: commit. A node that does not know an attempt rolls it back for ever before it
 * answers, so it can never be prepared there later.
 */
import { asWarifuError } from '../../core/errors.js';
import type { NodeIndex } from '../../core/scheme.js';
import type { Catalogue, PendingAttempt } from '../store/catalogue.js';
import type { ControlMessage } from './control-message.js';
import type { JobMesh } from './job-mesh.js';
import type { RunningJob } from './running-job.js';

type Told = Extract<ControlMessage, { type: 'tell' }>['outcome'];

export interface DecisionsOptions {
  readonly catalogue: Catalogue;
  readonly mesh: Pick<JobMesh, 'sendControl'>;
  readonly peers: readonly NodeIndex[];
  /** Told before an attempt that a crash or a lost node had left undecided is decided; may be told again. */
  readonly onDecided: (attempt: PendingAttempt, outcome: 'committed' | 'rolled-back') => Promise<void>;
}

export class Decisions {
  readonly #options: DecisionsOptions;
  /** Attempts of running jobs: their outcome is not yet known here. */
  readonly #active = new Set<string>();
  readonly #told = new Map<string, Map<NodeIndex, Told>>();
  #deciding: Promise<void> = Promise.resolve();

  constructor(options: DecisionsOptions) {
    this.#options = options;
  }

  /**
   * Carries an attempt through both phases. On return it is committed here; the others commit as they hear the votes.
   *
   * @throws whatever `prepare` throws (then the attempt is rolled back everywhere, unless it was prepared), or the
   *   loss of a node (then it stays undecided until all nodes are back).
   */
  async decide(
    job: Pick<RunningJob, 'voteAndWait'>,
    attempt: string,
    prepare: () => Promise<void>,
  ): Promise<void> {
    const { catalogue } = this.#options;
    this.#active.add(attempt);
    try {
      try {
        await prepare();
      } catch (thrown) {
        // What is prepared may have been told to a peer: only all nodes together take it back.
        if ((await catalogue.outcome(attempt)) === 'unknown') await catalogue.rollback(attempt);
        throw thrown;
      }
      await job.voteAndWait();
      await catalogue.commit(attempt);
    } finally {
      this.#active.delete(attempt);
    }
  }

  /** Asks all peers about every attempt that is prepared here and not being decided by a running job. */
  async askAboutPending(): Promise<void> {
    for (const { attempt } of await this.#options.catalogue.pending()) {
      if (this.#active.has(attempt)) continue;
      for (const peer of this.#options.peers) this.#send(peer, { type: 'ask', attempt });
    }
  }

  /** Answers and answers to questions, one at a time. */
  handle(from: NodeIndex, message: Extract<ControlMessage, { attempt: string }>): Promise<void> {
    const next = this.#deciding.then(() =>
      message.type === 'ask' ? this.#answer(from, message.attempt) : this.#hear(from, message),
    );
    this.#deciding = next.catch(() => undefined);
    return next;
  }

  async #answer(from: NodeIndex, attempt: string): Promise<void> {
    const { catalogue } = this.#options;
    const outcome = await catalogue.outcome(attempt);
    if (outcome === 'unknown' && this.#active.has(attempt)) {
      this.#send(from, { type: 'tell', attempt, outcome: 'undecided' });
      return;
    }
    if (outcome === 'unknown') {
      await catalogue.rollback(attempt);
      this.#send(from, { type: 'tell', attempt, outcome: 'rolled-back' });
      return;
    }
    this.#send(from, { type: 'tell', attempt, outcome });
  }

  async #hear(
    from: NodeIndex,
    { attempt, outcome }: Extract<ControlMessage, { type: 'tell' }>,
  ): Promise<void> {
    const { catalogue, peers, onDecided } = this.#options;
    if (this.#active.has(attempt) || (await catalogue.outcome(attempt)) !== 'prepared') {
      this.#told.delete(attempt);
      return;
    }
    const told = this.#told.get(attempt) ?? new Map<NodeIndex, Told>();
    this.#told.set(attempt, told.set(from, outcome));
    const decided = outcomeFrom(peers.map((peer) => told.get(peer)));
    if (decided === undefined) return;
    const pending = (await catalogue.pending()).find((one) => one.attempt === attempt);
    if (pending !== undefined) await onDecided(pending, decided);
    if (decided === 'committed') await catalogue.commit(attempt);
    else await catalogue.rollback(attempt);
    this.#told.delete(attempt);
  }

  /** To a peer that is down nothing is sent: it is asked again when it is back. */
  #send(peer: NodeIndex, message: ControlMessage): void {
    try {
      this.#options.mesh.sendControl(peer, message);
    } catch (thrown) {
      if (asWarifuError(thrown).code !== 'NODE_UNREACHABLE') throw thrown;
    }
  }
}

/** What the answers of all peers make of an attempt that is prepared here; undefined while they do not tell. */
function outcomeFrom(answers: readonly (Told | undefined)[]): 'committed' | 'rolled-back' | undefined {
  if (answers.includes('committed') || answers.every((answer) => answer === 'prepared')) return 'committed';
  return answers.includes('rolled-back') ? 'rolled-back' : undefined;
}
