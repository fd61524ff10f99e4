/** The figures in the heads of conversions, selection and noise: rounds, and mean bytes per node and element. */
import { describe, expect, it } from 'vitest';
import { meanBytes } from '../../../src/core/cost.js';
import type { RingWidth } from '../../../src/kernels/ring-vector.js';
import { fromBits } from '../../../src/protocols/bits/from-bits.js';
import { histogram } from '../../../src/protocols/bits/histogram.js';
import { lookup } from '../../../src/protocols/bits/lookup.js';
import { oneHot, oneHotOfInteger } from '../../../src/protocols/bits/one-hot.js';
import { toBits } from '../../../src/protocols/bits/to-bits.js';
import { discreteGaussian } from '../../../src/protocols/noise/discrete-gaussian.js';
import { discreteLaplace } from '../../../src/protocols/noise/discrete-laplace.js';
import { biasedBits } from '../../../src/protocols/noise/random-bits.js';
import { randomInteger } from '../../../src/protocols/noise/random-integer.js';
import { absolute, clamp, sign } from '../../../src/protocols/select/clamp.js';
import { argMinimum, minimum, smallest } from '../../../src/protocols/select/extremes.js';
import { selectColumns } from '../../../src/protocols/select/mux.js';
import type { ArithmeticShare, BinaryShare } from '../../../src/share/shares.js';
import { type Dealer, type Program, runDry } from '../../support/world.js';

const N = 65_536;
const HALF = 1n << 61n;
const EDGES = Array.from({ length: 10 }, (_, i) => BigInt(100 * i + 50));

function ring<W extends RingWidth>(deal: Dealer, width: W, min = -HALF, max = HALF): ArithmeticShare<W> {
  return deal.ring('x', width, N, { min, max }, () => []);
}

function bits(deal: Dealer, rows: number): BinaryShare {
  return deal.bits('b', rows, N, () => []);
}

const ROWS: readonly (readonly [string, Program<unknown>, number, number])[] = [
  ['bits of 64', (ctx, deal) => toBits(ctx, ring(deal, 64), 0, 64), 8, 27.75],
  ['bits of 32', (ctx, deal) => toBits(ctx, ring(deal, 32, 0n, 1n), 0, 32), 7, 12.33],
  ['the highest bit of 64', (ctx, deal) => toBits(ctx, ring(deal, 64), 63, 64), 7, 13.96],
  ['64 bits to Z_2^64', (ctx, deal) => fromBits(ctx, bits(deal, 64), 64), 2, 136],
  ['20 bits to Z_2^64', (ctx, deal) => fromBits(ctx, bits(deal, 20), 64), 2, 58.67],
  ['10 bits to Z_2^32', (ctx, deal) => fromBits(ctx, bits(deal, 10), 32), 2, 16],
  ['one-hot of 3 bits', (ctx, deal) => oneHot(ctx, bits(deal, 3), 32), 2, 28],
  ['one-hot of 5 values', (ctx, deal) => oneHotOfInteger(ctx, ring(deal, 32, 0n, 4n), 5, 32), 4, 20.33],
  [
    'lookup of 3 bits, one table',
    (ctx, deal) => lookup(ctx, [bits(deal, 3)], [[[0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n]]], 64),
    2,
    24,
  ],
  ['histogram of 10 edges', (ctx, deal) => histogram(ctx, ring(deal, 32, 0n, 1023n), EDGES), 6, 33.75],
  ['minimum of 2', (ctx, deal) => minimum(ctx, [ring(deal, 64), ring(deal, 64)]), 10, 29.96],
  [
    'arg-minimum of 8',
    (ctx, deal) =>
      argMinimum(
        ctx,
        Array.from({ length: 8 }, () => ring(deal, 64)),
      ),
    30,
    216.88,
  ],
  ['smallest', (ctx, deal) => smallest(ctx, ring(deal, 64)), 160, 30.03],
  ['clamp', (ctx, deal) => clamp(ctx, ring(deal, 64), -1n, 1n), 10, 51.58],
  ['absolute', (ctx, deal) => absolute(ctx, ring(deal, 64)), 10, 29.79],
  ['sign', (ctx, deal) => sign(ctx, ring(deal, 64), 64), 9, 34.67],
  [
    'select of 3 columns',
    (ctx, deal) => {
      const columns = [ring(deal, 64), ring(deal, 64), ring(deal, 64)];
      return selectColumns(ctx, bits(deal, 1), columns, columns.toReversed());
    },
    3,
    32,
  ],
  ['uniform below 1000', (ctx) => randomInteger(ctx, N, 1000n, 32), 6, 9.58],
  ['a biased bit', (ctx) => biasedBits(ctx, N, [{ numerator: 1n, denominator: 3n }]), 6, 15],
  ['Laplace of 10', (ctx) => discreteLaplace(ctx, N, { numerator: 10n, denominator: 1n }, 64), 8, 323.33],
  ['Gaussian of 3', (ctx) => discreteGaussian(ctx, N, { numerator: 3n, denominator: 1n }, 64), 9, 516],
];

describe('costs', () => {
  it.each(ROWS)('%s', async (_name, program, rounds, bytes) => {
    const cost = await runDry(program);
    const mean = Math.round((100 * meanBytes(cost)) / N) / 100;
    expect({ rounds: cost.rounds, bytes: mean }).toEqual({ rounds, bytes });
  });
});
