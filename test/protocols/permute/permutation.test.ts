import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Context } from '../../../src/protocols/context.js';
import {
  applyInverse,
  applyPermutation,
  compose,
  invert,
} from '../../../src/protocols/permute/permutation.js';
import { rowBounds } from '../../../src/protocols/permute/public.js';
import type { ArithmeticShare } from '../../../src/share/shares.js';
import { revealRing, runPlain, runRep3 } from '../../support/world.js';

type P = ArithmeticShare<32>;

const permutations = fc.integer({ min: 0, max: 12 }).chain((n) => {
  const rows = Array.from({ length: n }, (_, i) => i);
  const some = fc.shuffledSubarray(rows, { minLength: n, maxLength: n });
  return fc.tuple(some, some);
});

/** Runs a program of two permutations on both backends. */
async function results(
  p: readonly number[],
  q: readonly number[],
  run: (ctx: Context, p: P, q: P) => Promise<P>,
): Promise<number[][]> {
  const program = (ctx: Context, deal: Parameters<Parameters<typeof runRep3>[0]>[1]): Promise<P> =>
    run(
      ctx,
      deal.ring('p', 32, p.length, rowBounds(p.length), () => p.map(BigInt)),
      deal.ring('q', 32, q.length, rowBounds(q.length), () => q.map(BigInt)),
    );
  const shares = [[await runPlain(program)], (await runRep3(program)).results];
  return shares.map((own) => revealRing(own).map(Number));
}

/** True where all permutations drawn give what is expected; else the property fails. */
async function holds(
  run: (ctx: Context, p: P, q: P) => Promise<P>,
  expected: (p: readonly number[], q: readonly number[]) => number[],
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(permutations, async ([p, q]) => {
      for (const found of await results(p, q, run)) {
        if (found.join() !== expected(p, q).join()) return false;
      }
      return true;
    }),
    { numRuns: 60 },
  );
}

/** Row i goes to p(i). */
function scattered(p: readonly number[], rows: readonly number[]): number[] {
  return p.map((_, place) => rows[p.indexOf(place)] ?? 0);
}

describe('a shared permutation', () => {
  it('moves row i to p(i)', async () => {
    const proved = holds(
      async (ctx, p, q) => (await applyPermutation(ctx, p, [q]))[0],
      (p, q) => scattered(p, q),
    );
    await expect(proved).resolves.toBeUndefined();
  });

  it('takes row p(i) to i when applied inversely', async () => {
    const proved = holds(
      async (ctx, p, q) => (await applyInverse(ctx, p, [q]))[0],
      (p, q) => p.map((row) => q[row] ?? 0),
    );
    await expect(proved).resolves.toBeUndefined();
  });

  it('has an inverse', async () => {
    const proved = holds(
      async (ctx, p) => await invert(ctx, p),
      (p) => scattered(p, [...p.keys()]),
    );
    await expect(proved).resolves.toBeUndefined();
  });

  it('is composed with another, which acts first', async () => {
    const proved = holds(
      async (ctx, p, q) => await compose(ctx, p, q),
      (p, q) => q.map((row) => p[row] ?? 0),
    );
    await expect(proved).resolves.toBeUndefined();
  });
});
