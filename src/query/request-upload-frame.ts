/**
 * Upload frames: the parts of one chunk of a slice, signed by the client for ONE node and ONE part.
 *
 * A frame carries any number of columns of its chunk, in order; each with its salt and either the part's bytes or
 * the seed they grow from. The signature covers a digest of all that stands before it, so a node can neither
 * change a frame nor pass it on as meant for another node, part, chunk or cluster.
 *
 * Layout (little-endian): u32 magic, u8 format, cluster (32 bytes), u8 node, text user, text table, text slice,
 * version (16 bytes), u8 part, u32 chunk, u16 sections; per section u16 column, u8 kind, u8 form, 32 bytes of
 * salt, sized payload; 64 bytes of signature.
 */
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { ByteReader, ByteWriter } from '../core/bytes.js';
import { sha256 } from '../core/digest.js';
import { WarifuError } from '../core/errors.js';
import type { NodeIndex, PartIndex } from '../core/scheme.js';
import type { SecretBytes } from '../core/secret.js';
import { PAYLOAD_KINDS, type PayloadKind, SALT_BYTES } from '../share/commitment.js';
import { SEED_BYTES } from '../share/deal.js';
import { MAX_COLUMNS } from '../share/schema.js';
import { SIGNATURE_BYTES, sign, verify } from './request-signature.js';

const MAGIC = 0x46555257; // 'WRUF'
const FRAME_FORMAT = 1;
const FORMS = ['bytes', 'seed'] as const;
const MAX_TEXT_BYTES = 512;
const MAX_SECTIONS = 2 * MAX_COLUMNS;

/** Largest upload frame a node accepts unless configured otherwise. */
export const MAX_UPLOAD_FRAME_BYTES = 64 * 1024 * 1024;

/** One part of one column's chunk: its values or its validity bits. */
export interface UploadSection {
  /** Index of the column in the schema. */
  readonly column: number;
  readonly kind: PayloadKind;
  /** Whether the payload is the part itself, or a 16-byte seed from which the holder expands it. */
  readonly form: (typeof FORMS)[number];
  readonly salt: Uint8Array;
  readonly payload: Uint8Array;
}

export interface UploadFrame {
  /** Cluster fingerprint, hex. */
  readonly cluster: string;
  readonly node: NodeIndex;
  readonly user: string;
  readonly table: string;
  readonly slice: string;
  /** Slice version: 32 hex digits. */
  readonly version: string;
  readonly part: PartIndex;
  readonly chunk: number;
  /** In increasing order of (column, values before validity). */
  readonly sections: readonly UploadSection[];
}

/** What a receiving node knows before it reads a frame. */
export interface UploadFrameExpectation {
  readonly cluster: string;
  readonly node: NodeIndex;
  readonly parts: readonly PartIndex[];
  readonly publicKeyOf: (user: string) => Uint8Array | undefined;
  readonly maxBytes?: number;
}

/** The signed bytes of a frame. */
export function encodeUploadFrame(frame: UploadFrame, privateKey: SecretBytes): Uint8Array {
  const payloadBytes = frame.sections.reduce((sum, section) => sum + section.payload.length + 64, 0);
  const writer = new ByteWriter(payloadBytes + 4 * MAX_TEXT_BYTES + SIGNATURE_BYTES)
    .u32(MAGIC)
    .u8(FRAME_FORMAT)
    .raw(hexToBytes(frame.cluster))
    .u8(frame.node)
    .text(frame.user)
    .text(frame.table)
    .text(frame.slice)
    .raw(hexToBytes(frame.version))
    .u8(frame.part)
    .u32(frame.chunk)
    .u16(frame.sections.length);
  for (const section of frame.sections) {
    writer
      .u16(section.column)
      .u8(PAYLOAD_KINDS.indexOf(section.kind))
      .u8(FORMS.indexOf(section.form))
      .raw(section.salt)
      .sized(section.payload);
  }
  return writer.raw(sign('upload-frame', sha256(writer.written()), privateKey)).written();
}

/**
 * Parses and authenticates a frame. Payloads are views into `bytes`, not copies.
 *
 * Whether the upload exists, belongs to the user and has such a column and chunk is the caller's to check.
 *
 * @throws WarifuError REQUEST_INVALID, REQUEST_MISADDRESSED or NOT_ENROLLED.
 */
export function decodeUploadFrame(bytes: Uint8Array, expected: UploadFrameExpectation): UploadFrame {
  const limit = expected.maxBytes ?? MAX_UPLOAD_FRAME_BYTES;
  if (bytes.length > limit) throw invalid(`it has ${bytes.length} bytes, more than ${limit}`);
  if (bytes.length < SIGNATURE_BYTES) throw invalid('it is too short');
  const body = bytes.subarray(0, bytes.length - SIGNATURE_BYTES);
  const frame = readBody(body);
  checkAddress(frame, expected);
  const publicKey = expected.publicKeyOf(frame.user);
  if (publicKey === undefined) {
    throw new WarifuError('NOT_ENROLLED', `user '${frame.user}' is not enrolled at this node`, {
      user: frame.user,
    });
  }
  if (!verify('upload-frame', sha256(body), bytes.subarray(body.length), publicKey)) {
    throw invalid(`its signature does not match the key enrolled for user '${frame.user}'`);
  }
  return frame;
}

function checkAddress(frame: UploadFrame, expected: UploadFrameExpectation): void {
  if (frame.cluster !== expected.cluster) throw misaddressed('another cluster');
  if (frame.node !== expected.node) throw misaddressed(`node ${frame.node}; this is node ${expected.node}`);
  if (!expected.parts.includes(frame.part)) {
    throw misaddressed(`part ${frame.part}, which node ${expected.node} does not hold`);
  }
}

function readBody(body: Uint8Array): UploadFrame {
  const reader = new ByteReader(body, 'the upload frame');
  try {
    if (reader.u32() !== MAGIC) throw invalid('it does not start as an upload frame');
    const format = reader.u8();
    if (format !== FRAME_FORMAT) {
      throw invalid(
        `its format is ${format}, this node speaks ${FRAME_FORMAT}; use the same version of warifu`,
      );
    }
    const cluster = bytesToHex(reader.raw(32));
    const node = index(reader.u8());
    const user = reader.text(MAX_TEXT_BYTES);
    const table = reader.text(MAX_TEXT_BYTES);
    const slice = reader.text(MAX_TEXT_BYTES);
    const version = bytesToHex(reader.raw(16));
    const part = index(reader.u8());
    const chunk = reader.u32();
    const sections = readSections(reader);
    reader.end();
    return { cluster, node, user, table, slice, version, part, chunk, sections };
  } catch (thrown) {
    if (thrown instanceof WarifuError && thrown.code === 'MESSAGE_FORM') throw invalid(thrown.message);
    throw thrown;
  }
}

function index(value: number): NodeIndex & PartIndex {
  if (value === 0 || value === 1 || value === 2 || value === 3) return value;
  throw invalid(`it names node or part ${value}`);
}

function readSections(reader: ByteReader): UploadSection[] {
  const count = reader.u16();
  if (count === 0 || count > MAX_SECTIONS) throw invalid(`it has ${count} sections`);
  const sections: UploadSection[] = [];
  let previous = -1;
  for (let i = 0; i < count; i++) {
    const column = reader.u16();
    const kindIndex = reader.u8();
    const kind = PAYLOAD_KINDS[kindIndex];
    const form = FORMS[reader.u8()];
    const place = column * PAYLOAD_KINDS.length + kindIndex;
    if (kind === undefined || form === undefined || column >= MAX_COLUMNS || place <= previous) {
      throw invalid(`section ${i + 1} is of an unknown kind, or out of order`);
    }
    previous = place;
    const salt = reader.raw(SALT_BYTES);
    const payload = reader.sized(reader.remaining);
    if (form === 'seed' && payload.length !== SEED_BYTES) {
      throw invalid(`section ${i + 1} has a seed of ${payload.length} bytes, not ${SEED_BYTES}`);
    }
    sections.push({ column, kind, form, salt, payload });
  }
  return sections;
}

function misaddressed(what: string): WarifuError {
  return new WarifuError('REQUEST_MISADDRESSED', `the upload frame is meant for ${what}`);
}

function invalid(why: string): WarifuError {
  return new WarifuError('REQUEST_INVALID', `the upload frame is not valid: ${why}`);
}
