/** Bits as words, and rows of columns. */
import { describe, expect, it } from 'vitest';
import { BitMatrix } from '../../src/kernels/bit-matrix.js';
import { RingVector } from '../../src/kernels/ring-vector.js';
import { checkRows, concatenateRows, gatherRows, scatterRows, sliceRows } from '../../src/share/rows.js';
import { ArithmeticShare, BinaryShare, type WordShare } from '../../src/share/shares.js';
import { bitsOfWords, wordsOf } from '../../src/share/words.js';
import { TestRandom } from '../support/random.js';

function vector(values: readonly bigint[], max = 99n): ArithmeticShare<64> {
  const parts = [RingVector.fromBigInts(64, values)];
  return new ArithmeticShare({
    width: 64,
    length: values.length,
    bounds: { min: 0n, max },
    held: [0],
    parts,
    clock: 3,
  });
}

function matrix(rows: number[][]): BinaryShare {
  const bits = BitMatrix.fromBits(rows);
  return new BinaryShare({ rows: bits.rows, length: bits.length, held: [0], parts: [bits], clock: 2 });
}

const valuesOf = (share: { readonly parts: readonly RingVector[] }): bigint[] =>
  share.parts[0]?.toBigInts() ?? [];

describe('bits as words', () => {
  it.each([1, 31, 32, 33, 64, 65, 128])('come back, %i of them', (rows) => {
    const random = new TestRandom(`words-${rows}`);
    const bits = Array.from({ length: rows }, () => random.row(70));
    const words =
      rows <= 32
        ? wordsOf(matrix(bits), 32)
        : rows <= 64
          ? wordsOf(matrix(bits), 64)
          : wordsOf(matrix(bits), 128);
    const of = words as WordShare<128>;
    expect(of.clock).toBe(2);
    expect(valuesOf(of)[5]).toBe(
      bits.reduce((word, row, j) => word | (BigInt(row[5] ?? 0) << BigInt(j)), 0n),
    );
    const middle = Math.floor(rows / 2);
    for (const [start, end] of [
      [0, rows],
      [middle, rows],
      [middle, middle + 1],
    ] as const) {
      const back = bitsOfWords(of, start, end);
      expect(back.parts[0]?.words).toEqual(matrix(bits.slice(start, end)).parts[0]?.words);
    }
  });

  it('are refused where they do not fit', () => {
    expect(() => wordsOf(matrix(Array.from({ length: 33 }, () => [0])), 32)).toThrow(RangeError);
    const words = wordsOf(matrix([[1]]), 32);
    for (const [start, end] of [
      [-1, 1],
      [2, 1],
      [0, 33],
    ] as const) {
      expect(() => bitsOfWords(words, start, end)).toThrow(RangeError);
    }
  });
});

describe('rows', () => {
  const x = vector([10n, 11n, 12n]);
  const words = wordsOf(matrix([[1, 0, 1]]), 32);

  it('are taken from places, and brought to them', () => {
    const [numbers, bits] = gatherRows([x, words], Uint32Array.of(2, 0, 0, 1));
    expect([valuesOf(numbers), valuesOf(bits)]).toEqual([
      [12n, 10n, 10n, 11n],
      [1n, 1n, 1n, 0n],
    ]);
    expect([numbers.length, bits.length]).toEqual([4, 4]);
    const [moved] = scatterRows([x], Uint32Array.of(2, 0, 1));
    expect(valuesOf(moved)).toEqual([11n, 12n, 10n]);
  });

  it('are cut and joined', () => {
    const joined = concatenateRows([sliceRows(x, 1, 3), vector([200n], 200n)]);
    expect(valuesOf(joined)).toEqual([11n, 12n, 200n]);
    expect(joined.bounds).toEqual({ min: 0n, max: 200n });
    expect(joined.clock).toBe(3);
    expect(valuesOf(concatenateRows([words, words]))).toEqual([1n, 0n, 1n, 1n, 0n, 1n]);
  });

  it('are refused where kinds or lengths differ', () => {
    expect(() => concatenateRows([x, words] as never)).toThrow(TypeError);
    expect(() => checkRows(3, [x, vector([1n])])).toThrow(RangeError);
    expect(() => checkRows(3, [x, words])).not.toThrow();
  });
});
