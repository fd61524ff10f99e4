/**
 * Histogram: how many values lie in each bin between public edges.
 *
 * Functionality: for edges e1 < e2 < ... < em the counts of x < e1, of e1 <= x < e2, ..., of em <= x: m+1 numbers over
 *   Z_2^32. With a validity, only values whose bit is 1 count.
 * Protocol: the bits x < e of all edges are counted, and the counts of neighbours subtracted, which is local.
 * Requires: fewer than 2^31 values; at least one edge.
 * Cost (rep3): the rounds of a comparison and 2 more (3 with a validity); for each edge and value those of a comparison,
 *   4 bytes from node 0 and, with a validity, a bit from each node.
 * Reveals: nothing. Fails: never.
 */
import type { RingWidth } from '../../kernels/ring-vector.js';
import { columns, stack } from '../../share/bits.js';
import { add, concatenate, slice, subtract, tighten } from '../../share/linear.js';
import type { ArithmeticShare, BinaryShare } from '../../share/shares.js';
import { CHUNK, eachChunk } from '../chunks.js';
import type { Context } from '../context.js';
import { lessThanConstant } from '../less-than.js';
import { and } from '../logic.js';
import { sameLength } from '../multiply.js';
import { countBits } from './count-bits.js';

const SHORTEST_CHUNK = 1 << 12;

/**
 * Counts of all bins, as one vector.
 *
 * @throws RangeError for no edge, edges that do not ascend, or a validity of another shape.
 */
export async function histogram<W extends RingWidth>(
  ctx: Context,
  x: ArithmeticShare<W>,
  edges: readonly bigint[],
  validity?: BinaryShare,
): Promise<ArithmeticShare<32>> {
  checkEdges(edges);
  if (validity !== undefined) {
    sameLength(x.length, validity.length);
    if (validity.rows !== 1) throw new RangeError('validity takes one row of bits');
  }
  // A comparison with each edge takes as much memory as a vector of its own.
  let size = CHUNK;
  while (size > SHORTEST_CHUNK && size * edges.length > CHUNK) size /= 2;
  const chunks = await eachChunk(
    ctx,
    x.length,
    async (chunk, start, end) => {
      const own = validity === undefined ? undefined : columns(validity, start, end);
      return await countBits(chunk.step('count'), await below(chunk, slice(x, start, end), edges, own));
    },
    size,
  );
  return differences(
    ctx,
    chunks.reduce((sum, chunk) => add(sum, chunk)),
    x.length,
    validity !== undefined,
  );
}

/** Rows of the bits x < e for all edges, where x is valid, and of the validity. */
async function below<W extends RingWidth>(
  ctx: Context,
  x: ArithmeticShare<W>,
  edges: readonly bigint[],
  validity: BinaryShare | undefined,
): Promise<BinaryShare> {
  const less = stack(
    await Promise.all(edges.map((edge, i) => lessThanConstant(ctx.step(`edge-${i}`), x, edge))),
  );
  if (validity === undefined) return less;
  const valid = stack(edges.map(() => validity));
  return stack([await and(ctx.step('valid'), less, valid), validity]);
}

/** Counts of bins from counts of all that is below their upper edges. */
function differences(
  ctx: Context,
  counts: ArithmeticShare<32>,
  n: number,
  valid: boolean,
): ArithmeticShare<32> {
  const upper = valid ? counts : concatenate([counts, ctx.constant(32, 1, BigInt(n))]);
  const lower = concatenate([ctx.constant(32, 1, 0n), slice(upper, 0, upper.length - 1)]);
  // Whatever is below an edge is below the next one.
  return tighten(subtract(upper, lower), { min: 0n, max: BigInt(n) });
}

function checkEdges(edges: readonly bigint[]): void {
  if (edges.length === 0) throw new RangeError('a histogram without edges');
  edges.forEach((edge, i) => {
    if (i > 0 && edge <= (edges[i - 1] as bigint)) throw new RangeError('the edges of a histogram ascend');
  });
}
