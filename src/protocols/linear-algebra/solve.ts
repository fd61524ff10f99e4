/**
 * Linear systems with a symmetric positive definite matrix, on shares.
 *
 * Functionality: `solve` gives X with A X = B for A (p x p) and B (p x k), `inverse` the inverse of A, row-major over 128
 *   bits with 40 bits of fraction; and a bit, 1 where the system was solved. Where it is 0 all numbers are 0.
 * Protocol (ours): D, the diagonal of inverse square roots of A's, makes C = D A D with ones on the diagonal, whatever the
 *   scales of the columns were. An approximate inverse of C comes by matrix products alone (unit-inverse.ts), with rounds
 *   that grow with the logarithm of the condition number and not with p, as those of an elimination would. Y = C^-1 D B,
 *   first from a right side so coarse that it surely fits, is refined once by the residual of A itself, and X = D Y.
 * Requires: the diagonal within the domain of the inverse square root and such that C's smallest eigenvalue is 2^-s or
 *   more (s = 20 where not given, 24 at most): 1 - R^2 of any column on the others is at least that. |X_i| sqrt(A_ii) below
 *   2^20. A is read as symmetric. What the bounds of A and B leave of the 128 bits limits the precision: entries up to 2^20 do.
 * Cost (rep3): p = 5, k = 1, s = 20: 110 rounds and 28 KB per node; p = 50: 123 rounds and 2.5 MB.
 * Error: beside exact fractions at most 2 units in the last place of 40 bits, for condition numbers of A up to 10^6.
 * Reveals: nothing.
 * Fails: RangeError for other shapes, BOUND_NOT_PROVED before anything is sent. A matrix that is not positive definite, or
 *   worse conditioned than promised, gives the bit 0, in the same rounds.
 */
import { BitMatrix } from '../../kernels/bit-matrix.js';
import { extendFraction, type Fixed } from '../../share/fixed.js';
import { addConstant, concatenate, scale, subtract } from '../../share/linear.js';
import type { ArithmeticShare, BinaryShare } from '../../share/shares.js';
import type { Context } from '../context.js';
import { bitToRing } from '../convert.js';
import { type FixedForm, multiplyFixedTo } from '../fixed/multiply.js';
import { inverseSquareRoot } from '../fixed/square-root.js';
import { allBits } from '../fold.js';
import { isNegative } from '../less-than.js';
import { multiply } from '../multiply.js';
import { checkShape, diagonal, reorder, transpose } from './layout.js';
import { bitsBeforePoint, boundsOf, proveRoom, ROOM, scaledIdentity, smallSum } from './small-products.js';
import { inverseFraction, UNIT_FRACTION, unitInverse } from './unit-inverse.js';

const WIDTH = 128;
/** Bits of fraction of results. */
export const SOLUTION_FRACTION = 40;
/** Solutions times the root of the diagonal are below 2 to this. */
const SOLUTION_BITS = 20;
/** Bits of fraction of the residual that is looked at, and how small it must be. */
const CHECK_FRACTION = 24;
const TOLERANCE_BITS = 15;
/** A right side has no fewer bits of fraction. */
const LEAST_FRACTION = 16;

export interface SolveOptions {
  /** The smallest eigenvalue of C is 2^-s or more. */
  readonly s?: number;
}

export interface Solution {
  readonly x: Fixed<128>;
  /** A row of one bit. */
  readonly solved: BinaryShare;
}

/**
 * X with A X = B, for A of size x size and B of size x columns.
 *
 * @throws RangeError for other sizes or s; WarifuError BOUND_NOT_PROVED where the bounds of A and B leave no room.
 */
export async function solve(
  ctx: Context,
  a: Fixed<128>,
  b: Fixed<128>,
  { size, columns }: { readonly size: number; readonly columns: number },
  { s = 20 }: SolveOptions = {},
): Promise<Solution> {
  checkShape(a.value, size, size);
  checkShape(b.value, size, columns);
  if (!Number.isInteger(s) || s < 1 || s > 24) throw new RangeError(`eigenvalues from 2^-${s} on`);
  if (size * columns === 0) {
    const none = { value: ctx.constant(WIDTH, 0, 0n), fraction: SOLUTION_FRACTION };
    return { x: none, solved: ctx.publicBits(BitMatrix.fromBits([[1]])) };
  }
  const d = await inverseSquareRoot(ctx.step('scales'), diagonalOf(a, size));
  const sides = { value: transpose(b.value, size, columns), fraction: b.fraction };
  const scales = repeated(d, columns);
  const coarseFraction =
    ROOM - inverseFraction(s) - boundedBy(bitsBeforePoint(b) + bitsBeforePoint(d), size, s);
  proveRoom(ROOM - coarseFraction + LEAST_FRACTION);
  const [c, right] = await Promise.all([
    unitMatrix(ctx.step('matrix'), a, d, size),
    multiplyFixedTo(ctx.step('right'), sides, scales, form(fractionOf(sides, scales, coarseFraction))),
  ]);
  const inverseOfC = await unitInverse(ctx.step('inverse'), c, size, s);
  const system = { a, b: sides, c, scales, inverse: inverseOfC, size, columns };
  const [residual, first] = await Promise.all([
    residualOfInverse(ctx.step('residual'), system),
    smallSum(
      ctx.step('first'),
      { rows: columns, columns: size, terms: [{ x: right, yT: inverseOfC, inner: size }] },
      { fraction: SOLUTION_FRACTION, bits: boundedBy(bitsBeforePoint(right), size, s) },
    ),
  ]);
  const [[solved, bit], solution] = await Promise.all([
    isSolved(ctx.step('check'), residual, first).then(
      async (own) => [own, await bitToRing(ctx.step('bit'), own, WIDTH)] as const,
    ),
    refined(ctx.step('refine'), system, first).then((scaled) =>
      multiplyFixedTo(ctx.step('unscale'), scaled, scales, form(SOLUTION_FRACTION)),
    ),
  ]);
  const everywhere = reorder(bit, new Uint32Array(size * columns));
  const x = await multiply(ctx.step('mask'), everywhere, solution.value);
  return { x: { value: transpose(x, columns, size), fraction: SOLUTION_FRACTION }, solved };
}

/** The inverse of a symmetric positive definite matrix of size x size. */
export async function inverse(
  ctx: Context,
  a: Fixed<128>,
  size: number,
  options: SolveOptions = {},
): Promise<Solution> {
  const b = { value: scaledIdentity(ctx, size, 1n), fraction: 0 };
  return await solve(ctx, a, b, { size, columns: size }, options);
}

interface System {
  readonly a: Fixed<128>;
  /** The right sides as rows. */
  readonly b: Fixed<128>;
  readonly c: Fixed<128>;
  /** D once for each right side. */
  readonly scales: Fixed<128>;
  /** Near the inverse of C. */
  readonly inverse: Fixed<128>;
  readonly size: number;
  readonly columns: number;
}

function form(fraction: number): FixedForm<128> {
  return { width: WIDTH, fraction };
}

/** At most `most`, and what the products have. */
function fractionOf(x: Fixed<128>, y: Fixed<128>, most: number): number {
  return Math.min(most, x.fraction + y.fraction);
}

function diagonalOf(a: Fixed<128>, size: number): Fixed<128> {
  const own = { value: diagonal(a.value, size), fraction: a.fraction };
  return own.fraction < SOLUTION_FRACTION ? extendFraction(own, SOLUTION_FRACTION) : own;
}

/** The scales once for each right side. */
function repeated(d: Fixed<128>, times: number): Fixed<128> {
  const size = d.value.length;
  const order = Uint32Array.from({ length: size * times }, (_, at) => at % size);
  return { value: reorder(d.value, order), fraction: d.fraction };
}

/** C = D A D. Between the two products as many bits as their bounds leave room for. */
async function unitMatrix(ctx: Context, a: Fixed<128>, d: Fixed<128>, size: number): Promise<Fixed<128>> {
  const byColumn = repeated(d, size);
  const byRow = { value: transpose(byColumn.value, size, size), fraction: d.fraction };
  const largest = bitsBeforePoint(a) + 2 * bitsBeforePoint(d);
  const fraction = Math.min(ROOM - d.fraction - largest, a.fraction + d.fraction);
  proveRoom(d.fraction + largest + UNIT_FRACTION / 2);
  const half = await multiplyFixedTo(ctx.step('rows'), a, byRow, form(fraction));
  return await multiplyFixedTo(ctx.step('columns'), half, byColumn, form(UNIT_FRACTION));
}

/** Bits of the inverse of C times vectors whose elements have `bits`. */
function boundedBy(bits: number, size: number, s: number): number {
  return s + 1 + bits + Math.ceil(Math.log2(size) / 2);
}

/** C X - I, of any size: where X is no inverse its sums have left the ring. */
async function residualOfInverse(
  ctx: Context,
  { c, inverse: x, size }: System,
): Promise<ArithmeticShare<128>> {
  const product = await smallSum(
    ctx,
    { rows: size, columns: size, terms: [{ x: c, yT: x, inner: size }] },
    { fraction: CHECK_FRACTION, bits: 1 },
  );
  const anything = 1n << BigInt(WIDTH + 2 - (c.fraction + x.fraction - CHECK_FRACTION));
  const whole = product.value.with({ bounds: { min: -anything, max: anything } });
  return subtract(whole, scaledIdentity(ctx, size, 1n << BigInt(CHECK_FRACTION)));
}

/** 1 where the residual is small enough and the solution in its range. */
async function isSolved(
  ctx: Context,
  residual: ArithmeticShare<128>,
  solution: Fixed<128>,
): Promise<BinaryShare> {
  const tolerance = 1n << BigInt(CHECK_FRACTION - TOLERANCE_BITS);
  const largest = 1n << BigInt(SOLUTION_BITS + solution.fraction);
  const mustBeNegative = [
    addConstant(residual, -tolerance),
    addConstant(scale(residual, -1n), -tolerance),
    addConstant(solution.value, -largest),
    addConstant(scale(solution.value, -1n), -largest),
  ];
  return await allBits(ctx.step('all'), await isNegative(ctx.step('signs'), concatenate(mustBeNegative)));
}

/** Y + X D (B - A D Y), for a Y that is near and below 2^SOLUTION_BITS. */
async function refined(
  ctx: Context,
  { a, b, scales, inverse: x, size, columns }: System,
  first: Fixed<128>,
): Promise<Fixed<128>> {
  const shape = { rows: columns, columns: size };
  const solution = { fraction: SOLUTION_FRACTION, bits: SOLUTION_BITS };
  const y = { value: first.value.with({ bounds: boundsOf(solution) }), fraction: first.fraction };
  // |D B - C Y| <= ||I - C X|| |D B|, where the tolerance holds; and 1 / D is at most the root of the largest element.
  const bits = bitsBeforePoint(b) + bitsBeforePoint(scales) + Math.ceil(Math.log2(size)) - TOLERANCE_BITS + 1;
  const unscaledBits = Math.max(1, bits + Math.ceil(Math.max(0, bitsBeforePoint(a)) / 2) + 1);
  const scaledBits = Math.max(1, bits);
  const near = await multiplyFixedTo(
    ctx.step('near'),
    { value: scale(y.value, -1n), fraction: y.fraction },
    scales,
    form(fractionOf(y, scales, Math.min(UNIT_FRACTION, ROOM - a.fraction - unscaledBits))),
  );
  const residual = await smallSum(
    ctx.step('residual'),
    { ...shape, terms: [{ x: near, yT: a, inner: size }], plus: b },
    {
      fraction: Math.min(UNIT_FRACTION, near.fraction + a.fraction, ROOM - scales.fraction - scaledBits),
      bits: unscaledBits,
    },
  );
  const fraction = fractionOf(residual, scales, UNIT_FRACTION);
  const scaled = await multiplyFixedTo(ctx.step('scaled'), residual, scales, {
    ...form(fraction),
    bounds: boundsOf({ fraction, bits: scaledBits }),
  });
  return await smallSum(
    ctx.step('correction'),
    { ...shape, terms: [{ x: scaled, yT: x, inner: size }], plus: y },
    solution,
  );
}
