/**
 * Distributions of randomness on shares, from fixed seeds: chi-square against probabilities that are computed another
 * way, mean and variance, and runs that are independent of each other.
 */
import { describe, expect, it } from 'vitest';
import { Context } from '../../../src/protocols/context.js';
import { discreteGaussian } from '../../../src/protocols/noise/discrete-gaussian.js';
import { discreteLaplace } from '../../../src/protocols/noise/discrete-laplace.js';
import type { Fraction } from '../../../src/protocols/noise/fraction.js';
import { biasedBits, randomBits } from '../../../src/protocols/noise/random-bits.js';
import { randomInteger } from '../../../src/protocols/noise/random-integer.js';
import { PlainBackend } from '../../../src/protocols/plain/backend.js';
import type { ArithmeticShare, BinaryShare } from '../../../src/share/shares.js';
import { type Program, revealBits, revealRing, runRep3 } from '../../support/world.js';

const N = 16_384;
const SIGMAS = 6;

const numbers = {
  rep3: async (program: Program<ArithmeticShare<64>>, seed: number): Promise<number[]> =>
    revealRing((await runRep3(program, { keySeed: seed })).results).map(Number),
  plain: async (program: Program<ArithmeticShare<64>>, seed: number): Promise<number[]> => {
    const backend = new PlainBackend(new Uint8Array(32).fill(seed));
    return revealRing([await program(Context.root(backend, 'test'), undefined as never)]).map(Number);
  },
};

function fraction(numerator: number, denominator = 1): Fraction {
  return { numerator: BigInt(numerator), denominator: BigInt(denominator) };
}

/** Expects counts of numbers to fit probabilities; what is rare is counted together. */
function expectDistribution(
  drawn: readonly number[],
  probability: (value: number) => number,
  to: number,
): void {
  const counts = new Map<number, number>();
  for (const value of drawn) counts.set(value, (counts.get(value) ?? 0) + 1);
  let chiSquare = 0;
  let cells = 0;
  let rare = { expected: 0, counted: 0 };
  for (let value = -to; value <= to; value++) {
    const expected = probability(value) * drawn.length;
    const counted = counts.get(value) ?? 0;
    if (expected < 10) {
      rare = { expected: rare.expected + expected, counted: rare.counted + counted };
      continue;
    }
    chiSquare += (counted - expected) ** 2 / expected;
    cells++;
  }
  const seen = [...counts].filter(([value]) => Math.abs(value) > to);
  expect(seen).toEqual([]);
  expect(Math.abs(rare.counted - rare.expected)).toBeLessThan(SIGMAS * Math.sqrt(rare.expected + 1));
  expect(Math.abs(chiSquare - (cells - 1))).toBeLessThan(SIGMAS * Math.sqrt(2 * cells) + SIGMAS);
}

function mean(list: readonly number[]): number {
  return list.reduce((sum, value) => sum + value, 0) / list.length;
}

/** Correlation of two lists, in its standard deviations for independent ones. */
function correlation(x: readonly number[], y: readonly number[]): number {
  const [mx, my] = [mean(x), mean(y)];
  const product = (a: readonly number[], b: readonly number[], ma: number, mb: number): number =>
    mean(a.map((value, i) => (value - ma) * ((b[i] as number) - mb)));
  const scale = Math.sqrt(product(x, x, mx, mx) * product(y, y, my, my));
  return (product(x, y, mx, my) / scale) * Math.sqrt(x.length);
}

/** Weights over a long range, scaled to a sum of 1. */
function normalised(weight: (value: number) => number): (value: number) => number {
  let total = 0;
  for (let value = -5000; value <= 5000; value++) total += weight(value);
  return (value) => weight(value) / total;
}

interface Distribution {
  readonly name: string;
  readonly draw: Program<ArithmeticShare<64>>;
  readonly probability: (value: number) => number;
  readonly to: number;
}

const laplace = (numerator: number, denominator: number): Distribution => ({
  name: `discreteLaplace of scale ${numerator}/${denominator}`,
  draw: (ctx) => discreteLaplace(ctx, N, fraction(numerator, denominator), 64),
  probability: normalised((value) => Math.exp((-Math.abs(value) * denominator) / numerator)),
  to: Math.ceil((46 * numerator) / denominator) * 2,
});

const gaussian = (numerator: number, denominator: number): Distribution => ({
  name: `discreteGaussian of deviation ${numerator}/${denominator}`,
  draw: (ctx) => discreteGaussian(ctx, N, fraction(numerator, denominator), 64),
  probability: normalised((value) => Math.exp(-0.5 * ((value * denominator) / numerator) ** 2)),
  to: Math.ceil((10 * numerator) / denominator),
});

const uniform = (m: number): Distribution => ({
  name: `randomInteger below ${m}`,
  draw: (ctx) => randomInteger(ctx, N, BigInt(m), 64),
  probability: (value) => (value >= 0 && value < m ? 1 / m : 0),
  to: m,
});

describe.each([
  uniform(2),
  uniform(3),
  uniform(7),
  uniform(64),
  uniform(1000),
  laplace(1, 2),
  laplace(5, 2),
  gaussian(1, 3),
  gaussian(2, 1),
])('$name', ({ draw, probability, to }) => {
  it.each(['rep3', 'plain'] as const)(
    'has its distribution on %s, and other runs are independent',
    async (backend) => {
      const drawn = await numbers[backend](draw, 1);
      expect(drawn).toHaveLength(N);
      expectDistribution(drawn, probability, to);

      const values = Array.from({ length: 2 * to + 1 }, (_, i) => i - to);
      const expectedMean = values.reduce((sum, value) => sum + value * probability(value), 0);
      const moment = (power: number): number =>
        values.reduce((sum, value) => sum + (value - expectedMean) ** power * probability(value), 0);
      expect(Math.abs(mean(drawn) - expectedMean)).toBeLessThan(SIGMAS * Math.sqrt(moment(2) / N));
      const variance = mean(drawn.map((value) => (value - expectedMean) ** 2));
      const spread = Math.sqrt((moment(4) - moment(2) ** 2) / N);
      expect(Math.abs(variance - moment(2))).toBeLessThan(SIGMAS * spread + 1e-9);

      const again = await numbers[backend](draw, 1);
      expect(again).toEqual(drawn);
      const other = await numbers[backend](draw, 2);
      expect(Math.abs(correlation(drawn, other))).toBeLessThan(SIGMAS);
      // Neighbours, and the two halves.
      expect(Math.abs(correlation(drawn.slice(1), drawn.slice(0, -1)))).toBeLessThan(SIGMAS);
      expect(Math.abs(correlation(drawn.slice(0, N / 2), drawn.slice(N / 2)))).toBeLessThan(SIGMAS);
    },
  );
});

describe('bits', () => {
  const bitsOf = async (program: Program<BinaryShare>): Promise<number[][]> =>
    revealBits((await runRep3(program, { keySeed: 5 })).results);
  const likely = (row: readonly number[], p: number): void => {
    const ones = row.filter((bit) => bit === 1).length;
    expect(Math.abs(ones - p * N)).toBeLessThan(SIGMAS * Math.sqrt(p * (1 - p) * N) + 1);
  };

  it('are uniform and independent, row by row', async () => {
    const rows = await bitsOf(async (ctx) => randomBits(ctx, 4, N));
    for (const row of rows) likely(row, 0.5);
    for (let i = 1; i < 4; i++) expect(Math.abs(correlation(rows[0]!, rows[i]!))).toBeLessThan(SIGMAS);
  });

  it('have their bias, and are independent, row by row', async () => {
    const probabilities = [
      fraction(1, 3),
      fraction(1, 3),
      fraction(1, 100),
      fraction(99, 100),
      fraction(1, 2),
    ];
    const rows = await bitsOf((ctx) => biasedBits(ctx, N, probabilities));
    rows.forEach((row, i) => {
      likely(row, Number(probabilities[i]!.numerator) / Number(probabilities[i]!.denominator));
    });
    expect(Math.abs(correlation(rows[0]!, rows[1]!))).toBeLessThan(SIGMAS);
  });
});
