/**
 * Polynomials with public coefficients of a binary fraction t in [-1, 1].
 *
 * Functionality: p(t) for a polynomial of degree up to 16, off by a few units in the last place of t besides what its
 *   coefficients are off.
 * Protocol (ours): powers by products that are rounded, then one sum of products and public multiples of all powers that
 *   is rounded once.
 *   Degree 4: t2 = t*t; the rest is t2 * (a3 t + a4 t2) and a multiple of t and t2.
 *   Degree 8: with y = t2 * (t2 + alpha t) = t^4 + alpha t^3 the products y * (a8 y + b t2 + c t) and t * (e t2) have all
 *     powers above 2; alpha = a7 / (2 a8) makes the multiple of t^7 in y^2 the right one. So three messages do for eight
 *     powers, where Paterson and Stockmeyer (1973, SIAM J. Comput. 2) take four.
 *   Degree 16: Paterson and Stockmeyer, p = q0 + t4 * q1 + t8 * (q2 + t4 * q3) for cubic q0, q1, q2 and q3 of degree 4,
 *     the last two products in one sum.
 * Requires: t with p bits of fraction in a ring that has room for 3p bits and the polynomial's range (64 bits: p = 20,
 *   values below 4).
 * Cost (rep3, 64 bits): 6 rounds and 28 bytes up to degree 4, 9 and 40 up to 8, 12 and 80 up to 16.
 * Reveals: nothing. Fails: BOUND_NOT_PROVED.
 */
import type { RingWidth } from '../../kernels/ring-vector.js';
import type { Bounds } from '../../share/bounds.js';
import { addFixed, addNumber, encode, extendFraction, type Fixed } from '../../share/fixed.js';
import { add, scale } from '../../share/linear.js';
import type { ArithmeticShare } from '../../share/shares.js';
import type { Context } from '../context.js';
import { chebyshevFit } from './chebyshev.js';
import { type FixedPair, multiplyFixed, sumOfProductsFixedTo } from './multiply.js';

/** A polynomial near a function on [-1, 1], and the range of that function. */
export interface Polynomial {
  /** Of 1, t, t^2, ... */
  readonly coefficients: readonly number[];
  readonly min: number;
  readonly max: number;
}

/** Bits of the middle coefficient alpha: it need only be near the best one. */
const ALPHA_BITS = 12;

/** Units in the last place by which rounding may lead out of the function's range; a few do. */
const SLACK = 64n;

/** The polynomial of a degree that interpolates a monotonic function on [-1, 1]. */
export function fit(f: (t: number) => number, degree: number): Polynomial {
  const ends = [f(-1), f(1)];
  return { coefficients: chebyshevFit(f, degree), min: Math.min(...ends), max: Math.max(...ends) };
}

/** p(t), with the fraction of t. RangeError for a degree above 16. */
export async function polynomial<W extends RingWidth>(
  ctx: Context,
  t: Fixed<W>,
  p: Polynomial,
): Promise<Fixed<W>> {
  const degree = p.coefficients.length - 1;
  if (degree > 16) throw new RangeError(`a polynomial of degree ${degree}`);
  const bounds = { min: encode(p.min, t.fraction) - SLACK, max: encode(p.max, t.fraction) + SLACK };
  const t2 = await multiplyFixed(ctx.step('square'), t, t);
  const a = (power: number): number => p.coefficients[power] ?? 0;
  if (degree <= 4) return await short(ctx.step('sum'), t, t2, a, bounds);
  return degree <= 8 ? await middle(ctx, t, t2, a, bounds) : await long(ctx, t, t2, a, bounds);
}

type Coefficient = (power: number) => number;

/** Degree 4. */
async function short<W extends RingWidth>(
  ctx: Context,
  t: Fixed<W>,
  t2: Fixed<W>,
  a: Coefficient,
  bounds: Bounds,
): Promise<Fixed<W>> {
  const high = combine([t, a(3)], [t2, a(4)]);
  const low = combineTo(3 * t.fraction, [t, a(1)], [t2, a(2)]);
  return await total(ctx, t, [[t2, high]], low, a(0), bounds);
}

/** Degree 8. */
async function middle<W extends RingWidth>(
  ctx: Context,
  t: Fixed<W>,
  t2: Fixed<W>,
  a: Coefficient,
  bounds: Bounds,
): Promise<Fixed<W>> {
  const unit = 2 ** ALPHA_BITS;
  const alpha = a(8) === 0 ? 0 : Math.round((unit * a(7)) / (2 * a(8))) / unit;
  const factor = combineTo(t.fraction + ALPHA_BITS, [t2, 1], [t, alpha]);
  const { width } = t.value;
  // t^4 + alpha t^3 on [-1, 1].
  const size = encode(1 + Math.abs(alpha), t.fraction) + SLACK;
  const form = { width, fraction: t.fraction, bounds: { min: -size, max: size } };
  const y = await sumOfProductsFixedTo(ctx.step('fourth'), [[t2, factor]], form);
  const b = a(6) - a(8) * alpha ** 2;
  const c = a(5) - b * alpha;
  const d = a(4) - c * alpha;
  const e = a(3) - d * alpha;
  const high = combine([y, a(8)], [t2, b], [t, c]);
  const cubic = combine([t2, e]);
  const low = combineTo(3 * t.fraction, [t, a(1)], [t2, a(2)], [y, d]);
  const pairs: FixedPair<W>[] = [
    [y, high],
    [t, cubic],
  ];
  return await total(ctx.step('sum'), t, pairs, low, a(0), bounds);
}

/** Degree 16. */
async function long<W extends RingWidth>(
  ctx: Context,
  t: Fixed<W>,
  t2: Fixed<W>,
  a: Coefficient,
  bounds: Bounds,
): Promise<Fixed<W>> {
  const [t3, t4] = await Promise.all([
    multiplyFixed(ctx.step('cube'), t, t2),
    multiplyFixed(ctx.step('fourth'), t2, t2),
  ]);
  const cubic = (from: number, fraction: number): Fixed<W> =>
    combineTo(fraction, [t, a(from + 1)], [t2, a(from + 2)], [t3, a(from + 3)]);
  const [twice, thrice] = [2 * t.fraction, 3 * t.fraction];
  const top = addNumber(addFixed(cubic(12, twice), combine([t4, a(16)])), a(12));
  const [t8, high] = await Promise.all([
    multiplyFixed(ctx.step('eighth'), t4, t4),
    total(ctx.step('high'), t, [[t4, top]], cubic(8, thrice), a(8)),
  ]);
  const pairs: FixedPair<W>[] = [
    [t4, addNumber(cubic(4, twice), a(4))],
    [t8, extendFraction(high, twice)],
  ];
  return await total(ctx.step('sum'), t, pairs, cubic(0, thrice), a(0), bounds);
}

/** Products whose second factors have twice the fraction of t, a value with thrice of it and a constant, rounded once. */
async function total<W extends RingWidth>(
  ctx: Context,
  t: Fixed<W>,
  pairs: readonly FixedPair<W>[],
  low: Fixed<W>,
  constant: number,
  bounds?: Bounds,
): Promise<Fixed<W>> {
  const plus = addNumber(low, constant);
  const form = { width: t.value.width, fraction: t.fraction };
  return await sumOfProductsFixedTo(ctx, pairs, bounds === undefined ? form : { ...form, bounds }, plus);
}

type Term<W extends RingWidth> = readonly [Fixed<W>, number];

/** A sum of public multiples, with twice the fraction. */
function combine<W extends RingWidth>(first: Term<W>, ...more: readonly Term<W>[]): Fixed<W> {
  return combineTo(2 * first[0].fraction, first, ...more);
}

function combineTo<W extends RingWidth>(
  fraction: number,
  first: Term<W>,
  ...more: readonly Term<W>[]
): Fixed<W> {
  const term = ([x, factor]: Term<W>): ArithmeticShare<W> =>
    scale(x.value, encode(factor, fraction - x.fraction));
  return { value: more.reduce((sum, own) => add(sum, term(own)), term(first)), fraction };
}
