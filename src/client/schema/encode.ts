/** Turns records that passed `validateFile` into the vectors that are dealt. */
import { WarifuError } from '../../core/errors.js';
import { BitMatrix, wordsPerRow } from '../../kernels/bit-matrix.js';
import { RingVector } from '../../kernels/ring-vector.js';
import { identifierKey } from '../../share/identifier-key.js';
import { type Column, dealtWidth, type TableSchema } from '../../share/schema.js';
import type { CellBatch } from '../csv/cell-batch.js';
import { CellReader, MISSING, WIDE } from './cell-reader.js';
import { matchColumns } from './match-columns.js';

/** One column of a batch of n rows. A missing slot is 0 with validity bit 0. */
export interface EncodedColumn {
  readonly column: Column;
  /** Booleans: one row of n bits. Others: n elements of width 64 or 128 (`dealtWidth`). */
  readonly values: RingVector | BitMatrix;
  /** One row of n bits, 1 where there is a value; undefined when the column is not nullable. */
  readonly validity: BitMatrix | undefined;
}

/**
 * Encodes a file's records, chunk after chunk: `begin` a chunk, `append` batches until it `isFull`, then `finish` it.
 * Columns come out in schema order.
 */
export class ChunkEncoder {
  readonly #columns: readonly ColumnEncoder[];
  #rows = 0;
  #filled = 0;

  /** @throws WarifuError SCHEMA_MISMATCH (columns). */
  constructor(path: string, header: readonly string[], schema: TableSchema) {
    const places = matchColumns(path, header, schema);
    this.#columns = schema.columns.map(
      (column, i) => new ColumnEncoder(path, column, places[i]!, new CellReader(column.type, schema)),
    );
  }

  /** Begins a chunk of so many rows. */
  begin(rows: number): void {
    this.#rows = rows;
    this.#filled = 0;
    for (const column of this.#columns) column.begin(rows);
  }

  get isFull(): boolean {
    return this.#filled === this.#rows;
  }

  /**
   * Takes records from `from` on, as many as fit.
   *
   * @returns the first record that was not taken.
   * @throws WarifuError FILE_CHANGED naming row and column when a cell does not fit, as it did when the file was
   *   validated.
   */
  append(batch: CellBatch, from: number): number {
    const end = Math.min(batch.count, from + this.#rows - this.#filled);
    for (const column of this.#columns) column.append(batch, from, end, this.#filled);
    this.#filled += end - from;
    return end;
  }

  /** The chunk; it must be full. */
  finish(): EncodedColumn[] {
    if (!this.isFull) throw new RangeError(`a chunk of ${this.#rows} rows has ${this.#filled}`);
    return this.#columns.map((column) => column.finish());
  }
}

class ColumnEncoder {
  readonly #path: string;
  readonly #column: Column;
  readonly #place: number;
  readonly #reader: CellReader;
  #sink: Sink = new BitSink(0);
  #validity: BitSink | undefined;

  constructor(path: string, column: Column, place: number, reader: CellReader) {
    this.#path = path;
    this.#column = column;
    this.#place = place;
    this.#reader = reader;
  }

  begin(rows: number): void {
    const width = dealtWidth(this.#column.type);
    this.#sink = width === 1 ? new BitSink(rows) : new RingSink(width, rows);
    this.#validity = this.#column.nullable ? new BitSink(rows) : undefined;
  }

  append(batch: CellBatch, from: number, end: number, filled: number): void {
    const [reader, sink, validity, place] = [this.#reader, this.#sink, this.#validity, this.#place];
    for (let record = from; record < end; record++) {
      const at = filled + record - from;
      const value = reader.read(batch, record, place);
      if (value === MISSING && validity !== undefined) continue;
      validity?.put(at, 1);
      if (value >= 0) sink.put(at, value);
      else if (value === WIDE) this.#putWide(at);
      else throw changed(this.#path, this.#column, batch.rows[record]!);
    }
  }

  #putWide(at: number): void {
    if (!(this.#sink instanceof RingSink)) throw new TypeError('only a ring holds wide values');
    if (this.#column.type.kind === 'identifier') {
      this.#sink.putBytes(at, identifierKey(this.#reader.identifier));
    } else {
      this.#sink.putWide(at, this.#reader.wide);
    }
  }

  finish(): EncodedColumn {
    return { column: this.#column, values: this.#sink.finish(), validity: this.#validity?.finish() };
  }
}

function changed(path: string, column: Column, row: number): WarifuError {
  return new WarifuError(
    'FILE_CHANGED',
    `${path}: row ${row}, column '${column.name}' no longer fits the schema: the file changed since it was checked; run the command again`,
    { file: path, row, column: column.name },
  );
}

interface Sink {
  /** An integer from 0 to 2^53. */
  put(i: number, value: number): void;
  finish(): RingVector | BitMatrix;
}

class BitSink implements Sink {
  readonly #n: number;
  readonly #words: BigUint64Array;
  /** The same memory; bit i is bit i mod 32 of half word floor(i/32), as machines are little-endian. */
  readonly #halves: Uint32Array;

  constructor(n: number) {
    this.#n = n;
    this.#words = new BigUint64Array(wordsPerRow(n));
    this.#halves = new Uint32Array(this.#words.buffer);
  }

  put(i: number, value: number): void {
    if (value === 1) this.#halves[i >>> 5]! |= 1 << (i & 31);
  }

  finish(): BitMatrix {
    return new BitMatrix(1, this.#n, this.#words);
  }
}

const TWO_32 = 2 ** 32;

class RingSink implements Sink {
  readonly #vector: RingVector;
  readonly #halves: Uint32Array;
  readonly #bytes: Uint8Array;
  readonly #stride: number;

  constructor(width: 64 | 128, n: number) {
    this.#vector = RingVector.zeros(width, n);
    this.#bytes = this.#vector.bytes();
    this.#halves = new Uint32Array(this.#bytes.buffer);
    this.#stride = width / 32;
  }

  put(i: number, value: number): void {
    const at = i * this.#stride;
    // stored modulo 2^32, and the higher half without its fraction
    this.#halves[at] = value;
    if (value >= TWO_32) this.#halves[at + 1] = value / TWO_32;
  }

  putWide(i: number, value: bigint): void {
    for (let k = 0; k < this.#stride; k++) {
      this.#halves[i * this.#stride + k] = Number((value >> BigInt(32 * k)) & 0xffff_ffffn);
    }
  }

  putBytes(i: number, value: Uint8Array): void {
    this.#bytes.set(value, i * this.#stride * 4);
  }

  finish(): RingVector {
    return this.#vector;
  }
}
