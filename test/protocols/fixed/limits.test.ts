/** Functions with other fractions and narrow bounds, the cost of exact truncation, and what is refused. */
import { describe, expect, it } from 'vitest';
import { WarifuError } from '../../../src/core/errors.js';
import { exponential } from '../../../src/protocols/fixed/exponential.js';
import { logarithm } from '../../../src/protocols/fixed/logarithm.js';
import { multiplyFixed, sumOfProductsFixed } from '../../../src/protocols/fixed/multiply.js';
import { quickSigmoid } from '../../../src/protocols/fixed/quick-sigmoid.js';
import { divide, reciprocal } from '../../../src/protocols/fixed/reciprocal.js';
import { sigmoid, tanh } from '../../../src/protocols/fixed/sigmoid.js';
import { softmax } from '../../../src/protocols/fixed/softmax.js';
import { inverseSquareRoot, squareRoot } from '../../../src/protocols/fixed/square-root.js';
import { roundExactly, truncate, truncateExactly } from '../../../src/protocols/fixed/truncate.js';
import type { Bounds } from '../../../src/share/bounds.js';
import { decode, encode, type Fixed } from '../../../src/share/fixed.js';
import { type Program, revealRing, runDry, runRep3 } from '../../support/world.js';
import { costOf, edges, logUniform, worst } from './sweep.js';

const power = (fraction: number, exponent: number): bigint => 1n << BigInt(fraction + exponent);

describe('other fractions', () => {
  it.each([8, 12, 24, 28])('of %i bits in a ring of 64', async (fraction) => {
    const bounds = { min: -power(fraction, 4), max: power(fraction, 4) };
    const x = [...edges(bounds), ...logUniform('fractions', 500, bounds)];
    const within = 2 ** -15;
    const functions = [
      [sigmoid, (v: number) => 1 / (1 + Math.exp(-v)), 0],
      [squareRoot, (v: number) => Math.sqrt(Math.max(0, v)), 0],
      [logarithm, (v: number) => Math.log(Math.max(2 ** -fraction, v)), 0],
      [exponential, (v: number) => Math.exp(Math.min(v, 8)), 1],
    ] as const;
    for (const [run, of, relative] of functions) {
      // exp of 16 does not fit beside 28 bits of fraction.
      const own = relative === 1 ? { min: bounds.min, max: power(fraction, 3) } : bounds;
      const values = x.map((value) => (value > own.max ? own.max : value));
      const { results } = await runRep3((ctx, deal) =>
        run(ctx, { value: deal.ring('x', 64, values.length, own, () => values), fraction }),
      );
      const found = revealRing(results.map(({ value }) => value));
      const error = (value: bigint, result: bigint): number => {
        const right = of(decode(value, fraction));
        const allowed = Math.max(within * (relative === 1 ? Math.max(1, right) : 1), 2 * 2 ** -fraction);
        return Math.abs(decode(result, fraction) - right) / allowed;
      };
      const { error: largest, at } = worst(values, found, error);
      expect(largest, `${run.name} of ${at}`).toBeLessThanOrEqual(1);
    }
  });
});

describe('narrow bounds', () => {
  const one = 1n << 20n;
  it.each([
    [one, one],
    [one, one + 5n],
    [3n * one, 5n * one],
    [1n, 3n],
    [0n, 0n],
    [0n, 1n],
    [-7n * one, -one],
    [-one, 0n],
  ])('from %d to %d units', async (min, max) => {
    const bounds = { min, max };
    const values = [min, max, (min + max) / 2n];
    const positive = (x: number): number => Math.max(x, 2 ** -20);
    const functions = [
      [reciprocal, (x: number) => (x < 0 ? -1 : 1) / Math.max(Math.abs(x), 2 ** -10)],
      [squareRoot, (x: number) => Math.sqrt(Math.max(x, 0))],
      [inverseSquareRoot, (x: number) => 1 / Math.sqrt(Math.max(x, 2 ** -10))],
      [logarithm, (x: number) => Math.log(positive(x))],
      [exponential, Math.exp],
      [sigmoid, (x: number) => 1 / (1 + Math.exp(-x))],
      [quickSigmoid, (x: number) => 1 / (1 + Math.exp(-x))],
      [tanh, Math.tanh],
    ] as const;
    for (const [run, of] of functions) {
      const program: Program<Fixed<64>> = (ctx, deal) =>
        run(ctx, { value: deal.ring('x', 64, values.length, bounds, () => values), fraction: 20 });
      const { results, cost } = await runRep3(program);
      expect(await runDry(program)).toEqual(cost);
      revealRing(results.map(({ value }) => value)).forEach((found, i) => {
        const right = of(decode(values[i] ?? 0n, 20));
        const allowed = Math.max(2 ** -14, 2 ** -16 * Math.abs(right));
        expect(Math.abs(decode(found, 20) - right), `${run.name} of ${values[i]}`).toBeLessThan(allowed);
      });
    }
  });
});

describe('exact truncation', () => {
  it('costs what docs/fixed-point.md says', async () => {
    const bounds = { min: -(1n << 61n), max: 1n << 61n };
    const costs = [truncate, truncateExactly, roundExactly].map(async (run) => {
      const cost = await runDry((ctx, deal) =>
        run(
          ctx,
          deal.ring('x', 64, 64_000, bounds, () => []),
          20,
        ),
      );
      const { rounds, bytes } = costOf(cost, 64_000);
      return `${rounds} ${bytes.toFixed(1)}`;
    });
    expect(await Promise.all(costs)).toEqual(['2 6.7', '9 18.8', '9 18.8']);
  });
});

describe('what is refused', () => {
  const share = (bounds: Bounds, fraction: number, n = 1): Program<unknown> => {
    return async (ctx, deal) => {
      const x = {
        value: deal.ring('x', 64, n, bounds, () => Array.from({ length: n }, () => bounds.max)),
        fraction,
      };
      await reciprocal(ctx.step('r'), x);
    };
  };

  it.each([
    ['a divisor of 63 bits', share({ min: 0n, max: 1n << 62n }, 20)],
    [
      'truncation of 64 bits',
      (ctx, deal) =>
        truncate(
          ctx,
          deal.ring('x', 64, 1, { min: -(1n << 62n), max: 1n << 62n }, () => [0n]),
          3,
        ),
    ],
    [
      'a product of 64 bits',
      (ctx, deal) => {
        const x = { value: deal.ring('x', 64, 1, { min: 0n, max: 1n << 32n }, () => [0n]), fraction: 20 };
        return multiplyFixed(ctx, x, x);
      },
    ],
    [
      'a root of 2^60',
      (ctx, deal) =>
        squareRoot(ctx, {
          value: deal.ring('x', 64, 1, { min: 0n, max: 1n << 60n }, () => [0n]),
          fraction: 20,
        }),
    ],
    [
      'a quotient of 62 bits',
      (ctx, deal) => {
        const bounds = { min: 1n << 10n, max: 1n << 40n };
        const x = { value: deal.ring('x', 64, 1, bounds, () => [bounds.min]), fraction: 20 };
        return divide(ctx, x, x);
      },
    ],
  ] as [string, Program<unknown>][])('%s, before anything is sent', async (_, program) => {
    const refused = runDry(program);
    await expect(refused).rejects.toBeInstanceOf(WarifuError);
    await expect(refused).rejects.toMatchObject({ code: 'BOUND_NOT_PROVED' });
  });

  it.each([
    [
      'other lengths',
      (ctx, deal) => {
        const bounds = { min: 1n, max: 9n };
        const [x, y] = [1, 2].map((n) => ({
          value: deal.ring(`x${n}`, 64, n, bounds, () => []),
          fraction: 20,
        }));
        return divide(ctx, x!, y!);
      },
    ],
    ['a sum of no products', (ctx) => sumOfProductsFixed(ctx, [])],
    [
      'a wrong number of bits',
      (ctx, deal) =>
        truncate(
          ctx,
          deal.ring('x', 64, 1, { min: 0n, max: 9n }, () => [0n]),
          64,
        ),
    ],
    ['a number that has no fraction', async () => encode(Number.NaN, 20)],
    [
      'a matrix of another size',
      (ctx, deal) =>
        softmax(ctx, { value: deal.ring('x', 64, 5, { min: 0n, max: 9n }, () => []), fraction: 20 }, 2, 3),
    ],
  ] as [string, Program<unknown>][])('%s', async (_, program) => {
    await expect(runDry(program)).rejects.toBeInstanceOf(RangeError);
  });
});
