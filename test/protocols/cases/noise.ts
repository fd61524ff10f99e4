/** Randomness on shares: what it must be whatever the randomness is; its distributions are tested in ../noise. */
import { belowConstants } from '../../../src/protocols/noise/below-constants.js';
import { discreteGaussian } from '../../../src/protocols/noise/discrete-gaussian.js';
import { discreteLaplace } from '../../../src/protocols/noise/discrete-laplace.js';
import { biasedBits } from '../../../src/protocols/noise/random-bits.js';
import { randomInteger } from '../../../src/protocols/noise/random-integer.js';
import { bitsOf, type Case, flag, values } from './case.js';

const FULL = 1n << 64n;
/** The smallest and the largest, and some that many of the numbers below are near to. */
const CONSTANTS = [0n, 1n, 1n << 63n, (1n << 63n) + 1n, 0x0123456789abcdefn, FULL - 1n, FULL];

/** Numbers at constants, next to them, and others. */
function numbers(n: number, variant: number): bigint[] {
  return values('below', n, variant, 0n, FULL - 1n).map((value, i) => {
    const near = (CONSTANTS[i % CONSTANTS.length] as bigint) + BigInt((i % 3) - 1);
    return i % 4 === 3 ? value : BigInt.asUintN(64, near);
  });
}

const BELOW_CONSTANTS: Case = {
  name: 'below-constants',
  sends: true,
  program: async (ctx, deal, n, variant) => {
    const bits = deal.bits('x', 64, n, () => bitsOf(numbers(n, variant), 64));
    return await belowConstants(
      ctx,
      CONSTANTS.map(() => bits),
      CONSTANTS,
    );
  },
  expected: (n, variant) =>
    CONSTANTS.map((constant) => numbers(n, variant).map((value) => flag(value < constant))),
};

/** Numbers that lie within so much of 0. */
function randomCase(name: string, within: bigint, program: Case['program']): Case {
  return {
    name,
    sends: true,
    composite: true,
    ahead: true,
    within,
    program,
    expected: (n) => Array.from({ length: n }, () => 0n),
  };
}

export const NOISE_CASES: readonly Case[] = [
  BELOW_CONSTANTS,
  {
    name: 'biased-bits-of-certainty',
    sends: true,
    composite: true,
    program: (ctx, _deal, n) =>
      biasedBits(ctx, n, [
        { numerator: 0n, denominator: 1n },
        { numerator: 5n, denominator: 5n },
      ]),
    expected: (n) => [0, 1].map((bit) => Array.from({ length: n }, () => bit)),
  },
  randomCase('random-integer-below-1000', 999n, (ctx, _deal, n) => randomInteger(ctx, n, 1000n, 32)),
  randomCase('random-integer-below-2-40', (1n << 40n) - 1n, (ctx, _deal, n) =>
    randomInteger(ctx, n, 1n << 40n, 64),
  ),
  randomCase('discrete-laplace', 255n, (ctx, _deal, n) =>
    discreteLaplace(ctx, n, { numerator: 5n, denominator: 2n }, 64),
  ),
  randomCase('discrete-gaussian', 14n, (ctx, _deal, n) =>
    discreteGaussian(ctx, n, { numerator: 3n, denominator: 2n }, 32),
  ),
];
