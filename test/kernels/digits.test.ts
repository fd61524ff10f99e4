/** Unit vectors of digits, and the places of a stable sort by them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BitMatrix } from '../../src/kernels/bit-matrix.js';
import { kernels } from '../../src/kernels/kernels.js';
import { NARROW_BITS, NarrowEntries } from '../../src/kernels/narrow-entries.js';
import { RingVector } from '../../src/kernels/ring-vector.js';
import { LENGTHS, RUNS, values } from './arbitrary.js';

const digitsOf = (rows: number, n: number) =>
  fc.array(fc.integer({ min: 0, max: 2 ** rows - 1 }), { minLength: n, maxLength: n });

function matrixOf(digits: readonly number[], rows: number): BitMatrix {
  return BitMatrix.fromBits(Array.from({ length: rows }, (_, j) => digits.map((digit) => (digit >> j) & 1)));
}

/** Entries 1 and on of unit vectors, one entry of all rows after the other. */
function unitsOf(digits: readonly number[], rows: number): bigint[] {
  return Array.from({ length: 2 ** rows - 1 }, (_, j) =>
    digits.map((digit) => (digit === j + 1 ? 1n : 0n)),
  ).flat();
}

const wrapped = (list: readonly bigint[]): bigint[] => list.map((value) => BigInt.asUintN(32, value));

describe.each([1, 2, 3, 4])('digits of %i bits', (rows) => {
  it.each(LENGTHS)('become unit vectors less masks, %i rows', (n) => {
    fc.assert(
      fc.property(digitsOf(rows, n), values(32, n * (2 ** rows - 1)), (digits, masks) => {
        const got = kernels
          .unitEntries(matrixOf(digits, rows), RingVector.fromBigInts(32, masks))
          .toBigInts();
        expect(got).toEqual(wrapped(unitsOf(digits, rows).map((unit, i) => unit - masks[i]!)));
      }),
      RUNS,
    );
  });

  it.each(LENGTHS)('move the units of others, %i rows', (n) => {
    fc.assert(
      fc.property(digitsOf(rows, n), digitsOf(rows, n), values(32, n * (2 ** rows - 1)), (u, c, masks) => {
        const [first, second] = [unitsOf(u, rows).map((unit, i) => unit - masks[i]!), masks];
        const none = RingVector.zeros(32, masks.length);
        const move = (half: bigint[], one: 0 | 1): RingVector =>
          kernels.moveUnits(RingVector.fromBigInts(32, half), matrixOf(c, rows), one, none);
        const sum = kernels.add(move(first, 1), move(second, 0));
        expect(sum.toBigInts()).toEqual(
          unitsOf(
            u.map((digit, i) => digit ^ c[i]!),
            rows,
          ),
        );
      }),
      RUNS,
    );
  });

  it.each(LENGTHS)('give each row its place in their stable order, %i rows', (n) => {
    fc.assert(
      fc.property(digitsOf(rows, n), values(32, n * (2 ** rows - 1)), (digits, half) => {
        // Parts a, b, c of which node 0 holds a, b and so on; the terms of all three add up.
        const parts = [half, unitsOf(digits, rows).map((unit, i) => unit - 2n * half[i]!), half].map((part) =>
          RingVector.fromBigInts(32, part),
        );
        const terms = [0, 1, 2].map((node) => {
          const own = [parts[node]!, parts[(node + 1) % 3]!] as const;
          const ones = [node === 0 ? 1 : 0, node === 2 ? 1 : 0] as const;
          const totals = own.map((part, k) => kernels.placeTotals(part, 2 ** rows, ones[k]!).toBigInts());
          const counts = totals[0]!.flatMap((_, j) =>
            totals.map((total) => total.slice(0, j).reduce((a, b) => a + b, 0n)),
          );
          const out = RingVector.zeros(32, n);
          const running = RingVector.fromBigInts(32, counts);
          const half4 = 4 * Math.floor(n / 8);
          kernels.addPlaces(own, ones, running, out.slice(0, half4), 0);
          kernels.addPlaces(own, ones, running, out.slice(half4, n), half4);
          return out;
        });
        const order = digits.map((digit, i) => ({ digit, i })).sort((a, b) => a.digit - b.digit || a.i - b.i);
        const expected = digits.map((_, i) => BigInt(order.findIndex((row) => row.i === i) + 1));
        expect(terms.reduce(kernels.add).toBigInts()).toEqual(expected);
      }),
      { ...RUNS, numRuns: 2 },
    );
  });
});

const narrowed = (list: readonly bigint[], n: number): NarrowEntries =>
  NarrowEntries.of(RingVector.fromBigInts(32, list), n);
const low = (list: readonly bigint[]): bigint[] => list.map((value) => BigInt.asUintN(NARROW_BITS, value));

describe.each([1, 2, 3, 4])('narrow units of %i bits', (rows) => {
  it.each([...LENGTHS, 2049, 4100])('are those of 32 bits modulo 2^20, %i rows', (n) => {
    const entries = n * (2 ** rows - 1);
    fc.assert(
      fc.property(digitsOf(rows, n), values(32, entries), values(32, entries), (digits, x, y) => {
        const digit = matrixOf(digits, rows);
        const [wideX, wideY] = [RingVector.fromBigInts(32, x), RingVector.fromBigInts(32, y)];
        const [ownX, ownY] = [narrowed(x, n), narrowed(y, n)];
        const numbers = (own: NarrowEntries): bigint[] => own.widened().toBigInts();
        expect(numbers(ownX)).toEqual(low(x));
        expect(numbers(kernels.unitEntries(digit, ownX))).toEqual(
          low(kernels.unitEntries(digit, wideX).toBigInts()),
        );
        for (const one of [0, 1] as const) {
          expect(numbers(kernels.moveUnits(ownX, digit, one, ownY))).toEqual(
            low(kernels.moveUnits(wideX, digit, one, wideY).toBigInts()),
          );
          expect(low(kernels.placeTotals(ownX, 2 ** rows, one).toBigInts())).toEqual(
            low(kernels.placeTotals(wideX, 2 ** rows, one).toBigInts()),
          );
        }
        expect(numbers(kernels.addUnits(ownX, ownY))).toEqual(low(kernels.add(wideX, wideY).toBigInts()));
        const [places, expected] = [RingVector.zeros(32, n), RingVector.zeros(32, n)];
        const counts = (): RingVector =>
          new RingVector(
            32,
            new Uint32Array(2 ** (rows + 1)).map((_, i) => i),
          );
        kernels.addPlaces([ownX, ownY], [1, 0], counts(), places, 0);
        kernels.addPlaces([wideX, wideY], [1, 0], counts(), expected, 0);
        expect(low(places.toBigInts())).toEqual(low(expected.toBigInts()));
      }),
      { ...RUNS, numRuns: 2 },
    );
  });

  it('show nothing of what was in the scratch memory before', () => {
    const digit = matrixOf(
      Array.from({ length: 200 }, () => 2 ** rows - 1),
      rows,
    );
    kernels.unitEntries(
      digit,
      narrowed(
        Array.from({ length: 200 * (2 ** rows - 1) }, () => -1n),
        200,
      ),
    );
    const few = matrixOf(
      Array.from({ length: 130 }, () => 0),
      rows,
    );
    const bytes = kernels
      .unitEntries(
        few,
        narrowed(
          Array.from({ length: 130 * (2 ** rows - 1) }, () => 0n),
          130,
        ),
      )
      .bytes();
    expect(bytes.every((byte) => byte === 0)).toBe(true);
  });
});

it('other sizes are refused', () => {
  const digit = BitMatrix.zeros(2, 5);
  expect(() => kernels.unitEntries(digit, RingVector.zeros(32, 14))).toThrow(RangeError);
  expect(() => kernels.unitEntries(digit, RingVector.zeros(64, 15))).toThrow(TypeError);
  expect(() => kernels.moveUnits(RingVector.zeros(32, 15), digit, 1, RingVector.zeros(32, 16))).toThrow(
    RangeError,
  );
  const units = [RingVector.zeros(32, 15), RingVector.zeros(32, 15)] as const;
  const out = RingVector.zeros(32, 5);
  const narrow = NarrowEntries.of(RingVector.zeros(32, 15), 5);
  expect(() => kernels.unitEntries(BitMatrix.zeros(2, 6), narrow)).toThrow(RangeError);
  expect(() =>
    kernels.moveUnits<RingVector | NarrowEntries>(narrow, digit, 1, RingVector.zeros(32, 15)),
  ).toThrow(TypeError);
  expect(() => kernels.addUnits(narrow, NarrowEntries.of(RingVector.zeros(32, 10), 5))).toThrow(RangeError);
  const pair = [narrow, narrow] as const;
  expect(() => kernels.addPlaces(pair, [1, 0], RingVector.zeros(32, 8), RingVector.zeros(32, 1), 4)).toThrow(
    RangeError,
  );
  expect(() => new NarrowEntries(3, 5, new Uint8Array(239))).toThrow(RangeError);
  expect(() => kernels.addPlaces(units, [1, 0], RingVector.zeros(32, 7), out, 0)).toThrow(RangeError);
  expect(() => kernels.addPlaces(units, [1, 0], RingVector.zeros(32, 8), out, 1)).toThrow(RangeError);
});
