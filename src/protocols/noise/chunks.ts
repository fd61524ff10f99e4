/** How many numbers there are: noise in chunks, short ones, since a number takes many random bits. */
import type { RingWidth } from '../../kernels/ring-vector.js';
import { concatenate } from '../../share/linear.js';
import type { ArithmeticShare } from '../../share/shares.js';
import { inChunks } from '../chunks.js';
import type { Context } from '../context.js';

/** Random bits of a chunk: 4 MiB. */
const CHUNK_BITS = 1 << 25;

/** RangeError for a number of numbers that there is not. */
export function checkCount(n: number): void {
  if (!Number.isInteger(n) || n < 0) throw new RangeError(`${n} random numbers`);
}

/** Makes n numbers that take so many random bits each. */
export async function noiseInChunks<W extends RingWidth>(
  ctx: Context,
  n: number,
  bits: number,
  make: (ctx: Context, length: number) => Promise<ArithmeticShare<W>>,
): Promise<ArithmeticShare<W>> {
  checkCount(n);
  const size = Math.max(64, 64 * Math.floor(CHUNK_BITS / bits / 64));
  const chunks = await inChunks(ctx, n, (chunk, start, end) => make(chunk, end - start), size);
  const [whole] = chunks;
  return chunks.length === 1 && whole !== undefined ? whole : concatenate(chunks);
}
