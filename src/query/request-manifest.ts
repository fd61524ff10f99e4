/**
 * The manifest of a slice version: the client-signed list of commitments to every part of every chunk. The same
 * bytes go to all nodes, which compare its digest before the slice becomes visible.
 *
 * Layout (little-endian): u32 magic, u8 format, cluster (32 bytes), text user, text table, text slice, version
 * (16 bytes), u32 rows, u32 rows to a chunk, u8 parts, u16 columns, u8 per column (1: it has validity bits), then
 * 32 bytes a commitment in the order chunk, column, kind (values, validity), part; 64 bytes of signature.
 */
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { ByteReader, ByteWriter } from '../core/bytes.js';
import { sha256 } from '../core/digest.js';
import { WarifuError } from '../core/errors.js';
import type { PartIndex } from '../core/scheme.js';
import type { SecretBytes } from '../core/secret.js';
import {
  COMMITMENT_BYTES,
  type CommitmentContext,
  PAYLOAD_KINDS,
  type PayloadKind,
} from '../share/commitment.js';
import { MAX_COLUMNS, MAX_ROWS } from '../share/schema.js';
import { MAX_CHUNK_ROWS } from './request.js';
import { SIGNATURE_BYTES, sign, verify } from './request-signature.js';

const MAGIC = 0x4d555257; // 'WRUM'
const MANIFEST_FORMAT = 1;
const MAX_TEXT_BYTES = 512;
const MAX_PARTS = 4;

/** Largest manifest a node accepts: two million commitments. */
export const MAX_MANIFEST_BYTES = 64 * 1024 * 1024;

export interface ManifestHead {
  /** Cluster fingerprint, hex. */
  readonly cluster: string;
  readonly user: string;
  readonly table: string;
  readonly slice: string;
  /** Slice version: 32 hex digits. */
  readonly version: string;
  readonly rows: number;
  readonly chunkRows: number;
  readonly parts: number;
  /** Per column of the schema, whether it has validity bits. */
  readonly nullable: readonly boolean[];
}

/** The place of one commitment in a manifest. */
export type ManifestPlace = Pick<CommitmentContext, 'column' | 'kind' | 'part' | 'chunk'>;

export class Manifest {
  readonly head: ManifestHead;
  /** All commitments, one after the other. */
  readonly commitments: Uint8Array;
  readonly #firstOfColumn: readonly number[];
  readonly #perChunk: number;

  /** @throws RangeError when the list does not have one commitment for each place. */
  constructor(head: ManifestHead, commitments: Uint8Array) {
    const { firstOfColumn, perChunk } = columnLayout(head);
    if (commitments.length !== chunkCount(head) * perChunk * COMMITMENT_BYTES) {
      throw new RangeError(
        `a manifest of this shape does not have ${commitments.length} bytes of commitments`,
      );
    }
    this.head = head;
    this.commitments = commitments;
    this.#firstOfColumn = firstOfColumn;
    this.#perChunk = perChunk;
  }

  get chunks(): number {
    return chunkCount(this.head);
  }

  /** The commitment to a place; throws RangeError for a place that the slice does not have. */
  commitmentAt(place: ManifestPlace): Uint8Array {
    const first = this.#firstOfColumn[place.column];
    const hasKind = place.kind === 'values' || this.head.nullable[place.column] === true;
    if (first === undefined || !hasKind || place.chunk >= this.chunks || place.part >= this.head.parts) {
      throw new RangeError(
        `the slice has no column ${place.column} ${place.kind}, part ${place.part}, chunk ${place.chunk}`,
      );
    }
    const kindOffset = PAYLOAD_KINDS.indexOf(place.kind) * this.head.parts;
    const at = place.chunk * this.#perChunk + first + kindOffset + place.part;
    return this.commitments.subarray(at * COMMITMENT_BYTES, (at + 1) * COMMITMENT_BYTES);
  }

  /** The full context of a place, as `commitment` takes it. */
  contextOf(place: ManifestPlace): CommitmentContext {
    const { cluster, table, slice, version } = this.head;
    return { cluster, table, slice, version, ...place };
  }

  /** Every place, in the manifest's order. */
  static *places(head: ManifestHead): Generator<ManifestPlace> {
    for (let chunk = 0; chunk < chunkCount(head); chunk++) {
      for (let column = 0; column < head.nullable.length; column++) {
        for (const kind of kindsOf(head, column)) {
          for (let part = 0; part < head.parts; part++)
            yield { chunk, column, kind, part: part as PartIndex };
        }
      }
    }
  }
}

/** Chunks of a slice: the last one may be shorter. */
export function chunkCount(head: Pick<ManifestHead, 'rows' | 'chunkRows'>): number {
  return Math.ceil(head.rows / head.chunkRows);
}

function kindsOf(head: ManifestHead, column: number): readonly PayloadKind[] {
  return head.nullable[column] === true ? PAYLOAD_KINDS : ['values'];
}

function columnLayout(head: ManifestHead): { firstOfColumn: number[]; perChunk: number } {
  const firstOfColumn: number[] = [];
  let perChunk = 0;
  for (let column = 0; column < head.nullable.length; column++) {
    firstOfColumn.push(perChunk);
    perChunk += kindsOf(head, column).length * head.parts;
  }
  return { firstOfColumn, perChunk };
}

/** The signed bytes of a manifest. */
export function encodeManifest(manifest: Manifest, privateKey: SecretBytes): Uint8Array {
  const { head, commitments } = manifest;
  const body = new ByteWriter(commitments.length + 4 * MAX_TEXT_BYTES)
    .u32(MAGIC)
    .u8(MANIFEST_FORMAT)
    .raw(hexToBytes(head.cluster))
    .text(head.user)
    .text(head.table)
    .text(head.slice)
    .raw(hexToBytes(head.version))
    .u32(head.rows)
    .u32(head.chunkRows)
    .u8(head.parts)
    .u16(head.nullable.length)
    .raw(Uint8Array.from(head.nullable, (nullable) => (nullable ? 1 : 0)))
    .raw(commitments)
    .finish();
  return new ByteWriter(body.length + SIGNATURE_BYTES)
    .raw(body)
    .raw(sign('manifest', sha256(body), privateKey))
    .finish();
}

/** SHA-256 of an encoded manifest: nodes compare it, and `upload-commit` names it. */
export function manifestDigest(bytes: Uint8Array): Uint8Array {
  return sha256(bytes);
}

/**
 * Parses a manifest and checks its signature. Whether its head is that of the upload which was begun is the
 * caller's to check, with `head`.
 *
 * @param publicKeyOf the key with which a user may sign here.
 * @throws WarifuError REQUEST_INVALID or NOT_ENROLLED.
 */
export function decodeManifest(
  bytes: Uint8Array,
  publicKeyOf: (user: string) => Uint8Array | undefined,
  maxBytes = MAX_MANIFEST_BYTES,
): Manifest {
  if (bytes.length > maxBytes) throw invalid(`it has ${bytes.length} bytes, more than ${maxBytes}`);
  if (bytes.length < SIGNATURE_BYTES) throw invalid('it is too short');
  const body = bytes.subarray(0, bytes.length - SIGNATURE_BYTES);
  const manifest = readBody(body);
  const { user } = manifest.head;
  const publicKey = publicKeyOf(user);
  if (publicKey === undefined) {
    throw new WarifuError('NOT_ENROLLED', `user '${user}' is not enrolled at this node`, { user });
  }
  if (!verify('manifest', sha256(body), bytes.subarray(body.length), publicKey)) {
    throw invalid(`its signature does not match the key enrolled for user '${user}'`);
  }
  return manifest;
}

function readBody(body: Uint8Array): Manifest {
  const reader = new ByteReader(body, 'the manifest');
  try {
    if (reader.u32() !== MAGIC) throw invalid('it does not start as a manifest');
    const format = reader.u8();
    if (format !== MANIFEST_FORMAT) {
      throw invalid(
        `its format is ${format}, this node speaks ${MANIFEST_FORMAT}; use the same version of warifu`,
      );
    }
    const head = readHead(reader);
    const expected = chunkCount(head) * columnLayout(head).perChunk * COMMITMENT_BYTES;
    if (reader.remaining !== expected) {
      throw invalid(`it has ${reader.remaining} bytes of commitments where its shape needs ${expected}`);
    }
    return new Manifest(head, reader.raw(expected).slice());
  } catch (thrown) {
    if (thrown instanceof WarifuError && thrown.code === 'MESSAGE_FORM') throw invalid(thrown.message);
    throw thrown;
  }
}

function readHead(reader: ByteReader): ManifestHead {
  const cluster = bytesToHex(reader.raw(32));
  const user = reader.text(MAX_TEXT_BYTES);
  const table = reader.text(MAX_TEXT_BYTES);
  const slice = reader.text(MAX_TEXT_BYTES);
  const version = bytesToHex(reader.raw(16));
  const rows = reader.u32();
  const chunkRows = reader.u32();
  const parts = reader.u8();
  const columns = reader.u16();
  if (rows < 1 || rows > MAX_ROWS || chunkRows < 1 || chunkRows > MAX_CHUNK_ROWS) {
    throw invalid(`it speaks of ${rows} rows in chunks of ${chunkRows}`);
  }
  if (parts < 1 || parts > MAX_PARTS || columns < 1 || columns > MAX_COLUMNS) {
    throw invalid(`it speaks of ${parts} parts and ${columns} columns`);
  }
  const flags = reader.raw(columns);
  if (flags.some((flag) => flag > 1)) throw invalid('a column is marked neither nullable nor not');
  const nullable = Array.from(flags, (flag) => flag === 1);
  return { cluster, user, table, slice, version, rows, chunkRows, parts, nullable };
}

function invalid(why: string): WarifuError {
  return new WarifuError('REQUEST_INVALID', `the manifest is not valid: ${why}`);
}
