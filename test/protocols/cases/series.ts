/** Sine series of shares and of sums of products. */
import type { RingWidth } from '../../../src/kernels/ring-vector.js';
import { type Rescaling, SERIES_FRACTION, type SineSeries } from '../../../src/protocols/backend.js';
import { encode } from '../../../src/share/fixed.js';
import { type AnyShare, type Case, ringCase } from './case.js';

const AMPLITUDES = [0.75, -0.25, 2 ** -10, 0, 1.5];
/** The sum of all amplitudes lies within 3. */
const MOST = 3;

/** With so many bits of fraction. */
function formOf<V extends RingWidth>(width: V, fraction: number): Rescaling<V> {
  const shift = SERIES_FRACTION - fraction;
  const most = encode(MOST, fraction);
  return { offset: most << BigInt(shift), shift, width, bounds: { min: -most, max: most + 1n } };
}

/** With doubles, whose angle is exact to 2^-50 of a turn. */
function valueAt(x: bigint, width: RingWidth, { turns, amplitudes }: SineSeries, fraction: number): bigint {
  const place = BigInt.asUintN(width, x * turns) >> BigInt(Math.max(0, width - 50));
  const angle = 2 * Math.PI * (Number(place) / 2 ** Math.min(width, 50));
  const sum = amplitudes.reduce((total, a, j) => total + a * Math.sin((2 * j + 1) * angle), 0);
  return encode(sum, fraction);
}

function seriesCase<W extends RingWidth, V extends RingWidth>(
  from: W,
  to: V,
  turns: bigint,
  fraction = 22,
): Case {
  const series = { turns, amplitudes: AMPLITUDES };
  const half = 1n << BigInt(from - 1);
  const edges = [0n, -1n, 1n, half - 1n, -half, half / 2n, -half / 2n];
  return {
    ...ringCase(
      `series-of-${from}-to-${to}`,
      from,
      -half,
      half - 1n,
      async (ctx, x) =>
        (await ctx.backend.sineSeries(ctx, x, series, formOf(to, fraction))) as unknown as Promise<AnyShare>,
      (x) => x.map((value) => valueAt(value, from, series, fraction)),
      true,
      (x) => x.map((value, i) => (i % 3 === 0 ? (edges[(i / 3) % edges.length] ?? value) : value)),
    ),
    within: 3n,
  };
}

const PRODUCTS = { turns: 5n, amplitudes: AMPLITUDES };

export const SERIES_CASES: readonly Case[] = [
  seriesCase(64, 64, 1n),
  seriesCase(64, 128, (1n << 40n) + 1n),
  // With more bits of fraction a missing mask of the operand would not show.
  seriesCase(64, 32, 3n, 12),
  seriesCase(32, 64, 1n << 20n),
  seriesCase(128, 64, 7n),
  {
    ...ringCase(
      'series-of-products-64',
      64,
      -(1n << 31n),
      (1n << 31n) - 1n,
      async (ctx, x, y) => {
        const sums = ctx.backend.productSums(64, x.length);
        await sums.addElementwise(x, y);
        return await sums.finishSeries(ctx, PRODUCTS, formOf(64, 12));
      },
      (x, y) => x.map((value, i) => valueAt(value * (y[i] ?? 0n), 64, PRODUCTS, 12)),
    ),
    within: 1n,
  },
];
