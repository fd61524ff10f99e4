/** The primitives of four nodes on small inputs, for lies about each of their messages. */
import { REP4 } from '../../../src/core/scheme.js';
import { BitMatrix } from '../../../src/kernels/bit-matrix.js';
import { RingVector } from '../../../src/kernels/ring-vector.js';
import type { Context } from '../../../src/protocols/context.js';
import { rowNumbers } from '../../../src/protocols/permute/public.js';
import { revealOrder } from '../../../src/protocols/permute/reveal-order.js';
import { shuffle, unshuffle } from '../../../src/protocols/permute/shuffle.js';
import type { ArithmeticShare, BinaryShare, Column } from '../../../src/share/shares.js';
import { wordsOf } from '../../../src/share/words.js';
import type { Dealer } from '../../support/world.js';
import { bitRow, values } from '../cases/case.js';

/** One word and a bit: packed rows have a tail. */
export const LENGTH = 65;

const SMALL = { min: 0n, max: (1n << 30n) - 1n };
const WIDE = { min: 0n, max: (1n << 62n) - 1n };

/** A share, or what was opened. */
export type Made = Column | BinaryShare | BitMatrix | RingVector | Uint32Array;

export interface Primitive {
  readonly name: string;
  /** Runs it on inputs of that name. */
  readonly run: (ctx: Context, deal: Dealer, input: string) => Promise<readonly Made[]>;
}

function ring(deal: Dealer, name: string): ArithmeticShare<64> {
  return deal.ring(name, 64, LENGTH, SMALL, () => values(name, LENGTH, 0, SMALL.min, SMALL.max));
}

function bits(deal: Dealer, name: string, rows = 2): BinaryShare {
  const row = (i: number): number[] => bitRow(`${name}-${i}`, LENGTH, 0);
  return deal.bits(name, rows, LENGTH, () => Array.from({ length: rows }, (_, i) => row(i)));
}

const INPUT: Primitive = {
  name: 'input',
  run: (ctx, _deal, input) =>
    Promise.all(
      REP4.nodes.map((from) => {
        const own = RingVector.fromBigInts(64, values(`${input}-${from}`, LENGTH, 0, SMALL.min, SMALL.max));
        const shape = { width: 64, length: LENGTH, bounds: SMALL } as const;
        const vector = ctx.backend.self === from ? own : undefined;
        return ctx.backend.input(ctx.step(`from-${from}`), from, vector, shape);
      }),
    ),
};

const PRODUCTS: readonly Primitive[] = [
  {
    name: 'multiply',
    run: async (ctx, deal, input) => [
      await ctx.backend.multiply(ctx, ring(deal, `${input}-x`), ring(deal, `${input}-y`), WIDE),
    ],
  },
  {
    name: 'AND',
    run: async (ctx, deal, input) => [
      await ctx.backend.and(ctx, [{ x: bits(deal, `${input}-x`), y: bits(deal, `${input}-y`) }]),
    ],
  },
  {
    name: 'sums of products',
    run: async (ctx, deal, input) => {
      const sums = ctx.backend.productSums(64, LENGTH);
      await sums.addElementwise(ring(deal, `${input}-x`), ring(deal, `${input}-y`));
      return [await sums.finish(ctx, WIDE)];
    },
  },
  {
    name: 'sums of products, rescaled',
    run: async (ctx, deal, input) => {
      const sums = ctx.backend.productSums(64, LENGTH);
      await sums.addElementwise(ring(deal, `${input}-x`), ring(deal, `${input}-y`));
      return [await sums.finishRescaled(ctx, { offset: 0n, shift: 20, width: 64, bounds: WIDE })];
    },
  },
];

const CONVERSIONS: readonly Primitive[] = [
  {
    name: 'rescale',
    run: async (ctx, deal, input) => [
      await ctx.backend.rescale(ctx, ring(deal, input), { offset: 0n, shift: 20, width: 64, bounds: SMALL }),
    ],
  },
  {
    name: 'carries',
    run: async (ctx, deal, input) => {
      const { halfSum, generate, propagate } = await ctx.backend.carrySpans(ctx, ring(deal, input), 3, 11);
      return [halfSum, generate, propagate];
    },
  },
  {
    name: 'test of zero',
    run: async (ctx, deal, input) => [await ctx.backend.zeroBits(ctx, ring(deal, input), 9)],
  },
  {
    name: 'test of a band',
    run: async (ctx, deal, input) => [await ctx.backend.bandBits(ctx, ring(deal, input), 30)],
  },
  { name: 'addends', run: (ctx, deal, input) => ctx.backend.addends(ctx, ring(deal, input), 9) },
  {
    name: 'lookup',
    run: async (ctx, deal, input) => {
      const to = { width: 64, bounds: SMALL } as const;
      const digits = [bits(deal, `${input}-a`), bits(deal, `${input}-b`, 1)];
      return [
        await ctx.backend.lookup(
          ctx,
          digits,
          [
            [
              [3n, 1n, 4n, 1n],
              [0n, 9n],
            ],
          ],
          to,
        ),
      ];
    },
  },
  {
    name: 'lookup of long digits',
    run: async (ctx, deal, input) => {
      const to = { width: 64, bounds: SMALL } as const;
      const table = Array.from({ length: 32 }, (_, i) => BigInt(i * i));
      return [await ctx.backend.lookup(ctx, [bits(deal, input, 5)], [[table]], to)];
    },
  },
  {
    name: 'sine series',
    run: async (ctx, deal, input) => {
      const to = { offset: 1n << 62n, shift: 32, width: 64, bounds: SMALL } as const;
      return [await ctx.backend.sineSeries(ctx, ring(deal, input), { turns: 1n, amplitudes: [1, 0.5] }, to)];
    },
  },
  {
    name: 'unit vectors',
    run: async (ctx, deal, input) => [
      // Four nodes hold them as numbers over Z_2^32.
      (await ctx.backend.unitVectors(ctx, bits(deal, input), LENGTH)) as ArithmeticShare<32>,
    ],
  },
];

const MOVES: readonly Primitive[] = [
  {
    name: 'shuffle',
    run: async (ctx, deal, input) => (await shuffle(ctx, [ring(deal, input)])).columns,
  },
  {
    name: 'shuffle, inverse',
    run: async (ctx, deal, input) => {
      const drawn = ctx.backend.drawShuffle(ctx.step('draw'), LENGTH);
      const columns = [wordsOf(bits(deal, input), 64)] as const;
      return await unshuffle(ctx.step('back'), { shuffle: drawn, columns });
    },
  },
  {
    name: 'order after a shuffle',
    run: async (ctx, deal, input) => {
      const { order, columns } = await revealOrder(ctx, rowNumbers(ctx, LENGTH), [ring(deal, input)]);
      return [order, ...columns];
    },
  },
];

const ENDS: readonly Primitive[] = [
  { name: 'release', run: async (ctx, deal, input) => [await ctx.backend.refresh(ctx, ring(deal, input))] },
  { name: 'open', run: async (ctx, deal, input) => [await ctx.backend.open(ctx, ring(deal, input))] },
  {
    name: 'open bits',
    run: async (ctx, deal, input) => [await ctx.backend.openBits(ctx, bits(deal, input))],
  },
];

export const PRIMITIVES: readonly Primitive[] = [INPUT, ...PRODUCTS, ...CONVERSIONS, ...MOVES, ...ENDS];

/** What it holds, as bytes: of a share the parts of this node. */
export function bytesOf(made: Made): Uint8Array[] {
  if (made instanceof Uint32Array) return [new Uint8Array(made.buffer, made.byteOffset, made.byteLength)];
  if (made instanceof RingVector || made instanceof BitMatrix) return [made.bytes()];
  return made.parts.map((part: RingVector | BitMatrix) => part.bytes());
}
