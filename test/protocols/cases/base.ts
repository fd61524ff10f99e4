/** The primitives and what is built on them: products, bits, signs, zeros, conversions, range checks. */
import type { NodeIndex } from '../../../src/core/scheme.js';
import { RingVector, type RingWidth } from '../../../src/kernels/ring-vector.js';
import { bitToRing, lift, select } from '../../../src/protocols/convert.js';
import { equals, equalsConstant, isZero } from '../../../src/protocols/equality.js';
import { allBits } from '../../../src/protocols/fold.js';
import { isNegative, lessThan, lessThanConstant } from '../../../src/protocols/less-than.js';
import { allRows, and, anyRow, or } from '../../../src/protocols/logic.js';
import { dot, innerProducts, multiply, square } from '../../../src/protocols/multiply.js';
import { release } from '../../../src/protocols/open.js';
import { columnInRange, missingSlotsAreZero } from '../../../src/protocols/range-check.js';
import { not, xor } from '../../../src/share/bits.js';
import {
  add,
  addConstant,
  concatenate,
  reduceTo,
  scale,
  slice,
  subtract,
  sum,
} from '../../../src/share/linear.js';
import { ArithmeticShare } from '../../../src/share/shares.js';
import { TestRandom } from '../../support/random.js';

import { type AnyShare, bitCase, bitRow, type Case, flag, ringCase, values } from './case.js';

const WIDE = 1n << 126n;

function signCase(bits: number, width: RingWidth): Case {
  const half = 1n << BigInt(bits - 1);
  return ringCase(
    `is-negative-${bits}-of-${width}`,
    width,
    -half,
    half - 1n,
    (ctx, x) => isNegative(ctx, x),
    (x) => [x.map((v) => flag(v < 0n))],
  );
}

function zeroCase(bits: number, width: RingWidth): Case {
  const max = (1n << BigInt(bits)) - 1n;
  return ringCase(
    `is-zero-${bits}-of-${width}`,
    width,
    0n,
    max,
    (ctx, x) => isZero(ctx, x),
    (x) => [x.map((v) => flag(v === 0n))],
  );
}

/** The band test of numbers of `bits` bits: values that must pass, and values so far outside that they must not. */
function bandCase(bits: number, width: RingWidth): Case {
  const honest = (1n << BigInt(bits)) - 1n;
  const outside = (x: bigint[]): bigint[] =>
    x.map((value, i) => (i % 3 === 2 ? (i % 2 === 0 ? 3n : -4n) * (honest + 1n) + value : value));
  return ringCase(
    `band-${bits}-of-${width}`,
    width,
    0n,
    honest,
    async (ctx, x) => allRows(ctx.step('all'), await ctx.backend.bandBits(ctx.step('bits'), x, bits)),
    (x) => [x.map((_, i) => flag(i % 3 !== 2))],
    true,
    outside,
  );
}

/** A column with missing slots; a lie is planted in variants 1 (out of range) and 2 (a missing slot not 0). */
function dishonestColumn(
  n: number,
  variant: number,
): { values: bigint[]; validity: number[]; honest: boolean } {
  const random = new TestRandom('column');
  const validity = random.row(n).map((bit, i) => (i === 0 ? 0 : i === 1 ? 1 : bit));
  const inRange = values('column', n, 0, 0n, 1000n);
  const honest = validity.map((v, i) => (v === 1 ? (inRange[i] ?? 0n) : 0n));
  if (variant === 1 && n > 1) honest[1] = 1001n;
  if (variant === 2 && n > 0) honest[0] = 1n;
  if (variant === 3 && n > 1) honest[1] = -1n;
  if (variant === 4 && n > 1) honest[1] = 1n << 63n;
  return { values: honest, validity, honest: variant === 0 || n < 2 };
}

export const BASE_CASES: readonly Case[] = [
  ...([0, 1, 2] as const).map(inputCase),
  ringCase(
    'add',
    64,
    -(1n << 61n),
    1n << 61n,
    (_, x, y) => add(x, y),
    (x, y) => x.map((v, i) => v + (y[i] ?? 0n)),
    false,
  ),
  ringCase(
    'subtract',
    32,
    0n,
    (1n << 31n) - 1n,
    (_, x, y) => subtract(x, y),
    (x, y) => x.map((v, i) => v - (y[i] ?? 0n)),
    false,
  ),
  ringCase(
    'scale-and-shift',
    128,
    0n,
    1n << 100n,
    (_, x) => addConstant(scale(x, -1000n), 7n),
    (x) => x.map((v) => v * -1000n + 7n),
    false,
  ),
  ringCase(
    'sum',
    64,
    -1000n,
    1000n,
    (_, x) => sum(x),
    (x) => [x.reduce((a, b) => a + b, 0n)],
    false,
  ),
  ringCase(
    'reduce',
    64,
    0n,
    (1n << 32n) - 1n,
    (_, x) => reduceTo(x, 32),
    (x) => x,
    false,
  ),
  ringCase(
    'concatenate',
    64,
    0n,
    9n,
    (_, x, y) => concatenate([x, y]),
    (x, y) => [...x, ...y],
    false,
  ),
  ringCase(
    'multiply-32',
    32,
    -(1n << 15n),
    1n << 14n,
    (ctx, x, y) => multiply(ctx, x, y),
    (x, y) => x.map((v, i) => v * (y[i] ?? 0n)),
  ),
  ringCase(
    'multiply-64',
    64,
    -(1n << 31n),
    (1n << 30n) - 1n,
    (ctx, x, y) => multiply(ctx, x, y),
    (x, y) => x.map((v, i) => v * (y[i] ?? 0n)),
  ),
  ringCase(
    'multiply-128',
    128,
    -(1n << 62n),
    (1n << 62n) - 1n,
    (ctx, x, y) => multiply(ctx, x, y),
    (x, y) => x.map((v, i) => v * (y[i] ?? 0n)),
  ),
  ringCase(
    'square',
    64,
    -(1n << 31n),
    (1n << 31n) - 1n,
    (ctx, x) => square(ctx, x),
    (x) => x.map((v) => v * v),
  ),
  {
    ...ringCase(
      'dot',
      64,
      -(1n << 20n),
      1n << 20n,
      (ctx, x, y) => dot(ctx, x, y),
      (x, y) => [x.reduce((a, v, i) => a + v * (y[i] ?? 0n), 0n)],
    ),
    wide: manyInnerProducts(64),
  },
  {
    ...ringCase(
      'inner-products-128',
      128,
      0n,
      (1n << 50n) - 1n,
      async (ctx, x, y) => concatenate((await innerProducts(ctx, [x, y], [x, y])).flat()),
      (x, y) => {
        const ip = (a: bigint[], b: bigint[]): bigint => a.reduce((t, v, i) => t + v * (b[i] ?? 0n), 0n);
        return [ip(x, x), ip(x, y), ip(y, x), ip(y, y)];
      },
    ),
    wide: manyInnerProducts(128),
  },
  bitCase(
    'xor-not',
    (_, x, y) => not(xor(x, y)),
    (x, y) => [x.map((b, i) => 1 ^ b ^ (y[i] ?? 0))],
    false,
  ),
  bitCase(
    'and',
    (ctx, x, y) => and(ctx, x, y),
    (x, y) => [x.map((b, i) => b & (y[i] ?? 0))],
  ),
  bitCase(
    'or',
    (ctx, x, y) => or(ctx, x, y),
    (x, y) => [x.map((b, i) => b | (y[i] ?? 0))],
  ),
  {
    name: 'all-rows-7',
    sends: true,
    program: (ctx, deal, n, variant) =>
      allRows(
        ctx,
        deal.bits('x', 7, n, () => sevenRows(n, variant)),
      ),
    expected: (n, variant) => [
      Array.from({ length: n }, (_, i) => flag(sevenRows(n, variant).every((row) => row[i] === 1))),
    ],
  },
  {
    name: 'any-row-7',
    sends: true,
    program: (ctx, deal, n, variant) =>
      anyRow(
        ctx,
        deal.bits('x', 7, n, () => sevenRows(n, variant)),
      ),
    expected: (n, variant) => [
      Array.from({ length: n }, (_, i) => flag(sevenRows(n, variant).some((row) => row[i] === 1))),
    ],
  },
  {
    name: 'all-bits',
    sends: true,
    program: (ctx, deal, n, variant) =>
      allBits(
        ctx,
        deal.bits('x', 1, n, () => [nearlyAllOnes(n, variant)]),
      ),
    expected: (n, variant) => [[flag(nearlyAllOnes(n, variant).every((b) => b === 1))]],
  },
  ...[1, 2, 3, 4, 8, 9, 17, 33, 64].map((bits) => signCase(bits, 64)),
  signCase(128, 128),
  signCase(20, 32),
  ...[1, 2, 8, 20, 32, 63].map((bits) => zeroCase(bits, 64)),
  zeroCase(127, 128),
  bandCase(28, 32),
  ringCase(
    'less-than',
    64,
    0n,
    120n,
    (ctx, x, y) => lessThan(ctx, x, y),
    (x, y) => [x.map((v, i) => flag(v < (y[i] ?? 0n)))],
  ),
  ringCase(
    'less-than-constant',
    64,
    0n,
    120n,
    (ctx, x) => lessThanConstant(ctx, x, 40n),
    (x) => [x.map((v) => flag(v < 40n))],
  ),
  ringCase(
    'equals',
    64,
    0n,
    3n,
    (ctx, x, y) => equals(ctx, x, y),
    (x, y) => [x.map((v, i) => flag(v === y[i]))],
  ),
  ringCase(
    'equals-constant',
    64,
    0n,
    3n,
    (ctx, x) => equalsConstant(ctx, x, 2n),
    (x) => [x.map((v) => flag(v === 2n))],
  ),
  bitCase(
    'bit-to-ring-32',
    (ctx, x) => bitToRing(ctx, x, 32),
    (x) => x.map(BigInt),
  ),
  bitCase(
    'bit-to-ring-64',
    (ctx, x) => bitToRing(ctx, x, 64),
    (x) => x.map(BigInt),
  ),
  bitCase(
    'bit-to-ring-128',
    (ctx, x) => bitToRing(ctx, x, 128),
    (x) => x.map(BigInt),
  ),
  ringCase(
    'lift',
    64,
    -(1n << 61n),
    (1n << 61n) - 1n,
    (ctx, x) => lift(ctx, x),
    (x) => x,
  ),
  ringCase(
    'release-64',
    64,
    -(1n << 62n),
    1n << 62n,
    (ctx, x) => release(ctx, x),
    (x) => x,
  ),
  ringCase(
    'release-128',
    128,
    -WIDE,
    WIDE,
    (ctx, x) => release(ctx, x),
    (x) => x,
  ),
  {
    name: 'select',
    sends: true,
    program: (ctx, deal, n, variant) =>
      select(
        ctx,
        deal.bits('b', 1, n, () => [bitRow('select-b', n, variant)]),
        deal.ring('x', 64, n, { min: -50n, max: 50n }, () => values('select-x', n, variant, -50n, 50n)),
        deal.ring('y', 64, n, { min: 0n, max: 900n }, () => values('select-y', n, variant, 0n, 900n)),
      ),
    expected: (n, variant) => {
      const x = values('select-x', n, variant, -50n, 50n);
      const y = values('select-y', n, variant, 0n, 900n);
      return bitRow('select-b', n, variant).map((b, i) => (b === 1 ? x[i] : y[i]) ?? 0n);
    },
  },
  {
    name: 'column-in-range',
    sends: true,
    program: (ctx, deal, n, variant) =>
      columnInRange(
        ctx,
        deal.ring('x', 64, n, { min: 0n, max: 1000n }, () => dishonestColumn(n, variant).values),
        deal.bits('v', 1, n, () => [dishonestColumn(n, variant).validity]),
        1000n,
      ),
    expected: (n, variant) => [[flag(dishonestColumn(n, variant).honest)]],
  },
  {
    name: 'missing-slots-are-zero',
    sends: true,
    program: (ctx, deal, n, variant) =>
      missingSlotsAreZero(
        ctx,
        deal.ring('x', 128, n, { min: 0n, max: (1n << 128n) - 1n }, () => dishonestColumn(n, variant).values),
        deal.bits('v', 1, n, () => [dishonestColumn(n, variant).validity]),
      ),
    expected: (n, variant) => [[flag(variant !== 2 || n === 0)]],
  },
];

/** Products of each with each of about sqrt(n) vectors of length 1. */
function manyInnerProducts<W extends RingWidth>(width: W): Case['program'] {
  return async (ctx, deal, n, variant) => {
    const side = Math.ceil(Math.sqrt(n));
    const vectors = (name: string): ArithmeticShare<W>[] => {
      const x = deal.ring(name, width, side, { min: 0n, max: 1000n }, () =>
        values(name, side, variant, 0n, 1000n),
      );
      return Array.from({ length: side }, (_, i) => slice(x, i, i + 1));
    };
    const sums = ctx.backend.productSums(width, side * side);
    await sums.add(vectors('x'), vectors('y'));
    const products = await sums.finish(ctx, { min: 0n, max: 1_000_000n });
    return products as AnyShare & ArithmeticShare<W>;
  };
}

/** A vector that one node knows becomes shared. */
export function inputCase(from: NodeIndex): Case {
  const bounds = { min: -1000n, max: 1n << 40n };
  // Variants 0 and 1 are constant and the same on every run, for the transcript test.
  const list = (n: number, variant: number): bigint[] =>
    variant > 1
      ? values('input', n, variant, bounds.min, bounds.max)
      : Array.from({ length: n }, () => (variant === 0 ? bounds.min : bounds.max));
  return {
    name: `input-from-${from}`,
    sends: true,
    program: (ctx, _deal, n, variant) => {
      const { self, scheme } = ctx.backend;
      const knows = self === from || scheme.parts.length === 1;
      const vector = knows ? RingVector.fromBigInts(64, list(n, variant)) : undefined;
      return ctx.backend.input(ctx, from, vector, { width: 64, length: n, bounds });
    },
    expected: list,
  };
}

function sevenRows(n: number, variant: number): number[][] {
  return Array.from({ length: 7 }, (_, r) =>
    bitRow(`seven-${r}`, n, variant).map((b, i) => (i % 3 === 0 ? 1 : i % 3 === 1 ? 0 : b)),
  );
}

function nearlyAllOnes(n: number, variant: number): number[] {
  return Array.from({ length: n }, (_, i) => (variant % 2 === 1 && i === n - 1 ? 0 : 1));
}
