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
  const rows = Math.min(slice.chunkRows, slice.rows - frame.chunk * slice.chunkRows);
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

interface ExpectedSection {
  readonly column: number;
  readonly kind: PayloadKind;
  readonly width: 1 | 64 | 128;
}

function expectedSections({ schema }: SliceVersion): ExpectedSection[] {
  return schema.columns.flatMap(({ type, nullable }, column) => {
    const values: ExpectedSection = { column, kind: 'values', width: dealtWidth(type) };
    return nullable ? [values, { column, kind: 'validity' as const, width: 1 as const }] : [values];
  });
}

function expandSection({ form, payload }: UploadSection, width: 1 | 64 | 128, rows: number): Uint8Array {
  if (form === 'seed') {
    if (payload.length !== SEED_BYTES) throw invalid(`a seed of ${payload.length} bytes`);
    return width === 1 ? expandBits(payload, rows).bytes() : expandRing(payload, width, rows).bytes();
  }
  const bytes = width === 1 ? Math.ceil(rows / 64) * 8 : (rows * width) / 8;
  if (payload.length !== bytes) throw invalid(`a section of ${payload.length} bytes where ${bytes} are due`);
  return payload;
}

function invalid(why: string): WarifuError {
  return new WarifuError('REQUEST_INVALID', `the upload frame is not valid: ${why}`);
}
