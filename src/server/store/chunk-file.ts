/**
 * The file of one chunk of one part: all columns side by side, each sealed on its own, so that a query reads
 * the columns it needs and no others.
 *
 *     8  magic "WRFCHNK\0"
 *     u16 format, u16 number of sections
 *     per section: u16 column, u8 kind (0 values, 1 validity), u32 length of the sealed section
 *     the sealed sections in the same order: AES-256-GCM of salt (32) and payload, see vault.ts
 *
 * The head is public (a table's columns and row counts are); each section is bound to its whole place.
 */
import { ByteReader, ByteWriter } from '../../core/bytes.js';
import type { PartIndex } from '../../core/scheme.js';
import { PAYLOAD_KINDS, type PayloadKind, SALT_BYTES } from '../../share/commitment.js';
import { MAX_COLUMNS } from '../../share/schema.js';
import { newerFormat, SEAL_OVERHEAD } from './vault.js';

export const CHUNK_FORMAT = 1;
const MAGIC = new TextEncoder().encode('WRFCHNK\0');
const HEAD_BYTES = MAGIC.length + 4;
const ENTRY_BYTES = 7;
const MAX_SECTIONS = 2 * MAX_COLUMNS;
/** Covers every well-formed head, so one read gets it whole. */
export const MAX_HEAD_BYTES = HEAD_BYTES + MAX_SECTIONS * ENTRY_BYTES;

/** A slice version by its table, slice name and client-made id (32 hex digits). */
export interface SliceRef {
  readonly table: string;
  readonly slice: string;
  readonly version: string;
}

/** One chunk file: a range of rows of one part. */
export interface ChunkPlace extends SliceRef {
  readonly part: PartIndex;
  readonly chunk: number;
}

/** Which payload of a chunk; `column` is its index in the table's schema. */
export interface SectionKey {
  readonly column: number;
  readonly kind: PayloadKind;
}

export interface Section extends SectionKey {
  /** The 32-byte salt of the client's commitment. */
  readonly salt: Uint8Array;
  readonly payload: Uint8Array;
}

/** Where a section stands in its file. */
export interface SectionEntry extends SectionKey {
  readonly offset: number;
  readonly sealedBytes: number;
}

/** Bytes of a sealed section. */
export function sealedLength(payloadBytes: number): number {
  return SALT_BYTES + payloadBytes + SEAL_OVERHEAD;
}

/** What a sealed section is bound to: moving it to any other place makes it unreadable. */
export function sectionContext(place: ChunkPlace, key: SectionKey): Uint8Array {
  return new ByteWriter()
    .text('warifu chunk')
    .u16(CHUNK_FORMAT)
    .text(place.table)
    .text(place.slice)
    .text(place.version)
    .u16(key.column)
    .u8(PAYLOAD_KINDS.indexOf(key.kind))
    .u8(place.part)
    .u32(place.chunk)
    .finish();
}

/** The head of a file with these sections. */
export function encodeHead(sections: readonly Section[]): Uint8Array {
  const writer = new ByteWriter().raw(MAGIC).u16(CHUNK_FORMAT).u16(sections.length);
  for (const { column, kind, payload } of sections) {
    writer.u16(column).u8(PAYLOAD_KINDS.indexOf(kind)).u32(sealedLength(payload.length));
  }
  return writer.finish();
}

/**
 * The sections of a file, or undefined when its head or its size is not what a whole file has.
 *
 * @param start the file's first MAX_HEAD_BYTES bytes, fewer only when the file is shorter.
 * @param size the file's size, compared with what the head announces.
 * @throws WarifuError STORE_FORMAT for a newer format.
 */
export function decodeHead(start: Uint8Array, size: number, file: string): SectionEntry[] | undefined {
  if (start.length < HEAD_BYTES || MAGIC.some((byte, i) => byte !== start[i])) return undefined;
  const reader = new ByteReader(start, file);
  reader.raw(MAGIC.length);
  const format = reader.u16();
  if (format > CHUNK_FORMAT) throw newerFormat(file, format);
  const count = reader.u16();
  if (format !== CHUNK_FORMAT || count > MAX_SECTIONS || reader.remaining < count * ENTRY_BYTES) {
    return undefined;
  }
  const entries: SectionEntry[] = [];
  let offset = HEAD_BYTES + count * ENTRY_BYTES;
  for (let i = 0; i < count; i++) {
    const column = reader.u16();
    const kind = PAYLOAD_KINDS[reader.u8()];
    const sealedBytes = reader.u32();
    if (kind === undefined || sealedBytes < sealedLength(0)) return undefined;
    entries.push({ column, kind, offset, sealedBytes });
    offset += sealedBytes;
  }
  return offset === size ? entries : undefined;
}
