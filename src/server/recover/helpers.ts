/**
 * The other nodes of the cluster, as a recovering node reaches them: over the same pinned links as when it runs, under
 * its own identity. It takes no part in jobs: offers are answered with the news that it recovers, and questions about
 * undecided changes only with what two of three others are for (lost-vote.ts): another answer would decide them.
 */
import { randomBytes } from 'node:crypto';
import type { Cluster, NodeCard } from '../../core/cluster-file.js';
import { asWarifuError, WarifuError } from '../../core/errors.js';
import { nodesNamed, withNodeNames } from '../../core/node-names.js';
import { type NodeIndex, peersOf, schemeNamed } from '../../core/scheme.js';
import { PeerMesh } from '../../transport/peer-mesh.js';
import { addressOf, type ListenAddress } from '../address.js';
import { ControlLimit } from '../control-limit.js';
import { privateKeyPem } from '../identity/certificate.js';
import type { NodeIdentity } from '../identity/node-identity.js';
import { type ControlMessage, controlMessage, errorToWire } from '../jobs/control-message.js';
import type { FailedCheck } from '../jobs/failed-check.js';
import { saidByPeer } from '../jobs/job-errors.js';
import type { Log } from '../log.js';
import { SOFTWARE_VERSION } from '../version.js';
import { recoverySessionId } from './ask.js';
import { HelperSession } from './helper-session.js';

export interface HelpersOptions {
  readonly identity: NodeIdentity;
  readonly cluster: Cluster;
  readonly self: NodeIndex;
  readonly listen?: ListenAddress | undefined;
  readonly log: Log;
  readonly now: () => number;
  /** How long to wait for all other nodes to be linked. */
  readonly linkMs: number;
  /** Another node says that a check failed there. */
  readonly onFailedCheck: (from: NodeIndex, check: FailedCheck) => void;
  /** Another node asks, or says what it is for, about a change. */
  readonly onAttempt: (from: NodeIndex, message: Extract<ControlMessage, { attempt: string }>) => void;
}

export class Helpers {
  readonly #options: HelpersOptions;
  readonly #mesh: PeerMesh;
  readonly #sessions = new Map<NodeIndex, HelperSession>();
  readonly #refused = new Map<string, (error: WarifuError) => void>();
  readonly #faults = new Set<string>();
  readonly #controls = new ControlLimit((node) => this.#card(node).name);

  constructor(options: HelpersOptions) {
    this.#options = options;
    const { identity, cluster, self } = options;
    this.#mesh = new PeerMesh({
      self,
      listen: options.listen ?? addressOf(this.#card(self).peer),
      tls: { key: privateKeyPem(identity.key.privateKey), certificate: identity.certificate },
      peers: this.#peers.map((node) => {
        const { peer, certificates } = this.#card(node);
        return { node, ...addressOf(peer), certificates };
      }),
      cluster: cluster.fingerprint,
      software: SOFTWARE_VERSION,
      wallClock: options.now,
      onControl: (from, message, bytes) => this.#control(from, message, bytes),
      onFault: (error, peer) => this.#fault(error, peer),
    });
  }

  /** A session with every other node. */
  get sessions(): readonly HelperSession[] {
    return [...this.#sessions.values()];
  }

  /** That of a node. */
  session(node: NodeIndex): HelperSession | undefined {
    return this.#sessions.get(node);
  }

  /**
   * Links to all other nodes and opens a session with each.
   *
   * @throws WarifuError NODE_UNREACHABLE and those of a failed handshake, naming the node.
   */
  async open(): Promise<void> {
    await this.#mesh.start();
    await this.#linked();
    for (const node of this.#peers) {
      const id = randomBytes(16).toString('hex');
      this.#mesh.sendControl(node, { type: 'recover', session: id } satisfies ControlMessage);
      const session = this.#mesh.openSession(recoverySessionId(id), { peers: [node] });
      this.#refused.set(id, (error) => session.abort(error));
      this.#sessions.set(node, new HelperSession({ node, name: this.#card(node).name }, session));
    }
  }

  /** Tells a node something apart from the session with it. @throws WarifuError NODE_UNREACHABLE. */
  sendControl(node: NodeIndex, message: ControlMessage): void {
    this.#mesh.sendControl(node, message);
  }

  /** Ends all sessions: in good order, or, with an error, at once. */
  async close(error?: WarifuError): Promise<void> {
    for (const session of this.sessions) {
      if (error === undefined) await session.end();
      else session.abort(error);
    }
    await this.#mesh.stop();
  }

  async #linked(): Promise<void> {
    const { linkMs } = this.#options;
    try {
      await this.#mesh.whenUp(linkMs);
    } catch (thrown) {
      const down = this.#mesh.status().filter(({ up }) => !up);
      const names = down.map(({ node }) => this.#card(node).name);
      const error = asWarifuError(thrown);
      throw new WarifuError(
        error.code,
        `waited ${linkMs / 1000} seconds for ${nodesNamed(names)}: a recovery needs all other nodes (${this.#named(error.message)})`,
        { ...error.details, node: names.join(' and '), nodes: names },
      );
    }
  }

  get #peers(): readonly NodeIndex[] {
    const { cluster, self } = this.#options;
    return peersOf(schemeNamed(cluster.scheme), self);
  }

  #card(node: NodeIndex): NodeCard {
    const card = this.#options.cluster.nodes[node];
    if (card === undefined) throw new RangeError(`the cluster has no node ${node}`);
    return card;
  }

  #control(from: NodeIndex, message: unknown, bytes: number): void {
    this.#controls.count(from, bytes);
    const parsed = controlMessage.safeParse(message);
    if (!parsed.success) {
      throw new WarifuError('FRAME_INVALID', `node ${this.#card(from).name} sent a message of unknown form`);
    }
    const { data } = parsed;
    if (data.type === 'offer') {
      const error = this.#away('try again when it is done');
      this.#mesh.sendControl(from, { type: 'refuse', job: data.job, error } satisfies ControlMessage);
    } else if (data.type === 'recover') {
      const error = this.#away(
        'run this command again when it runs (a node whose catalogue is whole can run as it is, and be repaired afterwards); two nodes that have lost everything cannot be rebuilt from each other: restore one of them from a copy of its whole directory first',
      );
      const { session } = data;
      this.#mesh.sendControl(from, { type: 'recover-refused', session, error } satisfies ControlMessage);
    } else if (data.type === 'recover-refused') {
      this.#refused.get(data.session)?.(saidByPeer(this.#card(from).name, data.error, []));
    } else if (data.type === 'check-failed') {
      this.#options.onFailedCheck(from, data.check);
    } else if (data.type === 'ask' || data.type === 'tell') {
      this.#options.onAttempt(from, data);
    }
  }

  /** Why this node gives no answers. */
  #away(advice: string): ReturnType<typeof errorToWire> {
    const { name } = this.#card(this.#options.self);
    const why = `node ${name} rebuilds its own disk: ${advice}`;
    return errorToWire(new WarifuError('NODE_UNREACHABLE', why, { node: name }));
  }

  #named(message: string): string {
    const names = this.#options.cluster.nodes.map(({ name }) => name);
    return withNodeNames(message, names);
  }

  /** The mesh repeats a fault at every attempt. */
  #fault(error: WarifuError, peer: NodeIndex | undefined): void {
    const message = this.#named(error.message);
    const text = `${error.code} ${message}`;
    if (this.#faults.has(text) || this.#faults.size > 100) return;
    this.#faults.add(text);
    const who = peer === undefined ? 'a stranger' : this.#card(peer).name;
    this.#options.log.warn({ peer: who, code: error.code }, message);
  }
}
