/**
 * Long vectors in chunks: independent runs of one protocol, side by side, so that computing, sending and receiving
 * overlap, intermediate vectors stay small and the event loop turns.
 *
 * Each chunk has a step of its own (`chunk-0`, ...). They start in order, with a turn of the event loop before each,
 * and at most IN_FLIGHT are unfinished, which bounds memory: the first chunk that is unfinished anywhere has then
 * started everywhere, so nodes never wait for each other in a circle. Chunks add no rounds to the logical clock, and
 * no bytes, since all but the last are whole words of bits. A vector of one chunk runs in the step of its caller.
 */
import type { RingWidth } from '../kernels/ring-vector.js';
import { joinColumns } from '../share/bits.js';
import { Concatenation } from '../share/concatenation.js';
import type { ArithmeticShare, BinaryShare } from '../share/shares.js';
import type { Context } from './context.js';
import { overlap } from './overlap.js';
import { turn } from './turn.js';

/** Elements of a chunk, a multiple of 64: half as many took a third more CPU at 16 bits, twice as many no less. */
export const CHUNK = 1 << 17;

/** Enough that a round trip over a wide-area link is filled with other chunks. */
const IN_FLIGHT = 16;

/** A protocol on the elements from `start` to `end` of its vectors. */
export type ChunkProgram<T> = (ctx: Context, start: number, end: number) => Promise<T>;

/**
 * The results of all chunks, in order. The first chunk that fails ends the whole with its error: no further one
 * starts, and what those under way meet is ignored.
 *
 * @param size elements of a chunk, a multiple of 64: fewer where a protocol takes much memory for each.
 */
export async function inChunks<T>(
  ctx: Context,
  length: number,
  run: ChunkProgram<T>,
  size: number = CHUNK,
): Promise<T[]> {
  if (ctx.backend.chunksAsOne === true) return [await run(ctx, 0, length)];
  return await eachChunk(ctx, length, run, size);
}

/** `inChunks` where each chunk adds to the cost, which a dry run then derives chunk by chunk. */
export async function eachChunk<T>(
  ctx: Context,
  length: number,
  run: ChunkProgram<T>,
  size: number = CHUNK,
): Promise<T[]> {
  if (length <= size) return [await run(ctx, 0, length)];
  const starts = Array.from({ length: Math.ceil(length / size) }, (_, i) => i * size);
  return await overlap(
    starts,
    IN_FLIGHT,
    (start, i) => run(ctx.step(`chunk-${i}`), start, Math.min(start + size, length)),
    turn,
  );
}

/** `inChunks` for bits: one matrix. */
export async function bitsInChunks(
  ctx: Context,
  length: number,
  run: ChunkProgram<BinaryShare>,
): Promise<BinaryShare> {
  const chunks = await inChunks(ctx, length, run);
  const [whole] = chunks;
  return chunks.length === 1 && whole !== undefined ? whole : joinColumns(chunks);
}

/** `inChunks` for ring elements: one vector. */
export async function ringInChunks<W extends RingWidth>(
  ctx: Context,
  length: number,
  run: ChunkProgram<ArithmeticShare<W>>,
  size: number = CHUNK,
): Promise<ArithmeticShare<W>> {
  if (length <= size || ctx.backend.chunksAsOne === true) return await run(ctx, 0, length);
  const whole = new Concatenation<W>(length);
  await inChunks(
    ctx,
    length,
    async (chunk, start, end) => whole.place(start, await run(chunk, start, end)),
    size,
  );
  return whole.finish();
}
