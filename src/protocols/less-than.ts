/**
 * Sign and order: is a shared value negative, is x < y.
 *
 * Functionality: a row of bits, 1 where the value is below 0. The width is that of the value's bounds, so a
 *   comparison of 8-bit ages costs 9 bits, not 64.
 * Protocol: the sign bit of a sum is that of its operands XOR the carry into it. The backend says of each span of a
 *   few bits whether it makes a carry and whether it passes one on; a tree (Brent-Kung shape) joins neighbouring spans
 *   level by level. The propagate of the lowest span is never computed.
 * Requires: bounds carried by the share; k = bits of their two's complement form.
 *   Long vectors are compared chunk by chunk (chunks.ts), all chunks at the same time.
 * Cost (rep3): k = 1: 1 round and 1/24 byte per node and element on average; else, with m = ceil((k-1)/3) spans, the
 *   lowest of r bits, 2 + ceil(log2 m) rounds and (7(m-1) + 2^r + 2(2m-1) + 3(2(m-1) - ceil(log2 m))) / 24 bytes.
 * Reveals: nothing. Fails: never.
 */
import { WarifuError } from '../core/errors.js';
import { BitMatrix } from '../kernels/bit-matrix.js';
import type { RingWidth } from '../kernels/ring-vector.js';
import { not, rows, xor } from '../share/bits.js';
import { signedBits } from '../share/bounds.js';
import { addConstant, sameShape, slice, subtract } from '../share/linear.js';
import type { ArithmeticShare, BinaryShare } from '../share/shares.js';
import type { CarrySpans } from './backend.js';
import { bitsInChunks } from './chunks.js';
import type { Context } from './context.js';
import { andRows, type Row, type RowProduct, rowsOf } from './row-products.js';

/**
 * 1 where x < 0.
 *
 * @throws WarifuError BOUND_NOT_PROVED where the two's complement of x, which may be a difference, needs more bits than
 *   the ring has.
 */
export async function isNegative<W extends RingWidth>(
  ctx: Context,
  x: ArithmeticShare<W>,
): Promise<BinaryShare> {
  if (x.bounds.min >= 0n) return ctx.publicBits(BitMatrix.zeros(1, x.length));
  if (x.bounds.max < 0n) return not(ctx.publicBits(BitMatrix.zeros(1, x.length)));
  const bits = signedBits(x.bounds);
  if (bits > x.width) {
    throw new WarifuError(
      'BOUND_NOT_PROVED',
      `a comparison could need ${bits} bits and the ring has ${x.width}: declare a narrower range for the column`,
      { bits, width: x.width },
    );
  }
  return await signBit(ctx, x, bits);
}

/**
 * The bit k-1 of x, which is its sign in two's complement of k bits. `isNegative` picks k from the bounds; checks
 * of values whose bounds are not yet proved (range-check.ts) give the full ring width.
 */
export async function signBit<W extends RingWidth>(
  ctx: Context,
  x: ArithmeticShare<W>,
  k: number,
): Promise<BinaryShare> {
  if (k < 1 || k > x.width) throw new RangeError(`sign of ${k} bits in a ring of ${x.width}`);
  return await bitsInChunks(ctx, x.length, async (chunk, start, end) => {
    const spans = await chunk.backend.carrySpans(chunk.step('operands'), slice(x, start, end), k - 1, k);
    return spans.spans.length === 0 ? spans.halfSum : xor(spans.halfSum, await carry(chunk, spans));
  });
}

/** 1 where x < y. */
export async function lessThan<W extends RingWidth>(
  ctx: Context,
  x: ArithmeticShare<W>,
  y: NoInfer<ArithmeticShare<W>>,
): Promise<BinaryShare> {
  sameShape(x, y);
  return await bitsInChunks(ctx, x.length, (chunk, start, end) =>
    isNegative(chunk, subtract(slice(x, start, end), slice(y, start, end))),
  );
}

/** 1 where x < constant. */
export async function lessThanConstant<W extends RingWidth>(
  ctx: Context,
  x: ArithmeticShare<W>,
  constant: bigint,
): Promise<BinaryShare> {
  return await bitsInChunks(ctx, x.length, (chunk, start, end) =>
    isNegative(chunk, addConstant(slice(x, start, end), -constant)),
  );
}

/** What a span of neighbouring bits does: whether it makes a carry, and whether it passes one on. */
interface Carrying {
  readonly generate: Row;
  /** Missing for the lowest span, which no carry enters. */
  readonly propagate: Row | undefined;
}

/** Carry out of all spans. */
async function carry(ctx: Context, { generate, propagate }: CarrySpans): Promise<BinaryShare> {
  const passing = [undefined, ...rowsOf(propagate)];
  let spans = rowsOf(generate).map((row, i): Carrying => ({ generate: row, propagate: passing[i] }));
  for (let level = 0; spans.length > 1; level++) {
    spans = await joinSpans(ctx.step(`carry-${level}`), spans);
  }
  const [{ generate: whole }] = spans as [Carrying];
  return rows(whole.of, whole.at, whole.at + 1);
}

/**
 * One level: (g, p) of spans 2i and 2i+1 become (g_hi XOR p_hi*g_lo, p_hi*p_lo), all in one message, with the joined
 * spans in the order in which the next level reads them. An odd top span stays.
 */
async function joinSpans(ctx: Context, spans: readonly Carrying[]): Promise<Carrying[]> {
  const pairs = Math.floor(spans.length / 2);
  const order = readingOrder(Math.ceil(spans.length / 2)).filter((i) => i < pairs);
  const low = (i: number): Carrying => spans[2 * i] as Carrying;
  const high = (i: number): Carrying & { propagate: Row } =>
    spans[2 * i + 1] as Carrying & { propagate: Row };
  const generates = order.map(
    (i): RowProduct => ({ x: high(i).propagate, y: low(i).generate, plus: high(i).generate }),
  );
  const propagates = order
    .slice(1)
    .map((i): RowProduct => ({ x: high(i).propagate, y: low(i).propagate as Row }));
  const of = await andRows(ctx, [...generates, ...propagates]);
  const joined: Carrying[] = [];
  order.forEach((i, at) => {
    joined[i] = { generate: { of, at }, propagate: at === 0 ? undefined : { of, at: pairs + at - 1 } };
  });
  return [...joined, ...spans.slice(2 * pairs)];
}

/**
 * An order of spans, span 0 first, in which a level reads long stretches: the lower spans of all pairs, then the upper
 * ones, each in the order in which the following level reads what becomes of the pairs.
 */
function readingOrder(spans: number): number[] {
  if (spans < 2) return spans === 1 ? [0] : [];
  const pairs = Math.floor(spans / 2);
  const order = readingOrder(Math.ceil(spans / 2)).filter((i) => i < pairs);
  const top = spans % 2 === 1 ? [spans - 1] : [];
  return [...order.map((i) => 2 * i), ...order.map((i) => 2 * i + 1), ...top];
}
