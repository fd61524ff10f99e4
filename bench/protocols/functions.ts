/**
 * Functions of binary fractions of 20 bits over Z_2^64: on positive numbers from 2^-10 to 2^20, evenly on a logarithmic
 * scale, or on an interval.
 */
import { RingVector } from '../../src/kernels/ring-vector.js';
import type { Context } from '../../src/protocols/context.js';
import { exponential } from '../../src/protocols/fixed/exponential.js';
import { divide } from '../../src/protocols/fixed/reciprocal.js';
import { sigmoid } from '../../src/protocols/fixed/sigmoid.js';
import { squareRoot } from '../../src/protocols/fixed/square-root.js';
import { encode, type Fixed } from '../../src/share/fixed.js';
import type { Approximate, ProtocolBench } from './protocol-bench.js';
import { unsigned } from './values.js';

const FRACTION = 20;
const UNIT = 2 ** -FRACTION;
/** The goals of relative errors, and of absolute ones. */
const GOAL = 2 ** -16;

interface Range {
  readonly min: number;
  readonly max: number;
  readonly scale: 'linear' | 'logarithmic';
}

interface FunctionBench {
  readonly name: string;
  readonly about: string;
  readonly operands: readonly Range[];
  readonly run: (ctx: Context, operands: readonly Fixed<64>[]) => Promise<Fixed<64>>;
  readonly value: (operands: readonly number[]) => number;
  readonly error: Approximate['error'];
  readonly allowed: number;
}

const POSITIVE: Range = { min: 2 ** -10, max: 2 ** 20, scale: 'logarithmic' };

const FUNCTIONS: readonly FunctionBench[] = [
  {
    name: 'divide',
    about: 'a / x for a from 1 to 2 and x from 2^-10 to 1',
    operands: [
      { min: 1, max: 2, scale: 'linear' },
      { min: 2 ** -10, max: 1, scale: 'logarithmic' },
    ],
    run: (ctx, [a, x]) => divide(ctx, a as Fixed<64>, x as Fixed<64>),
    value: ([a = 0, x = 1]) => a / x,
    error: 'relative',
    allowed: GOAL,
  },
  {
    name: 'sqrt',
    about: 'square roots of numbers from 2^-10 to 2^20',
    operands: [POSITIVE],
    run: (ctx, [x]) => squareRoot(ctx, x as Fixed<64>),
    value: ([x = 0]) => Math.sqrt(x),
    error: 'relative',
    // two units in the last place of the least result
    allowed: 2 * UNIT * 2 ** 5,
  },
  {
    name: 'exp',
    about: 'exp(x) for x from 0 to 14',
    operands: [{ min: 0, max: 14, scale: 'linear' }],
    run: (ctx, [x]) => exponential(ctx, x as Fixed<64>),
    value: ([x = 0]) => Math.exp(x),
    error: 'relative',
    allowed: GOAL,
  },
  {
    name: 'sigmoid',
    about: '1 / (1 + exp(-x)) for x from -20 to 20',
    operands: [{ min: -20, max: 20, scale: 'linear' }],
    run: (ctx, [x]) => sigmoid(ctx, x as Fixed<64>),
    value: ([x = 0]) => 1 / (1 + Math.exp(-x)),
    error: 'absolute',
    allowed: GOAL,
  },
];

export const FUNCTION_BENCHES: readonly ProtocolBench[] = FUNCTIONS.map((each) => ({
  name: each.name,
  about: each.about,
  items: 100_000,
  repeat: 1,
  prepare(deal, n) {
    const operands = each.operands.map((range, i) => ({
      value: deal.ring({
        name: `${each.name} operand ${i}`,
        length: n,
        bounds: { min: encode(range.min, FRACTION), max: encode(range.max, FRACTION) },
        values: () => RingVector.fromBigInts(64, numbers(`${each.name} operand ${i}`, n, range)),
      }),
      fraction: FRACTION,
    }));
    return async (ctx) => (await each.run(ctx, operands)).value;
  },
  expected(n) {
    const operands = each.operands.map((range, i) => numbers(`${each.name} operand ${i}`, n, range));
    return {
      kind: 'approximate',
      length: n,
      fraction: FRACTION,
      valueAt: (at) => each.value(operands.map((list) => Number(list[at]) * UNIT)),
      error: each.error,
      allowed: each.allowed,
    };
  },
}));

/** Integers that stand for fractions within the range. */
function numbers(name: string, n: number, { min, max, scale }: Range): bigint[] {
  return Array.from(unsigned(name, n, 32).data as BigUint64Array, (word) => {
    const at = Number(word) / 2 ** 32;
    return encode(scale === 'linear' ? min + (max - min) * at : min * (max / min) ** at, FRACTION);
  });
}
