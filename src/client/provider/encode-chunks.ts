/** Regroups a file's records, which come in batches of varying size, into encoded chunks of a fixed number of rows. */
import type { CellBatch } from '../csv/cell-batch.js';
import type { ChunkEncoder, EncodedColumn } from '../schema/encode.js';

/** What of an upload's head says how it is cut. */
export interface ChunkShape {
  readonly rows: number;
  readonly chunk_rows: number;
}

/**
 * Every chunk has `chunk_rows` rows, except the last one. Holds one chunk and one batch at a time.
 *
 * @param onChanged is thrown when there are not as many rows as were counted.
 */
export async function* encodedChunks(
  batches: AsyncIterable<CellBatch>,
  encoder: ChunkEncoder,
  { rows, chunk_rows }: ChunkShape,
  onChanged: () => Error,
): AsyncGenerator<EncodedColumn[], void, undefined> {
  let left = rows;
  const begin = (): void => encoder.begin(Math.min(left, chunk_rows));
  begin();
  for await (const batch of batches) {
    for (let next = 0; next < batch.count; ) {
      if (left === 0) throw onChanged();
      const end = encoder.append(batch, next);
      left -= end - next;
      next = end;
      if (encoder.isFull) {
        yield encoder.finish();
        begin();
      }
    }
  }
  if (left > 0) throw onChanged();
}
