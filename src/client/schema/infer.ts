/**
 * Infers a schema for review from a whole CSV file: one pass, at most 10,000 distinct texts kept a column.
 *
 * Types, in the order in which they are tried: integer, decimal(d) (d: the most decimals seen, up to 9), date
 * (YYYY-MM-DD, YYYY/MM/DD, YYYY年M月D日), boolean (yes/no and the like; not 0/1), category (every label often
 * enough), identifier (nearly all values different). What fits none is refused, with what to do: a schema is
 * public, so nothing gets into it by guessing.
 */
import { WarifuError } from '../../core/errors.js';
import { nearestNameHint } from '../../core/nearest-name.js';
import { foldName, MAX_NAME_LENGTH, MAX_ROWS, schemaToJson, type TableSchema } from '../../share/schema.js';
import { CsvFaults } from '../csv/csv-fault.js';
import type { CsvFile } from '../csv/csv-file.js';
import { ColumnTally } from './column-tally.js';
import { type ColumnReport, decideColumn, type TypeKind } from './decide-column.js';
import { MISSING_MARKERS, WEAK_MISSING_MARKERS } from './words.js';

/** A label that occurs less often is not written into a schema, unless the data stay with their owner. */
export const DEFAULT_MIN_LABEL_COUNT = 10;

export interface InferOptions {
  /** `try` passes 1, which keeps every label. Default 10. */
  readonly minLabelCount?: number;
  /** Exactly these texts (and the empty one) are missing, instead of the usual ones. */
  readonly missing?: readonly string[];
  /** Types by column name, instead of what the values suggest. */
  readonly types?: Readonly<Record<string, TypeKind>>;
  /** For category columns by name: the label into which rare labels are merged. */
  readonly mergeRare?: Readonly<Record<string, string>>;
  /** After each batch; bytes of the file read so far. */
  readonly onProgress?: (progress: { rows: number; bytes: number }) => void;
}

export interface Inference {
  readonly rows: number;
  readonly columns: readonly ColumnReport[];
  /** Undefined when there are problems. */
  readonly schema: TableSchema | undefined;
  /** A sentence each: what keeps a column out of a schema, and what to do. They quote cells. */
  readonly problems: readonly string[];
}

/**
 * @throws WarifuError CSV_INVALID (ragged rows, broken quotes, too many rows), USAGE (an option names a column that the file
 *   lacks), FILE_CHANGED.
 */
export async function inferSchema(file: CsvFile, options: InferOptions = {}): Promise<Inference> {
  const types = byColumn(file, options.types ?? {}, 'type');
  const mergeRare = byColumn(file, options.mergeRare ?? {}, 'label for rare values');
  for (const [name, label] of mergeRare) checkMergedLabel(name, label);
  const markers = new Set(['', ...(options.missing ?? MISSING_MARKERS).map((marker) => marker.trim())]);
  const weak = new Set(options.missing === undefined ? WEAK_MISSING_MARKERS : []);
  const tallies = file.header.map(() => new ColumnTally(markers, weak));
  const rows = await tallyAll(file, tallies, options.onProgress);
  const columns = file.header.map((name, i) =>
    decideColumn(name, tallies[i]!, {
      minLabelCount: options.minLabelCount ?? DEFAULT_MIN_LABEL_COUNT,
      kind: types.get(name),
      mergeRare: mergeRare.get(name),
    }),
  );
  const missing = [...new Set(['', ...columns.flatMap((column) => column.markers)])];
  const problems = [...refusals(columns), ...markerConflicts(columns, missing)];
  const schema =
    problems.length > 0 ? undefined : { missing, columns: columns.flatMap(({ column }) => column ?? []) };
  return { rows, columns, schema, problems };
}

async function tallyAll(
  file: CsvFile,
  tallies: readonly ColumnTally[],
  onProgress: InferOptions['onProgress'],
): Promise<number> {
  const faults = new CsvFaults(file.path);
  let rows = 0;
  for await (const batch of file.records(faults)) {
    for (const [i, record] of batch.records.entries()) {
      const row = batch.rows[i]!;
      for (const [c, tally] of tallies.entries()) tally.add(record[c]!, row);
    }
    rows += batch.records.length;
    checkRowCount(file, rows);
    onProgress?.({ rows, bytes: batch.bytes });
  }
  faults.throwIfAny();
  return rows;
}

/** @throws WarifuError CSV_INVALID when a table could not hold so many rows. */
export function checkRowCount(file: CsvFile, rows: number): void {
  if (rows > MAX_ROWS) {
    throw new WarifuError('CSV_INVALID', `${file.path} has more than ${MAX_ROWS} rows: split it`, {
      file: file.path,
    });
  }
}

function refusals(columns: readonly ColumnReport[]): string[] {
  return columns
    .filter(({ column }) => column === undefined)
    .map(({ name, why }) => `column '${name}': ${why}`);
}

/** Markers hold for the whole table, so one column's gap cannot be another's label. */
function markerConflicts(columns: readonly ColumnReport[], missing: readonly string[]): string[] {
  return columns.flatMap(({ name, labels }) =>
    (labels ?? [])
      .filter(({ label }) => missing.includes(label))
      .map(
        ({ label }) =>
          `column '${name}': '${label}' would be a label here and means a missing value in another column: say which texts are missing, or change one of them in the file`,
      ),
  );
}

function checkMergedLabel(name: string, label: string): void {
  if (label === '' || label !== label.trim() || label.length > MAX_NAME_LENGTH) {
    throw new WarifuError(
      'USAGE',
      `the label for rare values of column '${name}' must have 1 to ${MAX_NAME_LENGTH} characters and no spaces around it`,
    );
  }
}

/** Options by the file's own column names. */
function byColumn<T>(file: CsvFile, wanted: Readonly<Record<string, T>>, what: string): Map<string, T> {
  const names = new Map(file.header.map((name) => [foldName(name), name]));
  return new Map(
    Object.entries(wanted).map(([asked, value]) => {
      const name = names.get(foldName(asked));
      if (name !== undefined) return [name, value];
      const hint = nearestNameHint(asked, file.header);
      throw new WarifuError(
        'USAGE',
        `a ${what} is given for column '${asked}', which ${file.path} lacks${hint}`,
      );
    }),
  );
}

/** The text of a schema file: JSON with a line a field, to review and edit. */
export function schemaFileText(schema: TableSchema): string {
  return `${JSON.stringify(schemaToJson(schema), undefined, 2)}\n`;
}
