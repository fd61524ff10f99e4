/**
 * Records of a CSV file, in bounded batches and bounded memory.
 *
 * The parser is papaparse's; it is called on one decoded chunk at a time and hands back where the last whole
 * record ended, so that nothing is read before the caller asks for more, and what waits is one chunk and one
 * unfinished record.
 */
import Papa from 'papaparse';
import type { CsvFault, CsvFaults } from './csv-fault.js';
import type { Dialect } from './dialect.js';
import { type CsvEncoding, strictDecoder } from './encoding.js';
import { type FileIdentity, fileChunks } from './file-bytes.js';

/** A longer record means a quote that is never closed (UTF-16 units). */
export const MAX_RECORD_CHARACTERS = 1 << 20;

export interface RawBatch {
  readonly records: readonly (readonly string[])[];
  /** Row number of each record: a record is a row, blank lines count, the first is 1. */
  readonly rows: readonly number[];
  /** Bytes of the file read so far. */
  readonly bytes: number;
}

/** Is given the file's bytes as they are read, each piece valid during the call. */
export type OnBytes = (bytes: Uint8Array) => void;

interface ParserResult {
  readonly data: string[][];
  readonly errors: readonly { readonly row: number; readonly code: string }[];
  readonly meta: { readonly cursor: number };
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
  onBytes?: OnBytes,
): AsyncGenerator<RawBatch, void, undefined> {
  const decoder = strictDecoder(encoding);
  const parser = new Papa.Parser({ delimiter: dialect.delimiter, newline: dialect.newline });
  let unfinished = '';
  let row = 1;
  let bytes = 0;

  function parse(text: string, last: boolean): { batch: RawBatch; broken: boolean } {
    const result = parser.parse(text, 0, !last) as ParserResult;
    unfinished = last ? '' : text.slice(result.meta.cursor);
    // an error in a record that the chunk's end cuts is none yet: that record is parsed again
    const error = result.errors.find(({ row: index }) => last || index < result.data.length);
    const whole = error === undefined ? result.data : result.data.slice(0, error.row);
    const batch = { ...withoutBlanks(whole, row, dialect), bytes };
    row += whole.length;
    if (error !== undefined) faults.add(quoteFault(row, error.code));
    else if (unfinished.length > MAX_RECORD_CHARACTERS) faults.add(quoteFault(row, 'MissingQuotes'));
    return { batch, broken: error !== undefined || unfinished.length > MAX_RECORD_CHARACTERS };
  }

  for await (const chunk of fileChunks(file)) {
    bytes += chunk.length;
    onBytes?.(chunk);
    const { batch, broken } = parse(unfinished + decoder.decode(chunk, { stream: true }), false);
    if (batch.records.length > 0) yield batch;
    if (broken) return;
  }
  const { batch } = parse(unfinished + decoder.decode(), true);
  if (batch.records.length > 0) yield batch;
}

function withoutBlanks(
  parsed: readonly string[][],
  firstRow: number,
  dialect: Dialect,
): Pick<RawBatch, 'records' | 'rows'> {
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
