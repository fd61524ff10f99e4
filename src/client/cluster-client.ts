/**
 * A cluster as a user of it sees it: signs a request once, sends the same bytes to all nodes in parallel, and
 * collects what they answer. Every command has connections of its own, so commands may run side by side.
 */
import type { Cluster } from '../core/cluster-file.js';
import type { NamedKey } from '../core/key-file.js';
import type { NodeIndex } from '../core/scheme.js';
import type { RequestBody } from '../query/request.js';
import type { NodeReply } from './agreement.js';
import { ClusterSession, type NodeOutcome, type OnNodeProgress } from './cluster-session.js';
import { CONNECTION_LIMITS, type ConnectionLimits } from './connection-limits.js';

export interface ClusterClientOptions {
  readonly cluster: Cluster;
  readonly user: NamedKey;
  /** Milliseconds since 1970; the clock of this machine unless told otherwise. */
  readonly now?: () => number;
  /** Instead of the usual limits. */
  readonly limits?: Partial<ConnectionLimits>;
}

export interface AskOptions {
  readonly onProgress?: OnNodeProgress | undefined;
  /** Ends the command, and cancels it at the nodes. */
  readonly signal?: AbortSignal | undefined;
  /** A lost node, which is not asked. */
  readonly without?: NodeIndex | undefined;
}

export class ClusterClient {
  readonly cluster: Cluster;
  readonly user: NamedKey;
  readonly #now: () => number;
  readonly #limits: ConnectionLimits;

  constructor({ cluster, user, now = Date.now, limits }: ClusterClientOptions) {
    this.cluster = cluster;
    this.user = user;
    this.#now = now;
    this.#limits = { ...CONNECTION_LIMITS, ...limits };
  }

  /** Connects to all nodes but a lost one, for several requests; the caller closes the session. */
  open(signal?: AbortSignal, without?: NodeIndex): Promise<ClusterSession> {
    const { cluster, user } = this;
    return ClusterSession.open({ cluster, user, now: this.#now, limits: this.#limits, signal, without });
  }

  /** Asks every node that can be reached; failures are among the outcomes, in the order of the nodes. */
  async ask(body: RequestBody, { onProgress, signal, without }: AskOptions = {}): Promise<NodeOutcome[]> {
    const session = await this.open(signal, without);
    try {
      return await session.ask(body, onProgress);
    } finally {
      session.close();
    }
  }

  /**
   * Asks all nodes; nothing is sent unless all can be reached.
   *
   * @throws WarifuError the error of a node that best explains why it failed.
   */
  async request(body: RequestBody, { onProgress, signal, without }: AskOptions = {}): Promise<NodeReply[]> {
    const session = await this.open(signal, without);
    try {
      return await session.request(body, onProgress);
    } finally {
      session.close();
    }
  }
}
