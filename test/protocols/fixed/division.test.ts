/** Quotients against exact rationals, and softmax against doubles. */
import { describe, expect, it } from 'vitest';
import { divide } from '../../../src/protocols/fixed/reciprocal.js';
import { softmax } from '../../../src/protocols/fixed/softmax.js';
import type { Bounds } from '../../../src/share/bounds.js';
import { decode, type Fixed } from '../../../src/share/fixed.js';
import { type Program, revealRing, runDry, runPlain, runRep3 } from '../../support/world.js';
import { documented } from './documented.js';
import { costOf, edges, logUniform, SWEEP_SEED, worst } from './sweep.js';

const RINGS = [
  { width: 64, fraction: 20, relative: 16n, numerator: 9 },
  { width: 128, fraction: 40, relative: 32n, numerator: 20 },
] as const;

const power = (fraction: number, exponent: number): bigint => 1n << BigInt(fraction + exponent);
const size = (value: bigint): bigint => (value < 0n ? -value : value);

describe.each(RINGS)('divide in $width bits', ({ width, fraction, relative, numerator }) => {
  const top = power(fraction, numerator);
  const numerators: Bounds = { min: -top, max: top };
  const smallest = 1n << BigInt(Math.ceil(fraction / 2));

  function program(as: readonly bigint[], bs: readonly bigint[], divisors: Bounds): Program<Fixed<64 | 128>> {
    return async (ctx, deal) => {
      const a = { value: deal.ring('a', width, as.length, numerators, () => as), fraction };
      const b = { value: deal.ring('b', width, bs.length, divisors, () => bs), fraction };
      return (await divide(ctx, a, b)) as Fixed<64 | 128>;
    };
  }

  it.each([
    [`divide by 2^-10 to 2^20 in ${width} bits`, { min: power(fraction, -10), max: power(fraction, 20) }],
    [`divide by -2^20 to 2^20 in ${width} bits`, { min: -power(fraction, 20), max: power(fraction, 20) }],
  ])('%s', async (name, divisors) => {
    const pick = (n: number): [bigint[], bigint[]] => {
      const bs = [...edges(divisors), ...logUniform(`${name}-b`, n, divisors)];
      return [logUniform(`${name}-a`, bs.length, numerators), bs];
    };
    const row = documented(name);
    const check = (as: bigint[], bs: bigint[], found: bigint[]): void => {
      // In units of 2^-32 of the last place.
      const error = (at: bigint, result: bigint): number => {
        const b = bs[Number(at)] ?? 1n;
        const divisor = size(b) < smallest ? (b < 0n ? -smallest : smallest) : b;
        const exact = ((as[Number(at)] ?? 0n) << BigInt(fraction + 32)) / divisor;
        const allowed = [size(exact) >> relative, 2n << 32n].reduce((x, y) => (x > y ? x : y));
        return Number(size((result << 32n) - exact)) / Number(allowed);
      };
      const indices = bs.map((_, i) => BigInt(i));
      const { error: largest, at } = worst(indices, found, error);
      expect(largest, `${as[Number(at)]} / ${bs[Number(at)]}`).toBeLessThanOrEqual(row.error);
    };
    const [as, bs] = pick(20_000);
    check(as, bs, revealRing([(await runPlain(program(as, bs, divisors))).value]));
    const [fewer, few] = pick(2000);
    const { results, cost } = await runRep3(program(fewer, few, divisors), {
      keySeed: SWEEP_SEED,
      dealSeed: SWEEP_SEED,
    });
    check(fewer, few, revealRing(results.map(({ value }) => value)));
    expect(await runDry(program(fewer, few, divisors))).toEqual(cost);
    const zeros = Array.from({ length: 64_000 }, () => 0n);
    const whole = costOf(await runDry(program(zeros, zeros, divisors)), zeros.length);
    expect(`${whole.rounds} ${whole.bytes.toFixed(1)}`).toBe(row.cost);
  });
});

describe('softmax', () => {
  it.each([
    [1, 1],
    [50, 2],
    [40, 7],
    [0, 3],
    [3, 0],
  ])('sums to 1 over each of %i rows of %i columns', async (rows, columns) => {
    const bounds = { min: -power(20, 4), max: power(20, 4) };
    const x = logUniform('softmax', rows * columns, bounds);
    const { results } = await runRep3((ctx, deal) =>
      softmax(ctx, { value: deal.ring('x', 64, x.length, bounds, () => x), fraction: 20 }, rows, columns),
    );
    const found = revealRing(results.map(({ value }) => value)).map((value) => decode(value, 20));
    for (let row = 0; row < rows; row++) {
      const exps = x.slice(row * columns, (row + 1) * columns).map((value) => Math.exp(decode(value, 20)));
      const total = exps.reduce((sum, value) => sum + value, 0);
      exps.forEach((value, i) => {
        expect(Math.abs((found[row * columns + i] ?? 2) - value / total)).toBeLessThan(2 ** -15);
      });
    }
  });
});
