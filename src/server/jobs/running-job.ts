/**
 * A job that all nodes have started: computing on shares, and voting.
 */

import { bytesToHex } from '@noble/hashes/utils.js';
import { sha256 } from '../../core/digest.js';
import { asWarifuError, WarifuError } from '../../core/errors.js';
import type { FoldedPart } from '../../core/fold.js';
import { nodesNamed } from '../../core/node-names.js';
import type { NodeIndex, Scheme } from '../../core/scheme.js';
import { Context } from '../../protocols/context.js';
import type { Meter } from '../../transport/channel.js';
import type { Votes } from '../identity/attempt-votes.js';
import { type Job, waitedFor } from './job.js';
import { JobKeyAgreement } from './job-keys.js';
import type { JobMesh } from './job-mesh.js';
import { makeBackend } from './make-backend.js';
import type { Members } from './members.js';
import type { StartRecord } from './start-record.js';
import { tellPeers } from './tell-peers.js';
import type { VoteTally } from './vote-tally.js';

const VOTE_MS = 120_000;

export interface JobSurroundings {
  readonly mesh: JobMesh;
  readonly cluster: string;
  readonly members: Members;
  readonly nameOf: (node: NodeIndex) => string;
}

export class RunningJob {
  readonly #job: Job;
  readonly #record: StartRecord;
  readonly #around: JobSurroundings;

  constructor(job: Job, record: StartRecord, around: JobSurroundings) {
    this.#job = job;
    this.#record = record;
    this.#around = around;
  }

  /** The minimum count that all nodes agreed on. */
  get minCount(): number {
    return this.#record.minCount;
  }

  /** What the node's stored parts become where it goes on without a lost node. */
  get folded(): readonly FoldedPart[] | undefined {
    return this.#around.members.folded;
  }

  get signal(): AbortSignal {
    return this.#job.signal;
  }

  /**
   * Runs a protocol program with fresh keys in a session of its own. Once per job.
   *
   * What a node does by itself (reading, hashing) belongs inside the program too: in a session, nodes wait for a
   * slower one as long as it works; before it, they wait for a few seconds only.
   *
   * @param watch is given the session's meter before the program starts, for progress.
   */
  async compute<T>(
    name: string,
    program: (ctx: Context) => Promise<T>,
    watch?: (meter: Meter) => void,
  ): Promise<{ readonly result: T; readonly meter: Meter }> {
    const { mesh, cluster, members, nameOf } = this.#around;
    const { scheme, self, peers } = members;
    const sessionId = bytesToHex(
      sha256(new TextEncoder().encode('warifu session v1\0'), this.#record.digest),
    ).slice(0, 32);
    const agreement = new JobKeyAgreement(this.#job, {
      scheme,
      cluster,
      self,
      peers,
      nameOf,
      startDigest: this.#record.digest,
      send: (to, message) => mesh.sendControl(to, message),
    });
    if (this.#job.failure !== undefined) throw this.#job.failure;
    const session = mesh.openSession(sessionId, { peers });
    const fail = (): void => session.abort(asWarifuError(this.#job.signal.reason));
    this.#job.signal.addEventListener('abort', fail, { once: true });
    try {
      const keys = await agreement.agree();
      const channel = session.channel();
      watch?.(channel.meter);
      const result = await program(Context.root(makeBackend(scheme, channel, keys), name));
      await session.close();
      return { result, meter: channel.meter };
    } catch (thrown) {
      const error = session.failure ?? renumbered(asWarifuError(thrown), scheme);
      this.#job.fail(error);
      throw error;
    } finally {
      this.#job.signal.removeEventListener('abort', fail);
      agreement.wipe();
    }
  }

  /**
   * Votes, when this node has prepared durably, and waits until all have: from then on the job cannot fail.
   *
   * @param tally takes the votes of all; others may add to it.
   * @throws WarifuError PEER_MISBEHAVED naming who sent what is no vote; NO_PROGRESS; whatever else ends the job.
   */
  async gatherVotes(vote: string, tally: VoteTally): Promise<Votes> {
    tally.add(this.#around.members.self, vote);
    tellPeers(this.#around.mesh, this.#around.members.peers, { type: 'vote', job: this.#job.id, vote });
    tally.onComplete(() => this.#job.lookForVotes());
    this.#job.settleWhen(() => {
      this.#count(tally);
      return tally.isComplete;
    });
    await this.#job.until(
      () => this.#job.isSettled,
      VOTE_MS,
      () => waitedFor(`the vote of ${this.#missingVotes(tally)}`, VOTE_MS),
    );
    return tally.votes;
  }

  #missingVotes(tally: VoteTally): string {
    const { members, nameOf } = this.#around;
    return nodesNamed(members.peers.filter((peer) => !tally.has(peer)).map(nameOf));
  }

  #count(tally: VoteTally): void {
    for (const [from, vote] of this.#job.votes) {
      if (!tally.add(from, vote)) this.#job.fail(noVote(from, this.#around.nameOf(from)));
    }
  }
}

function noVote(from: NodeIndex, name: string): WarifuError {
  return new WarifuError('PEER_MISBEHAVED', `node ${name} sent as a vote what its key has not signed`, {
    node: from,
  });
}

/** The three-node backend knows survivors by their places. */
function renumbered(error: WarifuError, { nodes }: Scheme): WarifuError {
  const { nodes: places } = error.details;
  const isPlaced = nodes.some((node, place) => node !== place);
  if (!isPlaced || error.code !== 'COPIES_DIFFER' || !Array.isArray(places)) return error;
  const real = places.map((place) => String(nodes[Number(place)]));
  return new WarifuError(
    error.code,
    `the copies of a part from nodes ${real.join(' and ')} differ: one of them altered it`,
    { ...error.details, nodes: real },
  );
}
