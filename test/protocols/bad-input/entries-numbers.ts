/** Bits, selection and noise: every protocol on inputs of any shape. */
import { countBits } from '../../../src/protocols/bits/count-bits.js';
import { fromBits, weightedSum } from '../../../src/protocols/bits/from-bits.js';
import { histogram } from '../../../src/protocols/bits/histogram.js';
import { lookup, lookupSums } from '../../../src/protocols/bits/lookup.js';
import { oneHot, oneHotOfInteger } from '../../../src/protocols/bits/one-hot.js';
import { toBits } from '../../../src/protocols/bits/to-bits.js';
import { discreteGaussian } from '../../../src/protocols/noise/discrete-gaussian.js';
import { discreteLaplace } from '../../../src/protocols/noise/discrete-laplace.js';
import { biasedBits, bitsBelow } from '../../../src/protocols/noise/random-bits.js';
import { randomInteger } from '../../../src/protocols/noise/random-integer.js';
import { absolute, clamp, sign } from '../../../src/protocols/select/clamp.js';
import {
  argLargest,
  argMaximum,
  argMinimum,
  argSmallest,
  largest,
  maximum,
  minimum,
  smallest,
} from '../../../src/protocols/select/extremes.js';
import { selectBits, selectColumns } from '../../../src/protocols/select/mux.js';
import { tableLookup } from '../../../src/protocols/select/table-lookup.js';
import { type Entries, entry } from './entry.js';

export const NUMBERS_ENTRIES: Entries = {
  countBits: entry('wwwwwwww', async (ctx, inp) => countBits(ctx, inp.own(3))),
  fromBits: entry('wwwwwwww', async (ctx, inp) => fromBits(ctx, inp.own(9), 64)),
  weightedSum: entry('wwwwwwww', async (ctx, inp) => weightedSum(ctx, inp.own(3), [1n, -2n, 1n << 40n], 64)),
  histogram: entry('wwwwwrrb', async (ctx, inp) => histogram(ctx, inp.x, [-2n, 0n, 5n], inp.other(1))),
  lookup: entry('wwwwwrrw', async (ctx, inp) =>
    lookup(
      ctx,
      [inp.own(3), inp.other(1)],
      [
        [
          [1n, 2n, 3n, 4n, 5n, 6n, 7n, -8n],
          [0n, 9n],
        ],
      ],
      64,
    ),
  ),
  lookupSums: entry('wwwwwrrw', async (ctx, inp) =>
    lookupSums(
      ctx,
      [inp.own(3), inp.other(1)],
      [
        [
          [1n, 2n, 3n, 4n, 5n, 6n, 7n, -8n],
          [0n, 9n],
        ],
      ],
      64,
    ),
  ),
  oneHot: entry('wwwwwwww', async (ctx, inp) => oneHot(ctx, inp.own(3), 32)),
  oneHotOfInteger: entry('wwwwwwwb', async (ctx, inp) =>
    oneHotOfInteger(ctx, inp.ring('x', 64, 0n, 4n), 5, 32),
  ),
  toBits: entry('wwwwwwww', async (ctx, inp) => toBits(ctx, inp.x, 2, 64)),
  clamp: entry('wwwwwwwb', async (ctx, inp) => clamp(ctx, inp.x, -2n, 3n)),
  absolute: entry('wwwwwwww', async (ctx, inp) => absolute(ctx, inp.x)),
  sign: entry('wwwwwwww', async (ctx, inp) => sign(ctx, inp.x, 32)),
  minimum: entry('wwwwwrrb', async (ctx, inp) => minimum(ctx, [inp.x, inp.y, inp.z])),
  maximum: entry('wwwwwrrb', async (ctx, inp) => maximum(ctx, [inp.x, inp.y, inp.z])),
  argMinimum: entry('wwwwwrrb', async (ctx, inp) => argMinimum(ctx, [inp.x, inp.y, inp.z])),
  argMaximum: entry('wwwwwrrb', async (ctx, inp) => argMaximum(ctx, [inp.x, inp.y, inp.z])),
  smallest: entry('wrwwwwwb', async (ctx, inp) => smallest(ctx, inp.x)),
  largest: entry('wrwwwwwb', async (ctx, inp) => largest(ctx, inp.x)),
  argSmallest: entry('wrwwwwwb', async (ctx, inp) => argSmallest(ctx, inp.x)),
  argLargest: entry('wrwwwwwb', async (ctx, inp) => argLargest(ctx, inp.x)),
  selectColumns: entry('wwwwwrrw', async (ctx, inp) =>
    selectColumns(ctx, inp.own(1), [inp.x, inp.x], [inp.y, inp.y]),
  ),
  selectBits: entry('wwwwwrrw', async (ctx, inp) => selectBits(ctx, inp.own(1), inp.other(3), inp.other(3))),
  tableLookup: entry('wwwwwwwb', async (ctx, inp) =>
    tableLookup(ctx, inp.ring('x', 64, 0n, 4n), [[1n, 2n, 3n, 4n, -5n]], 64),
  ),
  discreteLaplace: entry(
    'wwwwwwww',
    async (ctx, inp) => discreteLaplace(ctx, inp.n, { numerator: 1n, denominator: 2n }, 32),
    'random',
  ),
  discreteGaussian: entry(
    'wwwwwwww',
    async (ctx, inp) => discreteGaussian(ctx, inp.n, { numerator: 1n, denominator: 2n }, 32),
    'random',
  ),
  biasedBits: entry(
    'wwwwwwww',
    async (ctx, inp) => biasedBits(ctx, inp.n, [{ numerator: 1n, denominator: 2n }]),
    'random',
  ),
  bitsBelow: entry('wwwwwwww', async (ctx, inp) => bitsBelow(ctx, inp.n, [0n, 1n, 1n << 64n]), 'random'),
  randomInteger: entry('wwwwwwww', async (ctx, inp) => randomInteger(ctx, inp.n, 10n, 32), 'random'),
};
