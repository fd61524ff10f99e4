import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WarifuError } from '../../src/core/errors.js';
import { BitMatrix } from '../../src/kernels/bit-matrix.js';
import { bitMatrix, bitRows, LENGTHS, matrixOf, RUNS, tailsAreClear, toRows } from './arbitrary.js';

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (thrown) {
    return thrown instanceof WarifuError ? thrown.code : String(thrown);
  }
  return 'nothing thrown';
}

describe('BitMatrix', () => {
  it.each(LENGTHS)('gives back rows of %i bits', (n) => {
    fc.assert(
      fc.property(bitRows(3, n), (rows) => {
        const matrix = BitMatrix.fromBits(rows);
        expect(toRows(matrix)).toEqual(rows);
        expect(matrix.byteLength).toBe(3 * Math.ceil(n / 64) * 8);
        expect(tailsAreClear(matrix)).toBe(true);
        expect(toRows(BitMatrix.fromBytes(3, n, matrix.bytes()))).toEqual(rows);
      }),
      RUNS,
    );
  });

  it('puts bit i of a row in byte i/8 at place i mod 8', () => {
    const row = Array.from({ length: 70 }, (_, i) => (i === 0 || i === 9 || i === 69 ? 1 : 0));
    const bytes = BitMatrix.fromBits([row]).bytes();
    expect([...bytes.entries()].filter(([, byte]) => byte !== 0)).toEqual([
      [0, 1],
      [1, 2],
      [8, 32],
    ]);
  });

  it('adopts aligned bytes and copies others', () => {
    const bytes = BitMatrix.fromBits([[1, 0, 1]]).bytes();
    expect(BitMatrix.fromBytes(1, 3, bytes).words.buffer).toBe(bytes.buffer);
    const shifted = new Uint8Array(9);
    shifted.set(bytes, 1);
    expect(toRows(BitMatrix.fromBytes(1, 3, shifted.subarray(1)))).toEqual([[1, 0, 1]]);
  });

  it('refuses bytes of another length', () => {
    for (const length of [0, 8, 15, 17, 24]) {
      expect(codeOf(() => BitMatrix.fromBytes(2, 3, new Uint8Array(length)))).toBe('MESSAGE_LENGTH');
    }
  });

  it('refuses a bit after the end of any row', () => {
    for (const [rows, n] of [
      [1, 1],
      [3, 63],
      [2, 65],
      [2, 127],
    ] as const) {
      const perRow = Math.ceil(n / 64) * 8;
      for (let r = 0; r < rows; r++) {
        const bytes = new Uint8Array(rows * perRow);
        bytes[r * perRow + Math.floor(n / 8)] = 1 << (n % 8);
        expect(codeOf(() => BitMatrix.fromBytes(rows, n, bytes))).toBe('MESSAGE_FORM');
      }
    }
  });

  it('views rows without copying', () => {
    const rows = [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
      [1, 1, 1],
    ];
    const matrix = BitMatrix.fromBits(rows);
    expect(toRows(matrix.row(2))).toEqual([[0, 0, 1]]);
    expect(toRows(matrix.rowsBetween(1, 3))).toEqual([
      [0, 1, 0],
      [0, 0, 1],
    ]);
    expect(matrix.rowsBetween(1, 3).words.buffer).toBe(matrix.words.buffer);
    expect(matrix.rowsBetween(4, 4).rows).toBe(0);
    expect(() => matrix.row(4)).toThrow(RangeError);
    expect(() => matrix.rowsBetween(2, 1)).toThrow(RangeError);
  });

  it('stacks rows', () => {
    const a = BitMatrix.fromBits([
      [1, 0],
      [0, 0],
    ]);
    const b = BitMatrix.fromBits([[0, 1]]);
    expect(toRows(BitMatrix.stack([a, b, a.row(0)]))).toEqual([
      [1, 0],
      [0, 0],
      [0, 1],
      [1, 0],
    ]);
    expect(() => BitMatrix.stack([])).toThrow(RangeError);
    expect(() => BitMatrix.stack([a, BitMatrix.zeros(1, 3)])).toThrow(RangeError);
  });

  it('cuts columns and joins them again', () => {
    fc.assert(
      fc.property(bitRows(3, 200), fc.constantFrom(64, 128), (rows, at) => {
        const matrix = BitMatrix.fromBits(rows);
        const left = matrix.columnsBetween(0, at);
        const right = matrix.columnsBetween(at, 200);
        expect(toRows(left)).toEqual(rows.map((row) => row.slice(0, at)));
        expect(toRows(right)).toEqual(rows.map((row) => row.slice(at)));
        expect(toRows(BitMatrix.joinColumns([left, right]))).toEqual(rows);
      }),
      RUNS,
    );
  });

  it('clears the tail of cut columns', () => {
    fc.assert(
      fc.property(bitMatrix(2, 130), fc.integer({ min: 64, max: 130 }), (matrix, end) => {
        const cut = matrix.columnsBetween(64, end);
        expect(toRows(cut)).toEqual(toRows(matrix).map((row) => row.slice(64, end)));
        expect(tailsAreClear(cut)).toBe(true);
      }),
      RUNS,
    );
  });

  it('refuses cuts and joins inside a word', () => {
    expect(() => BitMatrix.zeros(1, 100).columnsBetween(1, 50)).toThrow(RangeError);
    expect(() => BitMatrix.zeros(1, 100).columnsBetween(64, 101)).toThrow(RangeError);
    expect(() => BitMatrix.joinColumns([BitMatrix.zeros(1, 65), BitMatrix.zeros(1, 1)])).toThrow(RangeError);
    expect(() => BitMatrix.joinColumns([BitMatrix.zeros(1, 64), BitMatrix.zeros(2, 1)])).toThrow(RangeError);
    expect(() => BitMatrix.joinColumns([])).toThrow(RangeError);
  });

  it('refuses rows of unequal length and entries that are not bits', () => {
    expect(() => BitMatrix.fromBits([[1, 0], [1]])).toThrow(RangeError);
    expect(() => BitMatrix.fromBits([[2]])).toThrow(RangeError);
    expect(() => new BitMatrix(2, 65, new BigUint64Array(3))).toThrow(RangeError);
  });

  it('refuses a bit that is not there', () => {
    const matrix = BitMatrix.zeros(2, 65);
    for (const [row, i] of [
      [2, 0],
      [-1, 0],
      [0, 65],
      [0, -1],
      [0, 0.5],
    ] as const) {
      expect(() => matrix.get(row, i)).toThrow(RangeError);
    }
  });

  it('may be empty', () => {
    expect(matrixOf([], 5).byteLength).toBe(0);
    expect(BitMatrix.fromBytes(3, 0, new Uint8Array(0)).rows).toBe(3);
  });
});
