import { describe, expect, it } from 'vitest';
import { inverse, solve } from '../../../src/protocols/linear-algebra/solve.js';
import { encode } from '../../../src/share/fixed.js';
import type { ArithmeticShare, BinaryShare } from '../../../src/share/shares.js';
import { TestRandom } from '../../support/random.js';
import { type Dealer, type Program, revealBits, revealRing, runDry, runRep3 } from '../../support/world.js';
import { exactSolution } from './exact-solve.js';

const FRACTION = 40;

interface System {
  readonly a: bigint[];
  readonly b: bigint[];
  readonly size: number;
  readonly columns: number;
}

type Found = readonly [ArithmeticShare<128>, BinaryShare];

function fixed(deal: Dealer, name: string, values: readonly bigint[], largest = 20) {
  const bound = 1n << BigInt(FRACTION + largest);
  return {
    value: deal.ring(name, 128, values.length, { min: -bound, max: bound }, () => values),
    fraction: FRACTION,
  };
}

function program({ a, b, size, columns }: System, s?: number): Program<Found> {
  return async (ctx, deal) => {
    const shape = { size, columns };
    const options = s === undefined ? {} : { s };
    const { x, solved } = await solve(ctx, fixed(deal, 'a', a), fixed(deal, 'b', b), shape, options);
    return [x.value, solved];
  };
}

async function found(run: Program<Found>): Promise<{ x: number[]; solved: number; rounds: number }> {
  const { results, cost } = await runRep3(run);
  expect(await runDry(run)).toEqual(cost);
  const x = revealRing(results.map(([own]) => own)).map((value) => Number(value) / 2 ** FRACTION);
  return { x, solved: revealBits(results.map(([, bit]) => bit))[0]?.[0] ?? -1, rounds: cost.rounds };
}

/** The largest error beside exact fractions, relative to the largest element of the column. */
function relativeError({ a, b, size, columns }: System, x: readonly number[]): number {
  const expected = exactSolution(a, b, size, columns) ?? [];
  const largest = Math.max(...expected.map(Math.abs));
  return Math.max(...expected.map((value, i) => Math.abs(value - (x[i] ?? Number.NaN)))) / largest;
}

/** A positive definite matrix with these eigenvalues, in a random basis. */
function matrixWith(eigenvalues: readonly number[], random: TestRandom): number[] {
  const p = eigenvalues.length;
  let matrix = eigenvalues.flatMap((value, i) => eigenvalues.map((_, j) => (i === j ? value : 0)));
  for (let round = 0; round < 3; round++) {
    const v = random.values(p, -1000n, 1000n).map((value) => Number(value) / 1000 + 1e-3);
    const norm = v.reduce((total, value) => total + value * value, 0);
    const reflect = Array.from(
      { length: p * p },
      (_, at) => (at % (p + 1) === 0 ? 1 : 0) - (2 * (v[Math.floor(at / p)] ?? 0) * (v[at % p] ?? 0)) / norm,
    );
    matrix = product(product(reflect, matrix, p), reflect, p);
  }
  return matrix.map((value, at) => ((matrix[(at % p) * p + Math.floor(at / p)] ?? 0) + value) / 2);
}

function product(x: readonly number[], y: readonly number[], p: number): number[] {
  return Array.from({ length: p * p }, (_, at) => {
    const [i, j] = [Math.floor(at / p), at % p];
    return Array.from({ length: p }, (_term, k) => (x[i * p + k] ?? 0) * (y[k * p + j] ?? 0)).reduce(
      (total, value) => total + value,
      0,
    );
  });
}

function systemOf(matrix: readonly number[], columns: number, random: TestRandom): System {
  const size = Math.sqrt(matrix.length);
  const b = random.values(size * columns, -(1n << 38n), 1n << 38n);
  return { a: matrix.map((value) => encode(value, FRACTION)), b, size, columns };
}

describe('solving positive definite systems', () => {
  it('is right beside exact fractions, for condition numbers up to a million', async () => {
    const random = new TestRandom('solve');
    for (const [p, condition, largest] of [
      [1, 1, 2 ** -36],
      [2, 1, 2 ** -36],
      [5, 1, 2 ** -36],
      [5, 10, 2 ** -36],
      [5, 1e3, 2 ** -36],
      [5, 1e5, 2 ** -36],
      [5, 1e6, 2 ** -36],
      [12, 1e4, 2 ** -36],
    ] as const) {
      const eigenvalues = Array.from({ length: p }, (_, i) => (i === 0 ? 1 / condition : 1 + i / 10));
      const system = systemOf(matrixWith(eigenvalues, random), p === 5 ? 2 : 1, random);
      const { x, solved } = await found(program(system, condition < 1e6 ? 20 : 22));
      expect(solved).toBe(1);
      expect(relativeError(system, x), `p = ${p}, condition ${condition}`).toBeLessThan(largest);
    }
  });

  it('does not care for the scales of the columns', async () => {
    const random = new TestRandom('scales');
    const scales = [0.01, 900, 1, 30, 0.2];
    const even = matrixWith([0.01, 1, 1.5, 2, 3], random);
    const matrix = even.map((value, at) => value * (scales[Math.floor(at / 5)] ?? 0) * (scales[at % 5] ?? 0));
    const system = systemOf(matrix, 1, random);
    const { x, solved } = await found(program({ ...system, b: system.b.map((value) => value / 100n) }));
    expect(solved).toBe(1);
    const expected =
      exactSolution(
        system.a,
        system.b.map((value) => value / 100n),
        5,
        1,
      ) ?? [];
    for (const [i, value] of expected.entries()) {
      expect(Math.abs(value - (x[i] ?? 0))).toBeLessThan(2 ** -33 * Math.abs(value) + 2 ** -33);
    }
  });

  it('takes rounds that hardly depend on the size', async () => {
    const zeros = (length: number): bigint[] => Array.from({ length }, () => 0n);
    const rounds = async (size: number): Promise<number> =>
      (await runDry(program({ a: zeros(size * size), b: zeros(size), size, columns: 1 }))).rounds;
    expect([await rounds(5), await rounds(50)]).toEqual([110, 123]);
  });

  it.each([
    ['zero', [0, 0, 0, 0]],
    ['negative', [-1, 0, 0, -2]],
    ['indefinite', [1, 2, 2, 1]],
    ['singular', [1, 1, 1, 1]],
    ['worse conditioned than promised', [1, 1 - 2 ** -30, 1 - 2 ** -30, 1]],
    ['largely indefinite', [2 ** -10, 2 ** 19, 2 ** 19, 2 ** -10]],
    ['with a diagonal below the domain', [2 ** -35, 0, 0, 1]],
  ])('says so for a matrix that is %s', async (_name, matrix) => {
    const a = matrix.map((value) => encode(value, FRACTION));
    const { x, solved } = await found(program({ a, b: [1n << 40n, 5n << 39n], size: 2, columns: 1 }));
    expect(solved).toBe(0);
    expect(x).toEqual([0, 0]);
  });

  it('says so for a solution out of range', async () => {
    const a = [encode(2 ** -16, FRACTION)];
    const far = await found(program({ a, b: [1n << 56n], size: 1, columns: 1 }));
    expect(far).toMatchObject({ solved: 0, x: [0] });
    const near = await found(program({ a, b: [1n << 50n], size: 1, columns: 1 }));
    expect(near.solved).toBe(1);
    expect(Math.abs((near.x[0] ?? 0) - 2 ** 26)).toBeLessThan(2 ** -10);
  });

  it('inverts', async () => {
    const random = new TestRandom('inverse');
    const size = 4;
    const { a } = systemOf(matrixWith([0.05, 0.5, 1, 2], random), 1, random);
    const run: Program<Found> = async (ctx, deal) => {
      const { x, solved } = await inverse(ctx, fixed(deal, 'a', a, 3), size);
      return [x.value, solved];
    };
    const { x, solved } = await found(run);
    expect(solved).toBe(1);
    const b = Array.from({ length: 16 }, (_, at) => (at % 5 === 0 ? 1n << 40n : 0n));
    expect(relativeError({ a, b, size, columns: size }, x)).toBeLessThan(2 ** -36);
  });

  it('of no unknown is solved; other shapes and wide bounds are refused', async () => {
    expect(await found(program({ a: [], b: [], size: 0, columns: 1 }))).toMatchObject({ solved: 1, x: [] });
    await expect(runDry(program({ a: [1n], b: [1n], size: 2, columns: 1 }))).rejects.toThrow(RangeError);
    await expect(runDry(program({ a: [1n], b: [1n], size: 1, columns: 1 }, 25))).rejects.toThrow(RangeError);
    const wide: Program<unknown> = (ctx, deal) =>
      solve(ctx, fixed(deal, 'a', [1n], 60), fixed(deal, 'b', [1n]), { size: 1, columns: 1 });
    await expect(runDry(wide)).rejects.toMatchObject({ code: 'BOUND_NOT_PROVED' });
  });
});
