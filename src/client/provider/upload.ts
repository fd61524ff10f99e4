/**
 * A provider's upload of one slice: the whole file is checked, then dealt and sent, then committed. If it breaks
 * off, the same command goes on where it stopped; if the file was edited in between, it starts anew.
 */
import { randomBytes } from 'node:crypto';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { canonicalJson } from '../../core/canonical-json.js';
import { sha256 } from '../../core/digest.js';
import { asWarifuError, EXIT } from '../../core/errors.js';
import { schemeNamed } from '../../core/scheme.js';
import { manifestDigest } from '../../query/request-manifest.js';
import { uploadBeginReply, uploadCommitReply } from '../../query/request-replies.js';
import { schemaToJson, type TableSchema } from '../../share/schema.js';
import { agreedValue, type NodeReply, readReplies } from '../agreement.js';
import type { ClusterClient } from '../cluster-client.js';
import type { ClusterSession, OnNodeProgress } from '../cluster-session.js';
import type { CsvFile } from '../csv/csv-file.js';
import { type CheckedFile, checkFile } from './check-file.js';
import { chooseChunkRows } from './chunk-rows.js';
import { type Receiver, sendSlice } from './send-slice.js';
import {
  MemoryUploadStates,
  UPLOAD_STATE_FORMAT,
  type UploadHead,
  type UploadState,
  type UploadStates,
} from './upload-state.js';

/** Bytes of the file, bytes that nodes have stored, or steps of the nodes' checks. */
export interface UploadProgress {
  readonly stage: string;
  readonly done: number;
  readonly total: number;
}

/**
 * new: there was nothing to go on with. resumed: the same content goes on. changed: an earlier upload of this slice
 * broke off, and file or schema were edited since, so everything is dealt again with fresh seeds.
 */
export type UploadStart = 'new' | 'resumed' | 'changed';

export interface UploadOptions {
  readonly file: CsvFile;
  readonly table: string;
  readonly slice: string;
  readonly schema: TableSchema;
  /** Whether a slice of this name may be replaced. */
  readonly replace?: boolean;
  /** Where an unfinished upload is remembered (`FileUploadStates`); without it, it is not. */
  readonly states?: UploadStates | undefined;
  /** Stages: validate (bytes of the file), upload (bytes stored at the nodes), then those that the nodes report. */
  readonly onProgress?: ((progress: UploadProgress) => void) | undefined;
  /** Told after the file was checked and before anything leaves. */
  readonly onStart?: ((start: UploadStart) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface UploadResult {
  readonly start: UploadStart;
  readonly version: string;
  readonly rows: number;
  /** Rows of the whole table now; undefined when an earlier run had committed already, unnoticed. */
  readonly tableRows: number | undefined;
}

/**
 * Uploads a slice.
 *
 * @throws WarifuError before anything leaves: what is wrong with the file. NODE_UNREACHABLE, NODE_LOST or
 *   NO_PROGRESS: the same command goes on later. FILE_CHANGED: the file was edited meanwhile, nothing was
 *   committed. Otherwise what the nodes refuse the slice with.
 */
export async function uploadFile(client: ClusterClient, options: UploadOptions): Promise<UploadResult> {
  const { file, schema, states = new MemoryUploadStates(), onProgress, onStart, signal } = options;
  const checked = await checkFile(
    file,
    schema,
    (bytes) => onProgress?.({ stage: 'validate', done: bytes, total: file.size }),
    signal,
  );
  const head = newHead(client, options, checked);
  const session = await client.open(signal);
  try {
    // Nothing is remembered of an upload of which nothing can leave.
    session.connections();
    const { state, start } = await stateFor(states, head);
    onStart?.(start);
    return { start, ...(await attempted(client, session, options, state)) };
  } finally {
    session.close();
  }
}

type Uploaded = Omit<UploadResult, 'start'>;

async function attempted(
  client: ClusterClient,
  session: ClusterSession,
  options: UploadOptions,
  state: UploadState,
): Promise<Uploaded> {
  try {
    const uploaded = await sent(client, session, options, state);
    await state.remove();
    return uploaded;
  } catch (thrown) {
    const { exitCode } = asWarifuError(thrown);
    // The same bytes would be refused again; an upload of others needs fresh seeds.
    if (exitCode === EXIT.usage || exitCode === EXIT.refused) await state.remove();
    throw thrown;
  }
}

async function sent(
  client: ClusterClient,
  session: ClusterSession,
  options: UploadOptions,
  state: UploadState,
): Promise<Uploaded> {
  const { file, schema, replace = false, onProgress } = options;
  const { table, slice, version, rows, chunk_rows } = state.head;
  const begun = await session.request({
    kind: 'upload-begin',
    table,
    slice,
    version,
    schema: schemaToJson(schema),
    rows,
    chunk_rows,
    replace,
  });
  const answers = readReplies(begun, uploadBeginReply);
  if (answers.every(({ value }) => value.state === 'visible')) return { version, rows, tableRows: undefined };
  const receivers = session.connections().map((connection): Receiver => {
    const answer = answers.find(({ known }) => known.node === connection.known.node);
    const missing = new Set(answer?.value.missing.map(({ part, chunk }) => `${part}/${chunk}`));
    return { connection, missing };
  });
  const manifest = await sendSlice({
    scheme: schemeNamed(client.cluster.scheme),
    file,
    schema,
    user: client.user,
    state,
    receivers,
    onProgress: (done, total) => onProgress?.({ stage: 'upload', done, total }),
  });
  for (const { connection } of receivers) connection.sendManifest(manifest);
  const committed = await session.request(
    {
      kind: 'upload-commit',
      table,
      slice,
      version,
      manifest_digest: bytesToHex(manifestDigest(manifest)),
    },
    slowestOf(receivers.length, onProgress),
  );
  return { version, rows, tableRows: tableRowsOf(committed) };
}

/** All nodes check together: the progress is that of the slowest, and never goes back. */
function slowestOf(nodes: number, onProgress: UploadOptions['onProgress']): OnNodeProgress {
  const steps = new Map<string, Map<number, number>>();
  let shown = '';
  return ({ node, stage, done, total }) => {
    const byNode = steps.get(stage) ?? new Map<number, number>();
    steps.set(stage, byNode.set(node, done));
    const slowest = byNode.size < nodes ? 0 : Math.min(...byNode.values());
    const step = `${stage} ${slowest}`;
    if (step !== shown) onProgress?.({ stage, done: slowest, total });
    shown = step;
  };
}

function tableRowsOf(replies: readonly NodeReply[]): number {
  const values = readReplies(replies, uploadCommitReply);
  return agreedValue(
    values.map(({ known, value }) => ({ known, value: value.table_rows })),
    'the number of rows of the table',
  );
}

function newHead(client: ClusterClient, options: UploadOptions, { rows, digest }: CheckedFile): UploadHead {
  const schemaText = canonicalJson(schemaToJson(options.schema));
  return {
    warifu_upload: UPLOAD_STATE_FORMAT,
    cluster: client.cluster.fingerprint,
    user: client.user.name,
    table: options.table,
    slice: options.slice,
    version: randomBytes(16).toString('hex'),
    secret: randomBytes(32).toString('hex'),
    file: digest,
    schema: bytesToHex(sha256(utf8ToBytes(schemaText))),
    rows,
    chunk_rows: chooseChunkRows(options.schema, rows, schemeNamed(client.cluster.scheme)),
  };
}

/** The state of the upload to go on with, or a new one; a secret is kept only for the very same content. */
async function stateFor(
  states: UploadStates,
  fresh: UploadHead,
): Promise<{ state: UploadState; start: UploadStart }> {
  const found = await states.find(fresh);
  if (found === undefined) return { state: await states.create(fresh), start: 'new' };
  const { head } = found;
  const isSame =
    head.file === fresh.file &&
    head.schema === fresh.schema &&
    head.rows === fresh.rows &&
    // the file's name is a digest of these; compared all the same, since everything hangs on it
    head.cluster === fresh.cluster &&
    head.user === fresh.user &&
    head.table === fresh.table &&
    head.slice === fresh.slice;
  if (isSame) return { state: found, start: 'resumed' };
  return { state: await states.create(fresh), start: 'changed' };
}
