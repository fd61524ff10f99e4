/** Shifts, words XORed and the kernels of rescaling, on both implementations, against BigInt. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Kernels } from '../../src/kernels/kernels.js';
import { reference } from '../../src/kernels/reference/reference.js';
import { RingVector, type RingWidth } from '../../src/kernels/ring-vector.js';
import { wasmBytes } from '../../src/kernels/wasm/load.js';
import { ALWAYS } from '../../src/kernels/wasm/shortest.js';
import { wasmKernels } from '../../src/kernels/wasm/wasm-kernels.js';
import { RUNS, values, WIDTHS } from './arbitrary.js';

const IMPLEMENTATIONS: readonly (readonly [string, Kernels])[] = [
  ['reference', reference],
  ['wasm', wasmKernels(wasmBytes()!, ALWAYS)],
];

const N = 40;
const PAIRS = WIDTHS.flatMap((from) => WIDTHS.map((to) => [from, to] as const));

const mod = (value: bigint, width: RingWidth): bigint => BigInt.asUintN(width, value);
const ceiling = (value: bigint, shift: number): bigint => -(-value >> BigInt(shift));
/** 1 where the top bit is 0. */
const withoutTop = (value: bigint, width: RingWidth): bigint => 1n - (value >> BigInt(width - 1));

describe.each(IMPLEMENTATIONS)('%s', (_, kernels) => {
  const vectorOf = (width: RingWidth, list: readonly bigint[]): RingVector =>
    RingVector.fromBigInts(width, list);

  describe.each(PAIRS)('from %i to %i bits', (from, to) => {
    it('shifts right by every number of bits, rounded down and up', () => {
      fc.assert(
        fc.property(values(from, N), (x) => {
          for (let shift = 0; shift < from; shift++) {
            const down = kernels.shiftRight(vectorOf(from, x), shift, to, false);
            const up = kernels.shiftRight(vectorOf(from, x), shift, to, true);
            expect(down.toBigInts()).toEqual(x.map((v) => mod(v >> BigInt(shift), to)));
            expect(up.toBigInts()).toEqual(x.map((v) => mod(ceiling(v, shift), to)));
          }
        }),
        RUNS,
      );
    });

    it.each([-1, 0.5, from])('refuses a shift by %d', (shift) => {
      expect(() => kernels.shiftRight(RingVector.zeros(from, 1), shift, to, false)).toThrow(RangeError);
    });

    it('makes and joins the operands of rescaling', () => {
      const shifts = [0, 1, 20, 31, 32, 33, 64, from - 1].filter((shift) => shift < from);
      fc.assert(
        fc.property(
          fc.tuple(values(from, N), values(from, N), values(to, N), values(from, 1)),
          fc.constantFrom(...shifts),
          fc.constantFrom(...WIDTHS),
          fc.integer({ min: 0, max: to - 1 }),
          ([x, y, mask, [offset = 0n]], shift, narrow, at) => {
            const [half, corrections] = [x, y].map((list) => list.map((v) => mod(v * 3n + 1n, narrow)));
            const operand = x.map((v, i) => mod(v + (y[i] ?? 0n) + offset, from));
            const split = kernels.splitOperand({
              x: vectorOf(from, x),
              y: vectorOf(from, y),
              offset,
              shift,
              at,
              corrections: [vectorOf(narrow, corrections!), vectorOf(narrow, half!)],
              mask: vectorOf(to, mask),
              half: vectorOf(narrow, half!),
            });
            const corrected = (i: number): bigint =>
              mod((corrections![i] ?? 0n) + (half![i] ?? 0n), narrow) << BigInt(at);
            const back = offset >> BigInt(shift);
            expect(split.quotient.toBigInts()).toEqual(
              operand.map((v, i) => mod((v >> BigInt(shift)) - back + corrected(i) - (mask[i] ?? 0n), to)),
            );
            const tops = operand.map((v) => withoutTop(v, from));
            expect(split.top.toBigInts()).toEqual(tops.map((top, i) => mod(top - (half![i] ?? 0n), narrow)));
            const masked = kernels.maskedCorrection(
              vectorOf(narrow, half!),
              vectorOf(from, operand),
              -1n,
              vectorOf(narrow, corrections!),
            );
            expect(masked.toBigInts()).toEqual(
              tops.map((top, i) => mod((half![i] ?? 0n) * top - 1n - (corrections![i] ?? 0n), narrow)),
            );
            const rounded = kernels.roundUpCorrected(vectorOf(from, operand), {
              width: to,
              shift,
              at,
              first: vectorOf(narrow, half!),
              second: vectorOf(narrow, corrections!),
            });
            const sums = half!.map((v, i) => mod(v + (corrections![i] ?? 0n), narrow));
            expect(rounded.toBigInts()).toEqual(
              operand.map((v, i) => mod(ceiling(v, shift) + ((sums[i] ?? 0n) << BigInt(at)), to)),
            );
          },
        ),
        { ...RUNS, numRuns: 40 },
      );
    });
  });

  it.each(WIDTHS)('XORs words of %i bits', (width) => {
    fc.assert(
      fc.property(values(width, N), values(width, N), (x, y) => {
        const found = kernels.xorElements(vectorOf(width, x), vectorOf(width, y));
        expect(found.toBigInts()).toEqual(x.map((v, i) => v ^ (y[i] ?? 0n)));
      }),
      RUNS,
    );
    expect(() => kernels.xorElements(RingVector.zeros(width, 1), RingVector.zeros(width, 2))).toThrow(
      RangeError,
    );
    const other = width === 32 ? 64 : 32;
    expect(() => kernels.xorElements(RingVector.zeros(width, 1), RingVector.zeros(other, 1))).toThrow(
      TypeError,
    );
  });
});
