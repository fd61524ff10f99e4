/** The first pass over a provider's file: every cell is checked, and the file's digest taken. */
import { createHash } from 'node:crypto';
import { WarifuError } from '../../core/errors.js';
import type { TableSchema } from '../../share/schema.js';
import type { CsvFile } from '../csv/csv-file.js';
import { validateFile } from '../schema/validate.js';

export interface CheckedFile {
  readonly rows: number;
  /** SHA-256 of the file's bytes, hex. For the provider alone. */
  readonly digest: string;
}

/**
 * @param onProgress bytes of the file read so far.
 * @throws WarifuError as `validateFile`; CANCELLED.
 */
export async function checkFile(
  file: CsvFile,
  schema: TableSchema,
  onProgress: (bytes: number) => void,
  signal?: AbortSignal,
): Promise<CheckedFile> {
  const hash = createHash('sha256');
  const { rows } = await validateFile(file, schema, {
    onBytes: (bytes) => hash.update(bytes),
    onProgress: ({ bytes }) => {
      if (signal?.aborted === true) throw new WarifuError('CANCELLED', 'stopped on request');
      onProgress(bytes);
    },
  });
  return { rows, digest: hash.digest('hex') };
}
