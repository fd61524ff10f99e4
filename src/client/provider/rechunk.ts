/** Regroups a file's records, which come in batches of varying size, into chunks of a fixed number of rows. */
import type { RecordBatch } from '../csv/csv-file.js';

/** Every chunk has exactly `chunkRows` records, except the last one. Holds one chunk and one batch at a time. */
export async function* rechunk(
  batches: AsyncIterable<RecordBatch>,
  chunkRows: number,
): AsyncGenerator<RecordBatch, void, undefined> {
  let records: (readonly string[])[] = [];
  let rows: number[] = [];
  let bytes = 0;
  for await (const batch of batches) {
    bytes = batch.bytes;
    let taken = 0;
    while (taken < batch.records.length) {
      const end = Math.min(batch.records.length, taken + chunkRows - records.length);
      for (let i = taken; i < end; i++) {
        records.push(batch.records[i]!);
        rows.push(batch.rows[i]!);
      }
      taken = end;
      if (records.length === chunkRows) {
        yield { records, rows, bytes };
        records = [];
        rows = [];
      }
    }
  }
  if (records.length > 0) yield { records, rows, bytes };
}
