/** Connections to all nodes of a cluster for one command: each request goes to all of them, the same bytes. */
import type { Cluster } from '../core/cluster-file.js';
import { asWarifuError, WarifuError } from '../core/errors.js';
import type { NamedKey } from '../core/key-file.js';
import type { NodeIndex } from '../core/scheme.js';
import type { RequestBody } from '../query/request.js';
import { newRequest, signRequest } from '../query/request-envelope.js';
import type { ReplyKey } from '../query/request-seal.js';
import type { ReplyMessage } from '../query/request-wire.js';
import type { NodeReply } from './agreement.js';
import { chooseError, type NodeFailure } from './choose-error.js';
import type { ConnectionLimits } from './connection-limits.js';
import { type KnownNode, nodeLabel, nodesOf } from './node-address.js';
import { errorOf, NodeConnection } from './node-connection.js';
import type { Progress } from './node-messages.js';

export interface SessionOptions {
  readonly cluster: Cluster;
  /** Who signs the requests. */
  readonly user: NamedKey;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly limits: ConnectionLimits;
  /** Aborting it ends the connections, by which the nodes notice and cancel what was asked. */
  readonly signal?: AbortSignal | undefined;
  /** A lost node, which is left alone. */
  readonly without?: NodeIndex | undefined;
}

/** Called for every progress message of every node. */
export type OnNodeProgress = (progress: Progress & { readonly node: number }) => void;

/** What became of a request at one node. */
export type NodeOutcome = NodeReply | NodeFailure;

type Link = NodeConnection | NodeFailure;

export class ClusterSession {
  readonly #options: SessionOptions;
  readonly #links: readonly Link[];
  readonly #onAbort = (): void => this.#fail(new WarifuError('CANCELLED', 'stopped on request'));

  /** Connects to all nodes at once. Those that cannot be reached are kept as failures; see `connections`. */
  static async open(options: SessionOptions): Promise<ClusterSession> {
    const { cluster, limits, now, signal, without } = options;
    const all = nodesOf(cluster);
    const links = await Promise.all(
      all
        .filter(({ node }) => node !== without)
        .map(async (known): Promise<Link> => {
          try {
            return await NodeConnection.open({
              known,
              all,
              cluster: cluster.fingerprint,
              limits,
              now,
              signal,
            });
          } catch (thrown) {
            return { known, error: asWarifuError(thrown), from: 'connection' };
          }
        }),
    );
    return new ClusterSession(options, links);
  }

  private constructor(options: SessionOptions, links: readonly Link[]) {
    this.#options = options;
    this.#links = links;
    options.signal?.addEventListener('abort', this.#onAbort, { once: true });
    if (options.signal?.aborted === true) this.#onAbort();
  }

  /**
   * The connections to all nodes.
   *
   * @throws WarifuError NODE_UNREACHABLE, HANDSHAKE_CERTIFICATE or CANCELLED when there is a node without one.
   */
  connections(): readonly NodeConnection[] {
    const failures = this.#links.filter((link): link is NodeFailure => !(link instanceof NodeConnection));
    if (failures.length > 0) throw this.#chosen(failures);
    return this.#links.filter((link) => link instanceof NodeConnection);
  }

  /**
   * Asks every node that was reached, and waits until each has answered. After the first failure the others have
   * a few seconds to say what they know of it; after the first answer they have a minute to give theirs.
   */
  async ask(body: RequestBody, onProgress?: OnNodeProgress): Promise<NodeOutcome[]> {
    const { cluster, user, now, limits } = this.#options;
    const origin = { cluster: cluster.fingerprint, user: user.name, now: now() };
    const { request, replyKey } = newRequest(origin, body);
    const envelope = signRequest(request, user.privateKey);
    let late: NodeJS.Timeout | undefined;
    let silent: NodeJS.Timeout | undefined;
    const outcomes = await Promise.all(
      this.#links.map(async (link) => {
        const outcome = await this.#askOne(link, envelope, replyKey, onProgress);
        // A node that was not reached at all does not hold up the others.
        if ('error' in outcome && link instanceof NodeConnection)
          late ??= setTimeout(() => this.#giveUpWaiting(unanswered), limits.graceMs);
        if ('reply' in outcome)
          silent ??= setTimeout(
            () => this.#giveUpWaiting((known) => withheld(known, limits.answerMs)),
            limits.answerMs,
          );
        return outcome;
      }),
    );
    clearTimeout(late);
    clearTimeout(silent);
    replyKey.privateKey.wipe();
    return outcomes;
  }

  /**
   * Asks all nodes, none of which may be missing.
   *
   * @throws WarifuError the error of a node that best explains why it failed.
   */
  async request(body: RequestBody, onProgress?: OnNodeProgress): Promise<NodeReply[]> {
    this.connections();
    const outcomes = await this.ask(body, onProgress);
    const failures = outcomes.filter((outcome) => 'error' in outcome);
    if (failures.length > 0) throw this.#chosen(failures);
    return outcomes.filter((outcome) => 'reply' in outcome);
  }

  /** Ends all connections. */
  close(): void {
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
    this.#fail(new WarifuError('CANCELLED', 'the session was closed'));
  }

  #chosen(failures: readonly NodeFailure[]): WarifuError {
    const names = this.#options.cluster.nodes.map(({ name }) => name);
    return chooseError(failures, names, this.#links.length);
  }

  async #askOne(
    link: Link,
    envelope: Uint8Array,
    replyKey: ReplyKey,
    onProgress?: OnNodeProgress,
  ): Promise<NodeOutcome> {
    if (!(link instanceof NodeConnection)) return link;
    const { known } = link;
    let reply: ReplyMessage;
    try {
      reply = await link.request(envelope, replyKey, (progress) =>
        onProgress?.({ ...progress, node: known.node }),
      );
    } catch (thrown) {
      return { known, error: asWarifuError(thrown), from: 'connection' };
    }
    const error = errorOf(reply);
    return error === undefined ? { known, reply } : { known, error, from: 'node' };
  }

  /** Where a reply is still due, its node heard how it went at another one, or never will. */
  #giveUpWaiting(errorFor: (known: KnownNode) => WarifuError): void {
    for (const link of this.#links) {
      if (link instanceof NodeConnection && link.isAwaitingReply) {
        link.fail(errorFor(link.known));
      }
    }
  }

  #fail(error: WarifuError): void {
    for (const link of this.#links) if (link instanceof NodeConnection) link.fail(error);
  }
}

function withheld(known: KnownNode, limitMs: number): WarifuError {
  return new WarifuError(
    'NO_PROGRESS',
    `${nodeLabel(known)} has not answered, ${limitMs / 1000} seconds after another node did: nothing is shown; try again`,
    { node: known.node },
  );
}

function unanswered(known: KnownNode): WarifuError {
  return new WarifuError(
    'CANCELLED',
    `${nodeLabel(known)} was not waited for, since another node had failed`,
    {
      node: known.node,
    },
  );
}
