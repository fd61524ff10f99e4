/**
 * `warifu node recover`: rebuilds the store of this node from the others, while the node itself does not run.
 *
 * 1. A store that is lost, or empty, is marked as one that is being rebuilt: no node run starts on it before the end.
 * 2. All other nodes say which tables and slices there are, and must agree in every fact; no node's word is taken
 *    against another's. What is undecided among them is waited for, unless only this node could decide it: then it is
 *    given up, as by a node that never heard of it.
 * 3. A catalogue that is lost is rebuilt: every slice is staged with its manifest, which its contributor has signed,
 *    and every chunk comes from another holder of the part and is checked against the manifest before it is stored.
 *    A catalogue that is here and says the same stays; chunks that are damaged or missing are replaced.
 * 4. All other nodes say again what there is. If it is the same, tables and slices become visible in one step.
 *
 * An interruption leaves staged slices that no node run shows; the next recovery goes on with the chunks that are not
 * here yet.
 */
import type { Cluster } from '../../core/cluster-file.js';
import { asWarifuError, WarifuError } from '../../core/errors.js';
import { partsHeldBy, peersOf, type Scheme, schemeNamed } from '../../core/scheme.js';
import type { ListenAddress } from '../address.js';
import { type AuditLog, FileAuditLog } from '../audit/audit-log.js';
import { auditPath } from '../audit/audit-path.js';
import { attemptVotes } from '../identity/attempt-votes.js';
import { keyPin } from '../identity/certificate.js';
import { indexInCluster } from '../identity/cluster.js';
import type { NodeIdentity } from '../identity/node-identity.js';
import { FileDoubts, MemoryDoubts } from '../jobs/doubts.js';
import { FailedChecks } from '../jobs/failed-checks.js';
import { type Log, logWithNames } from '../log.js';
import { type Disk, nodeDisk } from '../store/disk.js';
import type { NodeStore } from '../store/node-store.js';
import type { VaultSecret } from '../store/vault.js';
import type { EnrolledUsers } from '../users/enrolled-users.js';
import { agreedSnapshot } from './agreed-snapshot.js';
import { differencesAmong } from './agreement.js';
import { unlessCancelled } from './cancelled.js';
import { nameOf } from './fetch-slice.js';
import { Helpers } from './helpers.js';
import { chunksLost } from './lost-chunks.js';
import { LostVote } from './lost-vote.js';
import { expectSame, type Found, openOwnStore } from './own-store.js';
import { type Fetched, fetchSlices, type RebuildOptions, repairSlices } from './rebuild.js';
import { RecoveryFaults } from './recovery-faults.js';
import { setAside } from './set-aside.js';
import type { Snapshot } from './snapshot.js';

export interface RecoverOptions {
  readonly identity: NodeIdentity;
  readonly cluster: Cluster;
  /** Exists, and no node runs on it. */
  readonly directory: string;
  readonly secret: VaultSecret;
  /** Contributors must be enrolled here: their keys check what comes. */
  readonly users: { read(): Promise<EnrolledUsers> };
  readonly log: Log;
  /** Moves what is here of the store out of the way first. */
  readonly setAside?: boolean;
  /** Ends the recovery although some chunks are lost at all nodes: queries that read them fail. */
  readonly acceptLoss?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: RebuildOptions['onProgress'];
  /** Where to listen for the other nodes, if not at the address of the card. */
  readonly listen?: ListenAddress | undefined;
  readonly disk?: Disk;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** How long to wait for links, and for the others to agree, in milliseconds. */
  readonly linkMs?: number;
  readonly patienceMs?: number;
}

export interface Recovered {
  /** 'whole': nothing was missing; 'repaired': chunks were replaced; 'recovered': the whole store was rebuilt. */
  readonly state: 'whole' | 'repaired' | 'recovered';
  readonly tables: number;
  readonly slices: number;
  /** Chunks that came from the other nodes in this run. */
  readonly chunks: number;
  /** Slices with chunks that no other node has right. */
  readonly lost: readonly string[];
  /** Where the earlier store was moved to. */
  readonly aside: string | undefined;
}

const LINK_MS = 30_000;
const PATIENCE_MS = 20_000;

/**
 * Recovers a node's store.
 *
 * @throws WarifuError CONFIG_INVALID (this node is not in the cluster), STORE_*, NODE_UNREACHABLE, NODE_LOST,
 *   STATE_DIFFERS or POLICY_DIFFERS (the other nodes do not agree, or this node's catalogue differs from theirs),
 *   NOT_ENROLLED (a contributor), COMMITMENT_MISMATCH or CHUNK_DAMAGED (chunks that no node has right), CANCELLED.
 */
export async function recoverNode(options: RecoverOptions): Promise<Recovered> {
  const { directory, secret, cluster, identity, disk = nodeDisk, now = Date.now } = options;
  const { signal = new AbortController().signal } = options;
  const self = indexInCluster(cluster, keyPin(identity.key.publicKey));
  const scheme = schemeNamed(cluster.scheme);
  const held = partsHeldBy(scheme, self);
  const aside = options.setAside === true ? await setAside(directory, now()) : undefined;
  const { store, found } = await openOwnStore({ directory, secret, parts: held, disk, now });
  try {
    const audit = await FileAuditLog.open(disk, auditPath(directory), now);
    const { listen, linkMs = LINK_MS } = options;
    const isFour = scheme.name === 'rep4';
    const names = cluster.nodes.map(({ name }) => name);
    const log = logWithNames(options.log, names);
    const helpers: Helpers = new Helpers({
      identity,
      cluster,
      self,
      listen,
      log,
      now,
      linkMs,
      onFailedCheck: (from, check) => void (isFour && checks.told(from, check)),
      onAttempt: (from, message) => void (isFour && lostVote.handle(from, message)),
    });
    const lostVote: LostVote = new LostVote({
      mesh: helpers,
      self,
      peers: peersOf(scheme, self),
      votes: attemptVotes(cluster, identity.key.privateKey),
    });
    const checks: FailedChecks = new FailedChecks({
      // Three nodes never go on with fewer: there is no doubt to keep, and nobody to tell.
      doubts: isFour ? new FileDoubts(directory) : new MemoryDoubts(),
      peers: isFour ? peersOf(scheme, self) : [],
      audit,
      log,
      mesh: helpers,
      names,
      now,
    });
    const faults = new RecoveryFaults({ checks, audit, log });
    try {
      await unlessCancelled(helpers.open(), signal);
      const recovery = new Recovery(options, { store, audit, helpers, scheme, held, signal, faults });
      const recovered = await recovery.run(found);
      await helpers.close();
      return { ...recovered, aside };
    } catch (thrown) {
      const error = asWarifuError(thrown);
      await faults.ended(error);
      await helpers.close(error);
      throw thrown;
    }
  } finally {
    store.close();
  }
}

class Recovery {
  readonly #options: RecoverOptions;
  readonly #store: NodeStore;
  readonly #audit: AuditLog;
  readonly #helpers: Helpers;
  readonly #fetching: Omit<RebuildOptions, 'publicKeyOf'>;
  readonly #faults: RecoveryFaults;

  constructor(
    options: RecoverOptions,
    made: {
      readonly store: NodeStore;
      readonly audit: AuditLog;
      readonly helpers: Helpers;
      readonly scheme: Scheme;
      readonly held: RebuildOptions['held'];
      readonly signal: AbortSignal;
      readonly faults: RecoveryFaults;
    },
  ) {
    this.#options = options;
    const { store, audit, helpers, scheme, held, signal, faults } = made;
    this.#store = store;
    this.#audit = audit;
    this.#helpers = helpers;
    this.#faults = faults;
    this.#fetching = {
      helpers: helpers.sessions,
      store,
      scheme,
      held,
      cluster: options.cluster.fingerprint,
      signal,
      onProgress: options.onProgress ?? (() => undefined),
      onFault: (fault) => faults.add(fault),
    };
  }

  async run(found: Found): Promise<Omit<Recovered, 'aside'>> {
    const agreed = await this.#agreed();
    if (found === 'kept') return await this.#repair(agreed);
    await this.#audit.append({ kind: 'recovery-started', catalogue: found });
    return await this.#rebuild(agreed);
  }

  async #repair(agreed: Snapshot): Promise<Omit<Recovered, 'aside'>> {
    await expectSame(this.#store, agreed);
    const fetched = await repairSlices(await this.#withKeys(agreed), agreed);
    if (fetched.chunks === 0 && fetched.lost.length === 0) return reportOf('whole', agreed, fetched);
    this.#refuseLoss(fetched);
    await this.#recordEnd(agreed, fetched);
    return reportOf('repaired', agreed, fetched);
  }

  /** Until the others say at the end what they said at the beginning. */
  async #rebuild(first: Snapshot): Promise<Omit<Recovered, 'aside'>> {
    let agreed = first;
    let chunks = 0;
    for (;;) {
      const fetched = await fetchSlices(await this.#withKeys(agreed), agreed);
      chunks += fetched.chunks;
      this.#refuseLoss(fetched);
      const again = await this.#agreed();
      if (isSame(agreed, again)) {
        await this.#finish(again);
        const all = { chunks, lost: fetched.lost };
        await this.#recordEnd(again, all);
        return reportOf('recovered', again, all);
      }
      agreed = again;
    }
  }

  async #finish({ tables, slices, pending }: Snapshot): Promise<void> {
    const visible = slices.map(({ version }) => version);
    await this.#store.catalogue.finishRebuild({ tables, visible, givenUp: pending });
  }

  async #recordEnd({ tables, slices }: Snapshot, { chunks, lost }: Fetched): Promise<void> {
    const counts = { tables: tables.length, slices: slices.length, chunks, lost: lost.length };
    await this.#audit.append({ kind: 'node-recovered', ...counts });
  }

  #agreed(): Promise<Snapshot> {
    const agreeing = agreedSnapshot(this.#helpers.sessions, this.#options.patienceMs ?? PATIENCE_MS);
    return unlessCancelled(agreeing, this.#fetching.signal);
  }

  /** With the keys of all contributors, also of those revoked since. @throws WarifuError NOT_ENROLLED naming all that lack. */
  async #withKeys({ slices }: Snapshot): Promise<RebuildOptions> {
    const { records } = await this.#options.users.read();
    const keys = new Map(records.map(({ name, publicKey }) => [name, publicKey]));
    const unknown = new Set(slices.map(({ contributor }) => contributor).filter((user) => !keys.has(user)));
    if (unknown.size > 0) {
      const names = [...unknown].toSorted();
      throw new WarifuError(
        'NOT_ENROLLED',
        `the signatures of ${names.map((name) => `'${name}'`).join(', ')} cannot be checked: enrol them here first (and revoke afterwards who should have no access), then recover`,
        { users: names },
      );
    }
    return { ...this.#fetching, publicKeyOf: (user) => keys.get(user) };
  }

  #refuseLoss({ lost }: Fetched): void {
    const [first] = lost;
    if (first === undefined || this.#options.acceptLoss === true) return;
    throw chunksLost(first, lost.length, this.#faults.of(first.slice.version));
  }
}

function isSame(before: Snapshot, after: Snapshot): boolean {
  const differences = differencesAmong([
    { name: 'before', snapshot: before },
    { name: 'after', snapshot: after },
  ]);
  return differences.length === 0;
}

function reportOf(
  state: Recovered['state'],
  { tables, slices }: Snapshot,
  { chunks, lost }: Fetched,
): Omit<Recovered, 'aside'> {
  const lostSlices = [...new Set(lost.map(({ slice }) => nameOf(slice)))];
  return { state, tables: tables.length, slices: slices.length, chunks, lost: lostSlices };
}
