/** Chunks of the vectors of binary fractions: shorter than others, since many vectors belong to each element. */
import type { RingWidth } from '../../kernels/ring-vector.js';
import type { ArithmeticShare } from '../../share/shares.js';
import { type ChunkProgram, ringInChunks } from '../chunks.js';
import type { Context } from '../context.js';

/** Elements: 2^17 take a sixth more CPU for a product, and leave nodes idle in functions of 100,000 numbers. */
const SIZE = 1 << 15;

/** The results of all chunks as one vector; see chunks.ts. */
export async function fractionsInChunks<W extends RingWidth>(
  ctx: Context,
  length: number,
  run: ChunkProgram<ArithmeticShare<W>>,
): Promise<ArithmeticShare<W>> {
  return await ringInChunks(ctx, length, run, SIZE);
}
