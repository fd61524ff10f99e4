/**
 * Records of a CSV file as cells in bytes, in bounded batches and bounded memory: scanned as long as they are plainly
 * written, and from the first one that is not by the library's parser.
 */
import { batchOfTexts, type CellBatch } from './cell-batch.js';
import type { CsvFaults } from './csv-fault.js';
import type { Dialect } from './dialect.js';
import { type CsvEncoding, innerDecoder } from './encoding.js';
import { CHUNK_BYTES, type FileIdentity, fileChunks } from './file-bytes.js';
import { MAX_RECORD_CHARACTERS, type RawRecords, RecordParser } from './read-records.js';
import { RecordScanner, type Scanned } from './record-scanner.js';

/** Is given the file's bytes as they are read, each piece valid during the call. */
export type OnBytes = (bytes: Uint8Array) => void;

export interface CellReading {
  readonly file: FileIdentity;
  readonly encoding: CsvEncoding;
  readonly dialect: Dialect;
  /** Fields of the header. */
  readonly width: number;
  readonly faults: CsvFaults;
  /** Leaves out, and adds to the faults, records of another width. */
  readonly withoutRagged: (records: RawRecords) => RawRecords;
  readonly onBytes?: OnBytes | undefined;
}

/**
 * All records of the header's width, the header's among them.
 *
 * @throws WarifuError FILE_CHANGED; ENCODING_INVALID cannot happen after `detectEncoding`.
 */
export async function* readCells(reading: CellReading): AsyncGenerator<CellBatch, void, undefined> {
  const { file, encoding, dialect, width, faults, onBytes } = reading;
  const scanner = new RecordScanner(dialect, width);
  const unfinished = new UnfinishedBytes();
  let parser: RecordParser | undefined;
  let bytesRead = 0;

  function* parsed(records: RawRecords): Generator<CellBatch> {
    const whole = reading.withoutRagged(records);
    if (whole.records.length > 0) yield batchOfTexts(whole.records, whole.rows, width, bytesRead);
  }

  for await (const chunk of fileChunks(file)) {
    const isFirst = bytesRead === 0;
    bytesRead += chunk.length;
    onBytes?.(chunk);
    if (parser === undefined) {
      const bytes = unfinished.joined(isFirst ? withoutMark(chunk, encoding) : chunk);
      const scanned = scanner.scan(bytes);
      if (scanned.count > 0) yield batchOf(scanned, bytes, reading, bytesRead);
      const rest = bytes.subarray(scanned.end);
      if (!scanned.stopped && rest.length <= MAX_RECORD_CHARACTERS) {
        unfinished.keep(rest);
        continue;
      }
      parser = new RecordParser(dialect, faults, innerDecoder(encoding), scanner.row);
      yield* parsed(parser.push(rest));
    } else {
      yield* parsed(parser.push(chunk));
    }
    if (parser.broken) return;
  }
  if (parser === undefined) {
    parser = new RecordParser(dialect, faults, innerDecoder(encoding), scanner.row);
    yield* parsed(parser.push(unfinished.joined(new Uint8Array())));
  }
  yield* parsed(parser.finish());
}

function batchOf(
  { count, bounds, rows }: Scanned,
  bytes: Uint8Array,
  { width, encoding }: CellReading,
  bytesRead: number,
): CellBatch {
  return { count, width, bytes, encoding, bounds, rows, bytesRead };
}

/** Without a UTF-8 byte order mark. */
function withoutMark(start: Uint8Array, encoding: CsvEncoding): Uint8Array {
  const isMarked = encoding === 'utf-8' && start[0] === 0xef && start[1] === 0xbb && start[2] === 0xbf;
  return isMarked ? start.subarray(3) : start;
}

/** The bytes of a record that the end of a chunk cut, before the bytes of the next. */
class UnfinishedBytes {
  #buffer = new Uint8Array(2 * CHUNK_BYTES);
  #length = 0;

  /** Views of what `joined` gave. */
  keep(rest: Uint8Array): void {
    this.#buffer.copyWithin(0, rest.byteOffset, rest.byteOffset + rest.length);
    this.#length = rest.length;
  }

  /** What was kept, and the chunk after it; valid until the next call. */
  joined(chunk: Uint8Array): Uint8Array {
    const length = this.#length + chunk.length;
    if (length > this.#buffer.length) {
      const grown = new Uint8Array(2 * length);
      grown.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = grown;
    }
    this.#buffer.set(chunk, this.#length);
    this.#length = 0;
    return this.#buffer.subarray(0, length);
  }
}
