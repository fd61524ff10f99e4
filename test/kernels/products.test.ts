import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kernels, type ReplicatedPair } from '../../src/kernels/kernels.js';
import { RingVector } from '../../src/kernels/ring-vector.js';
import { LENGTHS, RUNS, values, WIDTHS } from './arbitrary.js';

describe.each(WIDTHS)('multiplyReplicatedInto of width %i', (width) => {
  it.each(LENGTHS)('%i elements', (n) => {
    const operands = fc.array(values(width, n), { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(operands, (numbers) => {
        const [x0, x1, y0, y1, plus, minus] = numbers.map((v) => RingVector.fromBigInts(width, v));
        const out = RingVector.fromBigInts(width, Array<bigint>(n).fill(9n));
        kernels.multiplyReplicatedInto(x0!, x1!, y0!, y1!, plus!, minus!, out);
        const [a, b, c, d, p, m] = numbers;
        const exact = a!.map((v, i) => v * c![i]! + v * d![i]! + b![i]! * c![i]! + p![i]! - m![i]!);
        expect(out.toBigInts()).toEqual(exact.map((v) => BigInt.asUintN(width, v)));
        expect([x0, x1, y0, y1, plus, minus].map((v) => v!.toBigInts())).toEqual(numbers);
      }),
      RUNS,
    );
  });

  it('writes its span of a longer vector only, and takes an operand twice', () => {
    const x = RingVector.fromBigInts(width, [3n, -5n, 7n]);
    const out = RingVector.fromBigInts(width, Array<bigint>(5).fill(9n));
    kernels.multiplyReplicatedInto(x, x, x, x, x, x, out.slice(1, 4));
    expect(out.toBigInts()).toEqual([9n, 27n, 75n, 147n, 9n]);
  });

  it('refuses other widths and lengths, and a result that overlaps an operand', () => {
    const memory = RingVector.zeros(width, 30);
    const views = Array.from({ length: 7 }, (_, i) => memory.slice(4 * i, 4 * i + 4));
    const call = ([x0, x1, y0, y1, plus, minus, out]: RingVector[]) =>
      kernels.multiplyReplicatedInto(x0!, x1!, y0!, y1!, plus!, minus!, out!);
    expect(() => call(views)).not.toThrow();
    for (let at = 0; at < 7; at++) {
      expect(() => call(views.with(at, RingVector.zeros(width, 5)))).toThrow(RangeError);
      expect(() => call(views.with(at, RingVector.zeros(width === 64 ? 32 : 64, 4)))).toThrow(TypeError);
      if (at === 6) continue;
      expect(() => call(views.with(at, memory.slice(26, 30)))).toThrow(RangeError);
      expect(() => call(views.with(at, memory.slice(21, 25)))).toThrow(RangeError);
    }
  });
});

describe.each(WIDTHS)('addInnerProducts of width %i', (width) => {
  const pairOf = ([first, second]: readonly bigint[][]): ReplicatedPair => [
    RingVector.fromBigInts(width, first!),
    RingVector.fromBigInts(width, second!),
  ];

  /** What is added for one pair of pairs, exactly. */
  const exact = (x: ReplicatedPair, y: ReplicatedPair, start: number, end: number): bigint => {
    let sum = 0n;
    for (let t = start; t < end; t++) {
      sum += x[0].get(t) * (y[0].get(t) + y[1].get(t)) + x[1].get(t) * y[0].get(t);
    }
    return sum;
  };

  it.each([...LENGTHS, 1024, 1025, 2500])('%i elements: pairs of their own and shared ones', (n) => {
    const pair = fc.tuple(values(width, n), values(width, n)).map(pairOf);
    const family = fc.array(pair, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(family, family, family, fc.nat(n), fc.nat(n), (shared, left, right, p, q) => {
        const xs = [...left, ...shared];
        const ys = [...shared.toReversed(), ...right, ...shared.slice(1)];
        const [start, end] = [Math.min(p, q), Math.max(p, q)];
        const before = Array.from({ length: xs.length * ys.length }, (_, i) => BigInt(i) - 2n);
        const sums = RingVector.fromBigInts(width, before);
        kernels.addInnerProducts(sums, xs, ys, start, end);
        const added = xs.flatMap((x) => ys.map((y) => exact(x, y, start, end)));
        expect(sums.toBigInts()).toEqual(added.map((v, i) => BigInt.asUintN(width, v + before[i]!)));
      }),
      { ...RUNS, numRuns: n > 1000 ? 1 : 3 },
    );
  });

  it('adds up over spans', () => {
    const x = pairOf([Array.from({ length: 100 }, (_, i) => BigInt(i)), Array<bigint>(100).fill(-3n)]);
    const sums = RingVector.zeros(width, 1);
    for (const [start, end] of [
      [0, 37],
      [37, 37],
      [37, 100],
    ] as const) {
      kernels.addInnerProducts(sums, [x], [x], start, end);
    }
    expect(sums.get(0)).toBe(BigInt.asUintN(width, exact(x, x, 0, 100)));
  });

  it('takes empty families', () => {
    const x = pairOf([[1n], [2n]]);
    const none = RingVector.zeros(width, 0);
    expect(() => kernels.addInnerProducts(none, [x], [], 0, 1)).not.toThrow();
    expect(() => kernels.addInnerProducts(none, [], [x], 0, 1)).not.toThrow();
    expect(() => kernels.addInnerProducts(none, [], [], 0, 1)).not.toThrow();
  });

  it('refuses vectors that do not fit', () => {
    const four = RingVector.zeros(width, 4);
    const three = RingVector.zeros(width, 3);
    const other = RingVector.zeros(width === 64 ? 32 : 64, 4);
    const one = RingVector.zeros(width, 1);
    const pair: ReplicatedPair = [four, four];
    for (const odd of [
      [four, three],
      [three, four],
    ] as const) {
      expect(() => kernels.addInnerProducts(one, [odd], [pair], 0, 3)).toThrow(RangeError);
      expect(() => kernels.addInnerProducts(one, [pair], [odd], 0, 3)).toThrow(RangeError);
    }
    for (const odd of [
      [four, other],
      [other, four],
      [other, other],
    ] as const) {
      expect(() => kernels.addInnerProducts(one, [odd], [pair], 0, 4)).toThrow(TypeError);
      expect(() => kernels.addInnerProducts(one, [pair], [odd], 0, 4)).toThrow(TypeError);
    }
    expect(() => kernels.addInnerProducts(four, [pair], [pair], 0, 4)).toThrow(RangeError);
    for (const [start, end] of [
      [0, 5],
      [-1, 2],
      [3, 2],
    ] as const) {
      expect(() => kernels.addInnerProducts(one, [pair], [pair], start, end)).toThrow(RangeError);
    }
    expect(() => kernels.addInnerProducts(four.slice(1, 2), [pair], [pair], 0, 4)).toThrow(RangeError);
  });
});
