/** Random and edge-value inputs for the kernel tests. */
import fc from 'fast-check';
import { BitMatrix } from '../../src/kernels/bit-matrix.js';
import { RingVector, type RingWidth } from '../../src/kernels/ring-vector.js';

export const WIDTHS: readonly RingWidth[] = [32, 64, 128];

/** Around the sizes of a word, of a 32-bit block and of a matrix block. */
export const LENGTHS = [0, 1, 31, 32, 33, 63, 64, 65, 1000];

/** Fixed, so that a failure repeats; fast-check prints the shrunk case. */
export const RUNS: { seed: number; numRuns: number } = { seed: 20240229, numRuns: 5 };

function edges(width: RingWidth): bigint[] {
  const powers = [1n, 16n, 31n, 32n, 33n, 48n, 63n, 64n, 65n, 96n, 127n, 128n].map((k) => 1n << k);
  return powers.flatMap((p) => [p - 1n, p, p + 1n, -p]).map((v) => BigInt.asUintN(width, v));
}

/** n elements, half of them edges: 0, 1, -1, powers of two and their neighbours. */
export function values(width: RingWidth, n: number): fc.Arbitrary<bigint[]> {
  const max = (1n << BigInt(width)) - 1n;
  const element = fc.oneof(fc.constantFrom(0n, ...edges(width)), fc.bigInt({ min: 0n, max }));
  return fc.array(element, { minLength: n, maxLength: n });
}

export function vector(width: RingWidth, n: number): fc.Arbitrary<RingVector> {
  return values(width, n).map((numbers) => RingVector.fromBigInts(width, numbers));
}

/** Rows of n random bits. */
export function bitRows(rows: number, n: number): fc.Arbitrary<number[][]> {
  const row = fc.array(fc.integer({ min: 0, max: 1 }), { minLength: n, maxLength: n });
  return fc.array(row, { minLength: rows, maxLength: rows });
}

export function bitMatrix(rows: number, n: number): fc.Arbitrary<BitMatrix> {
  return bitRows(rows, n).map((bits) => matrixOf(bits, n));
}

/** As BitMatrix.fromBits, also where there is no row to tell the length. */
export function matrixOf(rows: number[][], n: number): BitMatrix {
  return rows.length === 0 ? BitMatrix.zeros(0, n) : BitMatrix.fromBits(rows);
}

export function toRows(matrix: BitMatrix): number[][] {
  return Array.from({ length: matrix.rows }, (_, r) =>
    Array.from({ length: matrix.length }, (__, i) => matrix.get(r, i)),
  );
}

/** True where no bit after a row's length is set, read from the raw words. */
export function tailsAreClear(matrix: BitMatrix): boolean {
  const perRow = Math.ceil(matrix.length / 64);
  return Array.from(matrix.words).every((word, at) => {
    const inUse = Math.min(64, matrix.length - 64 * (at % perRow));
    return word >> BigInt(inUse) === 0n;
  });
}
