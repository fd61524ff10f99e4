/** WebAssembly equals the reference: every kernel, every width, edge values, odd places and lengths around a block. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BitMatrix } from '../../src/kernels/bit-matrix.js';
import type { Kernels, ReplicatedPair } from '../../src/kernels/kernels.js';
import { reference } from '../../src/kernels/reference/reference.js';
import { RingVector } from '../../src/kernels/ring-vector.js';
import { wasmBytes } from '../../src/kernels/wasm/load.js';
import { ALWAYS } from '../../src/kernels/wasm/shortest.js';
import { wasmKernels } from '../../src/kernels/wasm/wasm-kernels.js';
import { tailsAreClear, WIDTHS } from './arbitrary.js';
import { aBitMatrix, aVector, BLOCK_LENGTHS } from './seeded.js';

const compiled = wasmBytes()!;
const wasm = wasmKernels(compiled, ALWAYS);

const seed = fc.nat(0xffffffff);
const RUNS = { seed: 1918, numRuns: 2 };

/** The same call on both; the same bytes. */
function sameVector(call: (kernels: Kernels) => RingVector): void {
  const [got, expected] = [call(wasm), call(reference)];
  expect([got.width, got.length]).toEqual([expected.width, expected.length]);
  expect(Buffer.compare(got.bytes(), expected.bytes())).toBe(0);
}

function sameBits(call: (kernels: Kernels) => BitMatrix): void {
  const [got, expected] = [call(wasm), call(reference)];
  expect([got.rows, got.length]).toEqual([expected.rows, expected.length]);
  expect(Buffer.compare(got.bytes(), expected.bytes())).toBe(0);
  expect(tailsAreClear(got)).toBe(true);
}

/** A check on vectors made from a seed. */
const forSeeds = (check: (s: number) => void) => fc.property(seed, check);

describe.each(BLOCK_LENGTHS)('sorting by digits, %i rows', (n) => {
  it.each([1, 2, 3, 4])('of %i bits: units, their moves, places', (rows) => {
    fc.assert(
      forSeeds((s) => {
        const size = n * (2 ** rows - 1);
        const [units, others, masks] = [1, 2, 3].map((k) => aVector(32, size, s + k)) as [
          RingVector,
          RingVector,
          RingVector,
        ];
        const digit = aBitMatrix(rows, n, s);
        sameVector((kernels) => kernels.unitEntries(digit, masks));
        for (const one of [0, 1] as const) {
          sameVector((kernels) => kernels.moveUnits(units, digit, one, masks));
          sameVector((kernels) => kernels.placeTotals(units, 2 ** rows, one));
          const start = 4 * Math.floor(n / 12);
          for (const squares of [undefined, true, false]) {
            sameVector((kernels) => {
              const counts = new RingVector(32, aVector(32, 2 ** (rows + 1), s + 4).data.slice());
              const out = new RingVector(32, aVector(32, n, s + 5).data.slice());
              kernels.addPlaces([units, others], [one, 0], counts, out.slice(start, n), start, squares);
              return out;
            });
          }
        }
      }),
      RUNS,
    );
  });
});

describe.each(WIDTHS)('width %i', (width) => {
  describe.each(BLOCK_LENGTHS)('%i elements', (n) => {
    const make = (s: number, k: number) => aVector(width, n, s + k);

    it('arithmetic and sums', () => {
      fc.assert(
        forSeeds((s) => {
          const [x, y] = [make(s, 1), make(s, 2)];
          for (const name of ['add', 'subtract', 'multiply'] as const) {
            sameVector((kernels) => kernels[name](x, y));
            sameVector((kernels) => kernels[name](x, x));
          }
          for (const c of [0n, -1n, 3n, (1n << 127n) + (1n << 63n) + 5n]) {
            sameVector((kernels) => kernels.addConstant(x, c));
            sameVector((kernels) => kernels.scale(x, c));
          }
          sameVector((kernels) => kernels.xorElements(x, y));
          sameVector((kernels) => kernels.negate(x));
          sameVector((kernels) => kernels.sum(x));
          sameVector((kernels) => kernels.sumRange(x, Math.floor(n / 3), n - Math.floor(n / 5)));
          sameVector((kernels) => kernels.prefixSum(x));
        }),
        RUNS,
      );
    });

    it('multiplyReplicatedInto, its operands all different or all one', () => {
      fc.assert(
        forSeeds((s) => {
          const operands = [1, 2, 3, 4, 5, 6].map((k) => make(s, k));
          for (const [x0, x1, y0, y1, plus, minus] of [operands, operands.map(() => operands[0])]) {
            sameVector((kernels) => {
              const out = RingVector.zeros(width, n + 3).slice(1, n + 1);
              kernels.multiplyReplicatedInto(x0!, x1!, y0!, y1!, plus!, minus!, out);
              return new RingVector(width, out.data.slice());
            });
          }
          const [a, b, c, d, mask] = operands;
          for (const [plus, minus] of [[mask], [undefined, mask], []]) {
            sameVector((kernels) => {
              const out = RingVector.zeros(width, n);
              kernels.multiplyReplicatedInto(a!, b!, c!, d!, plus, minus, out);
              return out;
            });
          }
        }),
        RUNS,
      );
    });

    // The reference multiplies one by one.
    it.each(n > 2100 ? [2] : [2, 4, 8])('convolveUnits of %i values', (values) => {
      fc.assert(
        forSeeds((s) => {
          const [x, y, masks] = [1, 2, 3].map((k) => aVector(width, n * (values - 1), s + k));
          for (const ones of [
            [0, 0],
            [1, 0],
            [1, 1],
          ] as const) {
            sameVector((kernels) => kernels.convolveUnits(x!, y!, values, ones, masks));
            sameVector((kernels) => kernels.convolveUnits(x!, y!, values, ones, undefined));
          }
        }),
        { ...RUNS, numRuns: 1 },
      );
    });

    it('addInnerProducts', () => {
      fc.assert(
        forSeeds((s) => {
          const [p, q, r] = [0, 2, 4].map((k): ReplicatedPair => [make(s, k), make(s, k + 1)]);
          for (const [xs, ys] of [
            [[p!], [p!]],
            [[p!], [q!]],
            [
              [p!, q!],
              [r!, p!, p!],
            ],
          ] as const) {
            sameVector((kernels) => {
              const sums = RingVector.concat([aVector(width, xs.length * ys.length, s)]);
              kernels.addInnerProducts(sums, xs, ys, Math.floor(n / 7), n);
              return sums;
            });
          }
        }),
        RUNS,
      );
    });

    it('toBits and fromBits', () => {
      fc.assert(
        forSeeds((s) => {
          const x = make(s, 1);
          for (const k of [0, 1, 7, 8, 31, 32, 33, 64, 100, 128].filter((rows) => rows <= width)) {
            sameBits((kernels) => kernels.toBits(x, k));
            const b = aBitMatrix(k, n, s);
            sameVector((kernels) => kernels.fromBits(b, width));
          }
        }),
        RUNS,
      );
    });

    it('shiftRight, down and up, into every width', () => {
      fc.assert(
        forSeeds((s) => {
          const x = make(s, 1);
          for (const shift of [0, 1, 31, 32, 33, 63, 64, 127].filter((bits) => bits < width)) {
            for (const to of WIDTHS) {
              sameVector((kernels) => kernels.shiftRight(x, shift, to, false));
              sameVector((kernels) => kernels.shiftRight(x, shift, to, true));
            }
          }
        }),
        RUNS,
      );
    });

    it('the loops of rescaling, within 64 bits and from ring to ring', () => {
      fc.assert(
        forSeeds((s) => {
          const [x, y, mask] = [make(s, 1), make(s, 2), make(s, 3)];
          const [c, d] = [aVector(32, n, s + 4), aVector(32, n, s + 5)];
          for (const shift of [1, 20, 31, 32, 63].filter((bits) => bits < width)) {
            const split = {
              x,
              y,
              offset: 1n << 62n,
              shift,
              at: 64 - shift,
              corrections: [c, d] as const,
              mask,
              half: d,
            };
            sameVector((kernels) => kernels.splitOperand(split).quotient);
            sameVector((kernels) => kernels.splitOperand(split).top);
            const to = { width, shift, at: 64 - shift, first: c, second: d };
            sameVector((kernels) => kernels.roundUpCorrected(x, to));
          }
          for (const plus of [0n, -1n]) sameVector((kernels) => kernels.maskedCorrection(c, x, plus, d));
        }),
        RUNS,
      );
    });

    it('exchangeEntries of tables of 2 to 256', () => {
      fc.assert(
        forSeeds((s) => {
          for (const rows of n > 4000 ? [1, 3] : [1, 2, 3, 8]) {
            const entries = aVector(width, n * 2 ** rows, s);
            sameVector((kernels) => kernels.exchangeEntries(entries, aBitMatrix(rows, n, s + 1)));
          }
        }),
        RUNS,
      );
    });

    it('expandBit, reduce, extend', () => {
      fc.assert(
        forSeeds((s) => {
          sameVector((kernels) => kernels.expandBit(aBitMatrix(1, n, s), width));
          sameVector((kernels) => kernels.expandBit(aBitMatrix(1, n, s), width, make(s, 2)));
          for (const other of WIDTHS) {
            const from = make(s, 1);
            if (other <= width) sameVector((kernels) => kernels.reduce(from, other));
            if (other >= width) sameVector((kernels) => kernels.extend(from, other));
          }
        }),
        RUNS,
      );
    });
  });

  it.each([
    [1, 5000, 1],
    [4, 3, 2],
    [5, 600, 3],
    [64, 33, 64],
    [67, 1030, 5],
    [3, 40, 130],
    [66, 1, 65],
    [1, 1, 1],
    [0, 5, 3],
    [3, 0, 3],
    [3, 5, 0],
  ])('matrix products %i x %i x %i', (rows, inner, columns) => {
    fc.assert(
      forSeeds((s) => {
        const [x0, x1] = [1, 2].map((k) => aVector(width, rows * inner, s + k));
        const [y0, y1] = [3, 4].map((k) => aVector(width, columns * inner, s + k));
        const mask = aVector(width, rows * columns, s);
        sameVector((kernels) => kernels.matrixMultiply(x0!, y0!, rows, inner, columns));
        sameVector((kernels) =>
          kernels.matrixMultiplyReplicated(x0!, x1!, y0!, y1!, mask, rows, inner, columns),
        );
      }),
      RUNS,
    );
  });

  it('addInnerProducts of more pairs than the scratch memory holds', () => {
    fc.assert(
      forSeeds((s) => {
        const xs = Array.from(
          { length: 40 },
          (_, k): ReplicatedPair => [aVector(width, 90, s + k), aVector(width, 90, s - k)],
        );
        sameVector((kernels) => {
          const sums = RingVector.zeros(width, xs.length * 3);
          kernels.addInnerProducts(sums, xs, [xs[0]!, xs[39]!, [xs[1]![0], xs[2]![0]]], 0, 90);
          return sums;
        });
      }),
      RUNS,
    );
  });

  it('leaves its operands as they were and shares no memory with them', () => {
    const x = aVector(width, 5000, 1);
    const before = x.data.slice();
    const b = aBitMatrix(1, 5000, 2);
    const made = [
      wasm.add(x, x),
      wasm.scale(x, 1n),
      wasm.prefixSum(x),
      wasm.reduce(x, width),
      wasm.extend(x, width),
      wasm.fromBits(wasm.toBits(x, width), width),
      wasm.matrixMultiply(x, x, 50, 100, 50),
    ];
    expect(made.map((out) => out.data.buffer)).not.toContain(x.data.buffer);
    expect(wasm.not(b).words.buffer).not.toBe(b.words.buffer);
    expect(x.data).toEqual(before);
  });
});

describe.each([0, 1, 3, 70])('%i rows', (rows) => {
  it.each(BLOCK_LENGTHS)('of %i bits', (n) => {
    fc.assert(
      forSeeds((s) => {
        const [a, b] = [aBitMatrix(rows, n, s), aBitMatrix(rows, n, s + 1)];
        sameBits((kernels) => kernels.xor(a, b));
        sameBits((kernels) => kernels.and(a, b));
        sameBits((kernels) => kernels.and(a, a));
        sameBits((kernels) => kernels.not(a));
        const flips = Array.from({ length: rows }, (_, r): 0 | 1 => (r % 3 === 0 ? 1 : 0));
        sameBits((kernels) => kernels.xorConstantRows(a, flips));
        const operands = [2, 3, 4, 5, 6, 7].map((k) => aBitMatrix(rows, n, s + k).words);
        const [a0, a1, b0, b1, plus, minus] = operands;
        for (const extra of [undefined, a.words]) {
          sameBits((kernels) => {
            const out = new BigUint64Array(a.words.length + 2).subarray(1, a.words.length + 1);
            kernels.andReplicatedInto(a0!, a1!, b0!, b1!, extra, plus!, minus!, out);
            return new BitMatrix(rows, n, out.slice());
          });
        }
      }),
      RUNS,
    );
  });
});

describe.each([1, 2, 3])('a span of %i bits', (bits) => {
  it.each([0, 1, 15, 4095, 4097, 8193])('of %i words', (n) => {
    fc.assert(
      forSeeds((s) => {
        const count = 2 ** bits - 1;
        const rows = Array.from({ length: bits }, (_, j) => aBitMatrix(1, 64 * n, s + j).words);
        const products = aBitMatrix(1, 64 * n * count, s + 9).words;
        const results = ({ subsetProductsInto, spanCarryInto }: Kernels): Buffer => {
          const out = Array.from({ length: 5 }, () => new BigUint64Array(n + 2).subarray(1, n + 1));
          const all = new BigUint64Array(n * count);
          subsetProductsInto(rows, products, all);
          spanCarryInto(products, rows, 0, out[0]!, out[1]);
          spanCarryInto(products, rows, 1, out[2]!, out[3]);
          spanCarryInto(products, rows, 1, out[4]!, undefined);
          return Buffer.concat([all, ...out].map((words) => Buffer.from(words.buffer)));
        };
        expect(Buffer.compare(results(wasm), results(reference))).toBe(0);
      }),
      RUNS,
    );
  });
});

describe('checks', () => {
  const x = RingVector.zeros(64, 8);
  const longer = RingVector.zeros(64, 9);
  const other = RingVector.zeros(32, 8);

  it('refuses vectors that do not fit', () => {
    for (const [odd, error] of [
      [longer, RangeError],
      [other, TypeError],
    ] as const) {
      expect(() => wasm.add(x, odd)).toThrow(error);
      expect(() => wasm.multiplyReplicatedInto(x, x, x, x, x, odd, RingVector.zeros(64, 8))).toThrow(error);
      expect(() => wasm.addInnerProducts(RingVector.zeros(64, 1), [[x, x]], [[x, odd]], 0, 8)).toThrow(error);
      expect(() => wasm.matrixMultiply(x, odd, 2, 4, 2)).toThrow(error);
      expect(() => wasm.matrixMultiplyReplicated(x, x, x, odd, x.slice(0, 4), 2, 4, 2)).toThrow(error);
    }
    expect(() => wasm.multiplyReplicatedInto(x, x, x, x, x, x, x)).toThrow(RangeError);
    expect(() => wasm.sumRange(x, 3, 9)).toThrow(RangeError);
    expect(() => wasm.addInnerProducts(RingVector.zeros(64, 1), [[x, x]], [[longer, longer]], 0, 8)).toThrow(
      RangeError,
    );
  });

  it('refuses bits and widths that do not fit', () => {
    const [b, c] = [BitMatrix.zeros(2, 64), BitMatrix.zeros(2, 63)];
    expect(() => wasm.xor(b, c)).toThrow(RangeError);
    expect(() => wasm.and(b, c)).toThrow(RangeError);
    expect(() => wasm.xorConstantRows(b, [1])).toThrow(RangeError);
    const words = new BigUint64Array(2);
    const call = (extra: BigUint64Array, out: BigUint64Array) =>
      wasm.andReplicatedInto(words, words, words, words, extra, words, words, out);
    expect(() => call(new BigUint64Array(3), new BigUint64Array(2))).toThrow(RangeError);
    expect(() => call(words, words)).toThrow(RangeError);
    expect(() => wasm.toBits(x, 65)).toThrow(RangeError);
    expect(() => wasm.fromBits(BitMatrix.zeros(33, 3), 32)).toThrow(RangeError);
    expect(() => wasm.expandBit(b, 32)).toThrow(RangeError);
    expect(() => wasm.reduce(other, 64)).toThrow(RangeError);
    expect(() => wasm.extend(x, 32)).toThrow(RangeError);
    expect(() => wasm.matrixMultiply(x, x, 1.5, 4, 2)).toThrow(RangeError);
  });
});

it('takes the reference for short vectors by itself, with the same results', () => {
  const chosen = wasmKernels(compiled);
  for (const width of WIDTHS) {
    for (const n of [0, 8, 63, 64, 511, 512, 1023, 1024]) {
      const [x, y] = [aVector(width, n, 1), aVector(width, n, 2)];
      expect(chosen.multiply(x, y)).toEqual(reference.multiply(x, y));
      expect(chosen.toBits(x, 32)).toEqual(reference.toBits(x, 32));
    }
  }
});

it('is the build that was pinned', () => {
  const [pinned] = readFileSync(
    `${import.meta.dirname}/../../src/kernels/wasm/kernels.wasm.sha256`,
    'utf8',
  ).split(' ');
  const digest = createHash('sha256').update(compiled).digest('hex');
  expect(digest, 'after a wanted change of the kernels: npm run pin:kernels').toBe(pinned);
});

it('keeps its memory: 2,000 operations on long vectors leave nothing behind', () => {
  const n = 1 << 16;
  const [x, y] = [aVector(64, n, 1), aVector(64, n, 2)];
  const mebibytes = () => {
    globalThis.gc?.();
    return process.memoryUsage().arrayBuffers / 2 ** 20;
  };
  const work = (rounds: number) => {
    let last = x;
    for (let k = 0; k < rounds; k++) last = wasm.add(last, y);
    return last;
  };
  work(50);
  const before = mebibytes();
  const expected = aVector(64, n, 1).get(5) + 2000n * y.get(5);
  expect(work(2000).get(5)).toBe(BigInt.asUintN(64, expected));
  // 1 GiB was made; what V8 has not yet collected is bounded by its own limit of a few dozen MiB
  expect(mebibytes() - before).toBeLessThan(256);
});
