/** How many rows to a chunk: frames stay small, and so does the manifest. */
import { WarifuError } from '../../core/errors.js';
import type { Scheme } from '../../core/scheme.js';
import { MAX_WIRE_MESSAGE } from '../../query/request-wire.js';
import { COMMITMENT_BYTES, PAYLOAD_KINDS, type PayloadKind } from '../../share/commitment.js';
import { SEED_BYTES } from '../../share/deal.js';
import { type Column, dealtWidth, type TableSchema } from '../../share/schema.js';

/** Rows come in whole words of bits. */
const WORD_ROWS = 64;
const MOST_ROWS = 65_536;
const MIB = 1 << 20;
/** What a frame should hold, and what it may hold so that the manifest of a wide table fits. */
const USUAL_FRAME = 4 * MIB;
const LARGEST_FRAME = 12 * MIB;
/** Cells of a chunk are texts in memory before they are encoded. */
const USUAL_CELLS = 1 << 20;
const LARGEST_CELLS = 1 << 22;
/** Room for the head of a manifest beside its commitments. */
const LARGEST_LIST = MAX_WIRE_MESSAGE - MIB;

/** What is dealt of a column: its values, and its validity bits if it has them. */
export function kindsOf({ nullable }: Pick<Column, 'nullable'>): readonly PayloadKind[] {
  return nullable ? PAYLOAD_KINDS : ['values'];
}

/** Bytes of one part of a column's chunk of n rows. */
export function partBytes({ type }: Column, kind: PayloadKind, n: number): number {
  const width = kind === 'validity' ? 1 : dealtWidth(type);
  return width === 1 ? Math.ceil(n / 64) * 8 : (n * width) / 8;
}

/** Payload bytes of one part's frame for a chunk of n rows: the part itself, or its seeds. */
export function payloadBytes({ columns }: TableSchema, form: 'bytes' | 'seed', n: number): number {
  const dealt = columns.flatMap((column) => kindsOf(column).map((kind) => ({ column, kind })));
  if (form === 'seed') return dealt.length * SEED_BYTES;
  return dealt.reduce((sum, { column, kind }) => sum + partBytes(column, kind, n), 0);
}

/** Bytes of commitments to one chunk. */
export function commitmentBytes({ columns }: TableSchema, { parts }: Scheme): number {
  const dealt = columns.reduce((sum, column) => sum + kindsOf(column).length, 0);
  return dealt * parts.length * COMMITMENT_BYTES;
}

/**
 * Rows to a chunk for a slice of so many rows.
 *
 * @throws WarifuError TABLE_TOO_LARGE when the commitments of so wide and long a slice fit no manifest.
 */
export function chooseChunkRows(schema: TableSchema, rows: number, scheme: Scheme): number {
  const columns = schema.columns.length;
  const wordBytes = payloadBytes(schema, 'bytes', WORD_ROWS);
  const words = (frame: number, cells: number): number =>
    Math.min(MOST_ROWS / WORD_ROWS, Math.floor(frame / wordBytes), Math.floor(cells / columns / WORD_ROWS));
  const usual = Math.max(1, words(USUAL_FRAME, USUAL_CELLS));
  const most = Math.max(1, words(LARGEST_FRAME, LARGEST_CELLS));
  const chunks = Math.floor(LARGEST_LIST / commitmentBytes(schema, scheme));
  const needed = Math.ceil(rows / chunks / WORD_ROWS);
  if (needed > most) {
    throw new WarifuError(
      'TABLE_TOO_LARGE',
      `${rows} rows of ${columns} columns are too much for one slice; upload at most ${chunks * most * WORD_ROWS} rows as a slice, and the rest as further slices`,
      { rows, columns },
    );
  }
  return Math.max(usual, needed) * WORD_ROWS;
}
