/**
 * The keys of one job: agreed with the other nodes through control messages, every wait with a limit.
 *
 * Three nodes exchange one offer a pair. Four also toss a key for each part among its three holders: commitments,
 * openings and echoes, each sent when all of the ones before have come.
 */
import { nodesNamed } from '../../core/node-names.js';
import type { NodeIndex, PartIndex, Scheme } from '../../core/scheme.js';
import { PairwiseAgreement } from '../identity/pairwise-keys.js';
import { PartKeyToss } from '../identity/part-keys.js';
import type { ControlMessage } from './control-message.js';
import { type Job, type KeyMessage, waitedFor } from './job.js';

const KEYS_MS = 10_000;

/** What a backend draws from, and what it makes tags with. */
export interface JobKeys {
  readonly parts: ReadonlyMap<PartIndex, Uint8Array>;
  /** One for each peer; none where the scheme has no tags. */
  readonly tags: ReadonlyMap<NodeIndex, Uint8Array>;
}

export interface KeyPeers {
  readonly scheme: Scheme;
  /** Cluster fingerprint, hex. */
  readonly cluster: string;
  readonly startDigest: Uint8Array;
  readonly self: NodeIndex;
  readonly peers: readonly NodeIndex[];
  readonly nameOf: (node: NodeIndex) => string;
  readonly send: (to: NodeIndex, message: ControlMessage) => void;
}

export class JobKeyAgreement {
  readonly #job: Job;
  readonly #among: KeyPeers;
  readonly #pairs: PairwiseAgreement;
  readonly #toss: PartKeyToss | undefined;

  constructor(job: Job, among: KeyPeers) {
    this.#job = job;
    this.#among = among;
    const { scheme, cluster, startDigest, self } = among;
    const context = { scheme, cluster, queryId: job.id.slice(0, 32), startDigest, self };
    this.#pairs = new PairwiseAgreement(context);
    this.#toss = scheme.name === 'rep4' ? new PartKeyToss(context) : undefined;
  }

  /**
   * Once per job. The keys are the agreement's, until it is wiped.
   *
   * @throws WarifuError PEER_MISBEHAVED naming who sent something that does not fit; NO_PROGRESS naming whom this node
   *   has waited for; the job's failure.
   */
  async agree(): Promise<JobKeys> {
    const pairs = this.#pairs;
    const toss = this.#toss;
    const { id } = this.#job;
    this.#toAll((peer) => ({ type: 'keys', job: id, offer: pairs.offerTo(peer) }));
    if (toss !== undefined) {
      this.#toAll((peer) => ({ type: 'key-commit', job: id, list: toss.commitmentsFor(peer) }));
    }
    await this.#takeAll('offers', 'the key offer', (peer, offer) => pairs.accept(peer, offer));
    if (toss === undefined) return { parts: revealed(pairs.keys()), tags: new Map() };
    await this.#takeAll('commitments', 'the commitment to keys', (peer, list) =>
      toss.acceptCommitments(peer, list),
    );
    this.#toAll((peer) => ({ type: 'key-open', job: id, list: toss.openingsFor(peer) }));
    await this.#takeAll('openings', 'the opening of keys', (peer, list) => toss.acceptOpenings(peer, list));
    this.#toAll((peer) => ({ type: 'key-echo', job: id, list: toss.echoesFor(peer) }));
    await this.#takeAll('echoes', 'the echo of keys', (peer, list) => toss.acceptEchoes(peer, list));
    return { parts: revealed(toss.keys()), tags: revealed(pairs.tagKeys()) };
  }

  /** At the end of the job, however it ends. */
  wipe(): void {
    this.#pairs.wipe();
    this.#toss?.wipe();
  }

  #toAll(message: (peer: NodeIndex) => ControlMessage): void {
    for (const peer of this.#among.peers) this.#among.send(peer, message(peer));
  }

  /** Waits until all peers have sent theirs, then takes each. */
  async #takeAll<K extends keyof KeyMessage>(
    which: K,
    what: string,
    accept: (peer: NodeIndex, message: KeyMessage[K]) => void,
  ): Promise<void> {
    const { peers, nameOf } = this.#among;
    const came: ReadonlyMap<NodeIndex, KeyMessage[K]> = this.#job.keyMessages[which];
    await this.#job.until(
      () => peers.every((peer) => came.has(peer)),
      KEYS_MS,
      () => {
        const missing = peers.filter((peer) => !came.has(peer)).map((peer) => nameOf(peer));
        return waitedFor(`${what} of ${nodesNamed(missing)} (which may itself wait for another)`, KEYS_MS);
      },
    );
    for (const peer of peers) {
      const message = came.get(peer);
      if (message !== undefined) accept(peer, message);
    }
  }
}

function revealed<K>(keys: ReadonlyMap<K, { reveal(): Uint8Array }>): Map<K, Uint8Array> {
  return new Map([...keys].map(([key, secret]) => [key, secret.reveal()]));
}
