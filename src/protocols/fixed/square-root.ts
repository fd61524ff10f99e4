/**
 * Square root and inverse square root of binary fractions.
 *
 * Functionality: sqrt(x) and 1/sqrt(x), with the fraction of x. The root of 0 and of negative numbers is 0; for the inverse
 *   root numbers below 2^-(fraction/2), 0 and negative ones included, count as that number, so that it saturates.
 * Protocol: x = c * 2^(j+1) by its highest bit (normalise.ts); the function of c in [1/2, 1) by a polynomial of 4c - 3;
 *   that of 2^(j+1) is one of j, a product of one power of two for its coarse digit and one of sqrt(2), rounded, for its
 *   fine one. So an odd place needs no case of its own (Lu, Fang, Hong, Huang 2020 multiply by sqrt(2) where it is odd).
 * Requires: bounds of x within 48 powers of two (64 bits; 90 in the wide ring).
 * Cost (rep3, 64 bits, fraction of 20): root of 0 to 2^20 31 rounds, 173.6 bytes; inverse root of 2^-10 to 2^20 30, 153.0.
 * Error: docs/fixed-point.md. Reveals: nothing. Fails: BOUND_NOT_PROVED before anything is sent.
 */
import { WarifuError } from '../../core/errors.js';
import { encode, type Fixed } from '../../share/fixed.js';
import { slice } from '../../share/linear.js';
import type { ArithmeticShare } from '../../share/shares.js';
import type { Context } from '../context.js';
import { multiply } from '../multiply.js';
import { fractionsInChunks } from './chunks.js';
import { type FunctionWidth, lowestBit, WORKING_FRACTION } from './forms.js';
import { bitLength, type PlaceFunction, type Places, placesOf, zero } from './highest-bit.js';
import { sumOfProductsFixedTo } from './multiply.js';
import { normalise } from './normalise.js';
import { fit, type Polynomial, polynomial } from './polynomial.js';

const ROOT: Readonly<Record<FunctionWidth, Polynomial>> = {
  64: fit((t) => Math.sqrt((t + 3) / 4), 6),
  128: fit((t) => Math.sqrt((t + 3) / 4), 12),
};

const INVERSE_ROOT: Readonly<Record<FunctionWidth, Polynomial>> = {
  64: fit((t) => 1 / Math.sqrt((t + 3) / 4), 8),
  128: fit((t) => 1 / Math.sqrt((t + 3) / 4), 14),
};

/** sqrt(x). */
export async function squareRoot<W extends FunctionWidth>(ctx: Context, x: Fixed<W>): Promise<Fixed<W>> {
  const { bounds, width } = x.value;
  const places = placesOf(bounds, Math.max(0, bitLength(bounds.min) - 1));
  return await scaledFunction(ctx, x, places, ROOT[width], rootScaling(x, places));
}

/** 1/sqrt(x). */
export async function inverseSquareRoot<W extends FunctionWidth>(
  ctx: Context,
  x: Fixed<W>,
): Promise<Fixed<W>> {
  const { bounds, width } = x.value;
  const places = placesOf(bounds, lowestBit(x));
  return await scaledFunction(ctx, x, places, INVERSE_ROOT[width], inverseScaling(x, places));
}

/** The factor of the place: the product of two functions, `shift` bits finer than the result. */
interface Scaling {
  readonly factors: readonly [PlaceFunction, PlaceFunction];
  readonly shift: number;
  readonly largest: bigint;
}

/** A function of x that is one of c times one of its place. */
async function scaledFunction<W extends FunctionWidth>(
  ctx: Context,
  { value, fraction }: Fixed<W>,
  places: Places,
  ofMantissa: Polynomial,
  { factors, shift, largest }: Scaling,
): Promise<Fixed<W>> {
  const result = await fractionsInChunks(ctx, value.length, async (chunk, start, end) => {
    const own = slice(value, start, end);
    const { t, functions } = await normalise(chunk.step('normalise'), own, places, factors);
    const [coarse, fine] = functions as [ArithmeticShare<W>, ArithmeticShare<W>];
    const [mantissa, factor] = await Promise.all([
      polynomial(chunk.step('mantissa'), t, ofMantissa),
      multiply(chunk.step('factor'), coarse, fine),
    ]);
    // A product of functions of one place, which are not at their largest at once.
    const bounds = { min: factor.bounds.min, max: largest };
    const pair = [
      { value: mantissa.value, fraction: 0 },
      { value: factor.with({ bounds }), fraction: shift },
    ] as const;
    return (await sumOfProductsFixedTo(chunk.step('result'), [pair], { width: value.width, fraction: 0 }))
      .value;
  });
  return { value: result, fraction };
}

/** 2^((top + fraction - i) / 2) for place i, over 2^WORKING_FRACTION. */
function rootScaling<W extends FunctionWidth>(
  { value: { width }, fraction }: Fixed<W>,
  places: Places,
): Scaling {
  const { top, size, coarse } = places;
  const last = coarse * size - 1;
  const odd = (last + top + fraction) % 2;
  const bits = fineBits(width, last + odd);
  const highest = size - 1 + odd;
  const factors = [
    { coarse: (digit: number) => 1n << BigInt((size * (coarse - 1 - digit)) / 2), fine: zero, none: 0n },
    { coarse: zero, fine: (digit: number) => encode(2 ** ((highest - digit) / 2), bits), none: 0n },
  ] as const;
  const shift = WORKING_FRACTION[width] + bits + (last + odd - top - fraction) / 2;
  return { factors, shift, largest: factors[0].coarse(0) * factors[1].fine(0) };
}

/** 2^((3 fraction - top + i) / 2) for place i, over 2^WORKING_FRACTION. */
function inverseScaling<W extends FunctionWidth>(
  { value: { width }, fraction }: Fixed<W>,
  places: Places,
): Scaling {
  const { top, size, count } = places;
  const odd = (top + fraction) % 2;
  const bits = fineBits(width, count - 1 + odd);
  const ofCoarse = (digit: number): bigint => 1n << BigInt((size * digit) / 2);
  const ofFine = (digit: number): bigint => encode(2 ** ((digit + odd) / 2), bits);
  // Where no bit is set, x counts as the smallest number.
  const none = [ofCoarse(Math.floor((count - 1) / size)), ofFine((count - 1) % size)] as const;
  const factors = [
    { coarse: ofCoarse, fine: zero, none: none[0] },
    { coarse: zero, fine: ofFine, none: none[1] },
  ] as const;
  const shift = WORKING_FRACTION[width] + bits + (odd - 3 * fraction + top) / 2;
  return { factors, shift, largest: none[0] * none[1] };
}

/** Bits of fraction of the fine factor, from what the ring has room for. */
function fineBits(width: FunctionWidth, halfBits: number): number {
  const working = WORKING_FRACTION[width];
  const room = width - 3 - working - Math.ceil(halfBits / 2);
  if (room < working - 3) {
    throw new WarifuError('BOUND_NOT_PROVED', `a root of so wide a range needs more than ${width} bits`, {
      width,
    });
  }
  return Math.min(room, working + 1);
}
