/** Sums of products of values in the clear. */
import { sineSums } from '../../kernels/harmonics.js';
import { kernels } from '../../kernels/kernels.js';
import { RingVector, type RingWidth } from '../../kernels/ring-vector.js';
import type { Bounds } from '../../share/bounds.js';
import { ArithmeticShare, latest } from '../../share/shares.js';
import {
  type MatrixShape,
  type ProductSums,
  type Rescaling,
  SERIES_FRACTION,
  type SineSeries,
} from '../backend.js';
import type { Context } from '../context.js';
import { vectorOf } from './parts.js';

export class PlainProductSums<in out W extends RingWidth> implements ProductSums<W> {
  readonly #held: readonly [0];
  readonly #width: W;
  #sums: RingVector;
  #clock = 0;

  constructor(held: readonly [0], width: W, length: number) {
    this.#held = held;
    this.#width = width;
    this.#sums = RingVector.zeros(width, length);
  }

  async add(xs: readonly ArithmeticShare<W>[], ys: readonly ArithmeticShare<W>[]): Promise<void> {
    const products = xs.flatMap((x) =>
      ys.map((y) => kernels.sum(kernels.multiply(vectorOf(x), vectorOf(y)))),
    );
    if (products.length > 0) this.#include(RingVector.concat(products), latest(...xs, ...ys));
  }

  async addElementwise(x: ArithmeticShare<W>, y: ArithmeticShare<W>): Promise<void> {
    this.#include(kernels.multiply(vectorOf(x), vectorOf(y)), latest(x, y));
  }

  async addValues(x: ArithmeticShare<W>): Promise<void> {
    this.#include(vectorOf(x), x.clock);
  }

  async addPlaces(units: readonly ArithmeticShare<32>[], values: number): Promise<void> {
    const totals = units.map((own) => kernels.placeTotals(vectorOf(own), values, 1));
    const all = totals.reduce(kernels.add, RingVector.zeros(32, values));
    const before = kernels.subtract(kernels.prefixSum(all), all).data;
    const counts = new RingVector(
      32,
      new Uint32Array(2 * values).map((_, i) => (i % 2 === 0 ? Number(before[i / 2]) : 0)),
    );
    const places = units.map((own) => {
      const out = RingVector.zeros(32, own.length / (values - 1));
      kernels.addPlaces([vectorOf(own), RingVector.zeros(32, own.length)], [1, 0], counts, out, 0);
      return out;
    });
    this.#include(RingVector.concat(places), latest(...units));
  }

  async addMatrix(x: ArithmeticShare<W>, yT: ArithmeticShare<W>, shape: MatrixShape): Promise<void> {
    const { rows, inner, columns } = shape;
    this.#include(kernels.matrixMultiply(vectorOf(x), vectorOf(yT), rows, inner, columns), latest(x, yT));
  }

  async finish(ctx: Context, bounds: Bounds): Promise<ArithmeticShare<W>> {
    ctx.claim();
    const { length } = this.#sums;
    const held = this.#held;
    return new ArithmeticShare({
      width: this.#width,
      bounds,
      length,
      held,
      parts: [this.#sums],
      clock: this.#clock,
    });
  }

  async finishRescaled<V extends RingWidth>(ctx: Context, to: Rescaling<V>): Promise<ArithmeticShare<V>> {
    ctx.claim();
    return rescaled(this.#held, this.#sums, to, this.#clock);
  }

  async finishSeries<V extends RingWidth>(
    ctx: Context,
    series: SineSeries,
    to: Rescaling<V>,
  ): Promise<ArithmeticShare<V>> {
    ctx.claim();
    return seriesAt(this.#held, this.#sums, series, to, this.#clock);
  }

  #include(terms: RingVector, clock: number): void {
    this.#clock = Math.max(this.#clock, clock);
    this.#sums = kernels.add(this.#sums, terms);
  }
}

/** Rounded down. */
export function rescaled<V extends RingWidth>(
  held: readonly [0],
  x: RingVector,
  { offset, shift, width, bounds }: Rescaling<V>,
  clock: number,
): ArithmeticShare<V> {
  const wide = kernels.extend(kernels.addConstant(x, offset), 128);
  const high = kernels.toBits(wide, 128).rowsBetween(shift, 128);
  const quotient = kernels.reduce(kernels.fromBits(high, 128), width);
  const parts = [kernels.addConstant(quotient, -(offset >> BigInt(shift)))];
  return new ArithmeticShare({ width, length: x.length, bounds, held, parts, clock });
}

/** A series, rescaled. */
export function seriesAt<V extends RingWidth>(
  held: readonly [0],
  x: RingVector,
  { turns, amplitudes }: SineSeries,
  to: Rescaling<V>,
  clock: number,
): ArithmeticShare<V> {
  return rescaled(held, sineSums(x, turns, amplitudes, SERIES_FRACTION), to, clock);
}
