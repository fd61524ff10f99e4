/** The products of one of four parties, by exact arithmetic, on both implementations. */
import { describe, expect, it } from 'vitest';
import type { Kernels, ProductTerms, Three } from '../../src/kernels/kernels.js';
import { reference } from '../../src/kernels/reference/reference.js';
import { RingVector } from '../../src/kernels/ring-vector.js';
import { wasmBytes } from '../../src/kernels/wasm/load.js';
import { ALWAYS } from '../../src/kernels/wasm/shortest.js';
import { wasmKernels } from '../../src/kernels/wasm/wasm-kernels.js';
import { WIDTHS } from './arbitrary.js';
import { aVector } from './seeded.js';

const IMPLEMENTATIONS: readonly (readonly [string, Kernels])[] = [
  ['reference', reference],
  ['wasm', wasmKernels(wasmBytes()!, ALWAYS)],
];

type Numbers = readonly bigint[];

/** What the contract says, on numbers. */
function expected(
  { x, y, masks, plus, crossed }: Pick<ProductTerms<Numbers>, 'x' | 'y' | 'masks' | 'plus' | 'crossed'>,
  times: (a: bigint, b: bigint) => bigint,
  add: (a: bigint, b: bigint) => bigint,
  subtract: (a: bigint, b: bigint) => bigint,
): bigint[][] {
  const each = (of: (i: number) => bigint): bigint[] => x[0].map((_, i) => of(i));
  const terms = [
    each((i) => times(add(x[0][i]!, x[1][i]!), add(y[0][i]!, y[1][i]!))),
    each((i) => add(times(x[2][i]!, y[0][i]!), times(x[0][i]!, y[2][i]!))),
    each((i) => add(times(x[2][i]!, y[1][i]!), times(x[1][i]!, y[2][i]!))),
  ].map((term, k) => term.map((value, i) => subtract(value, masks[k]![i]!)));
  const to = crossed ? { masks: [0, 2, 1], rests: [1, 0, 2] } : { masks: [0, 0, 2], rests: [1, 2, 1] };
  const sums = [0, 1, 2].map((part) =>
    each((i) =>
      [
        ...[0, 1, 2].filter((k) => to.masks[k] === part).map((k) => masks[k]![i]!),
        ...[0, 1, 2].filter((k) => to.rests[k] === part).map((k) => terms[k]![i]!),
        ...plus[part]!.map((own) => own[i]!),
      ].reduce(add),
    ),
  );
  return [...terms, ...sums];
}

describe.each(IMPLEMENTATIONS)('%s', (_, kernels) => {
  for (const crossed of [false, true]) {
    describe.each(WIDTHS)(`products of width %i, crossed ${crossed}`, (width) => {
      const wrap = (value: bigint): bigint => BigInt.asUintN(width, value);

      it.each([0, 1, 3, 64, 2048, 2051, 5000])('%i elements', (n) => {
        const vectors = Array.from({ length: 12 }, (__, k) => aVector(width, n, 31 * k + n));
        const at = (k: number): Three<RingVector> => [vectors[k]!, vectors[k + 1]!, vectors[k + 2]!];
        const out = (): Three<RingVector> => [
          RingVector.zeros(width, n),
          RingVector.zeros(width, n),
          RingVector.zeros(width, n),
        ];
        const plus: Three<readonly RingVector[]> = [[vectors[9]!], [], [vectors[10]!, vectors[11]!]];
        const terms = { x: at(0), y: at(3), masks: at(6), plus, crossed, messages: out(), sums: out() };
        kernels.multiplyTermsInto(terms);
        const numbers = (list: readonly RingVector[]): Three<Numbers> =>
          list.map((vector) => vector.toBigInts()) as unknown as Three<Numbers>;
        const values = {
          x: numbers(terms.x),
          y: numbers(terms.y),
          masks: numbers(terms.masks),
          plus: plus.map((own) => own.map((vector) => vector.toBigInts())) as unknown as Three<Numbers[]>,
          crossed,
        };
        expect([...terms.messages, ...terms.sums].map((vector) => vector.toBigInts())).toEqual(
          expected(
            values,
            (a, b) => a * b,
            (a, b) => wrap(a + b),
            (a, b) => wrap(a - b),
          ),
        );
      });
    });

    describe.each(WIDTHS)(`XORs of bits as elements of width %i, crossed ${crossed}`, (width) => {
      const wrap = (value: bigint): bigint => BigInt.asUintN(width, value);

      it.each([
        [0, [1, 0, 1]],
        [1, [0, 0, 0]],
        [3, [0, 1, 1]],
        [2051, [1, 0, 0]],
        [5000, [1, 1, 1]],
      ] as const)('%i elements, ones %o', (n, ones) => {
        const vectors = Array.from({ length: 8 }, (__, k) => aVector(width, n, 17 * k + n));
        const [x0, x1, x2, k0, k1, ...others] = vectors as [
          RingVector,
          RingVector,
          RingVector,
          RingVector,
          RingVector,
          ...RingVector[],
        ];
        const out = (): RingVector => RingVector.zeros(width, n);
        const messages = [out(), out()] as const;
        const sums = [out(), out(), out()] as const;
        const plus = [[], [others[0]!, others[1]!], [others[2]!]] as const;
        const x = [x0, x1, x2] as const;
        const masks = [k0, k1] as const;
        kernels.xorTermsInto({ x, ones, masks, messages, sums, plus, crossed });
        const at = (own: RingVector, i: number): bigint => own.toBigInts()[i]!;
        for (const i of [0, 1, n >> 1, n - 1].filter((place) => place >= 0 && place < n)) {
          const [a, b, lone] = x.map((own) => at(own, i)) as [bigint, bigint, bigint];
          const [oneA, oneB, oneLone] = ones.map(BigInt) as [bigint, bigint, bigint];
          // Entry 1 of a unit vector whose entry 0 is `one` less it, by the XOR of the places.
          const xor = (p: bigint, oneP: bigint): bigint => p * (oneLone - lone) + (oneP - p) * lone;
          const [mask0, mask1] = masks.map((own) => at(own, i)) as [bigint, bigint];
          const [m0, m1] = [xor(a, oneA) - mask0, xor(b, oneB) - mask1];
          expect(messages.map((own) => at(own, i))).toEqual([wrap(m0), wrap(m1)]);
          const ofPlus = plus.map((own) => own.reduce((sum, each) => sum + at(each, i), 0n));
          const placed = crossed ? [m0, mask1, mask0 + m1] : [mask0, m1, m0 + mask1];
          expect(sums.map((own) => at(own, i))).toEqual(placed.map((value, k) => wrap(value + ofPlus[k]!)));
        }
      });
    });

    it.each([0, 1, 3, 300, 5000])(`ANDs of %i words, crossed ${crossed}`, (n) => {
      const vectors = Array.from(
        { length: 12 },
        (__, k) => aVector(64, n, 7 * k + n).data.slice() as BigUint64Array,
      );
      const at = (k: number): Three<BigUint64Array> => [vectors[k]!, vectors[k + 1]!, vectors[k + 2]!];
      const out = (): Three<BigUint64Array> => [
        new BigUint64Array(n),
        new BigUint64Array(n),
        new BigUint64Array(n),
      ];
      const plus: Three<readonly BigUint64Array[]> = [[], [vectors[9]!, vectors[10]!], [vectors[11]!]];
      const terms = { x: at(0), y: at(3), masks: at(6), plus, crossed, messages: out(), sums: out() };
      kernels.andTermsInto(terms);
      const numbers = (list: readonly BigUint64Array[]): Three<Numbers> =>
        list.map((words) => [...words]) as unknown as Three<Numbers>;
      const values = {
        x: numbers(terms.x),
        y: numbers(terms.y),
        masks: numbers(terms.masks),
        plus: plus.map((own) => own.map((words) => [...words])) as unknown as Three<Numbers[]>,
        crossed,
      };
      const xor = (a: bigint, b: bigint): bigint => a ^ b;
      expect([...terms.messages, ...terms.sums].map((words) => [...words])).toEqual(
        expected(values, (a, b) => a & b, xor, xor),
      );
    });
  }

  it.each(WIDTHS)('adds inner products of the terms, of width %i', (width) => {
    for (const [n, count] of [
      [0, 1],
      [1, 2],
      [700, 3],
      [5000, 2],
      [90, 12],
    ] as const) {
      const family = (rows: number, seed: number): Three<RingVector>[] =>
        Array.from({ length: rows }, (__, k) => {
          const part = (p: number): RingVector => aVector(width, n, seed + 3 * k + p);
          return [part(0), part(1), part(2)];
        });
      const [xs, ys] = [family(count, 1), family(2, 1000)];
      const shared = [...ys, xs[0]!];
      const before = (k: number): RingVector => aVector(width, count * shared.length, 77 + k);
      const sums = [before(0), before(1), before(2)] as const;
      const [start, end] = [Math.floor(n / 7), n];
      kernels.addInnerTerms(sums, xs, shared, start, end);
      const expectedOf = (k: number): bigint[] => {
        const first = before(k).toBigInts();
        return xs.flatMap((x, r) =>
          shared.map((y, c) => {
            const [x0, x1, x2] = x.map((own) => own.toBigInts()) as [bigint[], bigint[], bigint[]];
            const [y0, y1, y2] = y.map((own) => own.toBigInts()) as [bigint[], bigint[], bigint[]];
            let sum = first[r * shared.length + c]!;
            for (let i = start; i < end; i++) {
              if (k === 0) sum += (x0[i]! + x1[i]!) * (y0[i]! + y1[i]!);
              else if (k === 1) sum += x2[i]! * y0[i]! + x0[i]! * y2[i]!;
              else sum += x2[i]! * y1[i]! + x1[i]! * y2[i]!;
            }
            return BigInt.asUintN(width, sum);
          }),
        );
      };
      expect(sums.map((own) => own.toBigInts())).toEqual([0, 1, 2].map(expectedOf));
    }
    const of = (length = 4): RingVector => RingVector.zeros(width, length);
    const triple = (): Three<RingVector> => [of(), of(), of()];
    const cell = (): Three<RingVector> => [of(1), of(1), of(1)];
    expect(() => kernels.addInnerTerms(cell(), [triple()], [triple()], 0, 4)).not.toThrow();
    expect(() => kernels.addInnerTerms(cell(), [triple()], [triple()], 0, 5)).toThrow(RangeError);
    expect(() => kernels.addInnerTerms(triple(), [triple()], [triple()], 0, 4)).toThrow(RangeError);
    const own = of(1);
    expect(() => kernels.addInnerTerms([own, own, of(1)], [triple()], [triple()], 0, 4)).toThrow(RangeError);
    const odd: Three<RingVector> = [of(), of(), RingVector.zeros(width === 32 ? 64 : 32, 4)];
    expect(() => kernels.addInnerTerms(cell(), [odd], [triple()], 0, 4)).toThrow(TypeError);
  });

  it('refuses other widths and lengths, and results that overlap', () => {
    const of = (n = 4): RingVector => RingVector.zeros(64, n);
    const three = (): Three<RingVector> => [of(), of(), of()];
    const good = {
      x: three(),
      y: three(),
      masks: three(),
      plus: [[], [], []] as const,
      crossed: false,
      messages: three(),
      sums: three(),
    };
    expect(() => kernels.multiplyTermsInto(good)).not.toThrow();
    for (const name of ['x', 'y', 'masks', 'messages', 'sums'] as const) {
      const [first, second] = good[name];
      expect(() => kernels.multiplyTermsInto({ ...good, [name]: [first, second, of(5)] })).toThrow(
        RangeError,
      );
      const narrow = RingVector.zeros(32, 4);
      expect(() => kernels.multiplyTermsInto({ ...good, [name]: [first, second, narrow] })).toThrow(
        TypeError,
      );
    }
    expect(() => kernels.multiplyTermsInto({ ...good, messages: good.x })).toThrow(RangeError);
    expect(() => kernels.multiplyTermsInto({ ...good, messages: good.sums })).toThrow(RangeError);
  });

  it('refuses the same of XORs', () => {
    const of = (n = 4): RingVector => RingVector.zeros(64, n);
    const good = {
      x: [of(), of(), of()],
      ones: [1, 0, 1],
      masks: [of(), of()],
      messages: [of(), of()],
      sums: [of(), of(), of()],
      plus: [[], [], []],
      crossed: true,
    } as const;
    expect(() => kernels.xorTermsInto(good)).not.toThrow();
    expect(() => kernels.xorTermsInto({ ...good, masks: [of(), of(5)] })).toThrow(RangeError);
    expect(() => kernels.xorTermsInto({ ...good, masks: [of(), RingVector.zeros(32, 4)] })).toThrow(
      TypeError,
    );
    expect(() => kernels.xorTermsInto({ ...good, messages: [of(), good.masks[0]] })).toThrow(RangeError);
  });

  it.each(WIDTHS)('adds into a vector of width %i, and XORs into words', (width) => {
    for (const n of [0, 1, 700, 5000]) {
      const [x, y] = [aVector(width, n, 1), aVector(width, n, 2)];
      const sum = new RingVector(width, x.data.slice());
      kernels.addInto(sum, y);
      expect(sum.data).toEqual(reference.add(x, y).data);
      kernels.subtractInto(sum, y);
      expect(sum.data).toEqual(x.data);
      const [a, b] = [aVector(64, n, 3), aVector(64, n, 4)].map(({ data }) => data.slice() as BigUint64Array);
      const both = a!.slice();
      kernels.xorInto(both, b!);
      expect(both).toEqual(a!.map((word, i) => word ^ b![i]!));
    }
    expect(() => kernels.addInto(RingVector.zeros(width, 4), RingVector.zeros(width, 5))).toThrow(RangeError);
    expect(() => kernels.subtractInto(RingVector.zeros(width, 4), RingVector.zeros(width, 5))).toThrow(
      RangeError,
    );
    expect(() => kernels.xorInto(new BigUint64Array(4), new BigUint64Array(5))).toThrow(RangeError);
  });
});
