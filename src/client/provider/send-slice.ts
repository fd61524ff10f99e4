/** The second pass over a provider's file: encodes, deals and sends chunk after chunk, to all nodes at once. */
import { createHash } from 'node:crypto';
import { hexToBytes } from '@noble/hashes/utils.js';
import { WarifuError } from '../../core/errors.js';
import type { NamedKey } from '../../core/key-file.js';
import { type PartIndex, partsHeldBy, type Scheme } from '../../core/scheme.js';
import { SecretBytes } from '../../core/secret.js';
import { encodeManifest, Manifest, type ManifestHead } from '../../query/request-manifest.js';
import { encodeUploadFrame, type UploadSection } from '../../query/request-upload-frame.js';
import { explicitPart } from '../../share/deal.js';
import type { TableSchema } from '../../share/schema.js';
import type { CsvFile } from '../csv/csv-file.js';
import type { NodeConnection } from '../node-connection.js';
import { ChunkEncoder } from '../schema/encode.js';
import { commitmentBytes, payloadBytes } from './chunk-rows.js';
import { type DealContext, type DealtChunk, dealChunk } from './deal-chunk.js';
import { encodedChunks } from './encode-chunks.js';
import type { UploadState } from './upload-state.js';

/** A node, and the frames that it still lacks (`part/chunk`). */
export interface Receiver {
  readonly connection: NodeConnection;
  readonly missing: ReadonlySet<string>;
}

export interface SliceToSend {
  readonly scheme: Scheme;
  readonly file: CsvFile;
  readonly schema: TableSchema;
  readonly user: NamedKey;
  readonly state: UploadState;
  readonly receivers: readonly Receiver[];
  /** Payload bytes that all nodes together have stored, and of how many. */
  readonly onProgress: (done: number, total: number) => void;
}

/**
 * Sends what the receivers lack, and waits until they have stored it.
 *
 * Memory: one chunk of rows, its parts, and each connection's window of frames.
 *
 * @returns the signed manifest of the whole slice.
 * @throws WarifuError FILE_CHANGED when the file is not the one that the state was made for; what the
 *   connections fail with.
 */
export async function sendSlice(slice: SliceToSend): Promise<Uint8Array> {
  const { scheme, file, schema, user, state, receivers } = slice;
  const { head } = state;
  const manifest = manifestHead(slice);
  const secret = new SecretBytes(hexToBytes(head.secret));
  const context: DealContext = { ...manifest, scheme, secret };
  const encoder = new ChunkEncoder(file.path, file.header, schema);
  const perChunk = commitmentBytes(schema, scheme);
  const commitments = new Uint8Array(Math.ceil(head.rows / head.chunk_rows) * perChunk);
  const progress = new SendProgress(slice);
  const hash = createHash('sha256');
  const cells = file.cells(undefined, (bytes) => hash.update(bytes));
  let chunk = 0;
  for await (const columns of encodedChunks(cells, encoder, head, () => changed(file))) {
    const dealt = dealChunk(context, columns, chunk);
    commitments.set(dealt.commitments, chunk * perChunk);
    await state.recordChunk(chunk, Buffer.from(dealt.digest).toString('hex'));
    await Promise.all(receivers.map((receiver) => sendChunk(slice, receiver, dealt, progress)));
    chunk += 1;
  }
  secret.wipe();
  if (hash.digest('hex') !== head.file) throw changed(file);
  await Promise.all(receivers.map(({ connection }) => connection.flush()));
  return encodeManifest(new Manifest(manifest, commitments), user.privateKey);
}

async function sendChunk(
  { scheme, user, state: { head } }: SliceToSend,
  { connection, missing }: Receiver,
  { chunk, sections }: DealtChunk,
  progress: SendProgress,
): Promise<void> {
  const { node } = connection.known;
  for (const part of partsHeldBy(scheme, node)) {
    if (!missing.has(`${part}/${chunk}`)) continue;
    const { cluster, table, slice, version } = head;
    const frame = {
      cluster,
      node,
      user: user.name,
      table,
      slice,
      version,
      part,
      chunk,
      sections: sectionsOf(sections, part),
    };
    const bytes = encodeUploadFrame(frame, user.privateKey);
    await connection.sendFrame({ part, chunk }, bytes, () => progress.stored(part, chunk));
  }
}

function sectionsOf(sections: DealtChunk['sections'], part: PartIndex): readonly UploadSection[] {
  const found = sections[part];
  if (found === undefined) throw new RangeError(`part ${part} was not dealt`);
  return found;
}

function manifestHead({ scheme, user, schema, state: { head } }: SliceToSend): ManifestHead {
  return {
    cluster: head.cluster,
    user: user.name,
    table: head.table,
    slice: head.slice,
    version: head.version,
    rows: head.rows,
    chunkRows: head.chunk_rows,
    parts: scheme.parts.length,
    nullable: schema.columns.map((column) => column.nullable),
  };
}

function changed({ path }: CsvFile): WarifuError {
  return new WarifuError(
    'FILE_CHANGED',
    `${path} changed while it was being uploaded: nothing was committed; run the command again when nothing writes to it`,
    { file: path },
  );
}

/** Counts acknowledged payload bytes; what nodes had stored before counts from the start. */
class SendProgress {
  readonly #slice: SliceToSend;
  readonly #total: number;
  #done: number;

  constructor(slice: SliceToSend) {
    this.#slice = slice;
    this.#total = this.#sum(() => true);
    this.#done = this.#total - this.#sum((missing, key) => missing.has(key));
    slice.onProgress(this.#done, this.#total);
  }

  stored(part: PartIndex, chunk: number): void {
    this.#done += this.#bytesOf(part, chunk);
    this.#slice.onProgress(this.#done, this.#total);
  }

  #bytesOf(part: PartIndex, chunk: number): number {
    const { scheme, schema, state } = this.#slice;
    const { rows, chunk_rows } = state.head;
    const n = Math.min(chunk_rows, rows - chunk * chunk_rows);
    return payloadBytes(schema, part === explicitPart(scheme, chunk) ? 'bytes' : 'seed', n);
  }

  #sum(counts: (missing: ReadonlySet<string>, key: string) => boolean): number {
    const { scheme, receivers, state } = this.#slice;
    const chunks = Math.ceil(state.head.rows / state.head.chunk_rows);
    let bytes = 0;
    for (const { connection, missing } of receivers) {
      for (const part of partsHeldBy(scheme, connection.known.node)) {
        for (let chunk = 0; chunk < chunks; chunk++) {
          if (counts(missing, `${part}/${chunk}`)) bytes += this.#bytesOf(part, chunk);
        }
      }
    }
    return bytes;
  }
}
