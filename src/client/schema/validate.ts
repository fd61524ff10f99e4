/** Checks a whole file against a schema before anything leaves the provider. */
import type { TableSchema } from '../../share/schema.js';
import { CsvFaults } from '../csv/csv-fault.js';
import type { CsvFile } from '../csv/csv-file.js';
import type { OnBytes } from '../csv/read-cells.js';
import type { CellFault } from './cell-codec.js';
import { CellReader, MISSING, WIDE } from './cell-reader.js';
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
  const checks = schema.columns.map(({ name, type, nullable }, i) => ({
    name,
    nullable,
    place: places[i]!,
    reader: new CellReader(type, schema),
  }));
  const faults = new CsvFaults(file.path);
  let rows = 0;
  for await (const batch of file.cells(faults, options.onBytes)) {
    for (let i = 0; i < batch.count; i++) {
      for (const { name, nullable, place, reader } of checks) {
        const value = reader.read(batch, i, place);
        if (value >= 0 || value === WIDE || (value === MISSING && nullable)) continue;
        const fault = value === MISSING ? MISSING_VALUE : reader.fault;
        if (fault !== undefined) faults.add({ row: batch.rows[i]!, column: name, ...fault });
      }
    }
    rows += batch.count;
    checkRowCount(file, rows);
    options.onProgress?.({ rows, bytes: batch.bytesRead });
  }
  faults.throwIfAny();
  return { rows };
}

const MISSING_VALUE: CellFault = {
  what: 'the value is missing',
  advice: 'fill it in, or declare the column nullable in the schema',
};
