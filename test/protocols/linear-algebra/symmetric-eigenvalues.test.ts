import { describe, expect, it } from 'vitest';
import {
  type EigenOptions,
  symmetricEigenvalues,
} from '../../../src/protocols/linear-algebra/symmetric-eigenvalues.js';
import { tournament } from '../../../src/protocols/linear-algebra/tournament.js';
import { encode } from '../../../src/share/fixed.js';
import type { ArithmeticShare } from '../../../src/share/shares.js';
import { TestRandom } from '../../support/random.js';
import { type Program, revealRing, runDry, runPlain, runRep3 } from '../../support/world.js';

const FRACTION = 40;
/** Residuals and products of eigenvectors, for elements up to 4. */
const ALLOWED = 2 ** -34;

type Found = readonly [ArithmeticShare<128>, ArithmeticShare<128>];

function program(matrix: readonly number[], options?: EigenOptions, bits = 2): Program<Found> {
  const values = matrix.map((value) => encode(value, FRACTION));
  const bound = 1n << BigInt(FRACTION + bits);
  return async (ctx, deal) => {
    const a = deal.ring('a', 128, values.length, { min: -bound, max: bound }, () => values);
    const p = Math.sqrt(matrix.length);
    const found = await symmetricEigenvalues(ctx, { value: a, fraction: FRACTION }, p, options);
    return [found.values.value, found.vectors.value];
  };
}

interface Eigen {
  readonly values: number[];
  readonly vectors: number[];
}

function reveal(found: readonly Found[]): Eigen {
  const numbers = (i: 0 | 1): number[] =>
    revealRing(found.map((own) => own[i])).map((value) => Number(value) / 2 ** FRACTION);
  return { values: numbers(0), vectors: numbers(1) };
}

async function onNodes(matrix: readonly number[]): Promise<Eigen> {
  const run = program(matrix);
  const { results, cost } = await runRep3(run);
  expect(await runDry(run)).toEqual(cost);
  return reveal(results);
}

/** The largest elements of A V - V diag(values) and of transpose(V) V - I. */
function faults(matrix: readonly number[], { values, vectors }: Eigen): [number, number] {
  const p = values.length;
  const all = Array.from({ length: p }, (_, i) => i);
  const v = (i: number, k: number): number => vectors[i * p + k] ?? Number.NaN;
  const sum = (of: (j: number) => number): number => all.reduce((total, j) => total + of(j), 0);
  const pairs = all.flatMap((i) => all.map((k) => [i, k] as const));
  return [
    pairs.map(
      ([i, k]) => sum((j) => (matrix[i * p + j] ?? 0) * v(j, k)) - (values[k] ?? Number.NaN) * v(i, k),
    ),
    pairs.map(([k, l]) => sum((i) => v(i, k) * v(i, l)) - (k === l ? 1 : 0)),
  ].map((errors) => Math.max(...errors.map(Math.abs))) as [number, number];
}

/** Jacobi's method in doubles, until nothing is left; ascending. */
function inDoubles(matrix: readonly number[]): number[] {
  const p = Math.sqrt(matrix.length);
  const a = [...matrix];
  const at = (i: number, j: number): number => a[i * p + j] ?? 0;
  for (let sweep = 0; sweep < 40; sweep++) {
    for (let i = 0; i < p; i++) {
      for (let j = i + 1; j < p; j++) {
        const angle = Math.atan2(2 * at(i, j), at(i, i) - at(j, j)) / 2;
        const [c, s] = [Math.cos(angle), Math.sin(angle)];
        for (let k = 0; k < p; k++) {
          [a[i * p + k], a[j * p + k]] = [c * at(i, k) + s * at(j, k), c * at(j, k) - s * at(i, k)];
        }
        for (let k = 0; k < p; k++) {
          [a[k * p + i], a[k * p + j]] = [c * at(k, i) + s * at(k, j), c * at(k, j) - s * at(k, i)];
        }
      }
    }
  }
  return Array.from({ length: p }, (_, i) => at(i, i)).sort((x, y) => x - y);
}

function symmetric(p: number, of: (i: number, j: number) => number): number[] {
  return Array.from({ length: p * p }, (_, at) => {
    const [i, j] = [Math.floor(at / p), at % p];
    return of(Math.min(i, j), Math.max(i, j));
  });
}

function randomMatrix(p: number, label: string): number[] {
  const random = new TestRandom(label);
  const values = random.values(p * p, -1000n, 1000n).map((value) => Number(value) / 1000);
  return symmetric(p, (i, j) => values[i * p + j] ?? 0);
}

const MATRICES: [string, number[]][] = [
  ['a number', [2.5]],
  ['two by two', [1, 0.5, 0.5, 1]],
  ['two by two, nearly diagonal', [1, 2 ** -18, 2 ** -18, 1]],
  ['diagonal', symmetric(3, (i, j) => (i === j ? i - 1 : 0))],
  ['zero', symmetric(3, () => 0)],
  ['of rank one', symmetric(4, () => 1)],
  ['with a fourfold eigenvalue', symmetric(5, (i, j) => (i === j ? 1 : 0.3))],
  ['badly conditioned (Hilbert)', symmetric(5, (i, j) => 1 / (i + j + 1))],
  ['graded', symmetric(4, (i, j) => 2 ** (-6 * Math.max(i, j)))],
  ['random 5 x 5', randomMatrix(5, 'five')],
  ['random 6 x 6', randomMatrix(6, 'six')],
];

describe('eigenvalues of symmetric matrices', () => {
  it.each(MATRICES)('are those of Jacobi in doubles, with their vectors: %s', async (_name, matrix) => {
    const found = await onNodes(matrix);
    const [residual, orthogonality] = faults(matrix, found);
    expect(residual).toBeLessThan(ALLOWED);
    expect(orthogonality).toBeLessThan(ALLOWED);
    const sorted = found.values.toSorted((x, y) => x - y);
    for (const [i, value] of inDoubles(matrix).entries()) {
      expect(Math.abs(value - (sorted[i] ?? Number.NaN))).toBeLessThan(ALLOWED);
    }
  });

  it('are right for more columns', async () => {
    const matrix = randomMatrix(12, 'twelve');
    const [residual, orthogonality] = faults(matrix, reveal([await runPlain(program(matrix))]));
    expect(residual).toBeLessThan(ALLOWED);
    expect(orthogonality).toBeLessThan(ALLOWED);
  });

  it('are not reached without enough sweeps, and each takes as many rounds', async () => {
    const matrix = randomMatrix(5, 'five');
    const once = reveal([await runPlain(program(matrix, { sweeps: 1 }))]);
    expect(faults(matrix, once)[0]).toBeGreaterThan(2 ** -10);
    const rounds = async (sweeps: number): Promise<number> =>
      (await runDry(program(matrix, { sweeps }))).rounds;
    const [one, two] = [await rounds(1), await rounds(2)];
    expect(two - one).toBe(5 * 59);
  });

  it('of no matrix are none; other shapes and large elements are refused', async () => {
    expect(await onNodes([])).toEqual({ values: [], vectors: [] });
    await expect(runDry(program([1, 2, 3]))).rejects.toThrow(RangeError);
    await expect(runDry(program([1], { sweeps: -1 }))).rejects.toThrow(RangeError);
    await expect(runDry(program([1, 0, 0, 1], {}, 21))).rejects.toMatchObject({ code: 'BOUND_NOT_PROVED' });
  });
});

describe('tournaments', () => {
  it.each([1, 2, 3, 4, 5, 8, 9])('let each of %i players meet each other once', (p) => {
    const rounds = tournament(p);
    for (const pairs of rounds) expect(new Set(pairs.flat()).size).toBe(2 * pairs.length);
    const met = rounds.flat().map(([one, other]) => `${one} ${other}`);
    expect(new Set(met).size).toBe((p * (p - 1)) / 2);
    expect(met).toHaveLength((p * (p - 1)) / 2);
    expect(rounds).toHaveLength(p - 1 + (p % 2));
  });
});
