/**
 * An upload frame as sections of the store: seeds are expanded, and every size is checked against the schema.
 */
import { WarifuError } from '../../core/errors.js';
import type { UploadFrame, UploadSection } from '../../query/request-upload-frame.js';
import type { PayloadKind } from '../../share/commitment.js';
import { expandBits, expandRing, SEED_BYTES } from '../../share/deal.js';
import { dealtWidth } from '../../share/schema.js';
import type { SliceVersion } from '../store/catalogue.js';
import type { Section } from '../store/chunk-file.js';

/** @throws WarifuError REQUEST_INVALID when the frame does not hold exactly the columns of the upload. */
export function expandFrame(frame: UploadFrame, slice: SliceVersion): Section[] {
  const rows = rowsOfChunk(slice, frame.chunk);
  const expected = expectedSections(slice);
  if (frame.sections.length !== expected.length) throw invalid(`it has ${frame.sections.length} sections`);
  return frame.sections.map((section, i) => {
    const wanted = expected[i];
    if (wanted === undefined || section.column !== wanted.column || section.kind !== wanted.kind) {
      throw invalid(`section ${i} is not the one that is due`);
    }
    return { ...wanted, salt: section.salt, payload: expandSection(section, wanted.width, rows) };
  });
}

/** A section that every chunk of a slice has. */
export interface ExpectedSection {
  readonly column: number;
  readonly kind: PayloadKind;
  readonly width: 1 | 64 | 128;
}

/** The sections of a slice's chunks, in their order. */
export function expectedSections({ schema }: Pick<SliceVersion, 'schema'>): ExpectedSection[] {
  return schema.columns.flatMap(({ type, nullable }, column) => {
    const values: ExpectedSection = { column, kind: 'values', width: dealtWidth(type) };
    return nullable ? [values, { column, kind: 'validity' as const, width: 1 as const }] : [values];
  });
}

/** Rows of a chunk: the last one may have fewer. */
export function rowsOfChunk(
  { rows, chunkRows }: Pick<SliceVersion, 'rows' | 'chunkRows'>,
  chunk: number,
): number {
  return Math.min(chunkRows, rows - chunk * chunkRows);
}

/** Bytes of a section's payload. */
export function sectionBytes(width: ExpectedSection['width'], rows: number): number {
  return width === 1 ? Math.ceil(rows / 64) * 8 : (rows * width) / 8;
}

function expandSection({ form, payload }: UploadSection, width: 1 | 64 | 128, rows: number): Uint8Array {
  if (form === 'seed') {
    if (payload.length !== SEED_BYTES) throw invalid(`a seed of ${payload.length} bytes`);
    return width === 1 ? expandBits(payload, rows).bytes() : expandRing(payload, width, rows).bytes();
  }
  const bytes = sectionBytes(width, rows);
  if (payload.length !== bytes) throw invalid(`a section of ${payload.length} bytes where ${bytes} are due`);
  return payload;
}

function invalid(why: string): WarifuError {
  return new WarifuError('REQUEST_INVALID', `the upload frame is not valid: ${why}`);
}
