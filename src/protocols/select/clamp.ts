/**
 * Clamping to public bounds, absolute value and sign.
 *
 * Functionality: clamp gives low where x < low, high where x > high, else x; absolute |x|; sign -1, 0 or 1.
 * Protocol: comparisons, whose bits are looked up together: clamp as keep*x + low*below + high*above, with keep and the
 *   rest from one lookup of both bits; |x| as s*x, with s = 1 or -1 from the sign; the sign from x < 0 and x = 0.
 * Requires: distances to the bounds that fit the ring. What the bounds of x decide is not computed.
 * Cost (rep3): clamp those of two comparisons side by side, 3 rounds and 3 ring elements per node; absolute of a
 *   comparison, 3 rounds and 2; sign of a comparison and a zero test side by side, 2 rounds and 4/3.
 * Reveals: nothing. Fails: never.
 */
import type { RingWidth } from '../../kernels/ring-vector.js';
import { BIT } from '../../share/bounds.js';
import { add, addConstant, scale } from '../../share/linear.js';
import type { ArithmeticShare, BinaryShare } from '../../share/shares.js';
import { lookup } from '../bits/lookup.js';
import type { Context } from '../context.js';
import { isZero } from '../equality.js';
import { isNegative, lessThanConstant } from '../less-than.js';
import { multiply } from '../multiply.js';

/** x, or the nearer of two public bounds where it lies outside. RangeError for low > high. */
export async function clamp<W extends RingWidth>(
  ctx: Context,
  x: ArithmeticShare<W>,
  low: bigint,
  high: bigint,
): Promise<ArithmeticShare<W>> {
  if (low > high) throw new RangeError(`clamp to ${low}..${high}`);
  const clamped = (value: bigint): bigint => (value < low ? low : value > high ? high : value);
  const bounds = { min: clamped(x.bounds.min), max: clamped(x.bounds.max) };
  if (bounds.min === bounds.max) return ctx.constant(x.width, x.length, bounds.min);
  const sides: Promise<Side>[] = [];
  if (x.bounds.min < low) {
    sides.push(lessThanConstant(ctx.step('below'), x, low).then((bit) => ({ bit, bound: low })));
  }
  if (x.bounds.max > high) {
    const above = isNegative(ctx.step('above'), addConstant(scale(x, -1n), high));
    sides.push(above.then((bit) => ({ bit, bound: high })));
  }
  const outside = await Promise.all(sides);
  if (outside.length === 0) return x;
  const [keep, bound] = (await lookup(
    ctx.step('sides'),
    outside.map(({ bit }) => bit),
    // Of the bits at most one is 1.
    [keepTables(outside.length), outside.map((side) => [0n, side.bound])],
    x.width,
    [BIT, { min: low < 0n ? low : 0n, max: high > 0n ? high : 0n }],
  )) as [ArithmeticShare<W>, ArithmeticShare<W>];
  const kept = await multiply(ctx.step('keep'), keep, x);
  // One of the two is 0.
  return add(kept.with({ bounds: ZERO }), bound.with({ bounds: ZERO })).with({ bounds });
}

/** |x|. */
export async function absolute<W extends RingWidth>(
  ctx: Context,
  x: ArithmeticShare<W>,
): Promise<ArithmeticShare<W>> {
  const { min, max } = x.bounds;
  if (min >= 0n) return x;
  if (max <= 0n) return scale(x, -1n);
  const negative = await isNegative(ctx.step('negative'), x);
  const [factor] = (await lookup(ctx.step('sign'), [negative], [[[1n, -1n]]], x.width)) as [
    ArithmeticShare<W>,
  ];
  const product = await ctx.backend.multiply(ctx.step('product'), factor, x, {
    min: 0n,
    max: max > -min ? max : -min,
  });
  return product;
}

/** -1 where x < 0, 0 where x = 0, 1 where x > 0, over any ring. */
export async function sign<V extends RingWidth, W extends RingWidth>(
  ctx: Context,
  x: ArithmeticShare<V>,
  width: W,
): Promise<ArithmeticShare<W>> {
  const [negative, zero] = await Promise.all([
    isNegative(ctx.step('negative'), x),
    isZero(ctx.step('zero'), x),
  ]);
  const tables = [
    [
      [1n, -1n],
      [0n, -1n],
    ],
  ];
  const [result] = await lookup(ctx.step('sign'), [negative, zero], tables, width, [{ min: -1n, max: 1n }]);
  return result as ArithmeticShare<W>;
}

interface Side {
  readonly bit: BinaryShare;
  readonly bound: bigint;
}

const ZERO = { min: 0n, max: 0n };

/** 1 less each bit. */
function keepTables(bits: number): bigint[][] {
  return Array.from({ length: bits }, (_, i) => (i === 0 ? [1n, 0n] : [0n, -1n]));
}
