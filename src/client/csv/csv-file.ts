/**
 * A CSV file of a data provider: opened, its encoding, delimiter and header known, its records read in
 * batches as often as needed. Memory does not grow with the file.
 *
 * Format: RFC 4180, leniently: CRLF, LF or CR; the last line may lack its end; blank lines are skipped (so a
 * one-column table writes a missing value as NA, not as a blank line); spaces after a closing quote are
 * ignored, and a quote inside an unquoted field is taken as it stands.
 */
import { WarifuError } from '../../core/errors.js';
import { foldName, MAX_COLUMNS, MAX_NAME_LENGTH } from '../../share/schema.js';
import { type CellBatch, withoutFirst } from './cell-batch.js';
import { CsvFaults, quoteCell } from './csv-fault.js';
import { type Delimiter, type Dialect, sniffDialect } from './dialect.js';
import { type CsvEncoding, detectEncoding, strictDecoder } from './encoding.js';
import { emptyFile, type FileIdentity, fileChunks, identifyFile } from './file-bytes.js';
import { type OnBytes, readCells } from './read-cells.js';
import { type RawBatch, type RawRecords, readRecords } from './read-records.js';

export interface CsvOptions {
  /** Instead of what the header line suggests. */
  readonly delimiter?: Delimiter;
  /** Instead of what the bytes suggest; the file must be valid in it. */
  readonly encoding?: CsvEncoding;
}

/** Whole data records (as many fields as the header has columns), with their row numbers. */
export type RecordBatch = RawBatch;

export class CsvFile {
  readonly identity: FileIdentity;
  readonly encoding: CsvEncoding;
  readonly dialect: Dialect;
  /** Column names, in file order, without spaces around them. */
  readonly header: readonly string[];

  constructor(identity: FileIdentity, encoding: CsvEncoding, dialect: Dialect, header: readonly string[]) {
    this.identity = identity;
    this.encoding = encoding;
    this.dialect = dialect;
    this.header = header;
  }

  get path(): string {
    return this.identity.path;
  }

  /** Bytes. */
  get size(): number {
    return this.identity.size;
  }

  /**
   * One pass over the data records. A batch is what one chunk of the file (256 KiB) completes.
   *
   * Ragged rows and broken quotes are added to `faults` when it is given (ragged rows are then left out, and
   * after a broken quote nothing more comes); otherwise the first one is thrown.
   *
   * @throws WarifuError CSV_INVALID, FILE_CHANGED, FILE_UNREADABLE.
   */
  async *records(faults?: CsvFaults): AsyncGenerator<RecordBatch, void, undefined> {
    const collected = faults ?? new CsvFaults(this.path);
    let isFirst = true;
    for await (const raw of readRecords(this.identity, this.encoding, this.dialect, collected)) {
      const whole = this.#withoutRagged(isFirst ? withoutHeader(raw) : raw, collected);
      const batch = { ...whole, bytes: raw.bytes };
      isFirst = false;
      if (faults === undefined) collected.throwIfAny();
      if (batch.records.length > 0) yield batch;
    }
    if (faults === undefined) collected.throwIfAny();
  }

  /**
   * The same records as places in bytes: several times faster, where most cells need not become texts.
   *
   * @param onBytes is given every byte of the file that the pass reads, in order.
   * @throws WarifuError as `records`.
   */
  async *cells(faults?: CsvFaults, onBytes?: OnBytes): AsyncGenerator<CellBatch, void, undefined> {
    const collected = faults ?? new CsvFaults(this.path);
    const { identity: file, encoding, dialect } = this;
    const width = this.header.length;
    let isFirst = true;
    const withoutRagged = (records: RawRecords): RawRecords => this.#withoutRagged(records, collected);
    const reading = { file, encoding, dialect, width, faults: collected, withoutRagged, onBytes };
    for await (const batch of readCells(reading)) {
      if (faults === undefined) collected.throwIfAny();
      const data = isFirst ? withoutFirst(batch) : batch;
      isFirst = false;
      if (data.count > 0) yield data;
    }
    if (faults === undefined) collected.throwIfAny();
  }

  #withoutRagged(batch: RawRecords, faults: CsvFaults): RawRecords {
    const width = this.header.length;
    if (batch.records.every((record) => record.length === width)) return batch;
    const records: (readonly string[])[] = [];
    const rows: number[] = [];
    for (const [i, record] of batch.records.entries()) {
      const row = batch.rows[i]!;
      if (record.length === width) {
        records.push(record);
        rows.push(row);
        continue;
      }
      const few = record.length < width;
      faults.add({
        row,
        what: `${record.length} field${record.length === 1 ? '' : 's'}, but the header has ${width}`,
        advice: few ? 'add the missing fields' : 'put a field that holds a delimiter between quotes (")',
      });
    }
    return { records, rows };
  }
}

function withoutHeader(batch: RawBatch): RawBatch {
  return { ...batch, records: batch.records.slice(1), rows: batch.rows.slice(1) };
}

/**
 * Opens a CSV file: checks that it can be read, finds its encoding over the whole file, its delimiter and its
 * header, and that there is a data row.
 *
 * @throws WarifuError FILE_MISSING, FILE_UNREADABLE, FILE_EMPTY (also: only a header), ENCODING_INVALID,
 *   CSV_INVALID (header faults, NUL bytes, broken quotes).
 */
export async function openCsv(path: string, options: CsvOptions = {}): Promise<CsvFile> {
  const identity = await identifyFile(path);
  const encoding = await detectEncoding(identity, options.encoding);
  const sniffed = sniffDialect(await firstText(identity, encoding));
  const dialect = { ...sniffed, delimiter: options.delimiter ?? sniffed.delimiter };
  const faults = new CsvFaults(path);
  let header: readonly string[] | undefined;
  for await (const { records, rows } of readRecords(identity, encoding, dialect, faults)) {
    const hasData = header !== undefined || records.length > 1;
    header ??= checkedHeader(path, records[0]!, rows[0]!);
    if (hasData) return new CsvFile(identity, encoding, dialect, header);
  }
  faults.throwIfAny();
  if (header === undefined) throw emptyFile(path);
  throw new WarifuError('FILE_EMPTY', `${path} has a header but no data row: add at least one`, {
    file: path,
  });
}

/** The first chunk as text: enough for the header line. */
async function firstText(file: FileIdentity, encoding: CsvEncoding): Promise<string> {
  for await (const chunk of fileChunks(file)) return strictDecoder(encoding).decode(chunk, { stream: true });
  throw emptyFile(file.path);
}

function checkedHeader(path: string, record: readonly string[], row: number): readonly string[] {
  const header = record.map((name) => name.trim());
  const faults = new CsvFaults(path);
  const seen = new Map<string, number>();
  if (header.length > MAX_COLUMNS) {
    faults.add({
      row,
      what: `the header has ${header.length} columns`,
      advice: `keep the columns you need, at most ${MAX_COLUMNS}`,
    });
  }
  for (const [i, name] of header.entries()) {
    const fault = nameFault(name, i, seen);
    if (fault !== undefined) faults.add({ row, ...fault });
    seen.set(foldName(name), i);
  }
  faults.throwIfAny();
  return header;
}

function nameFault(
  name: string,
  i: number,
  seen: ReadonlyMap<string, number>,
): { what: string; advice: string } | undefined {
  if (name === '') return { what: `column ${i + 1} has no name`, advice: 'name it in the header row' };
  const earlier = seen.get(foldName(name));
  if (earlier !== undefined) {
    return {
      what: `columns ${earlier + 1} and ${i + 1} are both named ${quoteCell(name)} (case and width do not count)`,
      advice: 'rename one',
    };
  }
  if (name.length > MAX_NAME_LENGTH) {
    return {
      what: `the name of column ${i + 1} is longer than ${MAX_NAME_LENGTH} characters: ${quoteCell(name)}`,
      advice: 'shorten it',
    };
  }
  if (/\p{Cc}/u.test(name)) {
    return {
      what: `the name of column ${i + 1} holds a line break or control character: ${quoteCell(name)}`,
      advice: 'remove it',
    };
  }
  return undefined;
}
