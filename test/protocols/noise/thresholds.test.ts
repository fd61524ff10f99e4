/** Public constants of the distributions, and what they refuse. */
import { describe, expect, it } from 'vitest';
import { discreteGaussian, gaussianThresholds } from '../../../src/protocols/noise/discrete-gaussian.js';
import { discreteLaplace, laplaceThresholds } from '../../../src/protocols/noise/discrete-laplace.js';
import { exponential, type Fraction } from '../../../src/protocols/noise/fraction.js';
import { biasedBits } from '../../../src/protocols/noise/random-bits.js';
import { randomInteger } from '../../../src/protocols/noise/random-integer.js';
import type { ArithmeticShare, BinaryShare } from '../../../src/share/shares.js';
import { type Program, runPlain } from '../../support/world.js';

const BITS = 128;

/** Digits after the point, as a number of BITS bits after it. */
function scaled(digits: string): bigint {
  return (BigInt(digits) << BigInt(BITS)) / 10n ** BigInt(digits.length);
}

/** True where a rounded number is as near to another as doubles can tell. */
function near(found: bigint, expected: number): boolean {
  return Math.abs(Number(found) - expected) <= 0.51 + 1e-12 * expected;
}

describe('exponential', () => {
  it.each([
    // Digits of e^-1, e^-0.5 and e^-10 from published tables.
    [1n, 1n, '367879441171442321595523770161460867445811131031767834507837'],
    [1n, 2n, '606530659712633423603799534991180453441918135487186955682893'],
    [10n, 1n, '000045399929762484851535591515560550610237918088866564969259'],
  ])('of %i/%i has its digits', (numerator, denominator, digits) => {
    const found = exponential({ numerator, denominator }, BITS);
    const difference = found - scaled(digits);
    expect(difference >= -1n && difference <= 1n).toBe(true);
  });

  it('of a sum is the product', () => {
    for (const [a, b] of [
      [1n, 7n],
      [33n, 50n],
      [1000n, 3n],
    ] as const) {
      const of = (numerator: bigint): bigint => exponential({ numerator, denominator: 11n }, BITS);
      const difference = ((of(a) * of(b)) >> BigInt(BITS)) - of(a + b);
      expect(difference >= -2n && difference <= 2n).toBe(true);
    }
  });

  it('of 0 is 1, and of a large number 0', () => {
    expect(exponential({ numerator: 0n, denominator: 5n }, BITS)).toBe(1n << BigInt(BITS));
    expect(exponential({ numerator: 1n << 80n, denominator: 1n }, BITS)).toBe(0n);
  });
});

describe('thresholds', () => {
  it('of a Laplace distribution are 1/(1 + e^(2^j/b)), up to a tail of 2^-65', () => {
    for (const [numerator, denominator] of [
      [1n, 1n],
      [5n, 2n],
      [1000n, 1n],
      [1n, 100n],
    ] as const) {
      const b = Number(numerator) / Number(denominator);
      const thresholds = laplaceThresholds({ numerator, denominator });
      thresholds.forEach((threshold, j) => {
        expect(near(threshold, 2 ** 64 / (1 + Math.exp(2 ** j / b)))).toBe(true);
      });
      const tail = 2 ** thresholds.length / b;
      expect(tail).toBeGreaterThan(65 * Math.LN2);
      if (thresholds.length > 1) expect(tail / 2).toBeLessThan(65 * Math.LN2 + 1e-9);
    }
  });

  it('of a Gaussian distribution are its cumulated weights, up to about 9.2 deviations', () => {
    for (const sigma of [1n, 3n, 40n, 128n]) {
      const thresholds = gaussianThresholds({ numerator: sigma, denominator: 1n });
      const weight = (k: number): number => Math.exp(-0.5 * (k / Number(sigma)) ** 2) * (k === 0 ? 1 : 2);
      let total = 0;
      for (let k = 0; k < 40 * Number(sigma); k++) total += weight(k);
      let below = 0;
      thresholds.forEach((threshold, k) => {
        below += weight(k);
        expect(near(threshold, (2 ** 64 * below) / total)).toBe(true);
        expect(k === 0 || threshold >= (thresholds[k - 1] as bigint)).toBe(true);
      });
      expect(thresholds.length / Number(sigma)).toBeGreaterThanOrEqual(9);
      expect(thresholds.length / Number(sigma)).toBeLessThan(10.5);
    }
  });
});

type Run = Program<ArithmeticShare<32> | ArithmeticShare<64> | BinaryShare>;

/** What a run on the plain backend fails with. */
async function failureOf(run: Run): Promise<unknown> {
  return await runPlain(run).then(
    () => undefined,
    (error: unknown) => error,
  );
}

function of(numerator: bigint, denominator: bigint): Fraction {
  return { numerator, denominator };
}

describe('refusals', () => {
  const outOfRange: Run[] = [
    ...[0n, -1n, (1n << 53n) + 1n].map(
      (m): Run =>
        (ctx) =>
          randomInteger(ctx, 3, m, 64),
    ),
    ...[of(0n, 1n), of(-1n, 1n), of(1n, 0n), of((1n << 40n) + 1n, 1n)].map(
      (scale): Run =>
        (ctx) =>
          discreteLaplace(ctx, 3, scale, 64),
    ),
    ...[of(0n, 1n), of(1n, -1n), of(129n, 1n)].map(
      (deviation): Run =>
        (ctx) =>
          discreteGaussian(ctx, 3, deviation, 64),
    ),
    ...[of(-1n, 2n), of(3n, 2n), of(0n, 0n)].map(
      (p): Run =>
        (ctx) =>
          biasedBits(ctx, 3, [p]),
    ),
  ];

  it.each(outOfRange)('of parameters out of range: %s', async (run) => {
    expect(await failureOf(run)).toBeInstanceOf(RangeError);
  });

  it('of rings that are too narrow', async () => {
    const refused = expect.objectContaining({ code: 'BOUND_NOT_PROVED' });
    expect(await failureOf((ctx) => randomInteger(ctx, 3, 1n << 33n, 32))).toEqual(refused);
    expect(await failureOf((ctx) => discreteLaplace(ctx, 3, of(1n << 38n, 1n), 32))).toEqual(refused);
  });
});

describe('nothing to draw', () => {
  it('gives no numbers, or the one that there is', async () => {
    const none = await runPlain((ctx) => discreteLaplace(ctx, 0, of(1n, 1n), 64));
    expect(none.length).toBe(0);
    const one = await runPlain((ctx) => randomInteger(ctx, 5, 1n, 32));
    expect(one.bounds).toEqual({ min: 0n, max: 0n });
  });
});
