/**
 * Natural logarithm of binary fractions.
 *
 * Functionality: ln(x), with the fraction of x. 0 and negative numbers count as 2^-fraction, the smallest that is not 0.
 * Protocol: x = c * 2^(j+1) by its highest bit (normalise.ts): ln(c) for c in [1/2, 1) by a polynomial of 4c - 3, and a
 *   multiple of ln(2) that is a sum of functions of the digits of j, so that it is added without a product.
 * Requires: x below 2^62 as an integer (2^126 in the wide ring).
 * Cost (rep3, 64 bits, fraction of 20, x from 2^-10 to 2^20): 27 rounds, 127.7 bytes.
 * Error: docs/fixed-point.md. Reveals: nothing. Fails: BOUND_NOT_PROVED before anything is sent.
 */
import { encode, type Fixed } from '../../share/fixed.js';
import { add, slice } from '../../share/linear.js';
import type { ArithmeticShare } from '../../share/shares.js';
import type { Context } from '../context.js';
import { fractionsInChunks } from './chunks.js';
import { type FunctionWidth, WORKING_FRACTION, withFraction } from './forms.js';
import { bitLength, type PlaceFunction, type Places, placesOf } from './highest-bit.js';
import { normalise } from './normalise.js';
import { fit, type Polynomial, polynomial } from './polynomial.js';

/** ln(c) with c = (t + 3) / 4. */
const LOGARITHM: Readonly<Record<FunctionWidth, Polynomial>> = {
  64: fit((t) => Math.log((t + 3) / 4), 8),
  128: fit((t) => Math.log((t + 3) / 4), 14),
};

/** ln(x). */
export async function logarithm<W extends FunctionWidth>(ctx: Context, x: Fixed<W>): Promise<Fixed<W>> {
  const { value, fraction } = x;
  const { width, bounds } = value;
  const working = WORKING_FRACTION[width];
  const places = placesOf(bounds, Math.max(0, bitLength(bounds.min) - 1));
  const functions = [logarithmOfPlace(places, fraction, working)];
  const result = await fractionsInChunks(ctx, value.length, async (chunk, start, end) => {
    const own = slice(value, start, end);
    const normalised = await normalise(chunk.step('normalise'), own, places, functions);
    const [ofPlace] = normalised.functions as [ArithmeticShare<W>];
    const mantissa = await polynomial(chunk.step('mantissa'), normalised.t, LOGARITHM[width]);
    const sum = { value: add(mantissa.value, ofPlace), fraction: working };
    return (await withFraction(chunk.step('result'), sum, fraction)).value;
  });
  return { value: result, fraction };
}

/** ln(2^(j + 1 - fraction)) for place i = top-1-j. */
function logarithmOfPlace({ top, size, count }: Places, fraction: number, working: number): PlaceFunction {
  const times = (exponent: number): bigint => encode(exponent * Math.LN2, working);
  return {
    coarse: (digit) => times(-size * digit),
    fine: (digit) => times(top - fraction - digit),
    // As for the last place.
    none: times(top - fraction - (count - 1)),
  };
}
