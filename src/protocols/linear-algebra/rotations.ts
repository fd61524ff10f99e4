/**
 * Plane rotations that make 2 x 2 matrices diagonal: the angles of Jacobi's method, on shares.
 *
 * Functionality: for vectors d = a_ii - a_jj and a = a_ij the cosines c and sines s with 60 bits of fraction of the angles of
 *   at most 45 degrees with tan 2t = 2a/d. Where d^2 + 4a^2 is below 2^-(2 NEGLIGIBLE) the angle is 0.
 * Protocol (ours): h^2 = d^2 + 4a^2 is computed exactly and normalised by its highest bit. With |d| and sign(d) a scaled by
 *   2^(i/2) for its place i, and a polynomial of degree 8 for the inverse root, u = cos 2t and w = sin 2t have about 20
 *   bits; a polynomial in u makes 1 / (2 cos t). All that need not be exact, since one step of Newton's
 *   iteration makes c^2 + s^2 = 1 in the end: what the angle is off by leaves so much less of the element a.
 * Requires: d and 2a, and the root of d^2 + 4a^2, at most 2^62 in whole numbers, with `fraction` bits of fraction.
 * Cost (rep3): 53 rounds, whatever the number of rotations; about 6 KB per node for the first of them.
 * Error: c^2 + s^2 is off 1 by less than 2^-39. Reveals: nothing. Fails: never.
 */
import { addNumber, encode, type Fixed, scaleFixed, shiftPoint } from '../../share/fixed.js';
import { add, scale } from '../../share/linear.js';
import type { ArithmeticShare } from '../../share/shares.js';
import type { Context } from '../context.js';
import { WORKING_FRACTION } from '../fixed/forms.js';
import { type PlaceFunction, type Places, placesOf, zero } from '../fixed/highest-bit.js';
import { type FixedForm, multiplyFixedTo, sumOfProductsFixedTo } from '../fixed/multiply.js';
import { normalise } from '../fixed/normalise.js';
import { fit, polynomial } from '../fixed/polynomial.js';
import { magnitude, withSign } from '../fixed/sign.js';
import { multiply } from '../multiply.js';
import { boundsOf } from './small-products.js';

const WIDTH = 128;
/** Bits of fraction of cosines and sines. */
export const ROTATION_FRACTION = 60;
/** Bits of d and 2a. */
export const LARGEST_BITS = 62;
/** Angles are 0 where h is below 2 to minus this. */
const NEGLIGIBLE = 34;
/** Bits of fraction of powers of the root of two. */
const ROOT_FRACTION = 30;
/** Bits of fraction on the way. */
const FRACTION = 58;
const DEGREE = 8;

/** Numbers below 2, in absolute value. */
const below2 = (fraction: number): FixedForm<128> => ({
  width: WIDTH,
  fraction,
  bounds: boundsOf({ fraction, bits: 1 }),
});
const UNIT = below2(FRACTION);
const ROTATION = below2(ROTATION_FRACTION);
/** For polynomials. */
const COARSE = below2(WORKING_FRACTION[WIDTH]);

/** 1 / sqrt(c) for c = (t + 3) / 4 in [1/2, 1]. */
const INVERSE_ROOT = fit((t) => 2 / Math.sqrt(t + 3), DEGREE);
/** 1 / sqrt(2 + 2u) for u = (t + 1) / 2 in [0, 1]. */
const HALF_ANGLE = fit((t) => 1 / Math.sqrt(t + 3), DEGREE);

export interface Rotations {
  readonly cosines: Fixed<128>;
  readonly sines: Fixed<128>;
}

/** @param d and `a`: vectors of one length and fraction, d and 2a below 2^LARGEST_BITS as whole numbers. */
export async function rotations(ctx: Context, d: Fixed<128>, a: Fixed<128>): Promise<Rotations> {
  const twice = { value: scale(a.value, 2n), fraction: a.fraction };
  const [sides, { t, root, none }] = await Promise.all([
    acuteSides(ctx.step('sides'), d, twice),
    hypotenuse(ctx.step('hypotenuse'), d, twice),
  ]);
  const [[adjacent, opposite], inverse] = await Promise.all([
    timesRoot(ctx.step('scale'), sides, root),
    polynomial(ctx.step('inverse'), t, INVERSE_ROOT),
  ]);
  const [cosine, sine] = await Promise.all([
    multiplyFixedTo(ctx.step('cosine'), adjacent, inverse, COARSE),
    multiplyFixedTo(ctx.step('sine'), opposite, inverse, UNIT),
  ]);
  // The angle 0 where nothing is to be done: u = 1 and w = 0.
  const one = scale(none, 1n << BigInt(COARSE.fraction));
  return await halved(ctx.step('half'), { ...cosine, value: add(cosine.value, one) }, sine);
}

/** |d| and sign(d) 2a. */
interface Sides {
  readonly adjacent: Fixed<128>;
  readonly opposite: Fixed<128>;
}

async function acuteSides(ctx: Context, d: Fixed<128>, twice: Fixed<128>): Promise<Sides> {
  const { magnitude: adjacent, sign } = await magnitude(ctx.step('adjacent'), d.value);
  const opposite = await withSign(ctx.step('opposite'), twice.value, sign);
  return {
    adjacent: { value: adjacent, fraction: d.fraction },
    opposite: { value: opposite.with({ bounds: twice.value.bounds }), fraction: d.fraction },
  };
}

/** Both sides times the root. */
async function timesRoot(
  ctx: Context,
  { adjacent, opposite }: Sides,
  { coarse, fine, fraction }: Root,
): Promise<[Fixed<128>, Fixed<128>]> {
  const root = { value: await multiply(ctx.step('root'), coarse, fine), fraction };
  return await Promise.all([
    multiplyFixedTo(ctx.step('adjacent'), adjacent, root, UNIT),
    multiplyFixedTo(ctx.step('opposite'), opposite, root, UNIT),
  ]);
}

/** Two factors of 2^((i-top)/2), and 0 where h is negligible. */
interface Root {
  readonly coarse: ArithmeticShare<128>;
  readonly fine: ArithmeticShare<128>;
  /** Of their product. */
  readonly fraction: number;
}

interface Hypotenuse {
  /** 4 c - 3 for h^2 = c 2^(top-i). */
  readonly t: Fixed<128>;
  readonly root: Root;
  /** 1 where it is. */
  readonly none: ArithmeticShare<128>;
}

async function hypotenuse(ctx: Context, d: Fixed<128>, twice: Fixed<128>): Promise<Hypotenuse> {
  const sums = ctx.backend.productSums(WIDTH, d.value.length);
  await sums.addElementwise(d.value, d.value);
  await sums.addElementwise(twice.value, twice.value);
  // The distance of the eigenvalues of a part of the matrix.
  const square = await sums.finish(ctx.step('square'), { min: 0n, max: 1n << BigInt(2 * LARGEST_BITS) });
  const lowest = Math.max(0, 2 * (d.fraction - NEGLIGIBLE));
  const places = placesOf(square.bounds, lowest);
  const { t, functions } = await normalise(ctx.step('normalise'), square, places, functionsOfPlace(places));
  const [coarse, fine, none] = functions as [
    ArithmeticShare<128>,
    ArithmeticShare<128>,
    ArithmeticShare<128>,
  ];
  const fraction = ROOT_FRACTION + Math.ceil(places.top / 2) - d.fraction;
  return { t, none, root: { coarse, fine, fraction } };
}

/** Two factors of 2^(i/2), or of 2^((i+1)/2) where the places are counted from an odd one; and 1 where there is none. */
function functionsOfPlace({ size, top }: Places): readonly PlaceFunction[] {
  const root = (digit: number): bigint => encode(2 ** ((digit + (top % 2)) / 2), ROOT_FRACTION);
  return [
    { coarse: (digit) => 1n << BigInt((size / 2) * digit), fine: zero, none: 0n },
    { coarse: zero, fine: root, none: 0n },
    { coarse: zero, fine: zero, none: 1n },
  ];
}

/** Cosine and sine of half the angle with cosine u >= 0 and sine w. */
async function halved(ctx: Context, u: Fixed<128>, w: Fixed<128>): Promise<Rotations> {
  const t = { value: scale(u.value, 2n), fraction: u.fraction };
  const q = await polynomial(ctx.step('scale'), addNumber(t, -1), HALF_ANGLE);
  const [c, s] = await Promise.all([
    multiplyFixedTo(ctx.step('near-cosine'), addNumber(u, 1), q, UNIT),
    multiplyFixedTo(ctx.step('near-sine'), w, q, UNIT),
  ]);
  const square = await sumOfProductsFixedTo(
    ctx.step('square'),
    [
      [c, c],
      [s, s],
    ],
    UNIT,
  );
  // (3 - square) / 2
  const correction = shiftPoint(addNumber(scaleFixed(square, -1n), 3), -1);
  const [cosines, sines] = await Promise.all([
    multiplyFixedTo(ctx.step('cosine'), c, correction, ROTATION),
    multiplyFixedTo(ctx.step('sine'), s, correction, ROTATION),
  ]);
  return { cosines, sines };
}
