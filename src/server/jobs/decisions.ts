/**
 * What all nodes must do alike, durably: an upload becomes visible, a slice or table goes. A quorum commit protocol
 * (Skeen 1982) with signed votes, for nodes that crash and links that break, and one node of four that lies.
 *
 * 1. Prepare: every node checks and reserves, signs its vote and sends it to all (server/identity/attempt-votes.ts).
 * 2. Lean: a node says once for ever what it is for. *Committing* with the votes of all nodes in hand, which it passes on
 *    as proof: no node that prepared can be without them for long. *Rolling back* when one of them says that it has given the attempt up.
 * 3. Decide: a node commits when all but one lean to it, and rolls back when all but one lean to that.
 *
 * Any two such quorums share an honest node, which leans one way only: no two honest nodes ever end differently,
 * whatever one of four says to whom. What it can do is leave an attempt undecided: then nothing of it is visible.
 *
 * A node that has prepared never takes that back by itself: what a crash or a lost node left undecided is asked about
 * until it is decided. A node that does not know an attempt rolls it back for ever before it answers, so it can never
 * be prepared there later; without its vote nobody can lean to committing.
 */
import { WarifuError } from '../../core/errors.js';
import type { NodeIndex } from '../../core/scheme.js';
import type { AttemptVotes } from '../identity/attempt-votes.js';
import { RateLimit } from '../rate-limit.js';
import type { Catalogue, Leaning, Outcome, PendingAttempt } from '../store/catalogue.js';
import type { ControlMessage } from './control-message.js';
import { conflict, givenUp, notDecided, stillUndecided, withoutVote } from './decision-errors.js';
import type { JobMesh } from './job-mesh.js';
import { isFor, nextStep, type Told } from './next-step.js';
import type { RunningJob } from './running-job.js';
import { tellPeers } from './tell-peers.js';
import { VoteTally } from './vote-tally.js';

export interface DecisionsOptions {
  readonly catalogue: Catalogue;
  readonly mesh: Pick<JobMesh, 'sendControl'>;
  readonly self: NodeIndex;
  readonly peers: readonly NodeIndex[];
  readonly nameOf: (node: NodeIndex) => string;
  readonly votes: AttemptVotes;
  /** Told before an attempt that a crash or a lost node had left undecided is decided; may be told again. */
  readonly onDecided: (attempt: PendingAttempt, outcome: 'committed' | 'rolled-back') => Promise<void>;
  /** Told when what a peer says cannot be true. */
  readonly onFailedCheck?: (attempt: string, error: WarifuError) => Promise<void>;
}

/** What is known here of an attempt that is not decided yet. */
interface Heard {
  /** The latest that each peer has said. */
  readonly told: Map<NodeIndex, Told>;
  readonly tally: VoteTally;
  /** Told of the outcome, where a job waits for it. */
  waiting: ((outcome: Ended) => void) | undefined;
  isReported: boolean;
}

type Ended = 'committed' | 'rolled-back';

/** Others need as long as two writes to the disk take. */
const DECIDED_MS = 30_000;
/** Questions of a peer that are answered: each of an unknown attempt leaves a record. */
const ASKS = { burst: 256, perSecond: 4 };
/** Answers of a peer that are heard: each may bring signatures to verify. */
const TELLS = { burst: 1_024, perSecond: 64 };

export class Decisions {
  readonly #options: DecisionsOptions;
  /** Attempts that a running job prepares and votes on. */
  readonly #active = new Set<string>();
  readonly #heard = new Map<string, Heard>();
  readonly #limits: ReadonlyMap<NodeIndex, { readonly ask: RateLimit; readonly tell: RateLimit }>;
  #last: Promise<void> = Promise.resolve();

  constructor(options: DecisionsOptions) {
    this.#options = options;
    const limits = (): { ask: RateLimit; tell: RateLimit } => ({
      ask: new RateLimit(ASKS.burst, ASKS.perSecond),
      tell: new RateLimit(TELLS.burst, TELLS.perSecond),
    });
    this.#limits = new Map(options.peers.map((peer) => [peer, limits()]));
  }

  /**
   * Carries an attempt through all phases. On return it is committed here, and at all others as they hear of it.
   *
   * @throws whatever `prepare` throws (then the attempt is rolled back everywhere, unless it was prepared), the loss of
   *   a node, or NO_PROGRESS (then it stays undecided until enough nodes are back).
   */
  async decide(
    job: Pick<RunningJob, 'gatherVotes'>,
    attempt: string,
    prepare: () => Promise<void>,
  ): Promise<void> {
    const { catalogue, votes } = this.#options;
    const heard = newHeard(this.#newTally(attempt));
    this.#active.add(attempt);
    this.#heard.set(attempt, heard);
    try {
      await prepare();
      const all = await job.gatherVotes(votes.sign(attempt), heard.tally);
      await catalogue.lean(attempt, 'committing', all);
    } catch (thrown) {
      this.#heard.delete(attempt);
      // What is prepared may have been told to a peer: only all nodes together take it back.
      if ((await catalogue.outcome(attempt)) === 'unknown') await catalogue.rollback(attempt);
      throw this.#explained(thrown);
    } finally {
      this.#active.delete(attempt);
    }
    await this.#untilDecided(attempt, heard);
  }

  /** Asks all peers about every attempt that is prepared here and not being decided by a running job. */
  async askAboutPending(): Promise<void> {
    for (const { attempt } of await this.#options.catalogue.pending()) {
      if (this.#active.has(attempt)) continue;
      this.#tell(this.#options.peers, { type: 'ask', attempt });
    }
  }

  /** Questions, and what peers say of themselves, one at a time. What comes too often is passed over: nodes ask again. */
  async handle(from: NodeIndex, message: Extract<ControlMessage, { attempt: string }>): Promise<void> {
    if (this.#limits.get(from)?.[message.type].take() !== true) return;
    await this.#inTurn(() =>
      message.type === 'ask' ? this.#answer([from], message.attempt) : this.#hear(from, message),
    );
  }

  async #inTurn(work: () => Promise<void>): Promise<void> {
    const next = this.#last.then(work);
    this.#last = next.catch(() => undefined);
    await next;
  }

  /** This node is for committing: tells the others, and waits until all but one of them are. */
  async #untilDecided(attempt: string, heard: Heard): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const ended = new Promise<Ended | undefined>((resolve) => {
      heard.waiting = resolve;
      timer = setTimeout(() => resolve(undefined), DECIDED_MS);
    });
    await this.#inTurn(async () => {
      await this.#answer(this.#options.peers, attempt);
      await this.#goOn(attempt, heard);
    });
    const outcome = await ended;
    clearTimeout(timer);
    heard.waiting = undefined;
    if (outcome === undefined) throw notDecided(attempt, this.#missing(heard));
    if (outcome === 'rolled-back') throw givenUp(attempt);
  }

  /** Names of the peers whose votes are missing here, or else of those of which it is not known that they are for committing. */
  #missing({ told, tally }: Heard): string[] {
    const { peers, nameOf } = this.#options;
    const isThere = (peer: NodeIndex): boolean =>
      tally.isComplete ? isFor(told.get(peer)) : tally.has(peer);
    return peers.filter((peer) => !isThere(peer)).map(nameOf);
  }

  /** Why an attempt could not be prepared: who keeps the one that stands in its way from being decided. */
  #explained(thrown: unknown): unknown {
    if (!(thrown instanceof WarifuError) || thrown.code !== 'SLICE_BUSY') return thrown;
    const other = this.#heard.get(String(thrown.details['attempt']));
    const missing = other === undefined ? [] : this.#missing(other);
    return missing.length === 0 ? thrown : stillUndecided(thrown, missing);
  }

  async #answer(to: readonly NodeIndex[], attempt: string): Promise<void> {
    const { catalogue } = this.#options;
    const outcome = await catalogue.outcome(attempt);
    const isOver = outcome === 'committed' || outcome === 'rolled-back';
    if (!isOver && this.#active.has(attempt)) {
      this.#tell(to, { type: 'tell', attempt, outcome: 'undecided', votes: [] });
    } else if (outcome === 'unknown') {
      await catalogue.rollback(attempt);
      this.#tell(to, { type: 'tell', attempt, outcome: 'rolled-back', votes: [] });
    } else {
      const votes = isPrepared(outcome) ? (await this.#ownTally(attempt)).votes : [];
      this.#tell(to, { type: 'tell', attempt, outcome, votes });
    }
  }

  async #hear(
    from: NodeIndex,
    { attempt, outcome, votes }: Extract<ControlMessage, { type: 'tell' }>,
  ): Promise<void> {
    const heard = await this.#heardOf(attempt);
    if (heard === undefined) return;
    // Also where a job waits for votes: one who has them all may help out with what somebody withholds.
    heard.tally.addAll(votes);
    if (isPrepared(outcome) && !heard.tally.has(from)) {
      await this.#report(attempt, heard, withoutVote(attempt, from, this.#options.nameOf(from)));
      return;
    }
    heard.told.set(from, outcome);
    if (!this.#active.has(attempt)) await this.#goOn(attempt, heard);
  }

  /** Undefined for what is decided here, or was never prepared. */
  async #heardOf(attempt: string): Promise<Heard | undefined> {
    if (!this.#heard.has(attempt) && isUndecided(await this.#options.catalogue.outcome(attempt))) {
      const tally = await this.#ownTally(attempt);
      // A job may have begun to decide it meanwhile.
      if (!this.#heard.has(attempt)) this.#heard.set(attempt, newHeard(tally));
    }
    return this.#heard.get(attempt);
  }

  /** Leans or decides, if what was heard allows it. */
  async #goOn(attempt: string, heard: Heard): Promise<void> {
    const { catalogue, peers, nameOf } = this.#options;
    const own = await catalogue.outcome(attempt);
    if (own === 'committed' || own === 'rolled-back') this.#ended(attempt, heard, own);
    if (!isUndecided(own)) return;
    const answers = peers.map((peer) => heard.told.get(peer));
    const step = nextStep(own, answers, heard.tally.isComplete);
    switch (step) {
      case 'wait':
        break;
      case 'conflict':
        await this.#report(attempt, heard, conflict(attempt, peers, nameOf));
        break;
      case 'committing':
      case 'rolling-back':
        await catalogue.lean(attempt, step, heard.tally.votes);
        await this.#answer(peers, attempt);
        await this.#goOn(attempt, heard);
        break;
      default:
        await this.#end(attempt, heard, step);
    }
  }

  async #end(attempt: string, heard: Heard, outcome: Ended): Promise<void> {
    const { catalogue, onDecided } = this.#options;
    const pending = (await catalogue.pending()).find((one) => one.attempt === attempt);
    if (pending !== undefined && heard.waiting === undefined) await onDecided(pending, outcome);
    if (outcome === 'committed') await catalogue.commit(attempt);
    else await catalogue.rollback(attempt);
    this.#ended(attempt, heard, outcome);
  }

  #ended(attempt: string, heard: Heard, outcome: Ended): void {
    this.#heard.delete(attempt);
    heard.waiting?.(outcome);
  }

  /** Once for an attempt: peers are asked again and again. */
  async #report(attempt: string, heard: Heard, error: WarifuError): Promise<void> {
    if (heard.isReported) return;
    heard.isReported = true;
    await this.#options.onFailedCheck?.(attempt, error);
  }

  /** The votes known here of an attempt that was prepared here. */
  async #ownTally(attempt: string): Promise<VoteTally> {
    const { catalogue, votes, self } = this.#options;
    const tally = this.#newTally(attempt);
    tally.add(self, votes.sign(attempt));
    tally.addAll(await catalogue.votes(attempt));
    return tally;
  }

  #newTally(attempt: string): VoteTally {
    const { peers, votes } = this.#options;
    return new VoteTally(attempt, peers.length + 1, votes);
  }

  /** A peer that is down is asked again when it is back. */
  #tell(peers: readonly NodeIndex[], message: ControlMessage): void {
    tellPeers(this.#options.mesh, peers, message);
  }
}

function newHeard(tally: VoteTally): Heard {
  return { told: new Map(), tally, waiting: undefined, isReported: false };
}

function isUndecided(outcome: Outcome): outcome is 'prepared' | Leaning {
  return outcome === 'prepared' || outcome === 'committing' || outcome === 'rolling-back';
}

/** Whether one says that it has prepared, which is to have signed a vote. */
function isPrepared(told: Told | Outcome): boolean {
  return told === 'prepared' || (told !== 'unknown' && isFor(told));
}
