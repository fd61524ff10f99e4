/** Spans of bits: products of subsets, and the carries of a sum of two operands, one of them split in two. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kernels } from '../../src/kernels/kernels.js';
import { RUNS } from './arbitrary.js';

/** Bits in a row; three words. */
const N = 192;
const BITS = [1, 2, 3];

/** Words of rows whose bit i is that of number i, one row below the other. */
function wordsOf(rows: number, bit: (row: number, i: number) => boolean): BigUint64Array {
  const words = new BigUint64Array((rows * N) / 64);
  for (let at = 0; at < rows * N; at++) {
    if (bit(Math.floor(at / N), at % N)) words[at >> 6]! |= 1n << BigInt(at % 64);
  }
  return words;
}

function rowsOf(words: BigUint64Array): BigUint64Array[] {
  const perRow = N / 64;
  return Array.from({ length: words.length / perRow }, (_, r) =>
    words.subarray(r * perRow, (r + 1) * perRow),
  );
}

const bitRows = (bits: number, numbers: number[]) =>
  rowsOf(wordsOf(bits, (j, i) => (numbers[i]! >> j) % 2 === 1));

/** Row t-1: number i has all bits of t. */
const productsOf = (bits: number, numbers: number[]) =>
  wordsOf(2 ** bits - 1, (row, i) => (numbers[i]! & (row + 1)) === row + 1);

const numbersOf = (bits: number) =>
  fc.array(fc.integer({ min: 0, max: 2 ** bits - 1 }), { minLength: N, maxLength: N });
const anyWords = (rows: number) =>
  fc
    .uint8Array({ minLength: (rows * N) / 8, maxLength: (rows * N) / 8 })
    .map((bytes) => new BigUint64Array(bytes.slice().buffer));

describe.each(BITS)('a span of %i bits', (bits) => {
  const count = 2 ** bits - 1;

  it('has the products of all subsets, XOR masks', () => {
    fc.assert(
      fc.property(numbersOf(bits), anyWords(count), (numbers, masks) => {
        const before = masks.slice();
        const out = new BigUint64Array(masks.length);
        kernels.subsetProductsInto(bitRows(bits, numbers), masks, out);
        expect(out).toEqual(productsOf(bits, numbers).map((word, at) => word ^ masks[at]!));
        expect(masks).toEqual(before);
      }),
      RUNS,
    );
  });

  it('makes the carry of u + v, and passes one on where the sum is all ones, from halves of u', () => {
    fc.assert(
      fc.property(numbersOf(bits), numbersOf(bits), anyWords(count), (u, v, half) => {
        const other = productsOf(bits, u).map((word, at) => word ^ half[at]!);
        const rows = bitRows(bits, v);
        const [generate, generateToo, propagate, otherGenerate, otherPropagate] = Array.from(
          { length: 5 },
          () => new BigUint64Array(N / 64),
        );
        kernels.spanCarryInto(half, rows, 1, generate!, propagate);
        kernels.spanCarryInto(half, rows, 1, generateToo!, undefined);
        kernels.spanCarryInto(other, rows, 0, otherGenerate!, otherPropagate);
        expect(generateToo).toEqual(generate);
        const sum = (i: number) => u[i]! + v[i]!;
        expect(generate!.map((word, at) => word ^ otherGenerate![at]!)).toEqual(
          wordsOf(1, (_, i) => sum(i) > count),
        );
        expect(propagate!.map((word, at) => word ^ otherPropagate![at]!)).toEqual(
          wordsOf(1, (_, i) => sum(i) === count),
        );
      }),
      RUNS,
    );
  });
});

describe('spans refuse', () => {
  const memory = new BigUint64Array(100);
  const row = (at: number, length = 2) => memory.subarray(at, at + length);
  const rows = [row(0), row(2), row(4)];
  const products = row(10, 14);

  it.each([
    ['no row', []],
    ['four rows', [...rows, row(6)]],
    ['a row of another length', [row(0), row(2), row(4, 3)]],
    ['fewer rows than the products have', rows.slice(1)],
  ])('%s', (_, odd) => {
    expect(() => kernels.subsetProductsInto(odd, products, row(30, 14))).toThrow(RangeError);
    expect(() => kernels.spanCarryInto(products, odd, 1, row(30), row(40))).toThrow(RangeError);
  });

  it('a result of another length, or one that overlaps an operand', () => {
    for (const out of [row(30, 13), row(5, 14), row(12, 14)]) {
      expect(() => kernels.subsetProductsInto(rows, products, out)).toThrow(RangeError);
    }
    for (const out of [row(30, 3), row(5), row(23)]) {
      expect(() => kernels.spanCarryInto(products, rows, 1, out, row(40))).toThrow(RangeError);
      expect(() => kernels.spanCarryInto(products, rows, 1, row(40), out)).toThrow(RangeError);
    }
    expect(() => kernels.spanCarryInto(products, rows, 1, row(40), row(41))).toThrow(RangeError);
    expect(() => kernels.subsetProductsInto(rows, products, row(30, 14))).not.toThrow();
    expect(() => kernels.spanCarryInto(products, rows, 1, row(30), row(40))).not.toThrow();
  });
});
