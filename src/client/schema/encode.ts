/** Turns records that passed `validateFile` into the vectors that are dealt. */
import { WarifuError } from '../../core/errors.js';
import { BitMatrix, wordsPerRow } from '../../kernels/bit-matrix.js';
import { RingVector } from '../../kernels/ring-vector.js';
import { identifierKey } from '../../share/identifier-key.js';
import { type Column, dealtWidth, type TableSchema } from '../../share/schema.js';
import type { RecordBatch } from '../csv/csv-file.js';
import { cellCodec, isFault } from './cell-codec.js';
import { matchColumns } from './match-columns.js';

/** One column of a batch of n rows. A missing slot is 0 with validity bit 0. */
export interface EncodedColumn {
  readonly column: Column;
  /** Booleans: one row of n bits. Others: n elements of width 64 or 128 (`dealtWidth`). */
  readonly values: RingVector | BitMatrix;
  /** One row of n bits, 1 where there is a value; undefined when the column is not nullable. */
  readonly validity: BitMatrix | undefined;
}

export type BatchEncoder = (batch: RecordBatch) => EncodedColumn[];

/**
 * An encoder for records of a file with this header; columns come out in schema order.
 *
 * @throws WarifuError SCHEMA_MISMATCH (columns). The encoder throws FILE_CHANGED naming row and column when a
 *   cell does not fit, as it did when the file was validated.
 */
export function batchEncoder(path: string, header: readonly string[], schema: TableSchema): BatchEncoder {
  const places = matchColumns(path, header, schema);
  const missing = new Set(schema.missing);
  const encoders = schema.columns.map((column, i) => columnEncoder(path, column, places[i]!, missing));
  return (batch) => encoders.map((encode) => encode(batch));
}

function columnEncoder(
  path: string,
  column: Column,
  place: number,
  missing: ReadonlySet<string>,
): (batch: RecordBatch) => EncodedColumn {
  const codec = cellCodec(column.type);
  const isIdentifier = column.type.kind === 'identifier';

  return ({ records, rows }) => {
    const sink = sinkFor(column, records.length);
    const validity = column.nullable ? new BitSink(records.length) : undefined;
    for (const [i, record] of records.entries()) {
      const text = record[place]!.trim();
      if (missing.has(text)) {
        if (validity === undefined) throw changed(path, column, rows[i]!);
        continue;
      }
      validity?.put(i, 1);
      const value = isIdentifier ? identifierKey(text) : codec(text);
      if (!(value instanceof Uint8Array) && isFault(value)) throw changed(path, column, rows[i]!);
      sink.put(i, value);
    }
    return { column, values: sink.finish(), validity: validity?.finish() };
  };
}

function changed(path: string, column: Column, row: number): WarifuError {
  return new WarifuError(
    'FILE_CHANGED',
    `${path}: row ${row}, column '${column.name}' no longer fits the schema: the file changed since it was checked; run the command again`,
    { file: path, row, column: column.name },
  );
}

interface Sink {
  put(i: number, value: number | bigint | Uint8Array): void;
  finish(): RingVector | BitMatrix;
}

function sinkFor(column: Column, n: number): Sink {
  const width = dealtWidth(column.type);
  return width === 1 ? new BitSink(n) : new RingSink(width, n);
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

  put(i: number, value: number | bigint | Uint8Array): void {
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

  put(i: number, value: number | bigint | Uint8Array): void {
    const at = i * this.#stride;
    if (typeof value === 'number') {
      this.#halves[at] = value % TWO_32;
      this.#halves[at + 1] = Math.floor(value / TWO_32);
    } else if (typeof value === 'bigint') {
      for (let k = 0; k < this.#stride; k++) {
        this.#halves[at + k] = Number((value >> BigInt(32 * k)) & 0xffff_ffffn);
      }
    } else {
      this.#bytes.set(value, at * 4);
    }
  }

  finish(): RingVector {
    return this.#vector;
  }
}
