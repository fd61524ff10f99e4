/**
 * Records as places in a buffer of bytes: most cells of a large file are read without ever becoming texts.
 */
import type { TextDecoder } from 'node:util';
import { type CsvEncoding, innerDecoder } from './encoding.js';

/** Whole data records, all of the header's width. Valid until the next batch is asked for. */
export interface CellBatch {
  /** How many records there are. */
  readonly count: number;
  /** Fields of a record. */
  readonly width: number;
  readonly bytes: Uint8Array;
  /** Of `bytes`; not always the file's. */
  readonly encoding: CsvEncoding;
  /** Field f of record i starts at 2 * (i * width + f), and ends where the next entry says. */
  readonly bounds: Int32Array;
  /** Row number of each record (`RawBatch.rows`). */
  readonly rows: ArrayLike<number>;
  /** Bytes of the file read so far. */
  readonly bytesRead: number;
}

/** Reads cells of batches as texts. */
export class CellTexts {
  readonly #decoders = new Map<CsvEncoding, TextDecoder>();

  /** The text between two places of a batch's bytes. */
  between({ bytes, encoding }: CellBatch, start: number, end: number): string {
    let decoder = this.#decoders.get(encoding);
    if (decoder === undefined) this.#decoders.set(encoding, (decoder = innerDecoder(encoding)));
    return decoder.decode(bytes.subarray(start, end));
  }
}

/** A batch without its first record: the header's. */
export function withoutFirst({ count, bounds, rows, ...rest }: CellBatch): CellBatch {
  return {
    ...rest,
    count: count - 1,
    bounds: bounds.subarray(2 * rest.width),
    rows: Array.from(rows).slice(1),
  };
}

/** Bytes of UTF-8 that a unit of UTF-16 needs at most. */
const MOST_UTF8_BYTES = 3;

/** Texts as a batch, in UTF-8: what the library's parser returns joins what was scanned. */
export function batchOfTexts(
  records: readonly (readonly string[])[],
  rows: ArrayLike<number>,
  width: number,
  bytesRead: number,
): CellBatch {
  let units = 0;
  for (const record of records) for (const text of record) units += text.length;
  const bytes = new Uint8Array(units * MOST_UTF8_BYTES);
  const bounds = new Int32Array(2 * records.length * width);
  const encoder = new TextEncoder();
  let at = 0;
  let end = 0;
  for (const record of records) {
    for (const text of record) {
      bounds[at] = end;
      end += encoder.encodeInto(text, bytes.subarray(end)).written;
      bounds[at + 1] = end;
      at += 2;
    }
  }
  return { count: records.length, width, bytes, encoding: 'utf-8', bounds, rows, bytesRead };
}
