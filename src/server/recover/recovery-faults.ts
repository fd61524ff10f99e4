/**
 * What other nodes did wrong in a recovery. What proves or suggests that one of them lies or is broken is a failed check
 * like those of jobs (jobs/failed-checks.ts): in the audit log, and among four told to the other nodes and a doubt.
 *
 * - COMMITMENT_MISMATCH is one: the node sent other bytes than those that it compared with the contributor's list when
 *   they were uploaded, well sealed by its own disk.
 * - PEER_MISBEHAVED, MESSAGE_LENGTH, MESSAGE_FORM and FRAME_INVALID are: no node of this version sends what they are about
 *   (a snapshot or an answer in no form, of another length). They end the recovery.
 * - A refusal is none, whatever its code: a node whose disk is damaged says so (CHUNK_DAMAGED), and one that says so
 *   falsely withholds a part and shows nothing false.
 * - POLICY_DIFFERS and STATE_DIFFERS are none: orders that reached some nodes only, and uploads that are not decided yet,
 *   make honest nodes differ. Nothing is taken from any of them.
 * - REQUEST_INVALID and NOT_ENROLLED of a manifest are none: all other nodes agree on its digest, so it is none of them
 *   alone, but the contributor's key as it is enrolled here.
 * - NODE_LOST and NO_PROGRESS are none, as in jobs: who is silent may be cut off.
 */
import type { WarifuError } from '../../core/errors.js';
import type { AuditLog } from '../audit/audit-log.js';
import type { FailedChecks } from '../jobs/failed-checks.js';
import type { Log } from '../log.js';
import type { Fault } from './fetch-slice.js';
import { HelperRefusal } from './helper-session.js';

export interface RecoveryFaultsOptions {
  readonly checks: Pick<FailedChecks, 'failed' | 'noticed'>;
  readonly audit: AuditLog;
  readonly log: Log;
}

export class RecoveryFaults {
  readonly #options: RecoveryFaultsOptions;
  /** The first of each node and slice. */
  readonly #faults = new Map<string, Fault>();

  constructor(options: RecoveryFaultsOptions) {
    this.#options = options;
  }

  /** Those of a slice version. */
  of(version: string): readonly Fault[] {
    return [...this.#faults.values()].filter(({ slice }) => slice.version === version);
  }

  /** A part or manifest that is not the contributor's, or that a node cannot give: each node once for each slice. */
  async add(fault: Fault): Promise<void> {
    const { checks, audit, log } = this.#options;
    const { node, name, slice, error } = fault;
    const key = `${node} ${slice.version}`;
    if (this.#faults.has(key)) return;
    this.#faults.set(key, fault);
    const about = { table: slice.table, slice: slice.slice };
    if (!(error instanceof HelperRefusal)) {
      await checks.failed(error, about);
      return;
    }
    log.warn({ peer: name, code: error.code }, error.message);
    await audit.append({ kind: 'part-refused', node, code: error.code, ...about });
  }

  /** What ended the recovery; faults are in it only as what was added before. */
  async ended(error: WarifuError): Promise<void> {
    if (!(error instanceof HelperRefusal)) await this.#options.checks.noticed(error, {});
  }
}
