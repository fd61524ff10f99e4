/** Long vectors: chunks start in order, are bounded, yield to the event loop, end together, and change no result and no cost. */
import { describe, expect, it } from 'vitest';
import { REP3 } from '../../src/core/scheme.js';
import type { Backend } from '../../src/protocols/backend.js';
import { CHUNK, inChunks } from '../../src/protocols/chunks.js';
import { Context } from '../../src/protocols/context.js';
import { DryBackend } from '../../src/protocols/dry/backend.js';
import { lessThanConstant } from '../../src/protocols/less-than.js';
import { innerProducts, multiply } from '../../src/protocols/multiply.js';
import { PlainBackend } from '../../src/protocols/plain/backend.js';
import { turn } from '../../src/protocols/turn.js';
import { ArithmeticShare, type BinaryShare } from '../../src/share/shares.js';
import { MemoryNetwork } from '../../src/transport/memory-network.js';
import { type Program, revealBits, revealRing, runDry, runPlain, runRep3 } from '../support/world.js';
import { type AnyShare, CASES } from './cases.js';

const root = (backend: Backend = new PlainBackend()): Context => Context.root(backend, 'test');

/** Runs `work` and counts the turns of the event loop that it lets pass. */
async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
  // What was done before counts for the turn in which it was.
  await someTurns(2);
  let turns = 0;
  const count = (): void => {
    turns++;
    next = setImmediate(count);
  };
  let next = setImmediate(count);
  await work();
  clearImmediate(next);
  return turns;
}

async function someTurns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await turn();
}

describe('inChunks', () => {
  it('covers a vector in order, in steps of their own', async () => {
    const seen = await inChunks(root(), 2 * CHUNK + 100, async (ctx, start, end) => [ctx.path, start, end]);
    expect(seen).toEqual([
      ['test/chunk-0', 0, CHUNK],
      ['test/chunk-1', CHUNK, 2 * CHUNK],
      ['test/chunk-2', 2 * CHUNK, 2 * CHUNK + 100],
    ]);
  });

  it.each([0, 1, CHUNK])('runs %i elements in the step of the caller, without a turn', async (length) => {
    let seen: unknown;
    const turns = await turnsDuring(async () => {
      seen = await inChunks(root(), length, async (ctx, start, end) => [ctx.path, start, end]);
    });
    expect(seen).toEqual([['test', 0, length]]);
    expect(turns).toBe(0);
  });

  it('is one run where there is no data', async () => {
    const seen = await inChunks(root(new DryBackend(REP3)), 5 * CHUNK, async (_, start, end) => [start, end]);
    expect(seen).toEqual([[0, 5 * CHUNK]]);
  });

  it('keeps the order of results whatever the order of ends', async () => {
    const seen = await inChunks(root(), 4 * CHUNK, async (_, start) => {
      await someTurns(20 - (4 * start) / CHUNK);
      return start / CHUNK;
    });
    expect(seen).toEqual([0, 1, 2, 3]);
  });

  it('has 16 chunks under way at most, and starts another when one ends', async () => {
    const ends: (() => void)[] = [];
    const all = inChunks(root(), 40 * CHUNK, (_, start) => {
      return new Promise<number>((resolve) => ends.push(() => resolve(start)));
    });
    await someTurns(60);
    expect(ends).toHaveLength(16);
    ends[7]?.();
    await someTurns(5);
    expect(ends).toHaveLength(17);
    for (let i = 0; i < 40; i++) {
      ends[i]?.();
      await someTurns(3);
    }
    expect((await all).map((start) => start / CHUNK)).toEqual(Array.from({ length: 40 }, (_, i) => i));
  });

  it('ends with the error of the first chunk that fails, starts no other, and swallows those of the rest', async () => {
    const unhandled: unknown[] = [];
    const note = (error: unknown): void => {
      unhandled.push(error);
    };
    process.on('unhandledRejection', note);
    let started = 0;
    const all = inChunks(root(), 40 * CHUNK, async (_, start) => {
      started++;
      if (start === 2 * CHUNK) throw new Error('chunk 2');
      await someTurns(10);
      throw new Error('later');
    });
    await expect(all).rejects.toThrow('chunk 2');
    await someTurns(30);
    process.off('unhandledRejection', note);
    expect(started).toBe(3);
    expect(unhandled).toEqual([]);
  });
});

describe('a long vector', () => {
  const reveal = (shares: readonly AnyShare[]): bigint[] | number[][] =>
    shares[0] instanceof ArithmeticShare
      ? revealRing(shares as ArithmeticShare<64>[])
      : revealBits(shares as BinaryShare[]);
  const NAMES = [
    'multiply-64',
    'multiply-128',
    'and',
    'all-bits',
    'dot',
    'inner-products-128',
    'less-than',
    'equals',
    'bit-to-ring-32',
    'select',
    'lift',
    'column-in-range',
    'missing-slots-are-zero',
  ];

  it.each(NAMES)('gives the same over chunk borders, at the same cost: %s', async (name) => {
    const test = CASES.find((one) => one.name === name);
    if (test === undefined) throw new Error(`there is no case ${name}`);
    const n = CHUNK + 100;
    const run: Program<AnyShare> = (ctx, deal) => test.program(ctx, deal, n, 0);
    const expected = test.expected(n, 0);
    expect(reveal([await runPlain(run)])).toEqual(expected);
    const network = new MemoryNetwork(3, { waves: true });
    const { results, cost } = await runRep3(run, { network });
    expect(reveal(results)).toEqual(expected);
    expect(await runDry(run)).toEqual(cost);
    expect(network.waves).toBe(cost.rounds);
  });

  it('may end with a whole chunk', async () => {
    const values = Array.from({ length: 2 * CHUNK }, (_, i) => BigInt(i % 7));
    const run: Program<BinaryShare> = (ctx, deal) =>
      lessThanConstant(
        ctx,
        deal.ring('x', 64, values.length, { min: 0n, max: 6n }, () => values),
        3n,
      );
    const { results, cost } = await runRep3(run);
    expect(revealBits(results)).toEqual([values.map((value) => (value < 3n ? 1 : 0))]);
    expect(await runDry(run)).toEqual(cost);
  });
});

describe('a node that computes on a long vector', () => {
  const over = (
    n: number,
    run: (ctx: Context, x: ArithmeticShare<64>) => Promise<unknown>,
  ): Program<unknown> => {
    return (ctx, deal) =>
      run(
        ctx,
        deal.ring('x', 64, n, { min: 0n, max: 1n }, () => Array.from({ length: n }, () => 1n)),
      );
  };

  it.each([
    ['comparing', (ctx: Context, x: ArithmeticShare<64>) => lessThanConstant(ctx, x, 1n)],
    ['multiplying', (ctx: Context, x: ArithmeticShare<64>) => multiply(ctx, x, x)],
  ])('lets the event loop turn between chunks while %s', async (_, run) => {
    expect(await turnsDuring(() => runRep3(over(1000, run)))).toBe(0);
    // Three nodes in one process work on some megabytes.
    expect(await turnsDuring(() => runRep3(over(3 * CHUNK, run)))).toBeGreaterThanOrEqual(2);
  });

  it('lets it turn while adding up many products', async () => {
    const products = (n: number, count: number): Program<unknown> =>
      over(n, (ctx, x) => {
        const vectors = Array.from({ length: count }, () => x);
        return innerProducts(ctx, vectors, vectors);
      });
    expect(await turnsDuring(() => runRep3(products(1000, 1)))).toBe(0);
    expect(await turnsDuring(() => runRep3(products(CHUNK / 2, 8)))).toBeGreaterThanOrEqual(3);
  });

  it('ends with the error that one of its chunks meets', async () => {
    const network = new MemoryNetwork(3);
    network.intercept(({ step, to }) =>
      step.includes('/chunk-1/') && to === 2 ? new Uint8Array(3) : undefined,
    );
    const program = over(3 * CHUNK, (ctx, x) => lessThanConstant(ctx, x, 1n));
    await expect(runRep3(program, { network })).rejects.toMatchObject({
      code: 'MESSAGE_LENGTH',
      details: { step: 'test/chunk-1/operands' },
    });
  });
});
