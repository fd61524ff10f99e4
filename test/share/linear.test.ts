import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { kernels } from '../../src/kernels/kernels.js';
import { RingVector } from '../../src/kernels/ring-vector.js';
import type { Context } from '../../src/protocols/context.js';
import { innerProducts, multiply } from '../../src/protocols/multiply.js';
import type { Bounds } from '../../src/share/bounds.js';
import {
  add,
  addConstant,
  concatenate,
  multiplyPublic,
  reduceTo,
  scale,
  slice,
  subtract,
  sum,
} from '../../src/share/linear.js';
import { ArithmeticShare } from '../../src/share/shares.js';
import { MemoryNetwork } from '../../src/transport/memory-network.js';
import { revealRing, runRep3 } from '../support/world.js';

/** A share of a single holder: what it stands for can be read off. */
function held(values: readonly bigint[], bounds: Bounds): ArithmeticShare<64> {
  const parts = [RingVector.fromBigInts(64, values)];
  return new ArithmeticShare({ width: 64, length: values.length, bounds, held: [0], parts, clock: 0 });
}

/** What it stands for; also checks the derived bounds. */
function read(x: ArithmeticShare<64> | ArithmeticShare<32>): bigint[] {
  const values = revealRing([x as ArithmeticShare<64>]);
  for (const value of values) expect(value >= x.bounds.min && value <= x.bounds.max).toBe(true);
  return values;
}

const vector = fc
  .tuple(fc.bigInt(-(1n << 40n), 1n << 40n), fc.bigInt(0n, 1n << 40n), fc.array(fc.nat(), { maxLength: 9 }))
  .map(([min, size, offsets]) => {
    const values = offsets.map((offset) => min + ((BigInt(offset) * 2654435761n) % (size + 1n)));
    return { values, bounds: { min, max: min + size } };
  });

type Product = (ctx: Context, a: ArithmeticShare<64>, b: ArithmeticShare<64>) => Promise<unknown>;

describe('local operations', () => {
  it('agree with integers, within the bounds that they derive', () => {
    fc.assert(
      fc.property(vector, vector, fc.bigInt(-1000n, 1000n), (one, two, c) => {
        const n = Math.min(one.values.length, two.values.length);
        const [xs, ys] = [one.values.slice(0, n), two.values.slice(0, n)];
        const [x, y] = [held(xs, one.bounds), held(ys, two.bounds)];
        expect(read(add(x, y))).toEqual(xs.map((v, i) => v + (ys[i] ?? 0n)));
        expect(read(subtract(x, y))).toEqual(xs.map((v, i) => v - (ys[i] ?? 0n)));
        expect(read(scale(x, c))).toEqual(xs.map((v) => v * c));
        expect(read(addConstant(x, c))).toEqual(xs.map((v) => v + c));
        expect(read(sum(x))).toEqual([xs.reduce((a, b) => a + b, 0n)]);
        expect(read(sum(x, Math.min(1, n)))).toEqual([xs.slice(1).reduce((a, b) => a + b, 0n)]);
        expect(read(concatenate([x, y]))).toEqual([...xs, ...ys]);
        expect(read(slice(x, 0, n >> 1))).toEqual(xs.slice(0, n >> 1));
        const small = RingVector.fromBigInts(
          64,
          xs.map((_, i) => BigInt(i) - 4n),
        );
        expect(read(multiplyPublic(x, small, { min: -4n, max: 4n }))).toEqual(
          xs.map((v, i) => v * (BigInt(i) - 4n)),
        );
      }),
    );
  });

  it('reduce to a narrower ring what fits it', () => {
    const wide = { min: -5n, max: (1n << 32n) - 6n };
    expect(read(reduceTo(held([-5n, 0n, wide.max], wide), 32))).toEqual([-5n, 0n, wide.max]);
  });

  it('keep the latest clock', () => {
    const x = held([1n], { min: 0n, max: 1n });
    expect(add(x.with({ clock: 3 }), x.with({ clock: 5 })).clock).toBe(5);
    expect(concatenate([x, x.with({ clock: 2 })]).clock).toBe(2);
  });

  it('refuse vectors of different lengths', () => {
    const [one, two] = [held([1n], { min: 0n, max: 1n }), held([1n, 1n], { min: 0n, max: 1n })];
    expect(() => add(one, two)).toThrow(RangeError);
    expect(() => subtract(one, two)).toThrow(RangeError);
    expect(() => concatenate([])).toThrow(RangeError);
  });
});

describe('what could leave the ring is refused before anything happens', () => {
  const full = { min: 0n, max: (1n << 64n) - 1n };
  const x = held([1n, 1n], full);
  const operations: [string, () => unknown][] = [
    ['add', () => add(x, x)],
    ['subtract', () => subtract(x, x)],
    ['scale', () => scale(x, 2n)],
    ['scale by -2', () => scale(held([1n], { min: 0n, max: 1n << 63n }), -2n)],
    ['multiplyPublic', () => multiplyPublic(x, RingVector.zeros(64, 2), { min: 0n, max: 2n })],
    ['sum', () => sum(x)],
    ['reduceTo', () => reduceTo(x, 32)],
    ['concatenate', () => concatenate([x, held([-1n], { min: -1n, max: -1n })])],
    ['a share', () => held([0n], { min: 0n, max: 1n << 64n })],
  ];

  it.each(operations)('%s', (_, run) => {
    const spies = (['add', 'subtract', 'scale', 'multiply', 'sumRange', 'reduce'] as const).map((kernel) =>
      vi.spyOn(kernels, kernel),
    );
    try {
      expect(run).toThrow(expect.objectContaining({ code: 'BOUND_NOT_PROVED' }) as Error);
      for (const spy of spies) expect(spy).not.toHaveBeenCalled();
    } finally {
      for (const spy of spies) spy.mockRestore();
    }
  });

  it('one step below the limit passes', () => {
    const half = held([1n], { min: 0n, max: (1n << 63n) - 1n });
    expect(add(half, half).bounds.max).toBe((1n << 64n) - 2n);
    expect(() => sum(held([0n, 0n], { min: 0n, max: (1n << 63n) - 1n }))).not.toThrow();
  });

  it.each<[string, Product]>([
    ['multiply', multiply],
    ['innerProducts', async (ctx, a, b) => await innerProducts(ctx, [a], [b])],
  ])('%s, without a message', async (_, product) => {
    const network = new MemoryNetwork(3, { record: true });
    const bounds = { min: 0n, max: 1n << 33n };
    const run = runRep3(
      async (ctx, deal) => {
        const a = deal.ring('a', 64, 4, bounds, () => [0n, 1n, 2n, 3n]);
        return await product(ctx, a, a);
      },
      { network },
    );
    await expect(run).rejects.toMatchObject({ code: 'BOUND_NOT_PROVED' });
    for (const node of [0, 1, 2] as const) expect(network.transcript(node)).toEqual([]);
  });
});
