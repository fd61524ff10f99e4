/**
 * Uploads at one node: begin or resume, store frames, and commit together with the others.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { bytesToHex } from '@noble/hashes/utils.js';
import { asWarifuError, WarifuError } from '../../core/errors.js';
import type { RequestOf } from '../../query/request.js';
import { decodeManifest, type Manifest, manifestDigest } from '../../query/request-manifest.js';
import type { UploadFrame } from '../../query/request-upload-frame.js';
import { parseSchema, schemaToJson } from '../../share/schema.js';
import { PROTOCOL_VERSION } from '../../transport/hello.js';
import type { HandledReply, OpenedRequest } from '../client-port/request-handler.js';
import type { RunningJob } from '../jobs/running-job.js';
import { decideUpload } from '../policy/decide-upload.js';
import { assertAllowed } from '../policy/decision.js';
import type { SliceVersion } from '../store/catalogue.js';
import { checkCommitments, checkOnShares } from '../work/check-upload.js';
import { expandFrame } from '../work/expand-frame.js';
import { commitmentsOf, ReceivedCommitments } from '../work/received-commitments.js';
import { actorOf, attemptOf, digestOf, type NodeServices, policyOf } from './services.js';
import { assertUploadFits } from './upload-shape.js';

/** What the check of a block of rows takes, whatever the size of the upload. */
const CHECK_MEMORY = 256 << 20;
/** Uploads of one user that are begun and not committed: more than one can have connections for. */
const MAX_UNFINISHED = 32;
const BUSY_RETRIES = 20;
const BUSY_PAUSE_MS = 250;

export class UploadHandler {
  readonly #services: NodeServices;
  readonly #received = new ReceivedCommitments();

  constructor(services: NodeServices) {
    this.#services = services;
  }

  async begin(request: RequestOf<'upload-begin'>): Promise<HandledReply> {
    const { store, audit } = this.#services;
    const { user, table, slice, version, rows, replace } = request;
    const known = await this.#decided(version);
    if (known?.state === 'visible' && known.contributor === user)
      return { data: { state: 'visible', missing: [] } };
    await this.#checkAllowed(user, table, slice, replace);
    const schema = parseSchema(request.schema);
    assertUploadFits(schema, rows, request.chunk_rows, this.#services.scheme);
    if (known === undefined) await store.limitStaged(user, MAX_UNFINISHED - 1);
    const staged = await store.catalogue.stage({
      table,
      slice,
      version,
      contributor: user,
      schema,
      rows,
      chunkRows: request.chunk_rows,
      replace,
    });
    if (known === undefined) {
      await audit.append({ kind: 'upload-started', user, table, slice, version, rows, replace });
    }
    return await this.#state(staged);
  }

  async status({ user, version }: RequestOf<'upload-status'>): Promise<HandledReply> {
    return await this.#state(await this.#ownVersion(user, version));
  }

  /** Stores one authenticated frame. */
  async storeFrame(frame: UploadFrame): Promise<void> {
    const { store } = this.#services;
    const slice = await this.#ownVersion(frame.user, frame.version);
    if (slice.table !== frame.table || slice.slice !== frame.slice || frame.chunk >= slice.chunks) {
      throw new WarifuError('REQUEST_INVALID', 'the upload frame is not of the upload that was begun');
    }
    const { part, chunk, table, slice: name, version } = frame;
    const sections = expandFrame(frame, slice);
    const stored = store.putChunk(version, { part, chunk }, sections);
    // While the disk writes.
    const place = { cluster: this.#services.cluster, table, slice: name, version, part, chunk };
    const commitments = commitmentsOf(place, sections);
    await stored;
    this.#received.add(version, { part, chunk }, commitments);
  }

  async commit(request: RequestOf<'upload-commit'>, opened: OpenedRequest): Promise<HandledReply> {
    const { coordinator, audit } = this.#services;
    const { user, version, table, slice: sliceName } = request;
    const job = bytesToHex(opened.digest);
    let slice: SliceVersion;
    let manifest: { readonly bytes: Uint8Array; readonly list: Manifest };
    try {
      slice = await this.#ownVersion(user, version);
      if (slice.state === 'visible') return await this.#committed(slice, 0, 0);
      await this.#checkAllowed(user, slice.table, slice.slice, slice.replaces !== undefined);
      manifest = await this.#openManifest(request, opened.manifest, slice);
    } catch (thrown) {
      const error = asWarifuError(thrown);
      coordinator.refuse(job, error);
      await audit.append({
        kind: 'upload-refused',
        user,
        table,
        slice: sliceName,
        version,
        code: error.code,
      });
      throw error;
    }
    try {
      const meter = await this.#runCommit(job, request, opened, slice, manifest);
      return await this.#committed(slice, meter.rounds, meter.bytesSent);
    } catch (thrown) {
      const error = asWarifuError(thrown);
      await audit.append({
        kind: 'upload-refused',
        user,
        table,
        slice: sliceName,
        version,
        code: error.code,
      });
      throw error;
    }
  }

  async #runCommit(
    job: string,
    { user, manifest_digest }: RequestOf<'upload-commit'>,
    opened: OpenedRequest,
    slice: SliceVersion,
    manifest: { readonly bytes: Uint8Array; readonly list: Manifest },
  ): Promise<{ rounds: number; bytesSent: number }> {
    const { coordinator, decisions, audit, store } = this.#services;
    const { table, version, rows, chunkRows, schema } = slice;
    const attempt = attemptOf(job);
    const named = { user, table, slice: slice.slice, version, attempt };
    const wish = {
      kind: 'upload' as const,
      agreed: {
        protocol: PROTOCOL_VERSION,
        table,
        slice: slice.slice,
        version,
        manifest: manifest_digest,
        rows,
        chunk_rows: chunkRows,
        schema: digestOf(schemaToJson(schema)),
      },
      minCount: 1,
      memory: CHECK_MEMORY,
    };
    return await coordinator.run(job, wish, opened.signal, async (running) => {
      // While it waited, another upload may have made the table, whose owner has not named this contributor.
      await this.#checkAllowed(user, table, slice.slice, slice.replaces !== undefined);
      const meter = await this.#check(running, opened, slice, manifest.list);
      await decisions.decide(running, attempt, async () => {
        await whileBusy(() => store.prepareUpload(attempt, version, manifest.bytes));
        await audit.append({ kind: 'upload-prepared', ...named });
      });
      await audit.append({ kind: 'upload-visible', ...named });
      return meter;
    });
  }

  /** A version that fails a check is given up: nothing of it is ever visible. */
  async #check(
    running: RunningJob,
    opened: OpenedRequest,
    slice: SliceVersion,
    manifest: Manifest,
  ): Promise<{ rounds: number; bytesSent: number }> {
    const { store, held } = this.#services;
    const source = { store, held };
    try {
      const { result: failing, meter } = await running.compute('upload', async (ctx) => {
        await checkCommitments(source, slice, manifest, this.#received.take(slice.version));
        return await checkOnShares(ctx, source, slice, (done, total) =>
          opened.progress('check', done, total),
        );
      });
      if (failing.length > 0) {
        const names = failing.map((name) => `'${name}'`).join(', ');
        throw new WarifuError(
          'UPLOAD_CHECK_FAILED',
          `values outside the declared range, or missing slots that are not 0, in: ${names}; nothing was stored`,
          { columns: failing },
        );
      }
      return { rounds: meter.rounds, bytesSent: meter.bytesSent };
    } catch (thrown) {
      const { code } = asWarifuError(thrown);
      if (code === 'UPLOAD_CHECK_FAILED' || code === 'COMMITMENT_MISMATCH')
        await store.catalogue.abandon(slice.version);
      throw thrown;
    }
  }

  async #openManifest(
    request: RequestOf<'upload-commit'>,
    bytes: Uint8Array | undefined,
    slice: SliceVersion,
  ): Promise<{ bytes: Uint8Array; list: Manifest }> {
    if (bytes === undefined)
      throw new WarifuError('REQUEST_INVALID', 'the manifest must come before the commit');
    if (bytesToHex(manifestDigest(bytes)) !== request.manifest_digest) {
      throw new WarifuError('REQUEST_INVALID', 'the manifest is not the one that the commit names');
    }
    const users = await this.#services.users();
    const list = decodeManifest(bytes, (user) => users.publicKeyOf(user));
    const { head } = list;
    const fits =
      head.cluster === this.#services.cluster &&
      head.user === slice.contributor &&
      head.table === slice.table &&
      head.slice === slice.slice &&
      head.version === slice.version &&
      head.rows === slice.rows &&
      head.chunkRows === slice.chunkRows &&
      head.parts === this.#services.scheme.parts.length &&
      head.nullable.length === slice.schema.columns.length &&
      head.nullable.every((nullable, i) => nullable === slice.schema.columns[i]?.nullable);
    if (!fits) throw new WarifuError('REQUEST_INVALID', 'the manifest is not of the upload that was begun');
    return { bytes, list };
  }

  async #checkAllowed(user: string, table: string, slice: string, replace: boolean): Promise<void> {
    const record = await this.#services.store.catalogue.table(table);
    const policy = record === undefined ? undefined : await policyOf(this.#services, record);
    assertAllowed(decideUpload(await actorOf(this.#services, user), { table, slice, replace }, policy));
  }

  /** A version, after what an earlier commit left undecided was decided, if that is a matter of moments. */
  async #decided(version: string): Promise<SliceVersion | undefined> {
    const { store, decisions } = this.#services;
    let slice = await store.catalogue.version(version);
    for (let tries = 1; slice?.state === 'prepared' && tries <= BUSY_RETRIES; tries++) {
      await decisions.askAboutPending();
      await sleep(BUSY_PAUSE_MS);
      slice = await store.catalogue.version(version);
    }
    return slice;
  }

  async #ownVersion(user: string, version: string): Promise<SliceVersion> {
    const slice = await this.#decided(version);
    if (slice === undefined || slice.contributor !== user) {
      throw new WarifuError('UNKNOWN_SLICE', 'this upload is not known here: start it again', { version });
    }
    return slice;
  }

  async #state(slice: SliceVersion): Promise<HandledReply> {
    if (slice.state === 'dropped') {
      throw new WarifuError('UNKNOWN_SLICE', 'this upload was given up: start it again', {
        version: slice.version,
      });
    }
    const missing = slice.state === 'staged' ? await this.#services.store.missingChunks(slice.version) : [];
    return { data: { state: slice.state, missing } };
  }

  async #committed(slice: SliceVersion, rounds: number, bytesSent: number): Promise<HandledReply> {
    const slices = await this.#services.store.catalogue.visibleSlices(slice.table);
    const tableRows = slices.reduce((total, { rows }) => total + rows, 0);
    return { data: { rows: slice.rows, table_rows: tableRows, rounds, bytes_sent: bytesSent } };
  }
}

/** Another change of the table is being decided at this node: its end is a matter of moments. */
async function whileBusy(prepare: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await prepare();
      return;
    } catch (thrown) {
      if (asWarifuError(thrown).code !== 'SLICE_BUSY' || tries >= BUSY_RETRIES) throw thrown;
      await sleep(BUSY_PAUSE_MS);
    }
  }
}
