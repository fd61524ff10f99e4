/** One part of one chunk as it travels to a recovering node: per column the salt and the payload, in schema order. */
import { ByteReader } from '../../core/bytes.js';
import { SALT_BYTES } from '../../share/commitment.js';
import type { SliceVersion } from '../store/catalogue.js';
import type { Section } from '../store/chunk-file.js';
import { expectedSections, rowsOfChunk, sectionBytes } from '../work/expand-frame.js';

type Shape = Pick<SliceVersion, 'schema' | 'rows' | 'chunkRows'>;

/** Bytes of a chunk of one part: it follows from the schema and the number of rows. */
export function chunkPayloadBytes(slice: Shape, chunk: number): number {
  const rows = rowsOfChunk(slice, chunk);
  return expectedSections(slice).reduce((sum, { width }) => sum + SALT_BYTES + sectionBytes(width, rows), 0);
}

export function encodeChunkPayload(sections: readonly Section[]): Uint8Array {
  return Buffer.concat(sections.flatMap(({ salt, payload }) => [salt, payload]));
}

/** @param bytes chunkPayloadBytes of them. */
export function decodeChunkPayload(slice: Shape, chunk: number, bytes: Uint8Array): Section[] {
  const rows = rowsOfChunk(slice, chunk);
  const reader = new ByteReader(bytes, 'a chunk');
  const sections = expectedSections(slice).map(({ column, kind, width }) => ({
    column,
    kind,
    salt: reader.raw(SALT_BYTES),
    payload: reader.raw(sectionBytes(width, rows)),
  }));
  reader.end();
  return sections;
}
