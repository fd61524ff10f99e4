/** Costs are contracts: the tables of docs/protocols.md are what the dry run derives, and keep the bounds of the design. */
import { describe, expect, it } from 'vitest';
import { type Cost, meanBytes } from '../../src/core/cost.js';
import type { RingWidth } from '../../src/kernels/ring-vector.js';
import { bitToRing, lift, select } from '../../src/protocols/convert.js';
import { isZero } from '../../src/protocols/equality.js';
import { allBits } from '../../src/protocols/fold.js';
import { isNegative } from '../../src/protocols/less-than.js';
import { and } from '../../src/protocols/logic.js';
import { dot, multiply } from '../../src/protocols/multiply.js';
import { openBitsToNodes, openToNodes, release } from '../../src/protocols/open.js';
import { columnInRange, missingSlotsAreZero } from '../../src/protocols/range-check.js';
import type { ArithmeticShare, BinaryShare } from '../../src/share/shares.js';
import { type Dealer, type Program, runDry, SCHEMES } from '../support/world.js';
import { documentedTable } from './documented-table.js';

/** Elements of each vector; the cost per element is that of long vectors. */
const N = 65_536;
/** One bit, which needs no second comparison; 7, 17 and 34 bits; the largest that a ring of 64 bits has room for. */
const RANGES = [1n, 100n, 100_000n, 10_000_000_000n, (1n << 62n) - 2n];
const WIDTHS = Array.from({ length: 64 }, (_, i) => i + 1);

/** Of 16 bytes, beside messages of 65,536 bits. */
const TAGS = 0.005;

interface Limit {
  readonly rounds: number;
  /** Mean bytes per node and element. */
  readonly bytes: number;
}

interface Row {
  readonly name: string;
  readonly program: Program<unknown>;
  /** Elements to which the bytes are charged. */
  readonly elements?: number;
  /** What DESIGN.md (section 6) allows; absent where it sets no bound. */
  readonly limit?: Limit;
}

function ring<W extends RingWidth>(deal: Dealer, width: W, bits: number): ArithmeticShare<W> {
  return deal.ring('x', width, N, { min: 0n, max: (1n << BigInt(bits)) - 1n }, () => []);
}

function bits(deal: Dealer, rows = 1): BinaryShare {
  return deal.bits('b', rows, N, () => []);
}

const ROWS: readonly Row[] = [
  {
    name: 'input from one node',
    program: (ctx) =>
      ctx.backend.input(ctx, 0, undefined, { width: 64, length: N, bounds: { min: 0n, max: 1n } }),
  },
  {
    name: 'open to all',
    program: (ctx, deal) => openToNodes(ctx, ring(deal, 64, 64)),
    limit: { rounds: 1, bytes: 8.001 },
  },
  {
    name: 'open bits to all',
    program: (ctx, deal) => openBitsToNodes(ctx, bits(deal)),
    limit: { rounds: 1, bytes: 0.126 },
  },
  {
    name: 'multiply',
    program: (ctx, deal) => multiply(ctx, ring(deal, 64, 32), ring(deal, 64, 32)),
    limit: { rounds: 1, bytes: 8 },
  },
  {
    name: 'multiply, 128 bits',
    program: (ctx, deal) => multiply(ctx, ring(deal, 128, 64), ring(deal, 128, 64)),
    limit: { rounds: 1, bytes: 16 },
  },
  {
    name: 'dot product, per result',
    program: (ctx, deal) => dot(ctx, ring(deal, 64, 20), ring(deal, 64, 20)),
    elements: 1,
    limit: { rounds: 1, bytes: 8 },
  },
  {
    name: 'AND of 64-bit words',
    program: (ctx, deal) => and(ctx, bits(deal, 64), bits(deal, 64)),
    limit: { rounds: 1, bytes: 8 },
  },
  { name: 'AND over a row of bits', program: (ctx, deal) => allBits(ctx, bits(deal)) },
  {
    name: 'bit to integer',
    program: (ctx, deal) => bitToRing(ctx, bits(deal), 64),
    limit: { rounds: 2, bytes: 11 },
  },
  {
    name: 'select',
    program: (ctx, deal) => select(ctx, bits(deal), ring(deal, 64, 40), ring(deal, 64, 40)),
    limit: { rounds: 3, bytes: 19 },
  },
  { name: 'lift 64 -> 128 bits', program: (ctx, deal) => lift(ctx, ring(deal, 64, 62)) },
  {
    name: 'release to the analyst',
    program: (ctx, deal) => release(ctx, ring(deal, 64, 64)),
    limit: { rounds: 1, bytes: 8 },
  },
  {
    name: 'release to the analyst, 128 bits',
    program: (ctx, deal) => release(ctx, ring(deal, 128, 128)),
    limit: { rounds: 1, bytes: 16 },
  },
  {
    name: 'range check, with missing values',
    program: rangeCheck(1000n, true),
  },
  {
    name: 'range check, no missing values',
    program: rangeCheck(1000n, false),
  },
  {
    name: 'missing slots are zero, 128 bits',
    program: (ctx, deal) => missingSlotsAreZero(ctx, ring(deal, 128, 128), bits(deal)),
  },
];

function signOf(k: number): Program<unknown> {
  const half = 1n << BigInt(k - 1);
  return (ctx, deal) =>
    isNegative(
      ctx,
      deal.ring('x', 64, N, { min: -half, max: half - 1n }, () => []),
    );
}

function zeroOf(k: number): Program<unknown> {
  return (ctx, deal) => isZero(ctx, ring(deal, 64, k));
}

function rangeCheck(range: bigint, missing: boolean): Program<unknown> {
  return (ctx, deal) => columnInRange(ctx, ring(deal, 64, 64), missing ? bits(deal) : undefined, range);
}

/** Rounds and bytes at three nodes, then at four. */
async function cells(program: Program<unknown>, elements = N): Promise<string[]> {
  const costs = await Promise.all(SCHEMES.map((scheme) => runDry(program, scheme)));
  return costs.flatMap((cost) => [String(cost.rounds), (meanBytes(cost) / elements).toFixed(3)]);
}

/** What all of four nodes send, by what all of three do. */
async function growth(program: Program<unknown>): Promise<number> {
  const costs = await Promise.all(SCHEMES.map((scheme) => runDry(program, scheme)));
  const [three, four] = costs.map(({ bytes }) => bytes.reduce((sum, own) => sum + own, 0));
  return (four as number) / (three as number);
}

/** How a cost breaks its limit; nothing where it keeps it. */
function excess(cost: Cost, limit: Limit, elements = N): string[] {
  const bytes = meanBytes(cost) / elements;
  return [
    ...(cost.rounds > limit.rounds ? [`${cost.rounds} rounds, allowed ${limit.rounds}`] : []),
    ...(bytes > limit.bytes ? [`${bytes} bytes, allowed ${limit.bytes}`] : []),
  ];
}

describe('costs', () => {
  it('are those of docs/protocols.md', async () => {
    const derived: string[][] = [];
    for (const { name, program, elements } of ROWS) {
      derived.push([name, ...(await cells(program, elements))]);
    }
    expect(documentedTable('Costs', derived)).toEqual(derived);
  });

  it('of tests of sign and zero are those of docs/protocols.md for every width', async () => {
    const derived: string[][] = [];
    for (const k of WIDTHS) {
      derived.push([String(k), ...(await cells(signOf(k))), ...(await cells(zeroOf(k)))]);
    }
    expect(documentedTable('Costs of tests of sign and zero', derived)).toEqual(derived);
  });

  it('of the range check are those of docs/protocols.md', async () => {
    const derived: string[][] = [];
    for (const range of RANGES) {
      const [without, missing] = [rangeCheck(range, false), rangeCheck(range, true)];
      derived.push([String(range), ...(await cells(without)), ...(await cells(missing))]);
    }
    expect(documentedTable('Costs of the range check', derived)).toEqual(derived);
  });

  it.each(ROWS.filter(({ limit }) => limit !== undefined))(
    'of $name keep the bound of the design',
    async ({ program, elements, limit }) => {
      expect(excess(await runDry(program), limit as Limit, elements)).toEqual([]);
    },
  );

  it('of less-than and equality keep the bounds of the design for every width', async () => {
    for (const b of WIDTHS) {
      const log = Math.ceil(Math.log2(b));
      expect(excess(await runDry(signOf(b)), { rounds: 3 + log, bytes: (3.4 * b) / 8 })).toEqual([]);
      // The difference of two b-bit values has b + 1 bits.
      if (b < 64)
        expect(excess(await runDry(signOf(b + 1)), { rounds: 3 + log, bytes: (3.4 * b) / 8 })).toEqual([]);
      expect(excess(await runDry(zeroOf(b)), { rounds: 2 + log, bytes: (1.4 * b) / 8 })).toEqual([]);
    }
  });

  it.each(['multiply', 'multiply, 128 bits', 'AND of 64-bit words', 'open to all', 'open bits to all'])(
    'of %s are at most twice as many bytes at four nodes, and tags',
    async (name) => {
      const { program } = ROWS.find((row) => row.name === name) as Row;
      expect(await growth(program)).toBeLessThanOrEqual(2 + TAGS);
    },
  );

  it('of comparisons are at most twice as many bytes at four nodes, and tags, for every width', async () => {
    for (const k of WIDTHS) {
      expect(await growth(signOf(k)), `sign of ${k} bits`).toBeLessThanOrEqual(2 + TAGS);
      expect(await growth(zeroOf(k)), `zero of ${k} bits`).toBeLessThanOrEqual(2 + TAGS);
    }
  });

  it('of each node differ from the mean only as the formulas say', async () => {
    // bit-to-ring: one ring element from each.
    expect((await runDry((ctx, deal) => bitToRing(ctx, bits(deal), 64))).bytes).toEqual([
      8 * N,
      8 * N,
      8 * N,
    ]);
    // sign of 2 bits: 2 rows from node 0, 1 from the others.
    expect((await runDry(signOf(2))).bytes).toEqual([N / 4, N / 8, N / 8]);
    // sign of 64 bits: the highest bit and 7 products of each of 21 spans; 21 + 20 carries; 20 + 15 joins.
    expect((await runDry(signOf(64))).bytes).toEqual([
      ((1 + 147 + 35) * N) / 8,
      ((41 + 35) * N) / 8,
      ((41 + 35) * N) / 8,
    ]);
    expect((await runDry((ctx, deal) => lift(ctx, ring(deal, 64, 62)))).bytes).toEqual([
      24 * N,
      8 * N,
      8 * N,
    ]);
  });
});
