/**
 * What a running node does for another one that rebuilds its lost disk: it opens a session when asked inside the
 * pinned link, and answers one question after the other. It gives a part only to a node that holds this part by the
 * cluster's scheme, only of visible slices, and only with the client's salt, so that the other can check it.
 *
 * Every session is in the log and in the audit log of this node, with what it was given. One session a peer, some an
 * hour, and no more answers than the peer can need: a recovery costs this node a bounded part of disk and link.
 */
import { asWarifuError, WarifuError } from '../../core/errors.js';
import { type NodeIndex, type PartIndex, partsHeldBy, type Scheme } from '../../core/scheme.js';
import type { Session } from '../../transport/session.js';
import type { AuditLog } from '../audit/audit-log.js';
import { type ControlMessage, errorToWire } from '../jobs/control-message.js';
import type { JobMesh } from '../jobs/job-mesh.js';
import type { Log } from '../log.js';
import type { SliceVersion } from '../store/catalogue.js';
import type { NodeStore } from '../store/node-store.js';
import { expectedSections } from '../work/expand-frame.js';
import { ASK_BYTES, type Ask, decodeAsk, encodeHead, messagesOf, recoverySessionId } from './ask.js';
import { encodeChunkPayload } from './chunk-payload.js';
import { encodeSnapshot, type ManifestDigests, takeSnapshot } from './snapshot.js';

export interface RecoveryServerOptions {
  readonly mesh: Pick<JobMesh, 'openSession' | 'sendControl'>;
  readonly scheme: Scheme;
  /** Parts that this node holds. */
  readonly held: readonly PartIndex[];
  readonly nameOf: (node: NodeIndex) => string;
  readonly store: NodeStore;
  readonly audit: AuditLog;
  readonly log: Log;
  /** Told what broke a session off, which may be a failed check. */
  readonly onFailed: (error: WarifuError) => void;
}

/** Sessions of one peer in an hour: an operator may try again often. */
const SESSIONS_AN_HOUR = 120;
const HOUR_MS = 3_600_000;
/** Questions of a session beside those for chunks, and how often each chunk may be asked for. */
const OTHER_ASKS = 10_000;
const ASKS_A_CHUNK = 3;

/** What a session has given so far. */
interface Given {
  chunks: number;
  refused: number;
}

export class RecoveryServer {
  readonly #options: RecoveryServerOptions;
  readonly #serving = new Set<NodeIndex>();
  readonly #openings = new Map<NodeIndex, number[]>();
  readonly #digests: ManifestDigests = new Map();

  constructor(options: RecoveryServerOptions) {
    this.#options = options;
  }

  /** Whether that node is rebuilding its disk: until it has ended, it takes no part in jobs. */
  isServing(node: NodeIndex): boolean {
    return this.#serving.has(node);
  }

  /** Serves one session to its end; what goes wrong with it is told to the peer, and logged here. */
  async handle(
    from: NodeIndex,
    { session: id }: Extract<ControlMessage, { type: 'recover' }>,
  ): Promise<void> {
    const { mesh, audit, log, nameOf, onFailed } = this.#options;
    const peer = nameOf(from);
    try {
      this.#admit(from);
    } catch (thrown) {
      const error = asWarifuError(thrown);
      log.warn({ peer, code: error.code }, `refused to help in a recovery: ${error.message}`);
      mesh.sendControl(from, { type: 'recover-refused', session: id, error: errorToWire(error) });
      return;
    }
    const given: Given = { chunks: 0, refused: 0 };
    let session: Pick<Session, 'abort' | 'channel' | 'close' | 'failure'> | undefined;
    try {
      // Durable before anything is given.
      await audit.append({ kind: 'recovery-opened', node: from });
      log.info({ peer }, 'the node rebuilds its disk and asks for the parts that it holds');
      session = mesh.openSession(recoverySessionId(id), { peers: [from] });
      await this.#serve(from, session, given);
      await session.close();
      await audit.append({ kind: 'recovery-ended', node: from, ...given });
      log.info({ peer, ...given }, 'the recovery of the node has ended');
    } catch (thrown) {
      const error = session?.failure ?? asWarifuError(thrown);
      session?.abort(error);
      log.warn({ peer, code: error.code, ...given }, `the recovery of the node broke off: ${error.message}`);
      const { code, message, details } = error;
      // There is nobody else in the session.
      onFailed(new WarifuError(code, message, { node: from, ...details }));
      await audit.append({ kind: 'recovery-ended', node: from, ...given, code });
    } finally {
      this.#serving.delete(from);
    }
  }

  #admit(from: NodeIndex): void {
    const peer = this.#options.nameOf(from);
    if (this.#serving.has(from)) {
      throw new WarifuError('NODE_BUSY', `another recovery of node ${peer} is under way`);
    }
    const now = performance.now();
    const openings = (this.#openings.get(from) ?? []).filter((opened) => now - opened < HOUR_MS);
    if (openings.length >= SESSIONS_AN_HOUR) {
      throw new WarifuError('NODE_BUSY', `node ${peer} began ${openings.length} recoveries in an hour`);
    }
    this.#openings.set(from, [...openings, now]);
    this.#serving.add(from);
  }

  /** Answers until the peer says that it is done. */
  async #serve(from: NodeIndex, session: Pick<Session, 'channel'>, given: Given): Promise<void> {
    const channel = session.channel();
    const most = await this.#mostAsks(from);
    for (let n = 0; ; n++) {
      const { ask: askKey, head, body, clock } = messagesOf(n);
      const ask = decodeAsk(await channel.receive(from, askKey, ASK_BYTES));
      if (ask.kind === 'end') return;
      if (n >= most) {
        throw new WarifuError('NODE_BUSY', `the recovering node asked ${n} times, more than it can need`);
      }
      const { ok, bytes } = await this.#answer(from, ask, given);
      await channel.send(from, head, encodeHead({ ok, length: bytes.length }), clock + 1);
      await channel.send(from, body, bytes, clock + 1);
    }
  }

  async #mostAsks(from: NodeIndex): Promise<number> {
    const held = partsHeldBy(this.#options.scheme, from).length;
    const versions = await this.#options.store.catalogue.versions();
    const chunks = versions.reduce((sum, one) => sum + one.chunks, 0);
    return OTHER_ASKS + ASKS_A_CHUNK * chunks * held;
  }

  async #answer(from: NodeIndex, ask: Ask, given: Given): Promise<{ ok: boolean; bytes: Uint8Array }> {
    const { log, nameOf } = this.#options;
    try {
      const bytes = await this.#bytesFor(from, ask);
      if (ask.kind === 'chunk') given.chunks++;
      return { ok: true, bytes };
    } catch (thrown) {
      const error = asWarifuError(thrown);
      given.refused++;
      log.warn({ peer: nameOf(from), code: error.code }, `cannot give what was asked: ${error.message}`);
      return { ok: false, bytes: new TextEncoder().encode(JSON.stringify(errorToWire(error))) };
    }
  }

  async #bytesFor(from: NodeIndex, ask: Ask): Promise<Uint8Array> {
    const { store } = this.#options;
    switch (ask.kind) {
      case 'snapshot':
        return encodeSnapshot(await takeSnapshot(store, this.#digests));
      case 'manifest': {
        await this.#visible(ask.version);
        const manifest = await store.catalogue.manifest(ask.version);
        if (manifest === undefined) throw unknownSlice(ask.version);
        return manifest;
      }
      case 'chunk':
        return await this.#chunk(from, ask);
      case 'end':
        throw new WarifuError('INTERNAL', 'the end is not answered');
    }
  }

  async #chunk(
    from: NodeIndex,
    { version, part, chunk }: { version: string; part: PartIndex; chunk: number },
  ): Promise<Uint8Array> {
    const { scheme, held, store, nameOf } = this.#options;
    if (!partsHeldBy(scheme, from).includes(part)) {
      throw new WarifuError('NOT_ALLOWED', `node ${nameOf(from)} does not hold part ${part}`);
    }
    const slice = await this.#visible(version);
    if (!held.includes(part) || chunk >= slice.chunks) throw unknownSlice(version);
    const release = store.hold([version]);
    try {
      return encodeChunkPayload(await store.readChunk(slice, { part, chunk }, expectedSections(slice)));
    } finally {
      release();
    }
  }

  async #visible(version: string): Promise<SliceVersion> {
    const slice = await this.#options.store.catalogue.version(version);
    if (slice?.state !== 'visible') throw unknownSlice(version);
    return slice;
  }
}

function unknownSlice(version: string): WarifuError {
  return new WarifuError('UNKNOWN_SLICE', 'there is no such part of a visible slice here', { version });
}

/** The links of a node as jobs see them: a peer that rebuilds its disk counts as one that is down. */
export function meshForJobs(mesh: JobMesh, recovery: Pick<RecoveryServer, 'isServing'>): JobMesh {
  return {
    sendControl: (peer, message) => mesh.sendControl(peer, message),
    openSession: (id, options) => mesh.openSession(id, options),
    status: () => mesh.status().map((peer) => ({ ...peer, up: peer.up && !recovery.isServing(peer.node) })),
  };
}
