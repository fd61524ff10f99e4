/**
 * The order in which agreed jobs start: at node 0, for all nodes.
 *
 * A job that waits for room is not overtaken, or a large one would wait for ever. Of changes to one table, one
 * runs at a time.
 */
import type { NodeIndex } from '../../core/scheme.js';
import { foldName } from '../../share/schema.js';
import type { Proposal } from './control-message.js';
import type { Job } from './job.js';
import type { StartRecord } from './start-record.js';

export class JobQueue {
  readonly #maxRunning: number;
  readonly #self: NodeIndex;
  readonly #jobs: Job[] = [];

  constructor(maxRunning: number, self: NodeIndex) {
    this.#maxRunning = maxRunning;
    this.#self = self;
  }

  /** Adds a job that all nodes agreed on. */
  push(job: Job): void {
    this.#jobs.push(job);
  }

  remove(job: Job): void {
    const at = this.#jobs.indexOf(job);
    if (at >= 0) this.#jobs.splice(at, 1);
  }

  /** Takes out, one by one, the jobs that may start beside those that run; `running` grows as the caller starts them. */
  *takeStartable(running: ReadonlySet<Job>): Generator<{ readonly job: Job; readonly record: StartRecord }> {
    for (const job of this.#jobs.slice()) {
      const { record } = job;
      if (record === undefined || job.failure !== undefined) continue;
      if (!this.#hasRoom(record, running)) return;
      if (this.#isTableBusy(job, running)) continue;
      this.remove(job);
      yield { job, record };
    }
  }

  #hasRoom({ memory, room }: StartRecord, running: ReadonlySet<Job>): boolean {
    if (running.size >= this.#maxRunning) return false;
    const taken = [...running].reduce((sum, other) => sum + (other.record?.memory ?? 0), 0);
    return taken + memory <= room;
  }

  #isTableBusy(job: Job, running: ReadonlySet<Job>): boolean {
    const changed = changedTable(job.proposals.get(this.#self));
    if (changed === undefined) return false;
    return [...running].some((other) => changedTable(other.proposals.get(this.#self)) === changed);
  }
}

/** The table that a job changes, folded; undefined for a query. */
function changedTable(proposal: Proposal | undefined): string | undefined {
  if (proposal === undefined || proposal.kind === 'query') return undefined;
  const { table } = proposal.agreed;
  return typeof table === 'string' ? foldName(table) : undefined;
}
