/** Selection: equals, few and no items, exact bounds, and what is refused. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { histogram } from '../../../src/protocols/bits/histogram.js';
import { lookup } from '../../../src/protocols/bits/lookup.js';
import { oneHotOfInteger } from '../../../src/protocols/bits/one-hot.js';
import { toBits } from '../../../src/protocols/bits/to-bits.js';
import { lessThan } from '../../../src/protocols/less-than.js';
import { absolute, clamp } from '../../../src/protocols/select/clamp.js';
import {
  argLargest,
  argMinimum,
  argSmallest,
  minimum,
  smallest,
} from '../../../src/protocols/select/extremes.js';
import { selectColumns } from '../../../src/protocols/select/mux.js';
import { tableLookup } from '../../../src/protocols/select/table-lookup.js';
import type { Bounds } from '../../../src/share/bounds.js';
import type { ArithmeticShare } from '../../../src/share/shares.js';
import { type Dealer, type Program, revealRing, runDry, runPlain, runRep3 } from '../../support/world.js';

const SMALL: Bounds = { min: -3n, max: 3n };
const FULL: Bounds = { min: -(1n << 63n), max: (1n << 63n) - 1n };

function ring(deal: Dealer, list: readonly bigint[], bounds = SMALL, name = 'x'): ArithmeticShare<64> {
  return deal.ring(name, 64, list.length, bounds, () => list);
}

/** What a program fails with, before any data moves: in a dry run. */
async function failureOf(program: Program<unknown>): Promise<unknown> {
  return await runDry(program).then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('the smallest and the largest of a vector', () => {
  const lists = fc.array(fc.bigInt({ min: -3n, max: 3n }), { minLength: 1, maxLength: 20 });

  it('come with the first place where they are', async () => {
    await fc.assert(
      fc.asyncProperty(lists, async (list) => {
        const program =
          (least: boolean, part: 'value' | 'index'): Program<ArithmeticShare<64>> =>
          async (ctx, deal) =>
            (await (least ? argSmallest : argLargest)(ctx, ring(deal, list)))[part] as ArithmeticShare<64>;
        for (const least of [true, false]) {
          const best = list.reduce((one, other) => (other < one === least && other !== one ? other : one));
          const place = BigInt(list.indexOf(best));
          expect(revealRing([await runPlain(program(least, 'value'))])).toEqual([best]);
          expect(revealRing([await runPlain(program(least, 'index'))])).toEqual([place]);
          expect(revealRing((await runRep3(program(least, 'index'))).results)).toEqual([place]);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('have bounds that follow from those of the items', async () => {
    const of = (bounds: Bounds) => (deal: Dealer, name: string) => ring(deal, [0n], bounds, name);
    const [a, b] = [of({ min: -5n, max: 10n }), of({ min: 0n, max: 7n })];
    const least = await runPlain((ctx, deal) => minimum(ctx, [a(deal, 'a'), b(deal, 'b')]));
    expect(least.bounds).toEqual({ min: -5n, max: 7n });
    const places = await runPlain((ctx, deal) => argMinimum(ctx, [a(deal, 'a'), b(deal, 'b'), b(deal, 'c')]));
    expect(places.index.bounds).toEqual({ min: 0n, max: 2n });
    const one = await runPlain((ctx, deal) => argSmallest(ctx, a(deal, 'a')));
    expect(one.index.bounds).toEqual({ min: 0n, max: 0n });
    expect(revealRing([one.value])).toEqual([0n]);
    const clamped = await runPlain((ctx, deal) => clamp(ctx, a(deal, 'a'), -1n, 20n));
    expect(clamped.bounds).toEqual({ min: -1n, max: 10n });
    const size = await runPlain((ctx, deal) => absolute(ctx, a(deal, 'a')));
    expect(size.bounds).toEqual({ min: 0n, max: 10n });
  });

  it('of no rows are none', async () => {
    const none = await runRep3((ctx, deal) => minimum(ctx, [ring(deal, []), ring(deal, [], SMALL, 'y')]));
    expect(revealRing(none.results)).toEqual([]);
  });
});

const REFUSED: readonly (readonly [string, Program<unknown>])[] = [
  ['the smallest of no element', (ctx, d) => smallest(ctx, ring(d, []))],
  ['the smallest of no vector', (ctx) => minimum(ctx, [])],
  ['vectors of other lengths', (ctx, d) => minimum(ctx, [ring(d, [1n]), ring(d, [1n, 2n], SMALL, 'y')])],
  ['a clamp without room', (ctx, d) => clamp(ctx, ring(d, [1n]), 2n, 1n)],
  [
    'columns without partners',
    (ctx, d) =>
      selectColumns(
        ctx,
        d.bits('b', 1, 1, () => []),
        [ring(d, [1n])],
        [],
      ),
  ],
  ['bits that are not there', (ctx, d) => toBits(ctx, ring(d, [1n]), 0, 65)],
  ['a domain of no value', (ctx, d) => oneHotOfInteger(ctx, ring(d, [1n]), 0, 32)],
  ['a domain that is too large', (ctx, d) => oneHotOfInteger(ctx, ring(d, [1n]), 257, 32)],
  ['no edges', (ctx, d) => histogram(ctx, ring(d, [1n]), [])],
  ['edges that do not ascend', (ctx, d) => histogram(ctx, ring(d, [1n]), [1n, 1n])],
  [
    'tables of other sizes',
    (ctx, d) => tableLookup(ctx, ring(d, [1n], { min: 0n, max: 1n }), [[1n, 2n], [1n]], 64),
  ],
  [
    'a table that does not fit its digit',
    (ctx, d) => lookup(ctx, [d.bits('b', 2, 1, () => [])], [[[1n, 2n]]], 64),
  ],
  ['a digit of nine bits', (ctx, d) => lookup(ctx, [d.bits('b', 9, 1, () => [])], [[[1n]]], 64)],
  ['a lookup of no digit', (ctx) => lookup(ctx, [], [[]], 64)],
];

const UNPROVED: readonly (readonly [string, Program<unknown>])[] = [
  [
    'a comparison that takes more bits than the ring has',
    (ctx, d) =>
      lessThan(ctx, ring(d, [1n], { min: 0n, max: FULL.max }), ring(d, [1n], { min: -2n, max: 1n }, 'y')),
  ],
  [
    'the smaller of numbers of all bits',
    (ctx, d) => minimum(ctx, [ring(d, [1n], FULL), ring(d, [2n], FULL, 'y')]),
  ],
  ['a value outside its domain', (ctx, d) => oneHotOfInteger(ctx, ring(d, [1n]), 4, 32)],
  ['a value outside its table', (ctx, d) => tableLookup(ctx, ring(d, [1n]), [[1n, 2n, 3n, 4n]], 64)],
  [
    'an entry that leaves the ring',
    (ctx, d) => lookup(ctx, [d.bits('b', 1, 1, () => [])], [[[0n, 1n << 32n]]], 32),
  ],
];

describe('refused before any data moves', () => {
  it.each(REFUSED)('%s', async (_name, program) => {
    expect(await failureOf(program)).toBeInstanceOf(RangeError);
  });

  it.each(UNPROVED)('%s', async (_name, program) => {
    expect(await failureOf(program)).toEqual(expect.objectContaining({ code: 'BOUND_NOT_PROVED' }));
  });
});
