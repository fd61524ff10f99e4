/**
 * Eigenvalues and eigenvectors of a symmetric matrix, on shares.
 *
 * Functionality: the eigenvalues of A (p x p) in no particular order, and unit eigenvectors as the columns of V, with 40 bits
 *   of fraction over 128 bits: A V = V diag(values).
 * Protocol: Jacobi's method with a fixed order of rotations (Golub and Van Loan 2013, Matrix Computations, section 8.5): a
 *   sweep is a round-robin tournament, in each of whose steps all p/2 pairs are rotated at once, by two matrix
 *   products. The number of sweeps is public: 3 + log2(p), rounded, unless it is given (2 for p = 2, as angles have about 20 bits).
 * Requires: A is read as symmetric, from its upper half. Elements of A times p below 2^21.
 * Cost (rep3): 59 rounds a step, p - 1 steps a sweep, p for odd p, and 2 rounds. p = 5: 1,477 rounds and 233 KB per node.
 * Error: residuals A v - value v and products of different vectors at most 2^-38 for p up to 6, 2^-37 for p = 12, with
 *   elements up to 4. Pairs that differ by less than 2^-34 are not turned any more.
 * Reveals: nothing. Fails: RangeError for another shape, BOUND_NOT_PROVED before anything is sent.
 */
import type { Fixed } from '../../share/fixed.js';
import { concatenate, scale, subtract } from '../../share/linear.js';
import type { ArithmeticShare } from '../../share/shares.js';
import type { Context } from '../context.js';
import { withFraction } from '../fixed/forms.js';
import { checkShape, diagonal, reorder } from './layout.js';
import { LARGEST_BITS, ROTATION_FRACTION, type Rotations, rotations } from './rotations.js';
import { bitsBeforePoint, boundsOf, proveRoom, ROOM, scaledIdentity, smallSum } from './small-products.js';
import { type Pair, tournament } from './tournament.js';

const WIDTH = 128;
/** Bits of fraction of results. */
const RESULT_FRACTION = 40;

export interface EigenOptions {
  readonly sweeps?: number;
}

export interface Eigen {
  readonly values: Fixed<128>;
  /** Row-major; column i belongs to value i. */
  readonly vectors: Fixed<128>;
}

/** @throws RangeError for another shape; WarifuError BOUND_NOT_PROVED for elements that are too large. */
export async function symmetricEigenvalues(
  ctx: Context,
  a: Fixed<128>,
  p: number,
  { sweeps = sweepsFor(p) }: EigenOptions = {},
): Promise<Eigen> {
  checkShape(a.value, p, p);
  if (!Number.isInteger(sweeps) || sweeps < 0) throw new RangeError(`${sweeps} sweeps`);
  // No element passes the largest eigenvalue, and that not p times the largest element.
  const bits = bitsBeforePoint(a) + Math.ceil(Math.log2(Math.max(1, p)));
  const fraction = LARGEST_BITS - 1 - bits;
  proveRoom(ROOM - fraction + RESULT_FRACTION);
  const size = { fraction, bits };
  const upper = { value: symmetric(a.value, p), fraction: a.fraction };
  let matrix = await withFraction(ctx.step('start'), upper, fraction);
  let vectors: Fixed<128> = {
    value: scaledIdentity(ctx, p, 1n << BigInt(ROTATION_FRACTION)),
    fraction: ROTATION_FRACTION,
  };
  for (let sweep = 0; sweep < sweeps; sweep++) {
    for (const [i, pairs] of tournament(p).entries()) {
      const step = ctx.step(`sweep-${sweep}-${i}`);
      const by = rotationMatrix(
        ctx,
        await rotations(step.step('angles'), ...sides(matrix, pairs, p)),
        pairs,
        p,
      );
      const square = { rows: p, columns: p };
      const [half, turned] = await Promise.all([
        smallSum(step.step('rows'), { ...square, terms: [{ x: by, yT: matrix, inner: p }] }, size),
        smallSum(
          step.step('vectors'),
          { ...square, terms: [{ x: vectors, yT: by, inner: p }] },
          { fraction: ROTATION_FRACTION, bits: 1 },
        ),
      ]);
      const both = await smallSum(
        step.step('columns'),
        { ...square, terms: [{ x: half, yT: by, inner: p }] },
        size,
      );
      matrix = { value: symmetric(both.value, p), fraction };
      vectors = turned;
    }
  }
  const [values, columns] = await Promise.all([
    withFraction(ctx.step('values'), { value: diagonal(matrix.value, p), fraction }, RESULT_FRACTION),
    withFraction(ctx.step('result'), vectors, RESULT_FRACTION),
  ]);
  return { values, vectors: columns };
}

/** Sweeps after which those of 10,000 random and special matrices leave nothing to be seen at 40 bits. */
export function sweepsFor(p: number): number {
  return p <= 2 ? 2 * Math.max(0, p - 1) : 3 + Math.round(Math.log2(p));
}

/** d = a_ii - a_jj and a = a_ij of all pairs. */
function sides(matrix: Fixed<128>, pairs: readonly Pair[], p: number): [Fixed<128>, Fixed<128>] {
  const { fraction } = matrix;
  const pick = (place: (pair: Pair) => number): ArithmeticShare<128> =>
    reorder(matrix.value, Uint32Array.from(pairs, place));
  const bounds = boundsOf({ fraction, bits: LARGEST_BITS - fraction });
  const d = subtract(
    pick(([i]) => i * (p + 1)),
    pick(([, j]) => j * (p + 1)),
  ).with({ bounds });
  return [
    { value: d, fraction },
    { value: pick(([i, j]) => i * p + j), fraction },
  ];
}

/** The matrix J whose product J A turns rows i and j of all pairs. */
function rotationMatrix(
  ctx: Context,
  { cosines, sines }: Rotations,
  pairs: readonly Pair[],
  p: number,
): Fixed<128> {
  const count = pairs.length;
  const one = ctx.constant(WIDTH, 1, 1n << BigInt(ROTATION_FRACTION));
  const zero = ctx.constant(WIDTH, 1, 0n);
  const elements = concatenate([cosines.value, sines.value, scale(sines.value, -1n), one, zero]);
  const order = new Uint32Array(p * p).fill(3 * count + 1);
  for (let i = 0; i < p; i++) order[i * (p + 1)] = 3 * count;
  for (const [k, [i, j]] of pairs.entries()) {
    order[i * (p + 1)] = k;
    order[j * (p + 1)] = k;
    order[i * p + j] = count + k;
    order[j * p + i] = 2 * count + k;
  }
  return { value: reorder(elements, order), fraction: ROTATION_FRACTION };
}

/** The lower half is that of the upper one, so that rounding does not make them differ. */
function symmetric(x: ArithmeticShare<128>, p: number): ArithmeticShare<128> {
  const order = new Uint32Array(p * p);
  for (let i = 0; i < p; i++) {
    for (let j = 0; j < p; j++) order[i * p + j] = Math.min(i, j) * p + Math.max(i, j);
  }
  return reorder(x, order);
}
