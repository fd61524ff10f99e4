import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WarifuError } from '../../src/core/errors.js';
import { isLittleEndian } from '../../src/kernels/little-endian.js';
import { RingVector, type RingWidth } from '../../src/kernels/ring-vector.js';
import { LENGTHS, RUNS, values, WIDTHS } from './arbitrary.js';

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (thrown) {
    return thrown instanceof WarifuError ? thrown.code : String(thrown);
  }
  return 'nothing thrown';
}

describe.each(WIDTHS)('RingVector of width %i', (width) => {
  it.each(LENGTHS)('gives back %i values', (n) => {
    fc.assert(
      fc.property(values(width, n), (numbers) => {
        const x = RingVector.fromBigInts(width, numbers);
        expect(x.toBigInts()).toEqual(numbers);
        expect(x.length).toBe(n);
        expect(x.byteLength).toBe((n * width) / 8);
      }),
      RUNS,
    );
  });

  it('reduces negative and large values', () => {
    const top = 1n << BigInt(width);
    const x = RingVector.fromBigInts(width, [-1n, -top, -top - 5n, top + 7n, top * top - 1n]);
    expect(x.toBigInts()).toEqual([top - 1n, 0n, top - 5n, 7n, top - 1n]);
  });

  it('holds its elements little-endian', () => {
    const bytes = RingVector.fromBigInts(width, [1n, 0x0102n]).bytes();
    const expected = new Uint8Array(width / 4);
    expected[0] = 1;
    expected[width / 8] = 2;
    expected[width / 8 + 1] = 1;
    expect(bytes).toEqual(expected);
  });

  it('adopts aligned bytes and copies others', () => {
    const numbers = [3n, -9n, 1n << 31n].map((v) => BigInt.asUintN(width, v));
    const bytes = RingVector.fromBigInts(width, numbers).bytes();
    const adopted = RingVector.fromBytes(width, bytes);
    expect(adopted.data.buffer).toBe(bytes.buffer);
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);
    const copied = RingVector.fromBytes(width, shifted.subarray(1));
    expect(copied.data.buffer).not.toBe(shifted.buffer);
    expect(adopted.toBigInts()).toEqual(numbers);
    expect(copied.toBigInts()).toEqual(numbers);
  });

  it('adopts only the span of its bytes', () => {
    const bytes = RingVector.fromBigInts(width, [1n, 2n, 3n, 4n]).bytes();
    const word = width / 8;
    expect(RingVector.fromBytes(width, bytes.subarray(word, 3 * word)).toBigInts()).toEqual([2n, 3n]);
  });

  it('refuses a partial element', () => {
    expect(codeOf(() => RingVector.fromBytes(width, new Uint8Array(width / 8 + 4)))).toBe(
      width === 32 ? 'nothing thrown' : 'MESSAGE_LENGTH',
    );
    expect(codeOf(() => RingVector.fromBytes(width, new Uint8Array(width / 8 + 1)))).toBe('MESSAGE_LENGTH');
  });

  it('slices without copying and checks the span', () => {
    const x = RingVector.fromBigInts(width, [1n, 2n, 3n, 4n]);
    expect(x.slice(1, 3).toBigInts()).toEqual([2n, 3n]);
    expect(x.slice(1, 3).data.buffer).toBe(x.data.buffer);
    expect(x.slice(4, 4).length).toBe(0);
    for (const [start, end] of [
      [-1, 2],
      [3, 2],
      [0, 5],
      [0.5, 1],
    ] as const) {
      expect(() => x.slice(start, end)).toThrow(RangeError);
    }
  });

  it('concatenates vectors and views', () => {
    const x = RingVector.fromBigInts(width, [1n, 2n, 3n]);
    const joined = RingVector.concat([x.slice(1, 3), RingVector.zeros(width, 0), x]);
    expect(joined.toBigInts()).toEqual([2n, 3n, 1n, 2n, 3n]);
    expect(() => RingVector.concat([])).toThrow(RangeError);
    const other: RingWidth = width === 32 ? 64 : 32;
    expect(() => RingVector.concat([x, RingVector.zeros(other, 1)])).toThrow(TypeError);
  });

  it('refuses an element that is not there', () => {
    const x = RingVector.zeros(width, 2);
    for (const i of [-1, 2, 0.5, Number.NaN]) expect(() => x.get(i)).toThrow(RangeError);
  });

  it('refuses an array of another kind', () => {
    const wrong = width === 32 ? new BigUint64Array(2) : new Uint32Array(2);
    expect(() => new RingVector(width, wrong)).toThrow(TypeError);
  });
});

it('refuses half an element of width 128', () => {
  expect(() => new RingVector(128, new BigUint64Array(3))).toThrow(RangeError);
});

it('runs on a little-endian machine', () => {
  expect(isLittleEndian()).toBe(true);
});
