/**
 * Records of a CSV file, in bounded batches and bounded memory.
 *
 * The parser is papaparse's; it is called on one decoded chunk at a time and hands back where the last whole
 * record ended, so that nothing is read before the caller asks for more, and what waits is one chunk and one
 * unfinished record.
 */
import type { TextDecoder } from 'node:util';
import Papa from 'papaparse';
import type { CsvFault, CsvFaults } from './csv-fault.js';
import type { Dialect } from './dialect.js';
import { type CsvEncoding, strictDecoder } from './encoding.js';
import { type FileIdentity, fileChunks } from './file-bytes.js';

/** A longer record means a quote that is never closed (UTF-16 units). */
export const MAX_RECORD_CHARACTERS = 1 << 20;

export interface RawRecords {
  readonly records: readonly (readonly string[])[];
  /** Row number of each record: a record is a row, blank lines count, the first is 1. */
  readonly rows: readonly number[];
}

export interface RawBatch extends RawRecords {
  /** Bytes of the file read so far. */
  readonly bytes: number;
}

interface ParserResult {
  readonly data: string[][];
  readonly errors: readonly { readonly row: number; readonly code: string }[];
  readonly meta: { readonly cursor: number };
}

/** The library's parser over the bytes of a file, or of its rest from the beginning of a record. */
export class RecordParser {
  readonly #parser: InstanceType<typeof Papa.Parser>;
  readonly #dialect: Dialect;
  readonly #faults: CsvFaults;
  readonly #decoder: TextDecoder;
  #unfinished = '';
  #row: number;
  #broken = false;

  /** @param row row number of the first record. */
  constructor(dialect: Dialect, faults: CsvFaults, decoder: TextDecoder, row = 1) {
    this.#parser = new Papa.Parser({ delimiter: dialect.delimiter, newline: dialect.newline });
    this.#dialect = dialect;
    this.#faults = faults;
    this.#decoder = decoder;
    this.#row = row;
  }

  /** Whether quotes are broken, so that nothing more can be read. */
  get broken(): boolean {
    return this.#broken;
  }

  /** The records that these bytes complete. */
  push(bytes: Uint8Array): RawRecords {
    return this.#parse(this.#unfinished + this.#decoder.decode(bytes, { stream: true }), false);
  }

  /** The last record, when its line end is missing. */
  finish(): RawRecords {
    return this.#parse(this.#unfinished + this.#decoder.decode(), true);
  }

  #parse(text: string, last: boolean): RawRecords {
    const result = this.#parser.parse(text, 0, !last) as ParserResult;
    this.#unfinished = last ? '' : text.slice(result.meta.cursor);
    // an error in a record that the chunk's end cuts is none yet: that record is parsed again
    const error = result.errors.find(({ row: index }) => last || index < result.data.length);
    const whole = error === undefined ? result.data : result.data.slice(0, error.row);
    const parsed = withoutBlanks(whole, this.#row, this.#dialect);
    this.#row += whole.length;
    if (error !== undefined) this.#break(error.code);
    else if (this.#unfinished.length > MAX_RECORD_CHARACTERS) this.#break('MissingQuotes');
    return parsed;
  }

  #break(code: string): void {
    this.#faults.add(quoteFault(this.#row, code));
    this.#broken = true;
  }
}

/**
 * All records, the header's among them; blank lines are left out. A quote that is never closed, or is
 * followed by text, is added to the faults and ends the reading, as the rest cannot be told apart.
 *
 * @throws WarifuError FILE_CHANGED; ENCODING_INVALID cannot happen after `detectEncoding`.
 */
export async function* readRecords(
  file: FileIdentity,
  encoding: CsvEncoding,
  dialect: Dialect,
  faults: CsvFaults,
): AsyncGenerator<RawBatch, void, undefined> {
  const parser = new RecordParser(dialect, faults, strictDecoder(encoding));
  let bytes = 0;
  for await (const chunk of fileChunks(file)) {
    bytes += chunk.length;
    const batch = parser.push(chunk);
    if (batch.records.length > 0) yield { ...batch, bytes };
    if (parser.broken) return;
  }
  const batch = parser.finish();
  if (batch.records.length > 0) yield { ...batch, bytes };
}

function withoutBlanks(parsed: readonly string[][], firstRow: number, dialect: Dialect): RawRecords {
  const records: string[][] = [];
  const rows: number[] = [];
  for (const [i, record] of parsed.entries()) {
    const last = record.length - 1;
    const end = record[last] ?? '';
    if (dialect.newline === '\n' && end.endsWith('\r')) record[last] = end.slice(0, -1);
    if (last === 0 && record[0]?.trim() === '') continue;
    records.push(record);
    rows.push(firstRow + i);
  }
  return { records, rows };
}

function quoteFault(row: number, code: string): CsvFault {
  if (code === 'MissingQuotes') {
    return {
      row,
      what: 'a quote (") is opened and not closed',
      advice: 'close it, or write a quote inside a field twice (""); what follows was not read',
    };
  }
  return {
    row,
    what: 'text follows the closing quote (") of a field',
    advice: 'write a quote inside a field twice (""); what follows was not read',
  };
}
