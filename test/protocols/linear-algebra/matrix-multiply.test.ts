import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diagonal, transpose } from '../../../src/protocols/linear-algebra/layout.js';
import { gram, matrixMultiply } from '../../../src/protocols/linear-algebra/matrix-multiply.js';
import type { ArithmeticShare } from '../../../src/share/shares.js';
import { type Dealer, type Program, revealRing, runDry, runPlain, runRep3 } from '../../support/world.js';

const LIMIT = 1n << 20n;
const BOUNDS = { min: -LIMIT, max: LIMIT };

function dealt(deal: Dealer, name: string, values: readonly bigint[]): ArithmeticShare<64> {
  return deal.ring(name, 64, values.length, BOUNDS, () => values);
}

async function onNodes(program: Program<ArithmeticShare<64>>): Promise<bigint[]> {
  const { results, cost } = await runRep3(program);
  expect(await runDry(program)).toEqual(cost);
  expect(cost.rounds).toBe(1);
  expect(cost.bytes).toEqual([8, 8, 8].map((size) => size * results[0].length));
  return revealRing(results);
}

function numbers(length: number): fc.Arbitrary<bigint[]> {
  return fc.array(fc.bigInt(-LIMIT, LIMIT), { minLength: length, maxLength: length });
}

const matrices = fc.record({ rows: fc.nat(6), inner: fc.nat(6), columns: fc.nat(6) }).chain((shape) =>
  fc.record({
    shape: fc.constant(shape),
    x: numbers(shape.rows * shape.inner),
    yT: numbers(shape.columns * shape.inner),
  }),
);

describe('matrix products', () => {
  it('are sums of products, in any shape, without any row, column or product too', async () => {
    await fc.assert(
      fc.asyncProperty(matrices, async ({ shape, x, yT }) => {
        const { rows, inner, columns } = shape;
        const found = await onNodes((ctx, deal) =>
          matrixMultiply(ctx, dealt(deal, 'x', x), dealt(deal, 'y', yT), shape),
        );
        const expected = Array.from({ length: rows * columns }, (_, at) => {
          const [row, column] = [Math.floor(at / columns), at % columns];
          return Array.from(
            { length: inner },
            (_product, i) => (x[row * inner + i] ?? 0n) * (yT[column * inner + i] ?? 0n),
          ).reduce((total, value) => total + value, 0n);
        });
        expect(found).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  it('are the same in pieces', async () => {
    const [rows, inner, columns] = [300, 200, 100];
    const x = Array.from({ length: rows * inner }, (_, i) => BigInt((i * 7919) % 2001) - 1000n);
    const yT = Array.from({ length: columns * inner }, (_, i) => BigInt((i * 104_729) % 2001) - 1000n);
    const found = await onNodes((ctx, deal) =>
      matrixMultiply(ctx, dealt(deal, 'x', x), dealt(deal, 'y', yT), { rows, inner, columns }),
    );
    for (const [row, column] of [
      [0, 0],
      [299, 99],
      [208, 50],
      [209, 51],
      [210, 0],
    ] as const) {
      let expected = 0n;
      for (let i = 0; i < inner; i++) {
        expected += (x[row * inner + i] as bigint) * (yT[column * inner + i] as bigint);
      }
      expect(found[row * columns + column]).toBe(expected);
    }
  });

  it('of columns with each other add up over pieces of rows', async () => {
    const [rows, columns] = [60_000, 10];
    const x = Array.from({ length: rows * columns }, (_, i) => BigInt((i * 7919) % 2001) - 1000n);
    const found = await onNodes((ctx, deal) => gram(ctx, dealt(deal, 'x', x), rows, columns));
    const expected = Array.from({ length: columns * columns }, () => 0n);
    for (let row = 0; row < rows; row++) {
      for (let a = 0; a < columns; a++) {
        for (let b = 0; b < columns; b++) {
          const at = a * columns + b;
          expected[at] =
            (expected[at] as bigint) + (x[row * columns + a] as bigint) * (x[row * columns + b] as bigint);
        }
      }
    }
    expect(found).toEqual(expected);
  });

  it('refuse other sizes, and sums that could leave the ring, before anything is sent', async () => {
    const x: Program<unknown> = (ctx, deal) =>
      matrixMultiply(ctx, dealt(deal, 'x', [1n, 2n, 3n]), dealt(deal, 'y', [1n]), {
        rows: 2,
        inner: 1,
        columns: 1,
      });
    await expect(runPlain(x)).rejects.toThrow(RangeError);
    await expect(runDry(x)).rejects.toThrow(RangeError);
    const wide: Program<unknown> = (ctx, deal) =>
      gram(
        ctx,
        deal.ring('x', 64, 4, { min: -(1n << 31n), max: 1n << 31n }, () => []),
        4,
        1,
      );
    await expect(runDry(wide)).rejects.toMatchObject({ code: 'BOUND_NOT_PROVED' });
  });
});

describe('layouts', () => {
  it('turn a transpose back, and find the diagonal', async () => {
    const x = Array.from({ length: 12 }, (_, i) => BigInt(i));
    const turned = await runPlain(async (_ctx, deal) => transpose(dealt(deal, 'x', x), 3, 4));
    expect(revealRing([turned]).slice(0, 4)).toEqual([0n, 4n, 8n, 1n]);
    expect(revealRing([transpose(turned, 4, 3)])).toEqual(x);
    const own = await runPlain(async (_ctx, deal) => diagonal(dealt(deal, 'x', x.slice(0, 9)), 3));
    expect(revealRing([own])).toEqual([0n, 4n, 8n]);
    expect(() => transpose(turned, 5, 3)).toThrow(RangeError);
  });
});
