/** Joins of random tables against plain maps; distinct keys. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHUNK } from '../../../src/protocols/chunks.js';
import type { Context } from '../../../src/protocols/context.js';
import { distinct, uniqueKeys } from '../../../src/protocols/relational/distinct.js';
import { antiJoin, join, semiJoin } from '../../../src/protocols/relational/join.js';
import type { KeyedRows } from '../../../src/protocols/relational/keyed-rows.js';
import type { ArithmeticShare, BinaryShare, WordShare } from '../../../src/share/shares.js';
import { wordsOf } from '../../../src/share/words.js';
import {
  type Dealer,
  revealBits,
  revealRing,
  revealWords,
  runDry,
  runPlain,
  runRep3,
} from '../../support/world.js';
import { keyRows } from '../cases/join.js';
import { expectCost } from './expect-cost.js';

const X = { min: -(1n << 62n), max: (1n << 62n) - 1n };
const Y = { min: 3n, max: 1n << 20n };

/** A row of either side; `undefined` is a missing key. */
interface Row {
  readonly key: bigint | undefined;
  readonly x: bigint;
  readonly y: bigint;
}

interface Tables {
  readonly bits: number;
  readonly left: readonly Row[];
  readonly right: readonly Row[];
}

function keyed(deal: Dealer, name: string, rows: readonly Row[], bits: number, always = false): KeyedRows {
  const missing = rows.some(({ key }) => key === undefined);
  // Key bits where there is no key are those of a key that is there.
  const filler = rows.find(({ key }) => key !== undefined)?.key ?? 1n;
  return {
    key: deal.bits(`${name}-key`, bits, rows.length, () =>
      keyRows(
        rows.map(({ key }) => key ?? filler),
        bits,
      ),
    ),
    valid:
      missing || always
        ? deal.bits(`${name}-valid`, 1, rows.length, () => [
            rows.map(({ key }) => (key === undefined ? 0 : 1)),
          ])
        : undefined,
  };
}

interface Result {
  readonly match: BinaryShare;
  readonly x: ArithmeticShare<64>;
  readonly y: ArithmeticShare<32>;
  readonly word: WordShare<32>;
  readonly unique: BinaryShare;
  readonly semi: BinaryShare;
  readonly anti: BinaryShare;
}

function program({ bits, left, right }: Tables): (ctx: Context, deal: Dealer) => Promise<Result> {
  return async (ctx, deal) => {
    const m = right.length;
    const x = deal.ring('x', 64, m, X, () => right.map((row) => row.x));
    const y = deal.ring('y', 32, m, Y, () => right.map((row) => row.y));
    const z = deal.bits('z', 3, m, () =>
      keyRows(
        right.map((row) => row.y % 8n),
        3,
      ),
    );
    const [l, r] = [keyed(deal, 'left', left, bits), keyed(deal, 'right', right, bits)];
    const joined = await join(ctx.step('join'), l, { ...r, columns: [x, y, wordsOf(z, 32)] });
    const [ownX, ownY, word] = joined.columns;
    return {
      match: joined.match,
      x: ownX,
      y: ownY,
      word,
      unique: await joined.unique(),
      semi: await semiJoin(ctx.step('semi'), l, r),
      anti: await antiJoin(ctx.step('anti'), l, r),
    };
  };
}

function revealed(results: readonly Result[]): unknown {
  return {
    match: revealBits(results.map((own) => own.match))[0],
    x: revealRing(results.map((own) => own.x)),
    y: revealRing(results.map((own) => own.y)),
    word: revealWords(results.map((own) => own.word)),
    unique: revealBits(results.map((own) => own.unique))[0],
    semi: revealBits(results.map((own) => own.semi))[0],
    anti: revealBits(results.map((own) => own.anti))[0],
  };
}

/** The last right row with a key counts. */
function oracle({ left, right }: Tables): unknown {
  const byKey = new Map(right.filter(({ key }) => key !== undefined).map((row) => [row.key, row]));
  const keys = right.flatMap(({ key }) => (key === undefined ? [] : [key]));
  const found = left.map(({ key }) => (key === undefined ? undefined : byKey.get(key)));
  const match = found.map((row) => (row === undefined ? 0 : 1));
  return {
    match,
    x: found.map((row) => row?.x ?? 0n),
    y: found.map((row) => row?.y ?? 0n),
    word: found.map((row) => (row?.y ?? 0n) % 8n),
    unique: [new Set(keys).size === keys.length ? 1 : 0],
    semi: match,
    anti: match.map((bit) => 1 - bit),
  };
}

/** Keys at the edges of 32, 63, 64 and 128 bits, and few enough to meet. */
const tables = fc.constantFrom(2, 32, 63, 64, 128).chain((bits) => {
  const top = (1n << BigInt(bits)) - 1n;
  const key = fc.oneof(fc.constantFrom(0n, top, top >> 1n, undefined), fc.bigInt(0n, top < 9n ? top : 9n));
  const row = fc.record({
    key,
    x: fc.oneof(fc.constantFrom(X.min, X.max, 0n), fc.bigInt(X.min, X.max)),
    y: fc.bigInt(Y.min, Y.max),
  });
  const right = fc.oneof(
    fc.array(row, { maxLength: 12 }),
    fc.uniqueArray(row, { maxLength: 12, selector: (own) => own.key ?? own }),
  );
  return fc.record({ bits: fc.constant(bits), left: fc.array(row, { maxLength: 16 }), right });
});

const plain = (key: bigint | undefined, i: number): Row => ({ key, x: BigInt(i) - 3n, y: BigInt(i) + 3n });

describe('join', () => {
  it('is right for random tables, on plain', async () => {
    await fc.assert(
      fc.asyncProperty(tables, async (own) => {
        expect(revealed([await runPlain(program(own))])).toEqual(oracle(own));
      }),
      { numRuns: 40 },
    );
  });

  it('is right for random tables, on rep3, at the cost of the dry run', async () => {
    await fc.assert(
      fc.asyncProperty(tables, async (own) => {
        const { results, cost } = await runRep3(program(own));
        expect(revealed(results)).toEqual(oracle(own));
        await expectCost(program(own), cost);
      }),
      { numRuns: 8 },
    );
  });

  const keys = (n: number, of: (i: number) => bigint | undefined): Row[] =>
    Array.from({ length: n }, (_, i) => plain(of(i), i));
  it.each<[string, Row[], Row[]]>([
    ['no left row', [], keys(3, BigInt)],
    ['no right row', keys(3, BigInt), []],
    ['no row', [], []],
    ['one row each that match', keys(1, () => 5n), keys(1, () => 5n)],
    ['one row each that differ', keys(1, () => 5n), keys(1, () => 6n)],
    ['all left keys equal', keys(70, () => 5n), keys(8, BigInt)],
    ['all keys equal', keys(9, () => 5n), keys(9, () => 5n)],
    ['all keys missing', keys(9, () => undefined), keys(4, () => undefined)],
    ['missing keys on the right only', keys(9, BigInt), keys(9, (i) => (i < 4 ? undefined : BigInt(i)))],
    ['no match', keys(9, (i) => BigInt(2 * i)), keys(9, (i) => BigInt(2 * i + 1))],
    ['keys of the right below those of the left', keys(9, () => 63n), keys(9, BigInt)],
  ])('is right with %s', async (_, left, right) => {
    const own = { bits: 7, left, right };
    const { results, cost } = await runRep3(program(own));
    expect(revealed(results)).toEqual(oracle(own));
    await expectCost(program(own), cost);
  });

  it('is right for rows of several chunks', async () => {
    const [n, m] = [CHUNK + 70, 5000];
    const keys = Array.from({ length: n }, (_, i) => BigInt((i * 7919) % 8192));
    const bounds = { min: 0n, max: 8191n };
    const { results } = await runRep3(async (ctx, deal) => {
      const left = deal.ring('left', 64, n, bounds, () => keys);
      const right = deal.ring('right', 64, m, bounds, () => keys.slice(0, m).map((_, i) => BigInt(i)));
      const x = deal.ring('x', 64, m, bounds, () => Array.from({ length: m }, (_, i) => BigInt(m - i)));
      return (await join(ctx, { key: left }, { key: right, columns: [x] })).columns[0];
    });
    const expected = keys.map((key) => (key < BigInt(m) ? BigInt(m) - key : 0n));
    expect(revealRing(results).findIndex((value, i) => value !== expected[i])).toBe(-1);
  });

  it('refuses keys of different widths and columns of another length', async () => {
    const run = (bits: number, length: number): Promise<unknown> =>
      runDry((ctx, deal) =>
        join(
          ctx,
          { key: deal.bits('l', 4, 3, () => []) },
          { key: deal.bits('r', bits, 3, () => []), columns: [deal.ring('x', 64, length, X, () => [])] },
        ),
      );
    await expect(run(5, 3)).rejects.toThrow(RangeError);
    await expect(run(4, 2)).rejects.toThrow(RangeError);
    await run(4, 3);
  });
});

describe('distinct keys', () => {
  it('are flagged at their first rows, and known to be all', async () => {
    await fc.assert(
      fc.asyncProperty(tables, fc.boolean(), async ({ bits, left }, always) => {
        const run = async (ctx: Context, deal: Dealer): Promise<BinaryShare[]> => {
          const own = keyed(deal, 'rows', left, bits, always);
          return [await distinct(ctx.step('distinct'), own), await uniqueKeys(ctx.step('unique'), own)];
        };
        const { results, cost } = await runRep3(run);
        const seen = left.map(({ key }) => key);
        const first = seen.map((key, i) => (key !== undefined && seen.indexOf(key) === i ? 1 : 0));
        const there = seen.filter((key) => key !== undefined).length;
        const flags = [0, 1].map((i) => revealBits(results.map((own) => own[i] as BinaryShare))[0]);
        expect(flags).toEqual([first, [first.filter((bit) => bit === 1).length === there ? 1 : 0]]);
        await expectCost(run, cost);
      }),
      { numRuns: 20 },
    );
  });
});
