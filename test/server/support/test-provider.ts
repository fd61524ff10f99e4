/** A provider whose every step can be bent: values, parts, frames, manifests. Straight, it is an honest client. */
import { randomBytes } from 'node:crypto';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { ClusterClient } from '../../../src/client/cluster-client.js';
import type { ClusterSession } from '../../../src/client/cluster-session.js';
import { dealChunk } from '../../../src/client/provider/deal-chunk.js';
import type { EncodedColumn } from '../../../src/client/schema/encode.js';
import { partsHeldBy, schemeNamed } from '../../../src/core/scheme.js';
import { SecretBytes } from '../../../src/core/secret.js';
import { BitMatrix } from '../../../src/kernels/bit-matrix.js';
import { RingVector } from '../../../src/kernels/ring-vector.js';
import { encodeManifest, Manifest, manifestDigest } from '../../../src/query/request-manifest.js';
import { encodeUploadFrame, type UploadFrame } from '../../../src/query/request-upload-frame.js';
import { type Column, dealtWidth, schemaToJson, type TableSchema } from '../../../src/share/schema.js';
import { encodeCell, type PlainRow } from '../../support/table.js';

export interface Upload {
  readonly table: string;
  readonly slice: string;
  readonly schema: TableSchema;
  readonly rows: readonly PlainRow[];
  readonly chunkRows?: number;
  readonly replace?: boolean;
  readonly version?: string;
  /** 32 bytes from which all seeds and salts derive. */
  readonly secret?: Uint8Array;
}

/** How a client lies. */
export interface Lies {
  /** Other values than those of the rows, by column: encoded. */
  readonly values?: (column: Column, encoded: bigint[]) => bigint[];
  readonly frame?: (frame: UploadFrame) => UploadFrame;
  readonly frameBytes?: (frame: UploadFrame, bytes: Uint8Array) => Uint8Array;
  readonly commitments?: (node: number, list: Uint8Array) => Uint8Array;
  /** Called after the frames are stored, before the commit. */
  readonly beforeCommit?: () => Promise<void>;
}

export function encodeRows(
  rows: readonly PlainRow[],
  { columns }: TableSchema,
  lies: Lies = {},
): EncodedColumn[] {
  return columns.map((column) => {
    const { name, type, nullable } = column;
    const honest = rows.map((row) => encodeCell(type, row[name] ?? null));
    const encoded = lies.values?.(column, honest) ?? honest;
    const width = dealtWidth(type);
    const values =
      width === 1 ? BitMatrix.fromBits([encoded.map(Number)]) : RingVector.fromBigInts(width, encoded);
    const present = rows.map((row) => (row[name] === null ? 0 : 1));
    return { column, values, validity: nullable ? BitMatrix.fromBits([present]) : undefined };
  });
}

/** Uploads and commits a slice. */
export async function upload(client: ClusterClient, wanted: Upload, lies: Lies = {}): Promise<void> {
  const session = await client.open();
  try {
    await uploadIn(client, session, wanted, lies);
  } finally {
    session.close();
  }
}

export async function uploadIn(
  client: ClusterClient,
  session: ClusterSession,
  wanted: Upload,
  lies: Lies = {},
): Promise<void> {
  const { table, slice, schema, rows, chunkRows = 64, replace = false } = wanted;
  const version = wanted.version ?? randomBytes(16).toString('hex');
  const secret = new SecretBytes(new Uint8Array(wanted.secret ?? randomBytes(32)));
  const cluster = client.cluster.fingerprint;
  const scheme = schemeNamed(client.cluster.scheme);
  const begin = {
    table,
    slice,
    version,
    schema: schemaToJson(schema),
    rows: rows.length,
    chunk_rows: chunkRows,
  };
  await session.request({ kind: 'upload-begin', ...begin, replace });
  const lists: Uint8Array[] = [];
  for (let chunk = 0; chunk * chunkRows < rows.length; chunk++) {
    const some = rows.slice(chunk * chunkRows, (chunk + 1) * chunkRows);
    const dealt = dealChunk(
      { scheme, cluster, table, slice, version, secret },
      encodeRows(some, schema, lies),
      chunk,
    );
    lists.push(dealt.commitments);
    for (const connection of session.connections()) {
      const { node } = connection.known;
      for (const part of partsHeldBy(scheme, node)) {
        const sections = dealt.sections[part] ?? [];
        const honest = {
          cluster,
          node,
          user: client.user.name,
          table,
          slice,
          version,
          part,
          chunk,
          sections,
        };
        const frame = lies.frame?.(honest) ?? honest;
        const bytes = encodeUploadFrame(frame, client.user.privateKey);
        const sent = lies.frameBytes?.(frame, bytes) ?? bytes;
        await connection.sendFrame({ part, chunk }, sent, () => undefined);
      }
    }
  }
  await Promise.all(session.connections().map((connection) => connection.flush()));
  await lies.beforeCommit?.();
  const list = new Uint8Array(Buffer.concat(lists));
  const head = {
    cluster,
    user: client.user.name,
    table,
    slice,
    version,
    rows: rows.length,
    chunkRows,
    parts: scheme.parts.length,
    nullable: schema.columns.map((column) => column.nullable),
  };
  let digest = '';
  for (const connection of session.connections()) {
    const bent = lies.commitments?.(connection.known.node, list.slice()) ?? list;
    const manifest = encodeManifest(new Manifest(head, bent), client.user.privateKey);
    digest = bytesToHex(manifestDigest(manifest));
    connection.sendManifest(manifest);
  }
  await session.request({ kind: 'upload-commit', table, slice, version, manifest_digest: digest });
}
