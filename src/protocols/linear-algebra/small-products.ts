/**
 * Matrix products of binary fractions over 128 bits whose results are known to be small.
 *
 * Sums of products of matrices have interval bounds that grow with every step of an iteration, though the matrix that it
 * makes never leaves a small ball. Here the caller says, and proves in its head, how large results are; sums that pass
 * the ring on the way to a small result come back into it.
 *
 * Cost (rep3): 3 rounds; 24 bytes per node and result. Reveals: nothing. Fails: BOUND_NOT_PROVED before anything is sent.
 */
import { WarifuError } from '../../core/errors.js';
import { RingVector } from '../../kernels/ring-vector.js';
import { joinBounds } from '../../share/bounds.js';
import type { Fixed } from '../../share/fixed.js';
import { multiplyPublic, scaleModular } from '../../share/linear.js';
import type { ArithmeticShare } from '../../share/shares.js';
import type { MatrixShape } from '../backend.js';
import type { Context } from '../context.js';
import { rescaling } from '../fixed/truncate.js';

const WIDTH = 128;
/** Bits of a result before it is truncated: values up to 2^ROOM are moved up to 0, and must stay below 2^127. */
export const ROOM = 125;

/** Numbers below 2^bits, in absolute value, with `fraction` bits of fraction. */
export interface Size {
  readonly fraction: number;
  readonly bits: number;
}

/** A matrix product: x (rows x inner) times the transpose of yT (columns x inner). */
export interface Term {
  readonly x: Fixed<128>;
  readonly yT: Fixed<128>;
  readonly inner: number;
}

/** times * 2^-fraction. */
export interface Factor {
  readonly times: bigint;
  readonly fraction: number;
}

/** factor * (the sum of all products, plus values), with a public factor, 1 where absent. */
export interface SmallSum {
  readonly rows: number;
  readonly columns: number;
  readonly terms: readonly Term[];
  readonly plus?: Fixed<128>;
  readonly factor?: Factor;
}

const ONE: Factor = { times: 1n, fraction: 0 };

/**
 * The sum, truncated to the size given. All products have one fraction; what is added has no more.
 *
 * @throws WarifuError BOUND_NOT_PROVED where numbers of that size could leave the ring before they are truncated.
 */
export async function smallSum(
  ctx: Context,
  { rows, columns, terms, plus, factor = ONE }: SmallSum,
  to: Size,
): Promise<Fixed<128>> {
  const fraction = terms.reduce((most, { x, yT }) => Math.max(most, x.fraction + yT.fraction), 0);
  const whole = fraction + factor.fraction;
  proveRoom(whole + to.bits);
  const limit = 1n << BigInt(whole + to.bits);
  const target = rescaling({ min: -limit, max: limit }, WIDTH, whole - to.fraction, WIDTH);
  const sums = ctx.backend.productSums(WIDTH, rows * columns);
  for (const { x, yT, inner } of terms) {
    const shape: MatrixShape = { rows, inner, columns };
    await sums.addMatrix(scaleModular(x.value, factor.times), yT.value, shape);
  }
  if (plus !== undefined) {
    await sums.addValues(scaleModular(plus.value, factor.times << BigInt(fraction - plus.fraction)));
  }
  const value = await sums.finishRescaled(ctx, target);
  return { value: value.with({ bounds: boundsOf(to) }), fraction: to.fraction };
}

/** The bounds that a size means. */
export function boundsOf({ fraction, bits }: Size): { readonly min: bigint; readonly max: bigint } {
  const limit = 1n << BigInt(fraction + bits);
  return { min: -limit, max: limit };
}

/** Bits before the binary point that hold every value of x. */
export function bitsBeforePoint({ value: { bounds }, fraction }: Fixed<128>): number {
  const largest = bounds.max > -bounds.min ? bounds.max : -bounds.min;
  return largest.toString(2).length - fraction;
}

/** Public values as a share. */
export function publicValues(ctx: Context, values: readonly bigint[]): ArithmeticShare<128> {
  const bounds = values.map((value) => ({ min: value, max: value })).reduce(joinBounds, { min: 0n, max: 0n });
  const ones = ctx.constant(WIDTH, values.length, 1n);
  const vector = RingVector.fromBigInts(WIDTH, ones.parts.length === 0 ? [] : values);
  return multiplyPublic(ones, vector, bounds);
}

/** A public multiple of the identity. */
export function scaledIdentity(ctx: Context, size: number, value: bigint): ArithmeticShare<128> {
  return publicValues(
    ctx,
    Array.from({ length: size * size }, (_, at) => (at % (size + 1) === 0 ? value : 0n)),
  );
}

/** @throws WarifuError BOUND_NOT_PROVED for more bits than a product over 128 bits has room for. */
export function proveRoom(bits: number): void {
  if (bits <= ROOM) return;
  throw new WarifuError(
    'BOUND_NOT_PROVED',
    `a matrix product could need ${bits + 2} bits and the ring has ${WIDTH}: scale the matrix, or declare narrower bounds`,
    { bits: bits + 2, width: WIDTH },
  );
}
