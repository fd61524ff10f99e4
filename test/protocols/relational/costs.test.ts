/** Rounds and bytes of scans, joins and groups, as their heads say. */
import { describe, expect, it } from 'vitest';
import { distinct, uniqueKeys } from '../../../src/protocols/relational/distinct.js';
import { groupBy } from '../../../src/protocols/relational/group.js';
import { join, semiJoin } from '../../../src/protocols/relational/join.js';
import { wordWidths } from '../../../src/protocols/relational/row-bits.js';
import { clearUnflagged } from '../../../src/protocols/scan/clear.js';
import { copyDown } from '../../../src/protocols/scan/copy.js';
import { compact, partition } from '../../../src/protocols/scan/partition.js';
import { ranks, ranksByRow } from '../../../src/protocols/scan/ranks.js';
import { segmentedMax } from '../../../src/protocols/scan/running-max.js';
import { segmentedPrefixSum } from '../../../src/protocols/scan/segments.js';
import { sortRows } from '../../../src/protocols/sort/sort.js';
import { rows as rowsOf } from '../../../src/share/bits.js';
import type { ArithmeticShare, BinaryShare } from '../../../src/share/shares.js';
import { wordsOf } from '../../../src/share/words.js';
import { type Dealer, type Program, runDry } from '../../support/world.js';

const N = 1 << 12;
const RANGE = { min: 0n, max: 1n << 40n };

const flag = (deal: Dealer): BinaryShare => deal.bits('flag', 1, N, () => []);
const number = (deal: Dealer): ArithmeticShare<64> => deal.ring('x', 64, N, RANGE, () => []);
const key = (deal: Dealer, name: string, bits: number): BinaryShare => deal.bits(name, bits, N, () => []);

/** Of a dry run, by its expectation; bytes per node and row. */
interface Measured {
  readonly rounds: number;
  readonly bytes: number;
}

async function costOf(program: Program<unknown>, rows: number): Promise<Measured> {
  const { rounds, bytes } = await runDry(program);
  return { rounds, bytes: bytes.reduce((total, own) => total + own) / 3 / rows };
}

const third = (x: number): number => Math.round(x * 3) / 3;

describe('costs of scans', () => {
  it.each<[string, Program<unknown>, number, number]>([
    ['clearUnflagged', (ctx, deal) => clearUnflagged(ctx, flag(deal), [number(deal)]), 3, 16],
    ['partition', (ctx, deal) => partition(ctx, flag(deal), 'first', [number(deal)]), 5, 16 + 32 / 3],
    ['compact', (ctx, deal) => compact(ctx, flag(deal), [number(deal)]), 5, 32],
    [
      'copyDown, cleared',
      (ctx, deal) => copyDown(ctx, flag(deal), [number(deal)], { cleared: true }),
      7,
      16 + 64 / 3,
    ],
    ['copyDown', (ctx, deal) => copyDown(ctx, flag(deal), [number(deal)]), 7, 28 + 64 / 3],
    ['segmentedPrefixSum', (ctx, deal) => segmentedPrefixSum(ctx, flag(deal), number(deal)), 7, 28 + 64 / 3],
    ['ranks', (ctx, deal) => ranks(ctx, flag(deal), 'twice-average'), 7, 16 + 32 / 3],
    ['dense ranks', (ctx, deal) => ranks(ctx, flag(deal), 'dense'), 2, 4],
    [
      'ranksByRow',
      (ctx, deal) => {
        const order = deal.ring('order', 32, N, RANGE32, () => []);
        return ranksByRow(ctx, { order, first: flag(deal) }, 'twice-average');
      },
      9,
      40,
    ],
  ])('%s', async (_, program, rounds, bytes) => {
    const cost = await costOf(program, N);
    expect(cost.rounds).toBe(rounds);
    expect(cost.bytes).toBeCloseTo(bytes, 9);
  });

  it('running maxima: 2 steps a row', async () => {
    const cost = await costOf((ctx, deal) => segmentedMax(ctx, flag(deal), number(deal)), N);
    expect(cost.rounds).toBe((2 * 12 - 1) * 10);
    expect(cost.bytes).toBeLessThan(52);
  });
});

const RANGE32 = { min: 0n, max: BigInt(N - 1) };

describe('costs of joins and groups beside their sort', () => {
  const words = (bits: number): number => wordWidths(bits).reduce((total, width) => total + width / 8, 0);
  const sorted = (bits: number, rows: number, missing = false, carried = 0): Promise<Measured> =>
    costOf((ctx, deal) => {
      const value = deal.bits('sort', bits, rows, () => []);
      const absent = deal.bits('absent', 1, rows, () => []);
      const columns = [
        wordsOf(rowsOf(value, 0, Math.min(bits, 32)), 32),
        deal.ring('x', 64, rows, RANGE, () => []),
      ].slice(0, carried);
      return sortRows(ctx, missing ? [{ value: absent }, { value }] : [{ value }], columns);
    }, rows);

  it.each([
    [32, false],
    [32, true],
    [20, true],
    [64, false],
    [128, true],
  ])('join on %i bits, validity: %s', async (bits, missing) => {
    const side = (deal: Dealer, name: string) => ({
      key: key(deal, name, bits),
      valid: missing ? deal.bits(`${name}-valid`, 1, N, () => []) : undefined,
    });
    const k = bits + (missing ? 1 : 0);
    const sort = await sorted(bits, 2 * N, missing);
    const cost = await costOf(
      (ctx, deal) => join(ctx, side(deal, 'l'), { ...side(deal, 'r'), columns: [number(deal)] }),
      2 * N,
    );
    expect(cost.rounds).toBe(sort.rounds + 4 + Math.ceil(Math.log2(k)) + 1 + 7 + 2);
    const extra = 8 + (4 / 3) * words(k + 1) + k / 8 + 16 + 16 + (16 / 3) * 8;
    expect(third(cost.bytes - sort.bytes - extra)).toBeCloseTo(0, 2);
    const semi = await costOf((ctx, deal) => semiJoin(ctx, side(deal, 'l'), side(deal, 'r')), 2 * N);
    expect(cost.bytes - semi.bytes).toBeCloseTo((16 / 3) * 8, 9);
  });

  it('join on 32 bits keeps the goal', async () => {
    const program: Program<unknown> = (ctx, deal) =>
      join(ctx, { key: key(deal, 'l', 32) }, { key: key(deal, 'r', 32), columns: [number(deal)] });
    expect((await costOf(program, 2 * N)).bytes).toBeLessThan(700);
  });

  it('group-by, sum', async () => {
    const sort = await sorted(32, N, false, 2);
    const cost = await costOf(
      (ctx, deal) =>
        groupBy(ctx, { key: key(deal, 'k', 32) }, [{ kind: 'sum', value: number(deal) }], { groups: 0 }),
      N,
    );
    expect(cost.rounds).toBe(sort.rounds + 5 + 5 + 3);
    const extra = 31 / 8 + 16 + (4 / 3) * (words(33) + 8);
    expect(cost.bytes - sort.bytes).toBeCloseTo(extra, 9);
  });

  it('distinct and uniqueKeys', async () => {
    const sort = await sorted(32, N);
    const both = 8 + (4 / 3) * 4 + 31 / 8;
    const flags = await costOf((ctx, deal) => distinct(ctx, { key: key(deal, 'k', 32) }), N);
    expect(flags.rounds).toBe(sort.rounds + 4 + 5 + 2);
    expect(flags.bytes - sort.bytes).toBeCloseTo(both + 16 / 3, 9);
    const carrying = await sorted(32, N, false, 1);
    const unique = await costOf((ctx, deal) => uniqueKeys(ctx, { key: key(deal, 'k', 32) }), N);
    expect(unique.bytes - carrying.bytes - 31 / 8).toBeLessThan(0.3);
  });
});
