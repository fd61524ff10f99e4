/** Spans of bits: products of subsets, and the carries of a sum of two operands, one of them split in two. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kernels, type SpanTerm } from '../../src/kernels/kernels.js';
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

describe.each([1, 2, 3] as const)('products of bits of two operands, %i each', (bits) => {
  const whole = 2 ** bits;

  it('make carries, one operand with two others', () => {
    fc.assert(
      fc.property(
        numbersOf(bits),
        numbersOf(bits),
        numbersOf(bits),
        fc.array(anyWords(1), { minLength: 4, maxLength: 4 }),
        (x, y, z, masks) => {
          const row = () => new BigUint64Array(N / 64);
          const terms = [y, z].map((own, i) => ({
            y: productsOf(bits, own),
            masks: { generate: masks[2 * i]!, propagate: masks[2 * i + 1]! },
            out: { generate: row(), propagate: row() },
          })) as [SpanTerm, SpanTerm];
          kernels.spanTermsInto(bits, productsOf(bits, x), terms);
          const alone = terms.map((own) => ({
            y: own.y,
            masks: { ...own.masks, propagate: undefined },
            out: { generate: row(), propagate: undefined },
          })) as unknown as [SpanTerm, SpanTerm];
          kernels.spanTermsInto(bits, productsOf(bits, x), alone);
          const has = (number: number, subset: number) => (number & subset) === subset;
          terms.forEach(({ out, masks: own }, k) => {
            const other = k === 0 ? y : z;
            const sum = (total: number) =>
              wordsOf(1, (_, i) => {
                let bit = false;
                for (let s = 1; s < total; s++) bit = bit !== (has(x[i]!, s) && has(other[i]!, total - s));
                return bit;
              });
            expect(out.generate).toEqual(sum(whole).map((word, at) => word ^ own.generate[at]!));
            expect(out.propagate).toEqual(sum(whole - 1).map((word, at) => word ^ own.propagate![at]!));
            expect(alone[k]!.out.generate).toEqual(out.generate);
          });
        },
      ),
      RUNS,
    );
  });

  it('are those of the carry of a sum, with the products of either with 1', () => {
    fc.assert(
      fc.property(numbersOf(bits), numbersOf(bits), (u, v) => {
        const row = () => new BigUint64Array(N / 64);
        const term = () => ({
          y: productsOf(bits, v),
          masks: { generate: row(), propagate: row() },
          out: { generate: row(), propagate: row() },
        });
        const [first, second] = [term(), term()];
        kernels.spanTermsInto(bits, productsOf(bits, u), [first, second]);
        expect(second.out).toEqual(first.out);
        expect(first.out.generate).toEqual(wordsOf(1, (_, i) => u[i]! + v[i]! >= whole));
        const [all] = [whole - 1];
        const linear = wordsOf(1, (_, i) => (u[i] === all) !== (v[i] === all));
        expect(first.out.propagate.map((word, at) => word ^ linear[at]!)).toEqual(
          wordsOf(1, (_, i) => u[i]! + v[i]! === all),
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

  it('terms of other lengths, that overlap, or of which a mask is missing', () => {
    const term = (at: number, y = row(60, 14)): SpanTerm => ({
      y,
      masks: { generate: row(at), propagate: row(at + 2) },
      out: { generate: row(at + 4), propagate: row(at + 6) },
    });
    const refuse = (x: BigUint64Array, first: SpanTerm, second: SpanTerm): void =>
      expect(() => kernels.spanTermsInto(3, x, [first, second])).toThrow(RangeError);
    const [first, second] = [term(20), term(28)];
    expect(() => kernels.spanTermsInto(3, products, [first, second])).not.toThrow();
    refuse(row(10, 13), first, second);
    refuse(products, first, term(28, row(60, 12)));
    refuse(products, first, term(20));
    refuse(products, first, term(26));
    refuse(products, first, { ...second, out: { generate: row(80, 3), propagate: row(90) } });
    refuse(products, first, { ...second, out: { generate: row(80), propagate: undefined } });
    refuse(products, first, { ...second, out: { generate: row(12), propagate: row(90) } });
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
