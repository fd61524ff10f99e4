/** What an upload announces must be such that it can ever be committed, before the node remembers anything of it. */
import { WarifuError } from '../../core/errors.js';
import type { Scheme } from '../../core/scheme.js';
import { MAX_WIRE_MESSAGE } from '../../query/request-wire.js';
import { COMMITMENT_BYTES } from '../../share/commitment.js';
import { type Column, dealtWidth, type TableSchema } from '../../share/schema.js';

/**
 * A node lists the chunks that it misses, and makes a whole chunk from a few seeds: neither may be larger than what
 * can be sent of a manifest, and of the part that is no seed.
 *
 * @throws WarifuError REQUEST_INVALID for too many chunks, or too large ones.
 */
export function assertUploadFits(schema: TableSchema, rows: number, chunkRows: number, scheme: Scheme): void {
  assertManifestFits(schema, rows, chunkRows, scheme);
  const n = Math.min(rows, chunkRows);
  const bytes = schema.columns.reduce((sum, column) => sum + chunkBytes(column, n), 0);
  if (bytes < MAX_WIRE_MESSAGE) return;
  throw new WarifuError(
    'REQUEST_INVALID',
    `a chunk of ${n} rows has ${bytes} bytes, which no frame can carry: make the chunks smaller`,
  );
}

/** Bytes of one part of a column's chunk of n rows. */
function chunkBytes({ type, nullable }: Column, n: number): number {
  const bits = Math.ceil(n / 64) * 8;
  const width = dealtWidth(type);
  return (width === 1 ? bits : (n * width) / 8) + (nullable ? bits : 0);
}

function assertManifestFits(
  { columns }: TableSchema,
  rows: number,
  chunkRows: number,
  { parts }: Scheme,
): void {
  const dealt = columns.reduce((sum, { nullable }) => sum + (nullable ? 2 : 1), 0);
  const chunks = Math.ceil(rows / chunkRows);
  if (chunks * dealt * parts.length * COMMITMENT_BYTES < MAX_WIRE_MESSAGE) return;
  throw new WarifuError(
    'REQUEST_INVALID',
    `the upload is cut into ${chunks} chunks, to which no manifest can commit: make them larger, or upload the rows as several slices`,
  );
}
