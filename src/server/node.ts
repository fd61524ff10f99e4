/**
 * One organisation's node: store, links to the other nodes, port for clients, and what happens between them.
 */
import type { NodeCard } from '../core/cluster-file.js';
import { asWarifuError, WarifuError } from '../core/errors.js';
import { nodesNamed, withNodeNames } from '../core/node-names.js';
import { type NodeIndex, partsHeldBy, peersOf, schemeNamed } from '../core/scheme.js';
import { PeerMesh } from '../transport/peer-mesh.js';
import { addressOf } from './address.js';
import { type AuditLog, FileAuditLog, MemoryAuditLog } from './audit/audit-log.js';
import { auditPath } from './audit/audit-path.js';
import { ClientPort } from './client-port/client-port.js';
import { ControlLimit } from './control-limit.js';
import { NodeHandler } from './handlers/node-handler.js';
import { attemptOf, type NodeServices } from './handlers/services.js';
import { attemptVotes } from './identity/attempt-votes.js';
import { keyPin, privateKeyPem } from './identity/certificate.js';
import { indexInCluster } from './identity/cluster.js';
import { controlMessage } from './jobs/control-message.js';
import { JobCoordinator } from './jobs/coordinator.js';
import { decidedEvent } from './jobs/decided-event.js';
import { Decisions } from './jobs/decisions.js';
import { FileDoubts, MemoryDoubts } from './jobs/doubts.js';
import { FailedChecks } from './jobs/failed-checks.js';
import { LostNodes } from './jobs/lost-nodes.js';
import { LinkLog } from './link-log.js';
import { type Log, logWithNames } from './log.js';
import type { NodeOptions } from './node-options.js';
import { meshForJobs, RecoveryServer } from './recover/recovery-server.js';
import { Refusals } from './refusals.js';
import { nodeDisk } from './store/disk.js';
import { NodeStore } from './store/node-store.js';
import { ReplayGuard } from './users/replay-guard.js';
import { SOFTWARE_VERSION } from './version.js';
import { WatchedUsers } from './watched-users.js';

export interface RunningNode {
  readonly index: NodeIndex;
  readonly peerPort: number;
  readonly clientPort: number;
  /** Resolves when all peers are linked. Errors: NODE_UNREACHABLE and those of a failed handshake. */
  whenLinked(ms: number): Promise<void>;
  stop(): Promise<void>;
}

const DEFAULT_MEMORY = 4 * 2 ** 30;
const MAX_RUNNING = 4;
const MAX_WAITING = 64;
const TICK_MS = 1_000;
const ASK_EVERY_TICKS = 5;
const GARBAGE_EVERY_TICKS = 600;
/** An upload at which nothing happened for this long is given up. */
const ABANDONED_MS = 7 * 24 * 3_600_000;

/**
 * Opens the store, links to the peers and serves clients.
 *
 * @throws WarifuError CONFIG_INVALID (the identity is not in the cluster), STORE_* (MISSING: new-store.ts makes a store), AUDIT_BROKEN, NODE_UNREACHABLE
 *   (an address cannot be listened on).
 */
export async function startNode(options: NodeOptions): Promise<RunningNode> {
  const node = new Node(options);
  try {
    await node.start();
  } catch (thrown) {
    await node.stop();
    throw thrown;
  }
  return node;
}

class Node implements RunningNode {
  readonly index: NodeIndex;
  readonly #options: NodeOptions;
  readonly #now: () => number;
  /** Of the cluster's nodes, by index. */
  readonly #names: readonly string[];
  readonly #log: Log;
  readonly #links: LinkLog;
  readonly #controls = new ControlLimit((node) => this.#card(node).name);
  #store: NodeStore | undefined;
  #audit: AuditLog | undefined;
  #mesh: PeerMesh | undefined;
  #port: ClientPort | undefined;
  #coordinator: JobCoordinator | undefined;
  #decisions: Decisions | undefined;
  #refusals: Refusals | undefined;
  #recovery: RecoveryServer | undefined;
  #lost: LostNodes | undefined;
  /** In clusters of four. */
  #checks: FailedChecks | undefined;
  #timer: NodeJS.Timeout | undefined;
  #ticks = 0;
  #ports: { readonly peer: number; readonly client: number } | undefined;

  constructor(options: NodeOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#names = options.cluster.nodes.map(({ name }) => name);
    this.#log = logWithNames(options.log, this.#names);
    this.#links = new LinkLog(this.#log, this.#names);
    this.index = indexInCluster(options.cluster, keyPin(options.identity.key.publicKey));
  }

  get peerPort(): number {
    return this.#ports?.peer ?? 0;
  }

  get clientPort(): number {
    return this.#ports?.client ?? 0;
  }

  async whenLinked(ms: number): Promise<void> {
    const mesh = this.#mesh;
    if (mesh === undefined) throw new WarifuError('CANCELLED', 'the node is stopping');
    try {
      await mesh.whenUp(ms);
    } catch (thrown) {
      const away = mesh.status().filter(({ up }) => !up);
      throw notLinked(
        asWarifuError(thrown),
        away.map(({ node }) => node),
        this.#names,
      );
    }
  }

  async start(): Promise<void> {
    const { directory, secret, cluster, minCountFloor } = this.#options;
    const log = this.#log;
    const scheme = schemeNamed(cluster.scheme);
    const held = partsHeldBy(scheme, this.index);
    const store = await NodeStore.open({ directory, secret, parts: held, now: this.#now });
    this.#store = store;
    if (await store.catalogue.isRebuilding()) throw notRecovered();
    const audit = await this.#openAudit();
    this.#audit = audit;
    const { temporaries, discarded } = store.recovery;
    const [orphans, damaged] = [store.recovery.orphans.length, store.recovery.damaged.length];
    await audit.append({ kind: 'node-started', software: SOFTWARE_VERSION, epoch: store.epoch });
    if (temporaries + orphans + discarded + damaged > 0) {
      await audit.append({ kind: 'store-recovered', temporaries, orphans, discarded, damaged });
      log.warn({ temporaries, orphans, discarded, damaged }, 'recovered the store after an unclean end');
    }
    const peers = peersOf(scheme, this.index);
    const nameOf = (node: NodeIndex): string => this.#card(node).name;
    const mesh = this.#makeMesh(peers);
    this.#mesh = mesh;
    const recovery = new RecoveryServer({
      mesh,
      scheme,
      held,
      nameOf,
      store,
      audit,
      log,
      onFailed: (error) => this.#background(this.#checks?.noticed(error, {})),
    });
    this.#recovery = recovery;
    const jobMesh = meshForJobs(mesh, recovery);
    const lost = new LostNodes(jobMesh, nameOf);
    this.#lost = lost;
    const doubts = this.#options.secret === 'ephemeral' ? new MemoryDoubts() : new FileDoubts(directory);
    const checks = new FailedChecks({
      doubts,
      audit,
      log,
      mesh: jobMesh,
      peers,
      names: this.#names,
      now: this.#now,
    });
    if (scheme.name === 'rep4') this.#checks = checks;
    const coordinator = new JobCoordinator({
      mesh: jobMesh,
      cluster: cluster.fingerprint,
      scheme,
      self: this.index,
      peers,
      nameOf,
      onFailed: async ({ id, query }, error) =>
        await this.#checks?.noticed(error, query === undefined ? { attempt: attemptOf(id) } : { query }),
      epoch: store.epoch,
      memory: this.#options.memory ?? DEFAULT_MEMORY,
      maxRunning: MAX_RUNNING,
      maxWaiting: MAX_WAITING,
    });
    this.#coordinator = coordinator;
    const decisions = new Decisions({
      catalogue: store.catalogue,
      mesh,
      self: this.index,
      peers,
      nameOf,
      votes: attemptVotes(cluster, this.#options.identity.key.privateKey),
      onDecided: async (pending, outcome) => {
        const event = await decidedEvent(store.catalogue, pending, outcome);
        if (event !== undefined) await audit.append(event);
        log.info({ attempt: pending.attempt, outcome }, 'an undecided change was decided');
      },
      onFailedCheck: async (attempt, error) => await this.#checks?.noticed(error, { attempt }),
    });
    this.#decisions = decisions;
    const users = new WatchedUsers(this.#options.users, audit);
    const services: NodeServices = {
      self: this.index,
      cluster: cluster.fingerprint,
      nameOf,
      scheme,
      held,
      store,
      mesh,
      coordinator,
      lost,
      doubts,
      checks,
      decisions,
      audit,
      log,
      users: () => users.read(),
      floor: minCountFloor,
      software: SOFTWARE_VERSION,
      now: this.#now,
    };
    const port = this.#makePort(services);
    this.#port = port;
    const peerPort = await mesh.start();
    const { host, port: wanted } = this.#options.listen?.client ?? addressOf(this.#card(this.index).client);
    this.#ports = { peer: peerPort, client: await port.listen(host, wanted) };
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    log.info({ node: nameOf(this.index), peer: peerPort, client: this.clientPort }, 'the node is up');
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#coordinator?.stop();
    await this.#port?.close();
    await this.#mesh?.stop();
    await this.#audit?.append({ kind: 'node-stopped' }).catch(() => undefined);
    this.#store?.close();
    this.#store = undefined;
  }

  #card(node: NodeIndex): NodeCard {
    const card = this.#options.cluster.nodes[node];
    if (card === undefined) throw new RangeError(`the cluster has no node ${node}`);
    return card;
  }

  async #openAudit(): Promise<AuditLog> {
    if (this.#options.secret === 'ephemeral') return new MemoryAuditLog(this.#now);
    return await FileAuditLog.open(nodeDisk, auditPath(this.#options.directory), this.#now);
  }

  #makeMesh(peers: readonly NodeIndex[]): PeerMesh {
    const { identity, cluster, shape } = this.#options;
    return new PeerMesh({
      self: this.index,
      listen: this.#options.listen?.peer ?? addressOf(this.#card(this.index).peer),
      tls: { key: privateKeyPem(identity.key.privateKey), certificate: identity.certificate },
      peers: peers.map((node) => {
        const card = this.#card(node);
        return { node, ...addressOf(card.peer), certificates: card.certificates };
      }),
      cluster: cluster.fingerprint,
      software: SOFTWARE_VERSION,
      ...(shape === undefined ? {} : { shape }),
      wallClock: this.#now,
      onControl: (from, message, bytes) => this.#control(from, message, bytes),
      onPeerUp: (peer) => {
        this.#links.up(peer);
        this.#background(this.#checks?.remind(peer));
        this.#background(this.#decisions?.askAboutPending());
      },
      onPeerDown: (peer, error) => {
        this.#links.down(peer, error);
        this.#lost?.wentDown(peer);
        this.#coordinator?.peerDown(peer, error);
        this.#background(this.#checks?.noticed(error, {}));
      },
      onFault: (error, peer) => this.#links.fault(error, peer),
    });
  }

  #makePort(services: NodeServices): ClientPort {
    const { identity, cluster } = this.#options;
    const { audit } = services;
    const refusals = new Refusals({
      log: this.#log,
      audit: (event) => this.#background(audit.append(event)),
    });
    this.#refusals = refusals;
    return new ClientPort({
      tls: { key: privateKeyPem(identity.key.privateKey), cert: identity.certificate },
      cluster,
      node: this.index,
      handler: new NodeHandler(services),
      users: services.users,
      replay: new ReplayGuard({ store: services.store.catalogue }),
      now: this.#now,
      onRefused: (error, remoteAddress) => refusals.record(error, remoteAddress),
    });
  }

  /** A message of a form that this node does not know ends the link: the mesh reports it. */
  #control(from: NodeIndex, message: unknown, bytes: number): void {
    this.#controls.count(from, bytes);
    const parsed = controlMessage.safeParse(message);
    if (!parsed.success) {
      throw new WarifuError(
        'FRAME_INVALID',
        `node ${this.#card(from).name} sent a control message of unknown form`,
      );
    }
    if (parsed.data.type === 'ask' || parsed.data.type === 'tell') {
      this.#background(this.#decisions?.handle(from, parsed.data));
    } else if (parsed.data.type === 'recover') {
      this.#background(this.#recovery?.handle(from, parsed.data));
    } else if (parsed.data.type === 'check-failed') {
      this.#background(this.#checks?.told(from, parsed.data.check));
    } else if (parsed.data.type !== 'recover-refused') {
      if (parsed.data.type === 'refuse')
        this.#links.refused(from, parsed.data.error, (node) => this.#isUp(node));
      this.#coordinator?.handle(from, parsed.data);
    }
  }

  #isUp(node: NodeIndex): boolean {
    return this.#mesh?.status().some((peer) => peer.node === node && peer.up) === true;
  }

  #tick(): void {
    this.#ticks++;
    this.#coordinator?.tick();
    this.#refusals?.tick();
    if (this.#ticks % ASK_EVERY_TICKS === 0) this.#background(this.#decisions?.askAboutPending());
    if (this.#ticks % GARBAGE_EVERY_TICKS === 1) {
      this.#background(this.#store?.collectGarbage(this.#now() - ABANDONED_MS));
    }
  }

  /** Work that nobody waits for: its failure is logged. */
  #background(work: Promise<unknown> | undefined): void {
    work?.catch((thrown: unknown) => {
      const error = asWarifuError(thrown);
      this.#log.error({ code: error.code }, error.message);
    });
  }
}

/** The error of one peer, and the names of all that are away. */
function notLinked(
  { code, message, details }: WarifuError,
  away: readonly NodeIndex[],
  names: readonly string[],
): WarifuError {
  const named = withNodeNames(message, names);
  if (away.length < 2) return new WarifuError(code, named, details);
  const nodes = away.map((node) => names[node] ?? String(node));
  return new WarifuError(code, `${nodesNamed(nodes)} are not linked: ${named}`, { ...details, nodes });
}

function notRecovered(): WarifuError {
  return new WarifuError(
    'STORE_DAMAGED',
    "the recovery of this node is not finished: run 'warifu node recover' again until it says that it is. Only if nothing was ever stored in this cluster, start the node once with 'warifu node run --new-store'",
  );
}
