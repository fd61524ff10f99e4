/** Protocols on the elements of vectors: rescaling, bits, lookups, selection, noise. */
import { fromBits } from '../../../src/protocols/bits/from-bits.js';
import { histogram } from '../../../src/protocols/bits/histogram.js';
import { lookup } from '../../../src/protocols/bits/lookup.js';
import { oneHot, oneHotOfInteger } from '../../../src/protocols/bits/one-hot.js';
import { toBits } from '../../../src/protocols/bits/to-bits.js';
import { widen } from '../../../src/protocols/convert.js';
import { dotFixed, matrixMultiplyFixed, multiplyFixed } from '../../../src/protocols/fixed/multiply.js';
import { roundExactly, truncate, truncateExactly } from '../../../src/protocols/fixed/truncate.js';
import { matrixMultiply } from '../../../src/protocols/linear-algebra/matrix-multiply.js';
import { discreteGaussian } from '../../../src/protocols/noise/discrete-gaussian.js';
import { discreteLaplace } from '../../../src/protocols/noise/discrete-laplace.js';
import { biasedBits } from '../../../src/protocols/noise/random-bits.js';
import { randomInteger } from '../../../src/protocols/noise/random-integer.js';
import { absolute, clamp, sign } from '../../../src/protocols/select/clamp.js';
import { argMinimum, minimum, smallest } from '../../../src/protocols/select/extremes.js';
import { selectColumns } from '../../../src/protocols/select/mux.js';
import { bits, type CostRow, fixed, N, perElement, ring, unsigned } from './row.js';

const FRACTION = 20;
const EDGES = Array.from({ length: 10 }, (_, i) => BigInt(100 * i + 50));
/** A product of 64 x 64 and 64 x 64. */
const SIDE = 64;

const RESCALING: readonly CostRow[] = [
  perElement('truncate by 20 of 64 bits', (ctx, deal) => truncate(ctx, ring(deal, 64), FRACTION), {
    rounds: 2,
    bytes: 16,
  }),
  perElement('truncate by 40 of 128 bits', (ctx, deal) => truncate(ctx, ring(deal, 128), 40)),
  perElement('truncate exactly by 20 of 64 bits', (ctx, deal) =>
    truncateExactly(ctx, ring(deal, 64), FRACTION),
  ),
  perElement('round exactly by 20 of 64 bits', (ctx, deal) => roundExactly(ctx, ring(deal, 64), FRACTION)),
  perElement('product of fractions of 20 bits', (ctx, deal) =>
    multiplyFixed(ctx, fixed(deal, 64, N, FRACTION, 8), fixed(deal, 64, N, FRACTION, 8)),
  ),
  perElement('product of fractions of 40 bits, 128 bits', (ctx, deal) =>
    multiplyFixed(ctx, fixed(deal, 128, N, 40, 8), fixed(deal, 128, N, 40, 8)),
  ),
  {
    name: 'dot product of fractions, per result',
    program: (ctx, deal) => dotFixed(ctx, fixed(deal, 64, N, FRACTION, 2), fixed(deal, 64, N, FRACTION, 2)),
    elements: 1,
  },
  {
    name: 'matrix product, per result',
    program: (ctx, deal) => {
      const matrix = () => unsigned(deal, 'm', 64, SIDE ** 2, 20);
      return matrixMultiply(ctx, matrix(), matrix(), { rows: SIDE, inner: SIDE, columns: SIDE });
    },
    elements: SIDE ** 2,
    limit: { rounds: 1, bytes: 8 },
  },
  {
    name: 'matrix product of fractions, per result',
    program: (ctx, deal) => {
      const matrix = () => fixed(deal, 64, SIDE ** 2, FRACTION, 4);
      return matrixMultiplyFixed(ctx, matrix(), matrix(), { rows: SIDE, inner: SIDE, columns: SIDE });
    },
    elements: SIDE ** 2,
  },
  perElement('lift 32 -> 64 bits', (ctx, deal) => widen(ctx, ring(deal, 32, 0n, 1n), 64)),
];

const BITS: readonly CostRow[] = [
  perElement('bits of 64', (ctx, deal) => toBits(ctx, ring(deal, 64), 0, 64)),
  perElement('bits of 32', (ctx, deal) => toBits(ctx, ring(deal, 32, 0n, 1n), 0, 32)),
  perElement('the highest bit of 64', (ctx, deal) => toBits(ctx, ring(deal, 64), 63, 64)),
  perElement('number from 64 bits', (ctx, deal) => fromBits(ctx, bits(deal, 64), 64)),
  perElement('number from 20 bits', (ctx, deal) => fromBits(ctx, bits(deal, 20), 64)),
  perElement('number from 10 bits, 32 bits', (ctx, deal) => fromBits(ctx, bits(deal, 10), 32)),
  perElement('one-hot of 3 bits, 32 bits', (ctx, deal) => oneHot(ctx, bits(deal, 3), 32)),
  perElement('one-hot of a number below 5, 32 bits', (ctx, deal) =>
    oneHotOfInteger(ctx, ring(deal, 32, 0n, 4n), 5, 32),
  ),
  perElement('lookup of 3 bits in one table', (ctx, deal) =>
    lookup(ctx, [bits(deal, 3)], [[[0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n]]], 64),
  ),
  perElement('series of 8 sines', (ctx, deal) =>
    ctx.backend.sineSeries(
      ctx,
      ring(deal, 64),
      { turns: 1n, amplitudes: Array.from({ length: 8 }, () => 1) },
      { offset: 8n << 52n, shift: 32, width: 64, bounds: { min: -8n << 20n, max: 8n << 20n } },
    ),
  ),
  perElement('histogram of 10-bit numbers, 10 edges', (ctx, deal) =>
    histogram(ctx, ring(deal, 32, 0n, 1023n), EDGES),
  ),
];

const SELECTION: readonly CostRow[] = [
  perElement('select of 3 columns', (ctx, deal) => {
    const columns = [ring(deal, 64), ring(deal, 64), ring(deal, 64)];
    return selectColumns(ctx, bits(deal, 1), columns, columns.toReversed());
  }),
  perElement('minimum of 2', (ctx, deal) => minimum(ctx, [ring(deal, 64), ring(deal, 64)])),
  perElement('which of 8 is least', (ctx, deal) =>
    argMinimum(
      ctx,
      Array.from({ length: 8 }, () => ring(deal, 64)),
    ),
  ),
  perElement('smallest of a vector', (ctx, deal) => smallest(ctx, ring(deal, 64))),
  perElement('clamp', (ctx, deal) => clamp(ctx, ring(deal, 64), -1n, 1n)),
  perElement('absolute value', (ctx, deal) => absolute(ctx, ring(deal, 64))),
  perElement('sign as a number', (ctx, deal) => sign(ctx, ring(deal, 64), 64)),
];

const NOISE: readonly CostRow[] = [
  perElement('uniform number below 1,000, 32 bits', (ctx) => randomInteger(ctx, N, 1000n, 32)),
  perElement('biased bit', (ctx) => biasedBits(ctx, N, [{ numerator: 1n, denominator: 3n }])),
  perElement('discrete Laplace noise, scale 10', (ctx) =>
    discreteLaplace(ctx, N, { numerator: 10n, denominator: 1n }, 64),
  ),
  perElement('discrete Gaussian noise, deviation 3', (ctx) =>
    discreteGaussian(ctx, N, { numerator: 3n, denominator: 1n }, 64),
  ),
];

export const ELEMENT_ROWS: readonly CostRow[] = [...RESCALING, ...BITS, ...SELECTION, ...NOISE];
