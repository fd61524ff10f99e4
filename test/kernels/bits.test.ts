import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BitMatrix } from '../../src/kernels/bit-matrix.js';
import { kernels } from '../../src/kernels/kernels.js';
import { bitRows, LENGTHS, matrixOf, RUNS, tailsAreClear, toRows } from './arbitrary.js';

/** Bit by bit over rows of the same shape. */
const zip = (rows: number[][][], bit: (...bits: number[]) => number) =>
  rows[0]!.map((row, r) => row.map((_, i) => bit(...rows.map((m) => m[r]![i]!))));

describe.each([0, 1, 3])('bit kernels on %i rows', (rows) => {
  it.each(LENGTHS)('of %i bits', (n) => {
    const any = bitRows(rows, n);
    fc.assert(
      fc.property(any, any, any, any, any, (a0, a1, b0, b1, mask) => {
        const [x, y, z, w, m] = [a0, a1, b0, b1, mask].map((bits) => matrixOf(bits, n));
        const check = (out: BitMatrix, expected: number[][]) => {
          expect(toRows(out)).toEqual(expected);
          expect(out.length).toBe(n);
          expect(tailsAreClear(out)).toBe(true);
          expect([x, y, z, w, m].map((input) => input!.words.buffer)).not.toContain(out.words.buffer);
        };
        check(
          kernels.xor(x!, y!),
          zip([a0, a1], (p, q) => p! ^ q!),
        );
        check(
          kernels.and(x!, y!),
          zip([a0, a1], (p, q) => p! & q!),
        );
        check(
          kernels.not(x!),
          zip([a0], (p) => 1 - p!),
        );
        const flips = a0.map((_, r): 0 | 1 => (r % 2 === 0 ? 1 : 0));
        check(
          kernels.xorConstantRows(x!, flips),
          a0.map((row, r) => row.map((bit) => bit ^ flips[r]!)),
        );
        expect(toRows(x!)).toEqual(a0);
      }),
      RUNS,
    );
  });
});

describe('andReplicatedInto', () => {
  const words = fc
    .uint8Array({ minLength: 24, maxLength: 24 })
    .map((bytes) => new BigUint64Array(bytes.slice().buffer));

  it('is a0&b0 ^ a0&b1 ^ a1&b0 ^ extra ^ plus ^ minus', () => {
    fc.assert(
      fc.property(fc.array(words, { minLength: 7, maxLength: 7 }), (operands) => {
        const [a0, a1, b0, b1, extra, plus, minus] = operands;
        const before = operands.map((operand) => operand.slice());
        const out = new BigUint64Array(3).fill(7n);
        const expected = Array.from(
          out,
          (_, i) => (a0![i]! & b0![i]!) ^ (a0![i]! & b1![i]!) ^ (a1![i]! & b0![i]!) ^ plus![i]! ^ minus![i]!,
        );
        kernels.andReplicatedInto(a0!, a1!, b0!, b1!, undefined, plus!, minus!, out);
        expect([...out]).toEqual(expected);
        kernels.andReplicatedInto(a0!, a1!, b0!, b1!, extra, plus!, minus!, out);
        expect([...out]).toEqual(expected.map((word, i) => word ^ extra![i]!));
        expect(operands).toEqual(before);
      }),
    );
  });

  it('refuses another length and a result that overlaps an operand', () => {
    const memory = new BigUint64Array(40);
    const views = Array.from({ length: 8 }, (_, i) => memory.subarray(5 * i, 5 * i + 5));
    const call = ([a0, a1, b0, b1, extra, plus, minus, out]: BigUint64Array[]) =>
      kernels.andReplicatedInto(a0!, a1!, b0!, b1!, extra, plus!, minus!, out!);
    expect(() => call(views)).not.toThrow();
    for (let at = 0; at < 8; at++) {
      expect(() => call(views.with(at, new BigUint64Array(4)))).toThrow(RangeError);
      if (at < 7) expect(() => call(views.with(at, memory.subarray(39, 40)))).toThrow(RangeError);
      if (at < 7) expect(() => call(views.with(at, memory.subarray(34, 39)))).toThrow(RangeError);
    }
  });
});

describe('bit kernels refuse', () => {
  const a = BitMatrix.zeros(2, 65);
  it.each([
    ['another row count', BitMatrix.zeros(3, 65)],
    ['another length in the same words', BitMatrix.zeros(2, 66)],
  ])('%s', (_, b) => {
    expect(() => kernels.xor(a, b)).toThrow(RangeError);
    expect(() => kernels.and(a, b)).toThrow(RangeError);
  });

  it('a constant for each row but one', () => {
    expect(() => kernels.xorConstantRows(a, [1])).toThrow(RangeError);
  });
});
