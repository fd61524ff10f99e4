/**
 * One job at one node, from the first offer to its end: what has arrived for it, and who waits for what.
 */
import { WarifuError } from '../../core/errors.js';
import type { NodeIndex } from '../../core/scheme.js';
import type { KeyOffer } from '../identity/pairwise-keys.js';
import type { PartCommitments, PartEchoes, PartOpenings } from '../identity/part-keys.js';
import type { ControlMessage, Proposal } from './control-message.js';
import { isFailedCheck } from './failed-check.js';
import type { Members } from './members.js';
import type { StartRecord } from './start-record.js';

/** A promise with its ends, and a rejection that nobody has to observe. */
class Gate<T> {
  readonly promise: Promise<T>;
  resolve!: (value: T) => void;
  reject!: (error: WarifuError) => void;

  constructor() {
    this.promise = new Promise<T>((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.promise.catch(() => undefined);
  }
}

/** What peers have sent for the keys of a job, the first of each kind. */
export type KeyMessages = { readonly [K in keyof KeyMessage]: Map<NodeIndex, KeyMessage[K]> };

export interface KeyMessage {
  readonly offers: KeyOffer;
  readonly commitments: PartCommitments;
  readonly openings: PartOpenings;
  readonly echoes: PartEchoes;
}

/** What its peers send a job between its start and its end. */
type JobMessage = Extract<ControlMessage, { type: 'keys' | 'key-commit' | 'key-open' | 'key-echo' | 'vote' }>;

export class Job {
  readonly id: string;
  readonly heardFrom: NodeIndex | undefined;
  readonly created = performance.now();
  readonly proposals = new Map<NodeIndex, Proposal>();
  readonly keyMessages: KeyMessages = {
    offers: new Map(),
    commitments: new Map(),
    openings: new Map(),
    echoes: new Map(),
  };
  /** As they came: nobody has looked whether they are votes. */
  readonly votes = new Map<NodeIndex, string>();
  /** Whether this node has the client's request. */
  admitted = false;
  record: StartRecord | undefined;
  /** The record digests that nodes have started, before or after this node knew its own: the ordering node's counts. */
  readonly starts = new Map<NodeIndex, string>();
  /** Known once this node has the client's request. */
  members: Members | undefined;
  readonly started = new Gate<StartRecord>();
  /** The client's id of a query. */
  query: string | undefined;
  readonly #ending = new AbortController();
  #failure: WarifuError | undefined;
  #hasAllVotes: (() => boolean) | undefined;
  #settled = false;
  #changed = new Gate<void>();

  /** @param heardFrom the peer that told of it before the client did. */
  constructor(id: string, heardFrom?: NodeIndex) {
    this.id = id;
    this.heardFrom = heardFrom;
  }

  /** Aborted, with the error as reason, when the job fails anywhere. */
  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  get failure(): WarifuError | undefined {
    return this.#failure;
  }

  /**
   * This node has prepared, and waits for the votes of its peers. Once all have voted, nothing that comes later makes
   * the job a failure.
   *
   * @param hasAllVotes asked at each vote that comes; it may fail the job.
   */
  settleWhen(hasAllVotes: () => boolean): void {
    this.#hasAllVotes = hasAllVotes;
    this.lookForVotes();
  }

  /** A vote has come by another way than through the job. */
  lookForVotes(): void {
    this.#trySettle();
    this.touch();
  }

  get isSettled(): boolean {
    return this.#settled;
  }

  #trySettle(): void {
    if (this.#failure !== undefined || this.#settled) return;
    const hasAll = this.#hasAllVotes?.() === true;
    if (hasAll && this.#failure === undefined) this.#settled = true;
  }

  /** Ends the job with an error; the first one counts, unless a check turns out to have failed. */
  fail(error: WarifuError): void {
    if (this.#settled) return;
    if (this.#failure !== undefined) {
      if (isFailedCheck(error) && !isFailedCheck(this.#failure)) this.#failure = error;
      return;
    }
    this.#failure = error;
    this.#ending.abort(error);
    this.started.reject(error);
    this.#changed.reject(error);
  }

  /** What a peer has sent for the keys or the vote: a second message of a kind changes nothing. */
  take(from: NodeIndex, message: JobMessage): void {
    const { offers, commitments, openings, echoes } = this.keyMessages;
    switch (message.type) {
      case 'keys':
        setFirst(offers, from, message.offer);
        break;
      case 'key-commit':
        setFirst(commitments, from, message.list);
        break;
      case 'key-open':
        setFirst(openings, from, message.list);
        break;
      case 'key-echo':
        setFirst(echoes, from, message.list);
        break;
      case 'vote':
        setFirst(this.votes, from, message.vote);
        this.#trySettle();
        break;
    }
  }

  /** Something arrived: waits are looked at again. */
  touch(): void {
    this.#changed.resolve();
    this.#changed = new Gate<void>();
    const { failure } = this;
    if (failure !== undefined) this.#changed.reject(failure);
  }

  /**
   * Waits until a condition holds.
   *
   * @param late the error when it does not within `limitMs`.
   * @throws the job's failure, even when the condition holds.
   */
  async until(condition: () => boolean, limitMs: number, late: () => WarifuError): Promise<void> {
    const end = performance.now() + limitMs;
    for (;;) {
      if (this.failure !== undefined) throw this.failure;
      if (condition()) return;
      const left = end - performance.now();
      if (left <= 0) throw late();
      await withTimer(this.#changed.promise, left);
    }
  }
}

function setFirst<M>(came: Map<NodeIndex, M>, from: NodeIndex, message: M): void {
  if (!came.has(from)) came.set(from, message);
}

/** The error of a wait that took too long. */
export function waitedFor(what: string, limitMs: number): WarifuError {
  return new WarifuError('NO_PROGRESS', `waited ${limitMs / 1000} seconds for ${what}: try again`);
}

/** Resolves when the promise does or the time is over; rejects when the promise does. */
async function withTimer(promise: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  try {
    await Promise.race([promise, over]);
  } finally {
    clearTimeout(timer);
  }
}
