/**
 * Comparison of shared random numbers, given as bits, with public constants.
 *
 * Functionality: for each constant t from 0 to 2^64 a row of bits, 1 where a number of 64 bits is below t: for uniform
 *   bits that is so with probability t / 2^64.
 * Protocol: let e_i be 1 where bit i equals that of t. A number is below t if, at the highest bit where they differ, t has
 *   a 1. So a bit makes "below" where t_i = 1 and e_i = 0, and passes on what is below it where e_i = 1; pairs of
 *   neighbours are joined, (g_hi XOR e_hi*g_lo, e_hi*e_lo), in six levels. Rows lie in the order of their bits reversed, so
 *   that each level joins one half of the rows with the other: two ANDs of matrices, for all constants at once.
 * Cost (rep3): 6 rounds; 120 bits per node and constant for each number, 15 bytes.
 * Reveals: nothing. Fails: never.
 */
import { BitMatrix } from '../../kernels/bit-matrix.js';
import { kernels } from '../../kernels/kernels.js';
import { rows, stack, xor } from '../../share/bits.js';
import type { BinaryShare } from '../../share/shares.js';
import type { AndTerm } from '../backend.js';
import type { Context } from '../context.js';

/** Bits of the numbers that are compared. */
export const COMPARED_BITS = 64;

const LEVELS = 6;
const ONE = 1n << BigInt(COMPARED_BITS);

/**
 * One row for each constant. RangeError for none, or one outside its range.
 *
 * @param numbers for each constant the 64 rows of bits that are compared with it, the lowest first.
 */
export async function belowConstants(
  ctx: Context,
  numbers: readonly BinaryShare[],
  constants: readonly bigint[],
): Promise<BinaryShare> {
  const count = constants.length;
  const [first] = numbers;
  if (first === undefined) throw new RangeError('comparison with no constant');
  if (constants.some((t) => t < 0n || t > ONE)) throw new RangeError('constants are from 0 to 2^64');
  const { length } = first;
  // Row place*count + c is that of the bit reversed(place) of the constant c.
  const bitsAt = (place: number): (0 | 1)[] =>
    constants.map((t) => (((t >> BigInt(reversed(place))) & 1n) === 1n ? 1 : 0));
  const places = Array.from({ length: COMPARED_BITS }, (_, place) => place);
  const constantBits = places.flatMap(bitsAt);
  const constantRows = publicRows(ctx, constantBits, length);
  const random = stack(
    places.flatMap((place) => numbers.map((own) => rows(own, reversed(place), reversed(place) + 1))),
  );
  // Where they differ; equal is its complement.
  const differ = xor(random, constantRows);
  let propagate = xor(
    differ,
    publicRows(
      ctx,
      constantBits.map(() => 1),
      length,
    ),
  );
  let generate = masked(differ, constantBits);
  for (let level = 0; level < LEVELS; level++) {
    const half = generate.rows / 2;
    // The lowest place has no propagate from the second level on.
    const missing = level === 0 ? 0 : count;
    const upper = rows(propagate, half - missing, 2 * half - missing);
    const terms: AndTerm[] = [{ x: upper, y: rows(generate, 0, half), plus: rows(generate, half, 2 * half) }];
    if (half > count) {
      terms.push({ x: rows(upper, count, half), y: rows(propagate, count - missing, half - missing) });
    }
    const joined = await ctx.backend.and(ctx.step(`level-${level}`), terms);
    generate = rows(joined, 0, half);
    propagate = rows(joined, half, joined.rows);
  }
  return xor(
    generate,
    publicRows(
      ctx,
      constants.map((t) => (t === ONE ? 1 : 0)),
      length,
    ),
  );
}

/** Six bits in the other order. */
function reversed(place: number): number {
  let out = 0;
  for (let bit = 0; bit < LEVELS; bit++) out |= ((place >> bit) & 1) << (LEVELS - 1 - bit);
  return out;
}

/** Rows that are all 0 or all 1. */
function publicRows(ctx: Context, bits: readonly (0 | 1)[], length: number): BinaryShare {
  return ctx.publicBits(kernels.xorConstantRows(BitMatrix.zeros(bits.length, length), bits));
}

/** The rows whose bit is 1; zeros for the others. */
function masked(x: BinaryShare, bits: readonly (0 | 1)[]): BinaryShare {
  const { length } = x;
  return x.with({
    parts: x.parts.map((part) =>
      kernels.and(part, kernels.xorConstantRows(BitMatrix.zeros(bits.length, length), bits)),
    ),
  });
}
