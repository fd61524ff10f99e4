/**
 * A query works through its rows in chunks, several at a time: while one waits for messages, others are loaded and
 * computed, and what a chunk took is free before the last ones start.
 *
 * Chunks start in the order of rows at every node, and each runs for itself once it has started: the first one that
 * is unfinished anywhere has started everywhere, so nodes never wait for each other in a circle. The count of rounds
 * leaves the waiting out, as it does for the chunks of a vector.
 */
import type { Context } from '../protocols/context.js';
import { overlap } from '../protocols/overlap.js';
import { turn } from '../protocols/turn.js';
import type { RowRange } from './row-range.js';

/** Rows of a chunk: vectors of half a megabyte, so that their pieces stay in the cache and no step takes long. */
export const CHUNK_ROWS = 1 << 16;

/** Bytes that the chunks of one query that are at work may take. */
const BYTES_AT_WORK = 512 << 20;

/**
 * More take more CPU, since the collector walks what they keep alive, and are no faster at 100 ms to and fro; at 200 ms and
 * millions of rows 32 would take two thirds of the time.
 */
const MOST_AT_WORK = 8;

/** Chunks at work at the same time, at least one. @param bytes what one takes. */
export function chunksAtWork(bytes: number): number {
  return Math.max(1, Math.min(MOST_AT_WORK, Math.floor(BYTES_AT_WORK / Math.max(1, bytes))));
}

/** Chunks of a table: at least one, which may be empty. A dry run may take all rows at once. */
export function rowChunks(ctx: Context, rows: number, size: number): RowRange[] {
  if (rows <= size || ctx.backend.chunksAsOne === true) return [{ start: 0, end: rows }];
  return Array.from({ length: Math.ceil(rows / size) }, (_, i) => ({
    start: i * size,
    end: Math.min(rows, (i + 1) * size),
  }));
}

/** Works on all chunks; ends with the first failure, and whatever is at work then is left to fail by itself. */
export async function forEachChunk(
  chunks: readonly RowRange[],
  atWork: number,
  work: (range: RowRange, index: number) => Promise<void>,
): Promise<void> {
  await overlap(chunks, atWork, work, turn);
}
