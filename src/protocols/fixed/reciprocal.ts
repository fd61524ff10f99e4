/**
 * Reciprocal and division of binary fractions.
 *
 * Functionality: 1/x with the fraction of x, a/x with that of a. Between 0 and 2^-(fraction/2) x counts as that number,
 *   so that results saturate; 0 counts as positive.
 * Protocol: x = c * 2^(j+1) by its highest bit (normalise.ts); 1/c for c in [1/2, 1) by a polynomial of t = 4c - 3, whose
 *   relative error falls by 5.8 with each degree; times 2^-(j+1). For a/x the numerator is scaled first, so that the
 *   quotient is rounded at its own last place. Where bounds do not tell the sign of x, |x| is taken and the sign given back.
 * Requires: x below 2^62 as an integer (2^126 in the wide ring). Division: |a| times the range of x in powers of two as
 *   much, and the largest quotient with 21 bits more than it has (41).
 * Cost (rep3, 64 bits, fraction of 20, x from 2^-10 to 2^20): 30 rounds, 134.3 bytes; division 146.3. For a sign that is
 *   not known 9 rounds and 43.7 bytes more.
 * Error: docs/fixed-point.md. Reveals: nothing. Fails: BOUND_NOT_PROVED before anything is sent.
 */
import type { Fixed } from '../../share/fixed.js';
import { sameShape, scale, slice } from '../../share/linear.js';
import type { ArithmeticShare } from '../../share/shares.js';
import type { Context } from '../context.js';
import { fractionsInChunks } from './chunks.js';
import { type FunctionWidth, lowestBit, WORKING_FRACTION } from './forms.js';
import { placesOf } from './highest-bit.js';
import { sumOfProductsFixedTo } from './multiply.js';
import { normalise } from './normalise.js';
import { fit, type Polynomial, polynomial } from './polynomial.js';
import { magnitude, withSign } from './sign.js';

/** 1/c with c = (t + 3) / 4. */
const RECIPROCAL: Readonly<Record<FunctionWidth, Polynomial>> = {
  64: fit((t) => 4 / (t + 3), 8),
  128: fit((t) => 4 / (t + 3), 14),
};

/** 1/x. */
export async function reciprocal<W extends FunctionWidth>(ctx: Context, x: Fixed<W>): Promise<Fixed<W>> {
  const { fraction } = x;
  const value = await fractionsInChunks(ctx, x.value.length, async (chunk, start, end) => {
    const divisor = await prepared(chunk, { value: slice(x.value, start, end), fraction });
    const [inverse, factor] = await Promise.all([inverseOf(chunk, divisor), signedFactor(chunk, divisor)]);
    const shift = divisor.top + inverse.fraction - 2 * fraction;
    return await shiftedProduct(chunk.step('result'), inverse.value, factor, shift);
  });
  return { value, fraction };
}

/** a/x, element by element. */
export async function divide<W extends FunctionWidth>(
  ctx: Context,
  a: Fixed<W>,
  x: NoInfer<Fixed<W>>,
): Promise<Fixed<W>> {
  sameShape(a.value, x.value);
  const { fraction } = x;
  const value = await fractionsInChunks(ctx, x.value.length, async (chunk, start, end) => {
    const own = slice(a.value, start, end);
    const divisor = await prepared(chunk, { value: slice(x.value, start, end), fraction });
    const working = WORKING_FRACTION[own.width];
    const shift = divisor.top + working - fraction;
    const last = Math.max(0, Math.min(shift, working + guardOf(own, fraction, divisor.lowest)));
    const scaled = async (): Promise<ArithmeticShare<W>> => {
      const factor = await signedFactor(chunk, divisor);
      return await shiftedProduct(chunk.step('numerator'), own, factor, shift - last);
    };
    const [inverse, numerator] = await Promise.all([inverseOf(chunk, divisor), scaled()]);
    return await shiftedProduct(chunk.step('result'), numerator, inverse.value, last);
  });
  return { value, fraction: a.fraction };
}

/** A divisor c * 2^(j+1), or its negative. */
interface Divisor<W extends FunctionWidth> {
  /** 4c - 3. */
  readonly t: Fixed<W>;
  /** 2^(top-1-j). */
  readonly factor: ArithmeticShare<W>;
  readonly sign: ArithmeticShare<W> | undefined;
  readonly top: number;
  /** Its size is 2^lowest or more. */
  readonly lowest: number;
}

async function prepared<W extends FunctionWidth>(ctx: Context, x: Fixed<W>): Promise<Divisor<W>> {
  const { magnitude: size, sign } = await magnitude(ctx.step('sign'), x.value);
  const lowest = lowestBit({ value: size, fraction: x.fraction });
  const places = placesOf(size.bounds, lowest);
  const { t, scale: factor } = await normalise(ctx.step('normalise'), size, places);
  return { t, factor, sign, top: places.top, lowest };
}

/** 1/c, in [1, 2]. */
async function inverseOf<W extends FunctionWidth>(ctx: Context, { t }: Divisor<W>): Promise<Fixed<W>> {
  return await polynomial(ctx.step('inverse'), t, RECIPROCAL[t.value.width]);
}

/** 1/c times this is 2^top / x. */
async function signedFactor<W extends FunctionWidth>(
  ctx: Context,
  { factor, sign }: Divisor<W>,
): Promise<ArithmeticShare<W>> {
  return await withSign(ctx.step('signed'), factor, sign);
}

/** Bits by which the scaled numerator is finer than the quotient: 2 where the ring has room for them, else 1. */
function guardOf<W extends FunctionWidth>(a: ArithmeticShare<W>, fraction: number, lowest: number): number {
  const { min, max } = a.bounds;
  const largest = ((max > -min ? max : -min) << BigInt(fraction)) >> BigInt(lowest);
  // The inverse may be above 2 by rounding.
  const product = (largest + 1n) * ((1n << BigInt(WORKING_FRACTION[a.width] + 2)) + (1n << 10n));
  return product < 1n << BigInt(a.width - 2) ? 2 : 1;
}

/** x * y / 2^shift, for a shift of any sign. */
async function shiftedProduct<W extends FunctionWidth>(
  ctx: Context,
  x: ArithmeticShare<W>,
  y: ArithmeticShare<W>,
  shift: number,
): Promise<ArithmeticShare<W>> {
  const larger = shift < 0 ? scale(y, 1n << BigInt(-shift)) : y;
  const pair = [
    { value: x, fraction: 0 },
    { value: larger, fraction: Math.max(0, shift) },
  ] as const;
  return (await sumOfProductsFixedTo(ctx, [pair], { width: x.width, fraction: 0 })).value;
}
