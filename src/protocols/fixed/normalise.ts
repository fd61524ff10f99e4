/**
 * Normalisation: x = c * 2^(j+1) with c in [1/2, 1), j the place of its highest set bit.
 *
 * Functionality: t = 4c - 3 in [-1, 1] with a working fraction, and public functions of j (highest-bit.ts). Below 2^lowest,
 *   0 and negative values included, c = 1/2, as for 2^lowest.
 * Protocol: v = 2^(top-1-j), the product of functions of the two digits of j, times x is c * 2^top.
 * Cost (rep3, 64 bits): highest-bit.ts, a product and a product that is rounded: 4 rounds and 20 bytes.
 * Reveals: nothing. Fails: BOUND_NOT_PROVED.
 */
import type { RingWidth } from '../../kernels/ring-vector.js';
import { addNumber, extendFraction, type Fixed } from '../../share/fixed.js';
import { add, scale } from '../../share/linear.js';
import type { ArithmeticShare } from '../../share/shares.js';
import type { Context } from '../context.js';
import { multiply } from '../multiply.js';
import { type FunctionWidth, WORKING_FRACTION } from './forms.js';
import { functionsOf, highestBit, type PlaceFunction, type Places, zero } from './highest-bit.js';
import { sumOfProductsFixedTo } from './multiply.js';

export interface Normalised<W extends RingWidth> {
  /** 4c - 3. */
  readonly t: Fixed<W>;
  /** 2^(top-1-j), and that of the lowest place where no bit is set. */
  readonly scale: ArithmeticShare<W>;
  /** The functions asked for, in their order. */
  readonly functions: readonly ArithmeticShare<W>[];
}

/** x normalised by its highest bit, and functions of its place. */
export async function normalise<W extends FunctionWidth>(
  ctx: Context,
  x: ArithmeticShare<W>,
  places: Places,
  functions: readonly PlaceFunction[] = [],
): Promise<Normalised<W>> {
  const highest = await highestBit(ctx.step('highest'), x, places);
  const { size, always } = places;
  const wanted: PlaceFunction[] = [
    { coarse: (digit) => 1n << BigInt(size * digit), fine: zero, none: 0n },
    { coarse: zero, fine: (digit) => 1n << BigInt(digit), none: 0n },
    ...(always ? [] : [{ coarse: zero, fine: zero, none: 1n }]),
    ...functions,
  ];
  const found = await functionsOf(ctx.step('functions'), highest, wanted, x.width);
  const [coarse, fine] = found as [ArithmeticShare<W>, ArithmeticShare<W>];
  const widest = 1n << BigInt(places.count - 1);
  const product = await multiply(ctx.step('scale'), coarse, fine);
  // A product of functions of one place, which are not at their largest at once.
  const factor = product.with({ bounds: { min: always ? 1n : 0n, max: widest } });
  const none = always ? undefined : found[2];
  const t = await scaled(ctx, x, factor, none, places.top);
  const filled =
    none === undefined ? factor : add(factor, scale(none, widest)).with({ bounds: { min: 1n, max: widest } });
  return { t, scale: filled, functions: found.slice(always ? 2 : 3) };
}

/** 4 * (x * factor / 2^top) - 3, from x * factor in [2^(top-1), 2^top), or 2^(top-1) where no bit is set. */
async function scaled<W extends FunctionWidth>(
  ctx: Context,
  x: ArithmeticShare<W>,
  factor: ArithmeticShare<W>,
  none: ArithmeticShare<W> | undefined,
  top: number,
): Promise<Fixed<W>> {
  const { width } = x;
  const fraction = WORKING_FRACTION[width];
  const half = 1n << BigInt(fraction + 1);
  const form = { width, fraction: fraction + 2, bounds: { min: half, max: 2n * half } };
  const plus = none === undefined ? undefined : { value: scale(none, 1n << BigInt(top - 1)), fraction: top };
  // Few bits are made more, so that none are cut off.
  const missing = Math.max(0, fraction + 2 - top);
  const pair = [
    { value: x, fraction: 0 },
    { value: scale(factor, 1n << BigInt(missing)), fraction: top + missing },
  ] as const;
  const c = await sumOfProductsFixedTo(
    ctx.step('normalise'),
    [pair],
    form,
    plus === undefined ? undefined : extendFraction(plus, top + missing),
  );
  return addNumber({ value: c.value, fraction }, -3);
}
