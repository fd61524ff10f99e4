/**
 * Sign and order: is a shared value negative, is x < y.
 *
 * Functionality: a row of bits, 1 where the value is below 0. The width is that of the value's bounds, so a
 *   comparison of 8-bit ages costs 9 bits, not 64.
 * Protocol: the two operands of the backend are added by a carry tree (Brent-Kung shape) that computes only the
 *   carry into the sign bit: generate and propagate of neighbouring spans are joined level by level, and the
 *   propagate of the lowest span is never computed.
 * Requires: bounds carried by the share; k = bits of their two's complement form.
 * Cost (rep3): k = 1: 1 round; else 2 + ceil(log2(k-1)) rounds and
 *   (k + 2(k-1) + 3(2(k-2) - ceil(log2(k-1)))) / 24 bytes per node and element on average.
 * Reveals: nothing. Fails: never.
 */
import { BitMatrix } from '../kernels/bit-matrix.js';
import type { RingWidth } from '../kernels/ring-vector.js';
import { rows, stack, xor } from '../share/bits.js';
import { signedBits } from '../share/bounds.js';
import { addConstant, subtract } from '../share/linear.js';
import type { ArithmeticShare, BinaryShare } from '../share/shares.js';
import type { Context } from './context.js';
import { and } from './logic.js';

/** 1 where x < 0. */
export async function isNegative<W extends RingWidth>(
  ctx: Context,
  x: ArithmeticShare<W>,
): Promise<BinaryShare> {
  if (x.bounds.min >= 0n) return ctx.publicBits(BitMatrix.zeros(1, x.length));
  return await signBit(ctx, x, signedBits(x.bounds));
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
  const { propagate, generate } = await ctx.backend.adderBits(ctx.step('operands'), x, k);
  const top = rows(propagate, k - 1, k);
  if (k === 1) return top;
  return xor(top, await carry(ctx, rows(propagate, 0, k - 1), generate));
}

/** 1 where x < y. */
export function lessThan<W extends RingWidth>(
  ctx: Context,
  x: ArithmeticShare<W>,
  y: NoInfer<ArithmeticShare<W>>,
): Promise<BinaryShare> {
  return isNegative(ctx, subtract(x, y));
}

/** 1 where x < constant. */
export function lessThanConstant<W extends RingWidth>(
  ctx: Context,
  x: ArithmeticShare<W>,
  constant: bigint,
): Promise<BinaryShare> {
  return isNegative(ctx, addConstant(x, -constant));
}

/** Carry out of a span of bits, lowest first: row 0 of the tree's root. */
async function carry(ctx: Context, propagate: BinaryShare, generate: BinaryShare): Promise<BinaryShare> {
  let p = propagate;
  let g = generate;
  for (let level = 0; g.rows > 1; level++) {
    [p, g] = await joinSpans(ctx.step(`carry-${level}`), p, g);
  }
  return g;
}

/** One level: (g, p) of spans 2i and 2i+1 become (g_hi XOR p_hi*g_lo, p_hi*p_lo). An odd top span stays. */
async function joinSpans(ctx: Context, p: BinaryShare, g: BinaryShare): Promise<[BinaryShare, BinaryShare]> {
  const pairs = Math.floor(g.rows / 2);
  const low = Array.from({ length: pairs }, (_, i) => 2 * i);
  const pick = (share: BinaryShare, indices: readonly number[]): BinaryShare =>
    stack(indices.map((i) => rows(share, i, i + 1)));
  const high = low.map((i) => i + 1);
  const upper = low.slice(1);
  const withPropagate = upper.length > 0;
  const left = withPropagate
    ? stack([
        pick(p, high),
        pick(
          p,
          upper.map((i) => i + 1),
        ),
      ])
    : pick(p, high);
  const right = withPropagate ? stack([pick(g, low), pick(p, upper)]) : pick(g, low);
  const products = await and(ctx, left, right);
  const joined = xor(pick(g, high), rows(products, 0, pairs));
  // The lowest span's propagate is never used: its row is kept as a placeholder so that indices agree.
  const joinedP = withPropagate
    ? stack([rows(p, 0, 1), rows(products, pairs, products.rows)])
    : rows(p, 0, 1);
  if (g.rows % 2 === 0) return [joinedP, joined];
  const last = g.rows - 1;
  return [stack([joinedP, rows(p, last, last + 1)]), stack([joined, rows(g, last, last + 1)])];
}
