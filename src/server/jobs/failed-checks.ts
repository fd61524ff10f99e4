/**
 * Checks that failed among four nodes, wherever one was noticed: this node keeps the first as its doubt, for which it
 * refuses to go on with three, has each in its audit log, and tells the others, apart from the job in which it happened,
 * which may have ended there long ago for another reason.
 *
 * Whoever tells a lie here keeps queries of three from running until operators have looked: that is all that it can do.
 */
import { EventEmitter, once } from 'node:events';
import { asWarifuError, type WarifuError } from '../../core/errors.js';
import { nodesBlamed, withNodeNames } from '../../core/node-names.js';
import type { NodeIndex } from '../../core/scheme.js';
import type { AuditLog } from '../audit/audit-log.js';
import type { Log } from '../log.js';
import type { Doubts } from './doubts.js';
import {
  type CheckedRequest,
  checkInWords,
  type FailedCheck,
  failedCheckOf,
  isFailedCheck,
} from './failed-check.js';
import type { JobMesh } from './job-mesh.js';
import { tellPeers } from './tell-peers.js';

/** Different ones from one teller that reach log and audit log; the first is the doubt anyway. */
const MOST_FROM_ONE = 200;
const TOLD_WITHIN_MS = 1_000;

export interface FailedChecksOptions {
  readonly doubts: Doubts;
  readonly audit: AuditLog;
  readonly log: Log;
  readonly mesh: Pick<JobMesh, 'sendControl'>;
  readonly peers: readonly NodeIndex[];
  /** Of the cluster's nodes, by index. */
  readonly names: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Who says that a check failed, maybe by another node's word; this node itself where it is nobody else. */
type Teller =
  | { readonly node: NodeIndex; readonly first?: NodeIndex }
  | { readonly user: string }
  | undefined;

export class FailedChecks {
  readonly #options: FailedChecksOptions;
  /** What this node has noticed itself since it started: those to whom its link was down then are told later. */
  #own: FailedCheck | undefined;
  readonly #heard = new Map<string, Set<string>>();
  readonly #noted = new EventEmitter();
  #noting: Promise<void> = Promise.resolve();

  constructor(options: FailedChecksOptions) {
    this.#options = options;
  }

  /** An error that ended a job or a link here, and may be a failed check. */
  async noticed(error: WarifuError, request: CheckedRequest): Promise<void> {
    if (isFailedCheck(error)) await this.failed(error, request);
  }

  /** A check that failed here; what another node has reported is not this node's own. */
  async failed(error: WarifuError, request: CheckedRequest): Promise<void> {
    const { names, peers, mesh } = this.#options;
    const check = failedCheckOf(error, request, names);
    if (check === undefined) return;
    const message = withNodeNames(error.message, names);
    const { told_by: by, said_by: origin } = error.details;
    if (by !== undefined) {
      const [node] = nodesBlamed({ node: by }, names);
      const [first] = origin === undefined ? [] : nodesBlamed({ node: origin }, names);
      const teller = node === undefined ? undefined : { node, ...(first === undefined ? {} : { first }) };
      await this.#expectTold({ ...check, nodes: [] }, message, teller);
      return;
    }
    this.#own ??= check;
    tellPeers(mesh, peers, { type: 'check-failed', check });
    await this.#note(check, message, undefined);
  }

  /** Whoever ended a job with a failed check tells it by a message of its own; without one there is doubt all the same. */
  async #expectTold(check: FailedCheck, message: string, teller: Teller): Promise<void> {
    const signal = AbortSignal.timeout(TOLD_WITHIN_MS);
    const told = once(this.#noted, 'noted', { signal }).catch(() => undefined);
    if ((await this.#options.doubts.read()) === undefined) await told;
    if ((await this.#options.doubts.read()) === undefined) await this.#note(check, message, teller);
  }

  /** A peer says that a check has failed there. */
  async told(from: NodeIndex, check: FailedCheck): Promise<void> {
    const { names } = this.#options;
    await this.#note(check, `node '${names[from]}' says: ${checkInWords(check, names)}`, { node: from });
  }

  /** Who asked a query could not put its answer together. */
  async reported(user: string, check: FailedCheck): Promise<void> {
    const { names } = this.#options;
    await this.#note(check, `'${user}', who asked, says: ${checkInWords(check, names)}`, { user });
  }

  /** A link has come up: its node may not have heard of what this one noticed and doubts still. */
  async remind(peer: NodeIndex): Promise<void> {
    if ((await this.#options.doubts.read()) === undefined) this.#own = undefined;
    if (this.#own === undefined) return;
    tellPeers(this.#options.mesh, [peer], { type: 'check-failed', check: this.#own });
  }

  /** One after the other: what is known already is known to the next. */
  #note(check: FailedCheck, message: string, teller: Teller): Promise<void> {
    this.#noting = this.#noting.then(() => this.#noteNext(check, message, teller));
    return this.#noting;
  }

  async #noteNext(check: FailedCheck, message: string, teller: Teller): Promise<void> {
    const { audit, log, doubts } = this.#options;
    // Since the operator has looked, everything is news.
    if ((await doubts.read()) === undefined) this.#heard.clear();
    if (!this.#isNew(check, teller)) return;
    log.error({ code: check.code }, `a check failed: ${message}`);
    await this.#doubt(check, message, teller);
    try {
      await audit.append({ kind: 'check-failed', ...check, ...tellerInAudit(teller) });
    } catch (thrown) {
      this.#failed(thrown);
    }
    this.#noted.emit('noted');
  }

  async #doubt({ code, nodes, step, query }: FailedCheck, message: string, teller: Teller): Promise<void> {
    const { doubts, now, names } = this.#options;
    const toldBy = teller === undefined ? undefined : 'node' in teller ? names[teller.node] : teller.user;
    try {
      await doubts.record({
        time: now(),
        code,
        message,
        nodes: nodes.map((node) => names[node] ?? String(node)),
        step,
        query,
        told_by: toldBy,
      });
    } catch (thrown) {
      this.#failed(thrown);
    }
  }

  /** What failed the job is what its client must hear. */
  #failed(thrown: unknown): void {
    const { code, message } = asWarifuError(thrown);
    this.#options.log.error({ code }, message);
  }

  #isNew(check: FailedCheck, teller: Teller): boolean {
    const who = teller === undefined ? '' : 'node' in teller ? `${teller.node}` : `user ${teller.user}`;
    const known = this.#heard.get(who) ?? new Set();
    const key = JSON.stringify(check);
    if (known.has(key) || known.size >= MOST_FROM_ONE) return false;
    this.#heard.set(who, known.add(key));
    return true;
  }
}

function tellerInAudit(teller: Teller): { told_by?: NodeIndex; said_by?: NodeIndex; reported_by?: string } {
  if (teller === undefined) return {};
  if ('user' in teller) return { reported_by: teller.user };
  return { told_by: teller.node, ...(teller.first === undefined ? {} : { said_by: teller.first }) };
}
