/** Bits, selection and noise: options and shapes that make no sense, or only just do. */
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
import { clamp } from '../../../src/protocols/select/clamp.js';
import { minimum } from '../../../src/protocols/select/extremes.js';
import { selectBits, selectColumns } from '../../../src/protocols/select/mux.js';
import { tableLookup } from '../../../src/protocols/select/table-lookup.js';
import type { ArithmeticShare } from '../../../src/share/shares.js';
import type { Inputs } from './inputs.js';
import { type OddCall, odd } from './odd-call.js';

/** Numbers over a ring of 32 bits where the types ask for 64. */
function otherRing(inp: Inputs): ArithmeticShare<64> {
  return inp.ring('w', 32, -8n, 7n) as unknown as ArithmeticShare<64>;
}

export const ODD_NUMBERS: readonly OddCall[] = [
  odd('lookup of no digit', 'RangeError', (ctx) => lookup(ctx, [], [[]], 64)),
  odd('lookup of a digit of no bit', 'RangeError', (ctx, inp) => lookup(ctx, [inp.own(0)], [[[1n]]], 64)),
  odd('lookup of a digit of nine bits', 'RangeError', (ctx, inp) =>
    lookup(ctx, [inp.own(9)], [[Array.from({ length: 512 }, () => 1n)]], 64),
  ),
  odd('lookup in a table that is too short', 'RangeError', (ctx, inp) =>
    lookup(ctx, [inp.own(2)], [[[1n, 2n, 3n]]], 64),
  ),
  odd('lookup in fewer tables than digits', 'RangeError', (ctx, inp) =>
    lookup(ctx, [inp.own(1), inp.own(1)], [[[1n, 2n]]], 64),
  ),
  odd('lookup of entries that are too far apart', 'BOUND_NOT_PROVED', (ctx, inp) =>
    lookup(ctx, [inp.own(1)], [[[0n, 1n << 64n]]], 64),
  ),
  odd('sums of entries that leave the ring', 'BOUND_NOT_PROVED', (ctx, inp) =>
    lookupSums(ctx, [inp.own(1)], [[[0n, 1n << 62n]]], 64),
  ),
  odd('bits from above to', 'RangeError', (ctx, inp) => toBits(ctx, inp.x, 3, 2)),
  odd('bits above the ring', 'RangeError', (ctx, inp) => toBits(ctx, inp.x, 0, 65)),
  odd('bits at no place', 'RangeError', (ctx, inp) => toBits(ctx, inp.x, 0.5, 2)),
  odd('bits at a place that is no number', 'RangeError', (ctx, inp) => toBits(ctx, inp.x, Number.NaN, 2)),
  odd('more bits than the ring has', 'RangeError', (ctx, inp) => fromBits(ctx, inp.own(65), 64)),
  odd('weights for other rows', 'RangeError', (ctx, inp) => weightedSum(ctx, inp.own(3), [1n], 64)),
  odd('counts of no row', 'RangeError', (ctx, inp) => countBits(ctx, inp.own(0))),
  odd('one-hot of an empty domain', 'RangeError', (ctx, inp) => oneHotOfInteger(ctx, inp.x, 0, 32)),
  odd('one-hot of a domain of half a value', 'RangeError', (ctx, inp) =>
    oneHotOfInteger(ctx, inp.x, 2.5, 32),
  ),
  odd('one-hot of a domain that is too large', 'RangeError', (ctx, inp) =>
    oneHotOfInteger(ctx, inp.x, 257, 32),
  ),
  odd('one-hot of values outside', 'BOUND_NOT_PROVED', (ctx, inp) => oneHotOfInteger(ctx, inp.x, 8, 32)),
  odd('one-hot of nine bits', 'RangeError', (ctx, inp) => oneHot(ctx, inp.own(9), 32)),
  odd('histogram without edges', 'RangeError', (ctx, inp) => histogram(ctx, inp.x, [])),
  odd('histogram of edges that descend', 'RangeError', (ctx, inp) => histogram(ctx, inp.x, [1n, 1n])),
  odd('histogram with two rows of validity', 'RangeError', (ctx, inp) =>
    histogram(ctx, inp.x, [1n], inp.own(2)),
  ),
  odd('entries of a table that is too large', 'RangeError', (ctx, inp) =>
    tableLookup(ctx, inp.ring('x', 64, 0n, 7n), [Array.from({ length: 257 }, () => 1n)], 64),
  ),
  odd('entries of tables of different sizes', 'RangeError', (ctx, inp) =>
    tableLookup(ctx, inp.ring('x', 64, 0n, 1n), [[1n, 2n], [1n]], 64),
  ),
  odd('entries of an empty table', 'RangeError', (ctx, inp) =>
    tableLookup(ctx, inp.ring('x', 64, 0n, 1n), [[]], 64),
  ),
  odd('clamp to nothing', 'RangeError', (ctx, inp) => clamp(ctx, inp.x, 3n, 2n)),
  odd('selection of fewer columns', 'RangeError', (ctx, inp) => selectColumns(ctx, inp.own(1), [inp.x], [])),
  odd('selection by two bits', 'RangeError', (ctx, inp) => selectColumns(ctx, inp.own(2), [inp.x], [inp.x])),
  odd('selection of bits by two bits', 'RangeError', (ctx, inp) =>
    selectBits(ctx, inp.own(2), inp.own(3), inp.own(3)),
  ),
  odd('selection of bits of different rows', 'RangeError', (ctx, inp) =>
    selectBits(ctx, inp.own(1), inp.own(3), inp.own(2)),
  ),
  odd('selection of columns that do not fit together', 'BOUND_NOT_PROVED', (ctx, inp) =>
    selectColumns(ctx, inp.own(1), [inp.ring('x', 64, 0n, (1n << 64n) - 1n)], [inp.ring('y', 64, -1n, 0n)]),
  ),
  odd('selection of columns over different rings', 'TypeError', (ctx, inp) =>
    selectColumns(ctx, inp.own(1), [inp.x], [otherRing(inp)]),
  ),
  odd('minimum of nothing', 'RangeError', (ctx) => minimum(ctx, [])),
  odd('minimum over different rings', 'TypeError', (ctx, inp) => minimum(ctx, [inp.x, otherRing(inp)])),
  odd('noise of no scale', 'RangeError', (ctx) =>
    discreteLaplace(ctx, 3, { numerator: 0n, denominator: 1n }, 64),
  ),
  odd('noise of a negative scale', 'RangeError', (ctx) =>
    discreteLaplace(ctx, 3, { numerator: -1n, denominator: 1n }, 64),
  ),
  odd('noise of a scale over nothing', 'RangeError', (ctx) =>
    discreteLaplace(ctx, 3, { numerator: 1n, denominator: 0n }, 64),
  ),
  odd('noise of a scale that is too large', 'RangeError', (ctx) =>
    discreteLaplace(ctx, 3, { numerator: (1n << 40n) + 1n, denominator: 1n }, 64),
  ),
  odd('noise for which the ring is too narrow', 'BOUND_NOT_PROVED', (ctx) =>
    discreteLaplace(ctx, 3, { numerator: 1n << 40n, denominator: 1n }, 32),
  ),
  odd('noise of less than no numbers', 'RangeError', (ctx) =>
    discreteLaplace(ctx, -1, { numerator: 1n, denominator: 1n }, 64),
  ),
  odd('noise of half a number', 'RangeError', (ctx) =>
    discreteLaplace(ctx, 0.5, { numerator: 1n, denominator: 1n }, 64),
  ),
  odd('normal noise of no deviation', 'RangeError', (ctx) =>
    discreteGaussian(ctx, 3, { numerator: 0n, denominator: 1n }, 64),
  ),
  odd('normal noise of a deviation that is too large', 'RangeError', (ctx) =>
    discreteGaussian(ctx, 3, { numerator: 129n, denominator: 1n }, 64),
  ),
  odd('normal noise of less than no numbers', 'RangeError', (ctx) =>
    discreteGaussian(ctx, -1, { numerator: 1n, denominator: 1n }, 64),
  ),
  odd('normal noise of half a number', 'RangeError', (ctx) =>
    discreteGaussian(ctx, 1.5, { numerator: 1n, denominator: 100n }, 64),
  ),
  odd('uniform numbers below 0', 'RangeError', (ctx) => randomInteger(ctx, 3, 0n, 64)),
  odd('uniform numbers below too much', 'RangeError', (ctx) => randomInteger(ctx, 3, (1n << 53n) + 1n, 64)),
  odd('uniform numbers for which the ring is too narrow', 'BOUND_NOT_PROVED', (ctx) =>
    randomInteger(ctx, 3, 1n << 33n, 32),
  ),
  odd('less than no uniform numbers', 'RangeError', (ctx) => randomInteger(ctx, -1, 9n, 64)),
  odd('a probability above 1', 'RangeError', (ctx) =>
    biasedBits(ctx, 3, [{ numerator: 3n, denominator: 2n }]),
  ),
  odd('a probability below 0', 'RangeError', (ctx) =>
    biasedBits(ctx, 3, [{ numerator: -1n, denominator: 2n }]),
  ),
  odd('a probability over nothing', 'RangeError', (ctx) =>
    biasedBits(ctx, 3, [{ numerator: 0n, denominator: 0n }]),
  ),
  odd('a probability of negative numbers', 'RangeError', (ctx) =>
    biasedBits(ctx, 3, [{ numerator: -3n, denominator: -2n }]),
  ),
  odd('a threshold above 2^64', 'RangeError', (ctx) => bitsBelow(ctx, 3, [(1n << 64n) + 1n])),
  odd('a threshold below 0', 'RangeError', (ctx) => bitsBelow(ctx, 3, [-1n])),
  odd('no threshold', 'RangeError', (ctx) => bitsBelow(ctx, 3, [])),
  odd('less than no biased bits', 'RangeError', (ctx) => bitsBelow(ctx, -1, [1n])),
  odd('half a biased bit', 'RangeError', (ctx) => bitsBelow(ctx, 0.5, [1n])),
];
