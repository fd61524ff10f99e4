/**
 * Starts jobs at all nodes together: offers, agreement, one order for all, and one end for all.
 *
 * Every node opens the client's request by itself and offers to take part. When the offers of all agree, node 0 (of the
 * survivors of a lost node the first) puts the job into a bounded queue and starts it when there is room; the order is
 * the same at all nodes, so no two jobs each hold some of them. A refusal, a failure or a lost node ends the job
 * everywhere with the same error.
 */
import { bytesToHex } from '@noble/hashes/utils.js';
import { asWarifuError, type WarifuError } from '../../core/errors.js';
import { LatestIds } from '../../core/latest-ids.js';
import type { NodeIndex } from '../../core/scheme.js';
import { type ControlMessage, errorToWire, type Proposal } from './control-message.js';
import type { CoordinatorOptions, JobWish } from './coordinator-options.js';
import { isFailedCheck } from './failed-check.js';
import { Job, waitedFor } from './job.js';
import {
  cancelled,
  droppedOut,
  noRoom,
  notConnected,
  notReached,
  otherRecord,
  passedOn,
  remembered,
  saidByPeer,
  servedAlready,
  servedBefore,
  stopping,
  tooManyForeign,
  tooManyWaiting,
} from './job-errors.js';
import { JobQueue } from './job-queue.js';
import { type Members, membersOf } from './members.js';
import { RunningJob } from './running-job.js';
import { agree, type StartRecord } from './start-record.js';
import { tellPeers } from './tell-peers.js';

/** A client sends a request to all nodes at once: the offers must meet within this time. */
const MEETING_MS = 8_000;
const QUEUE_MS = 10 * 60_000;
/** Offers of one peer for requests that have not come here. */
const MAX_FOREIGN = 256;
const REMEMBERED_JOBS = 10_000;

export class JobCoordinator {
  readonly #options: CoordinatorOptions;
  readonly #jobs = new Map<string, Job>();
  /** Jobs that have ended here, with the error that ended them: a late message does not revive them. */
  readonly #ended = new LatestIds<WarifuError | undefined>(REMEMBERED_JOBS);
  /** Used at the node that orders: node 0, or the first survivor. */
  readonly #queue: JobQueue;
  readonly #running = new Set<Job>();
  #stopping: WarifuError | undefined;

  constructor(options: CoordinatorOptions) {
    this.#options = options;
    this.#queue = new JobQueue(options.maxRunning, options.self);
  }

  get running(): number {
    return this.#running.size;
  }

  get waiting(): number {
    return [...this.#jobs.values()].filter((job) => job.admitted).length - this.#running.size;
  }

  /**
   * Runs a job at this node, together with the others.
   *
   * @param id hex digest of the client's request: the same at all nodes.
   * @throws WarifuError whatever ended the job, at whichever node.
   */
  async run<T>(
    id: string,
    wish: JobWish,
    signal: AbortSignal,
    work: (job: RunningJob) => Promise<T>,
  ): Promise<T> {
    const job = this.#admit(id, wish);
    const cancel = (): void => job.fail(cancelled());
    signal.addEventListener('abort', cancel, { once: true });
    if (signal.aborted) cancel();
    try {
      const record = await this.#begin(job);
      const { mesh, cluster, nameOf } = this.#options;
      const around = { mesh, cluster, nameOf, members: this.#membersOf(job) };
      const result = await work(new RunningJob(job, record, around));
      if (job.failure !== undefined) throw job.failure;
      this.#end(job, undefined);
      return result;
    } catch (thrown) {
      // What failed first, here or elsewhere, is the reason; what followed from it is not.
      const error = job.failure ?? asWarifuError(thrown);
      job.fail(error);
      try {
        this.#tellRefused(id, error, job.members?.peers);
      } finally {
        this.#end(job, error);
        await this.#options.onFailed?.(job, error);
      }
      throw error;
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  }

  /** Tells the peers that a request was refused here before it became a job. */
  refuse(id: string, error: WarifuError): void {
    const job = this.#jobs.get(id);
    job?.fail(error);
    this.#tellRefused(id, error);
    if (job === undefined) this.#ended.set(id, remembered(error));
    else this.#end(job, error);
  }

  /** A control message about a job, already checked for form. */
  handle(from: NodeIndex, message: Extract<ControlMessage, { job: string }>): void {
    if (this.#ended.has(message.job)) {
      this.#answerEnded(from, message);
      return;
    }
    const job = this.#jobFor(from, message.job);
    if (job === undefined || job.members?.peers.includes(from) === false) return;
    switch (message.type) {
      case 'offer':
        job.proposals.set(from, message.proposal);
        this.#tryAgree(job);
        break;
      case 'refuse':
        job.fail(saidByPeer(this.#options.nameOf(from), message.error, this.#names));
        if (!job.admitted) this.#end(job, job.failure);
        break;
      case 'start':
        if (!job.starts.has(from)) job.starts.set(from, message.record);
        this.#tryStart(job);
        break;
      default:
        job.take(from, message);
    }
    job.touch();
  }

  /** A peer is gone: whatever was shared with it ends. @param why what ended its link. */
  peerDown(peer: NodeIndex, why: WarifuError): void {
    const error = isFailedCheck(why) ? why : droppedOut(this.#options.nameOf(peer));
    for (const job of this.#jobs.values()) {
      if (job.members?.peers.includes(peer) === false) continue;
      job.fail(error);
      if (!job.admitted) this.#end(job, error);
    }
  }

  /** Called about once a second: jobs whose request never came here are given up. */
  tick(): void {
    const now = performance.now();
    for (const job of this.#jobs.values()) {
      if (job.admitted || now - job.created < MEETING_MS) continue;
      const name = this.#options.nameOf(this.#options.self);
      const error = notReached([name]);
      this.#tellRefused(job.id, error);
      this.#end(job, error);
    }
  }

  /** Ends all jobs and takes no more, at shutdown. */
  stop(): void {
    const error = stopping(this.#options.nameOf(this.#options.self));
    this.#stopping = error;
    for (const job of this.#jobs.values()) job.fail(error);
  }

  #admit(id: string, wish: JobWish): Job {
    if (this.#ended.has(id)) {
      throw this.#ended.get(id) ?? servedBefore();
    }
    const members = membersOf(this.#options.scheme, this.#options.self, wish.lost);
    const hindrance = this.#hindrance(members);
    if (hindrance !== undefined) {
      this.refuse(id, hindrance);
      throw hindrance;
    }
    const job = this.#jobs.get(id) ?? new Job(id);
    if (job.admitted) throw servedAlready();
    job.admitted = true;
    job.members = members;
    this.#jobs.set(id, job);
    const { lost, query, ...wanted } = wish;
    job.query = query;
    // It is in every node's proposal under one name, so that nobody can think of another one.
    const agreed = lost === undefined ? wish.agreed : { ...wish.agreed, lost };
    const own: Proposal = {
      ...wanted,
      agreed,
      epoch: this.#options.epoch,
      room: this.#options.memory,
    };
    job.proposals.set(this.#options.self, own);
    this.#tellPeers({ type: 'offer', job: id, proposal: own }, members.peers);
    this.#tryAgree(job);
    return job;
  }

  /** Why this node can take no job now. */
  #hindrance({ peers }: Members): WarifuError | undefined {
    if (this.#stopping !== undefined) return this.#stopping;
    const down = this.#options.mesh.status().filter(({ node, up }) => !up && peers.includes(node));
    if (down.length > 0) return notConnected(down.map(({ node }) => this.#options.nameOf(node)));
    if (this.waiting < this.#options.maxWaiting) return undefined;
    return tooManyWaiting(this.waiting);
  }

  async #begin(job: Job): Promise<StartRecord> {
    await job.until(
      () => job.record !== undefined,
      MEETING_MS,
      () => this.#notMet(job),
    );
    await job.until(
      () => this.#running.has(job),
      QUEUE_MS,
      () => waitedFor('its turn', QUEUE_MS),
    );
    return await job.started.promise;
  }

  /** The same request has not reached all nodes in time. */
  #notMet(job: Job): WarifuError {
    const { nameOf } = this.#options;
    const missing = this.#membersOf(job)
      .peers.filter((peer) => !job.proposals.has(peer))
      .map((peer) => nameOf(peer));
    return notReached(missing);
  }

  #tryAgree(job: Job): void {
    const { self, cluster, nameOf } = this.#options;
    if (job.record !== undefined || !job.admitted) return;
    const { scheme, ordering } = this.#membersOf(job);
    const proposals = scheme.nodes.map((node) => job.proposals.get(node));
    if (!proposals.every((proposal) => proposal !== undefined)) return;
    try {
      job.record = agree(cluster, job.id, proposals, (place) => nameOf(scheme.nodes[place] ?? place));
      if (job.record.memory > job.record.room) throw noRoom(job.record.memory, job.record.room);
    } catch (thrown) {
      job.fail(asWarifuError(thrown));
      return;
    }
    if (self === ordering) {
      this.#queue.push(job);
      this.#startNext();
    } else {
      this.#tryStart(job);
    }
  }

  /** At the node that orders: starts what the queue lets go. */
  #startNext(): void {
    for (const { job, record } of this.#queue.takeStartable(this.#running)) {
      const digest = bytesToHex(record.digest);
      job.starts.set(this.#options.self, digest);
      this.#tellPeers({ type: 'start', job: job.id, record: digest }, job.members?.peers);
      this.#tryStart(job);
    }
  }

  #tryStart(job: Job): void {
    if (job.record === undefined || job.members === undefined || this.#running.has(job)) return;
    const startedAs = job.starts.get(job.members.ordering);
    if (startedAs === undefined) return;
    if (bytesToHex(job.record.digest) !== startedAs) {
      job.fail(otherRecord());
      return;
    }
    this.#running.add(job);
    job.started.resolve(job.record);
    job.touch();
  }

  #end(job: Job, error: WarifuError | undefined): void {
    this.#jobs.delete(job.id);
    this.#running.delete(job);
    this.#queue.remove(job);
    this.#ended.set(job.id, error === undefined ? undefined : remembered(error));
    this.#startNext();
  }

  /** A peer that is late for a job that failed here learns why. */
  #answerEnded(from: NodeIndex, message: Extract<ControlMessage, { job: string }>): void {
    const error = this.#ended.get(message.job);
    if (error === undefined || message.type !== 'offer') return;
    this.#tellRefused(message.job, error, [from]);
  }

  #jobFor(from: NodeIndex, id: string): Job | undefined {
    const known = this.#jobs.get(id);
    if (known !== undefined) return known;
    const foreign = [...this.#jobs.values()].filter((job) => !job.admitted && job.heardFrom === from).length;
    if (foreign >= MAX_FOREIGN) {
      this.#tellRefused(id, tooManyForeign(), [from]);
      return undefined;
    }
    const job = new Job(id, from);
    this.#jobs.set(id, job);
    return job;
  }

  #membersOf({ members }: Job): Members {
    if (members === undefined) throw new TypeError('the request of the job has not come here');
    return members;
  }

  /** Of the cluster's nodes, by index. */
  get #names(): string[] {
    return this.#options.scheme.nodes.map((node) => this.#options.nameOf(node));
  }

  #tellRefused(job: string, error: WarifuError, peers?: readonly NodeIndex[]): void {
    this.#tellPeers({ type: 'refuse', job, error: errorToWire(passedOn(error, this.#names)) }, peers);
  }

  #tellPeers(message: ControlMessage, peers = this.#options.peers): void {
    tellPeers(this.#options.mesh, peers, message);
  }
}
