/** Checks a whole file against a schema before anything leaves the provider. */
import type { TableSchema } from '../../share/schema.js';
import { CsvFaults } from '../csv/csv-fault.js';
import type { CsvFile } from '../csv/csv-file.js';
import type { OnBytes } from '../csv/read-records.js';
import { cellCodec, isFault } from './cell-codec.js';
import { checkRowCount } from './infer.js';
import { matchColumns } from './match-columns.js';

export interface ValidateOptions {
  /** After each batch; bytes of `file.size` read so far. */
  readonly onProgress?: (progress: { rows: number; bytes: number }) => void;
  /** Is given every byte of the file that the pass reads, in order. */
  readonly onBytes?: OnBytes;
}

/**
 * Reads every cell of the file. Columns may stand in another order than in the schema.
 *
 * @throws WarifuError SCHEMA_MISMATCH (columns), CSV_INVALID listing up to 20 faults by row and column and
 *   counting all (it quotes cells: for the provider's own terminal), FILE_CHANGED.
 */
export async function validateFile(
  file: CsvFile,
  schema: TableSchema,
  options: ValidateOptions = {},
): Promise<{ rows: number }> {
  const places = matchColumns(file.path, file.header, schema);
  const missing = new Set(schema.missing);
  const checks = schema.columns.map((column, i) => ({
    ...column,
    place: places[i]!,
    codec: cellCodec(column.type),
  }));
  const faults = new CsvFaults(file.path);
  let rows = 0;
  for await (const batch of file.records(faults, options.onBytes)) {
    for (const [i, record] of batch.records.entries()) {
      for (const { name, nullable, place, codec } of checks) {
        const text = record[place]!.trim();
        const value = missing.has(text) ? missingValue(nullable) : codec(text);
        if (isFault(value)) faults.add({ row: batch.rows[i]!, column: name, ...value });
      }
    }
    rows += batch.records.length;
    checkRowCount(file, rows);
    options.onProgress?.({ rows, bytes: batch.bytes });
  }
  faults.throwIfAny();
  return { rows };
}

function missingValue(nullable: boolean): 0 | { what: string; advice: string } {
  if (nullable) return 0;
  return { what: 'the value is missing', advice: 'fill it in, or declare the column nullable in the schema' };
}
