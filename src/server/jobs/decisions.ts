/**
 * Two durable phases for what all nodes must do alike: an upload becomes visible, a slice or table goes.
 *
 * Phase one: every node prepares durably under the attempt's id, votes, and waits for the votes of all. Phase two:
 * it commits. A node that has prepared never takes that back by itself: if votes are missing (a node was lost), the
 * attempt stays undecided and is asked about until all agree. Committed anywhere: commit. Rolled back anywhere:
 * roll back. Prepared everywhere: commit. A node that does not know an attempt rolls it back for ever before it
 * answers, so it can never be prepared there later.
 */
import type { NodeIndex } from '../../core/scheme.js';
import { RateLimit } from '../rate-limit.js';
import type { Catalogue, PendingAttempt } from '../store/catalogue.js';
import type { ControlMessage } from './control-message.js';
import type { JobMesh } from './job-mesh.js';
import type { RunningJob } from './running-job.js';
import { tellPeers } from './tell-peers.js';

type Told = Extract<ControlMessage, { type: 'tell' }>['outcome'];

export interface DecisionsOptions {
  readonly catalogue: Catalogue;
  readonly mesh: Pick<JobMesh, 'sendControl'>;
  readonly peers: readonly NodeIndex[];
  /** Told before an attempt that a crash or a lost node had left undecided is decided; may be told again. */
  readonly onDecided: (attempt: PendingAttempt, outcome: 'committed' | 'rolled-back') => Promise<void>;
  /** Told when one peer says that an attempt was committed and another one that it was not: one of them lies. */
  readonly onConflict?: (attempt: string, peers: readonly NodeIndex[]) => Promise<void>;
}

/** Questions of a peer that are answered: each of an unknown attempt leaves a record. */
const ASKS = { burst: 256, perSecond: 4 };

export class Decisions {
  readonly #options: DecisionsOptions;
  /** Attempts of running jobs: their outcome is not yet known here. */
  readonly #active = new Set<string>();
  readonly #told = new Map<string, Map<NodeIndex, Told>>();
  readonly #asks: ReadonlyMap<NodeIndex, RateLimit>;
  #deciding: Promise<void> = Promise.resolve();

  constructor(options: DecisionsOptions) {
    this.#options = options;
    this.#asks = new Map(options.peers.map((peer) => [peer, new RateLimit(ASKS.burst, ASKS.perSecond)]));
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
      this.#tell(this.#options.peers, { type: 'ask', attempt });
    }
  }

  /** Answers and answers to questions, one at a time. Who asks too often has to ask again. */
  async handle(from: NodeIndex, message: Extract<ControlMessage, { attempt: string }>): Promise<void> {
    if (message.type === 'ask' && this.#asks.get(from)?.take() !== true) return;
    const next = this.#deciding.then(() =>
      message.type === 'ask' ? this.#answer(from, message.attempt) : this.#hear(from, message),
    );
    this.#deciding = next.catch(() => undefined);
    await next;
  }

  async #answer(from: NodeIndex, attempt: string): Promise<void> {
    const { catalogue } = this.#options;
    const outcome = await catalogue.outcome(attempt);
    if (outcome === 'unknown' && this.#active.has(attempt)) {
      this.#tell([from], { type: 'tell', attempt, outcome: 'undecided' });
      return;
    }
    if (outcome === 'unknown') {
      await catalogue.rollback(attempt);
      this.#tell([from], { type: 'tell', attempt, outcome: 'rolled-back' });
      return;
    }
    this.#tell([from], { type: 'tell', attempt, outcome });
  }

  async #hear(
    from: NodeIndex,
    { attempt, outcome }: Extract<ControlMessage, { type: 'tell' }>,
  ): Promise<void> {
    const { catalogue, peers, onDecided, onConflict } = this.#options;
    if (this.#active.has(attempt) || (await catalogue.outcome(attempt)) !== 'prepared') {
      this.#told.delete(attempt);
      return;
    }
    const told = this.#told.get(attempt) ?? new Map<NodeIndex, Told>();
    this.#told.set(attempt, told.set(from, outcome));
    const decided = outcomeFrom(peers.map((peer) => told.get(peer)));
    if (decided === 'conflict') {
      const ends = peers.filter((peer) => ['committed', 'rolled-back'].includes(told.get(peer) ?? ''));
      await onConflict?.(attempt, ends);
      return;
    }
    if (decided === undefined) return;
    const pending = (await catalogue.pending()).find((one) => one.attempt === attempt);
    if (pending !== undefined) await onDecided(pending, decided);
    if (decided === 'committed') await catalogue.commit(attempt);
    else await catalogue.rollback(attempt);
    this.#told.delete(attempt);
  }

  /** A peer that is down is asked again when it is back. */
  #tell(peers: readonly NodeIndex[], message: ControlMessage): void {
    tellPeers(this.#options.mesh, peers, message);
  }
}

type Outcome = 'committed' | 'rolled-back';

/** What the answers of all peers make of an attempt that is prepared here; undefined while they do not tell. */
function outcomeFrom(answers: readonly (Told | undefined)[]): Outcome | 'conflict' | undefined {
  return answers.length > 2 ? outcomeAmongFour(answers) : outcomeAmongThree(answers);
}

/** One of the three others may lie: two that say the same are believed, and one alone if all have answered and none denies it. */
function outcomeAmongFour(answers: readonly (Told | undefined)[]): Outcome | 'conflict' | undefined {
  const count = (told: Told): number => answers.filter((answer) => answer === told).length;
  const [committed, rolledBack] = [count('committed'), count('rolled-back')];
  if (committed > 1) return 'committed';
  if (rolledBack > 1) return 'rolled-back';
  if (committed + rolledBack === 2) return 'conflict';
  if (answers.includes(undefined) || answers.includes('undecided')) return undefined;
  return rolledBack === 1 ? 'rolled-back' : 'committed';
}

function outcomeAmongThree(answers: readonly (Told | undefined)[]): Outcome | undefined {
  if (answers.includes('committed') || answers.every((answer) => answer === 'prepared')) return 'committed';
  return answers.includes('rolled-back') ? 'rolled-back' : undefined;
}
