/**
 * The dry run: the same protocols without data. It derives rounds, bytes per node and bounds, and refuses a
 * computation whose values could leave a ring before any data moves.
 *
 * Openings return zeros (a revealed order the identity), so no protocol may branch on what it opened in a way that
 * changes its cost without an estimate.
 */
import type { Cost } from '../../core/cost.js';
import type { NodeIndex, Scheme, SchemeName } from '../../core/scheme.js';
import { BitMatrix } from '../../kernels/bit-matrix.js';
import { indices } from '../../kernels/indices.js';
import { RingVector, type RingWidth } from '../../kernels/ring-vector.js';
import type { Bounds } from '../../share/bounds.js';
import { ArithmeticShare, BinaryShare, type Column, latest } from '../../share/shares.js';
import {
  type AndTerm,
  type Backend,
  type CarrySpans,
  type DigitTables,
  type Estimate,
  type LookupShape,
  type ProductSums,
  type Rescaling,
  type Revealed,
  type Shuffle,
  type SineSeries,
  shapeOfTerms,
  type UnitVectors,
} from '../backend.js';
import { atClock, bytesOfColumns } from '../columns.js';
import type { Context } from '../context.js';
import type { PrimitiveCosts } from '../primitive-costs.js';
import { rep3Costs } from '../rep3/costs.js';
import { rep4Costs } from '../rep4/costs.js';
import { bitBytes, ringBytes } from '../sizes.js';
import { layoutOf } from '../spans.js';

const COSTS: Partial<Record<SchemeName, PrimitiveCosts>> = { rep3: rep3Costs, rep4: rep4Costs };

export class DryBackend implements Backend {
  readonly scheme: Scheme;
  readonly self = undefined;
  readonly held = [] as const;
  readonly chunksAsOne: boolean;
  readonly #costs: PrimitiveCosts;
  readonly #bytes: number[];
  /** By how much estimated steps may exceed what is expected of them. */
  readonly #spare: number[];
  #rounds = 0;
  #spareRounds = 0;

  /** @throws RangeError for a scheme without messages. */
  constructor(scheme: Scheme) {
    const costs = COSTS[scheme.name];
    if (costs === undefined) throw new RangeError(`${scheme.name} has no costs`);
    this.scheme = scheme;
    // Each message of rep4 has a tag, whatever its length.
    this.chunksAsOne = scheme.name === 'rep3';
    this.#costs = costs;
    this.#bytes = scheme.nodes.map(() => 0);
    this.#spare = scheme.nodes.map(() => 0);
  }

  /** What the computation has cost so far; the expectation where it has estimated steps. */
  get cost(): Cost {
    return { rounds: this.#rounds, bytes: [...this.#bytes] };
  }

  /** Exceeded with a probability below 2^-40 for each estimated step; the cost itself where there is none. */
  get bound(): Cost {
    return {
      rounds: this.#rounds + this.#spareRounds,
      bytes: this.#bytes.map((bytes, node) => bytes + (this.#spare[node] ?? 0)),
    };
  }

  /** Adds a primitive that starts at `clock`; returns the clock of its result. */
  #charge(ctx: Context, cost: Cost, clock: number): number {
    ctx.claim();
    cost.bytes.forEach((bytes, node) => {
      this.#bytes[node] = (this.#bytes[node] ?? 0) + bytes;
    });
    this.#rounds = Math.max(this.#rounds, clock + cost.rounds);
    return clock + cost.rounds;
  }

  async input<W extends RingWidth>(
    ctx: Context,
    from: NodeIndex,
    _values: RingVector | undefined,
    shape: { readonly width: W; readonly length: number; readonly bounds: Bounds },
  ): Promise<ArithmeticShare<W>> {
    const clock = this.#charge(ctx, this.#costs.input(from, shape.width, shape.length), 0);
    return this.#arithmetic(shape.width, shape.length, shape.bounds, clock);
  }

  async multiply<W extends RingWidth>(
    ctx: Context,
    x: ArithmeticShare<W>,
    y: ArithmeticShare<W>,
    bounds: Bounds,
  ): Promise<ArithmeticShare<W>> {
    const clock = this.#charge(ctx, this.#costs.multiply(x.width, x.length), latest(x, y));
    return this.#arithmetic(x.width, x.length, bounds, clock);
  }

  productSums<W extends RingWidth>(width: W, length: number): ProductSums<W> {
    let clock = 0;
    const used = (...shares: readonly ArithmeticShare<W>[]): void => {
      clock = Math.max(clock, latest(...shares));
    };
    return {
      add: async (lefts, rights) => used(...lefts, ...rights),
      addElementwise: async (x, y) => used(x, y),
      addValues: async (x) => used(x),
      addMatrix: async (x, yT) => used(x, yT),
      addPlaces: async (units) => {
        clock = Math.max(clock, latest(...units));
      },
      finish: async (ctx, bounds) => {
        const done = this.#charge(ctx, this.#costs.productSums(width, length), clock);
        return this.#arithmetic(width, length, bounds, done);
      },
      finishRescaled: async (ctx, { shift, width: to, bounds }) => {
        const done = this.#charge(ctx, this.#costs.rescaleProducts(width, shift, to, length), clock);
        return this.#arithmetic(to, length, bounds, done);
      },
      finishSeries: async (ctx, { amplitudes }, { shift, width: to, bounds }) => {
        const cost = this.#costs.seriesOfProducts(width, amplitudes.length, shift, to, length);
        return this.#arithmetic(to, length, bounds, this.#charge(ctx, cost, clock));
      },
    };
  }

  async rescale<W extends RingWidth, V extends RingWidth>(
    ctx: Context,
    x: ArithmeticShare<W>,
    { shift, width, bounds }: Rescaling<V>,
  ): Promise<ArithmeticShare<V>> {
    const clock = this.#charge(ctx, this.#costs.rescale(x.width, shift, width, x.length), x.clock);
    return this.#arithmetic(width, x.length, bounds, clock);
  }

  async sineSeries<W extends RingWidth, V extends RingWidth>(
    ctx: Context,
    x: ArithmeticShare<W>,
    { amplitudes }: SineSeries,
    { shift, width, bounds }: Rescaling<V>,
  ): Promise<ArithmeticShare<V>> {
    const cost = this.#costs.sineSeries(amplitudes.length, shift, width, x.length);
    return this.#arithmetic(width, x.length, bounds, this.#charge(ctx, cost, x.clock));
  }

  async and(ctx: Context, terms: readonly AndTerm[]): Promise<BinaryShare> {
    const { rows, length, clock } = shapeOfTerms(terms);
    return this.#binary(rows, length, this.#charge(ctx, this.#costs.and(rows, length), clock));
  }

  async carrySpans<W extends RingWidth>(
    ctx: Context,
    x: ArithmeticShare<W>,
    from: number,
    to: number,
  ): Promise<CarrySpans> {
    const clock = this.#charge(ctx, this.#costs.carrySpans(from, to, x.length), x.clock);
    const { all, passing } = layoutOf(from, to);
    return {
      halfSum: this.#binary(to - from, x.length, x.clock + 1),
      spans: all,
      generate: this.#binary(all.length, x.length, clock),
      propagate: this.#binary(passing.length, x.length, clock),
    };
  }

  async zeroBits<W extends RingWidth>(ctx: Context, x: ArithmeticShare<W>, k: number): Promise<BinaryShare> {
    return this.#binary(k, x.length, this.#charge(ctx, this.#costs.zeroBits(k, x.length), x.clock));
  }

  async bandBits<W extends RingWidth>(ctx: Context, x: ArithmeticShare<W>, b: number): Promise<BinaryShare> {
    const clock = this.#charge(ctx, this.#costs.bandBits(x.width, b, x.length), x.clock);
    return this.#binary(x.width - b - 1, x.length, clock);
  }

  async addends<W extends RingWidth>(
    ctx: Context,
    x: ArithmeticShare<W>,
    k: number,
  ): Promise<readonly BinaryShare[]> {
    this.#charge(ctx, this.#costs.addends(k, x.length), x.clock);
    return this.#costs.addendRounds.map((rounds) => this.#binary(k, x.length, x.clock + rounds));
  }

  async lookup<W extends RingWidth>(
    ctx: Context,
    digits: readonly BinaryShare[],
    tables: readonly DigitTables[],
    { width, bounds, summed = false }: LookupShape<W>,
  ): Promise<ArithmeticShare<W>> {
    const n = digits[0]?.length ?? 0;
    const length = summed ? tables.length : tables.length * n;
    const cost = this.#costs.lookup(digits, width, n, length);
    return this.#arithmetic(width, length, bounds, this.#charge(ctx, cost, latest(...digits)));
  }

  async unitVectors(ctx: Context, digit: BinaryShare, places: number): Promise<UnitVectors> {
    const cost = this.#costs.unitVectors(digit.rows, digit.length, places);
    return { clock: this.#charge(ctx, cost, digit.clock) };
  }

  randomBits(ctx: Context, rows: number, length: number): BinaryShare {
    ctx.claim();
    return this.#binary(rows, length, 0);
  }

  randomSums<W extends RingWidth>(
    ctx: Context,
    modulus: bigint,
    width: W,
    length: number,
  ): ArithmeticShare<W> {
    ctx.claim();
    const max = BigInt(this.scheme.parts.length) * (modulus - 1n);
    return this.#arithmetic(width, length, { min: 0n, max }, 0);
  }

  drawShuffle(ctx: Context, length: number): Shuffle {
    ctx.claim();
    return { length };
  }

  async permute<const C extends readonly Column[]>(
    ctx: Context,
    _shuffle: Shuffle,
    columns: C,
    _direction: 'forward' | 'inverse',
  ): Promise<C> {
    const clock = this.#charge(ctx, this.#costs.permute(bytesOfColumns(columns)), latest(...columns));
    return atClock(columns, clock);
  }

  async permuteAndReveal<const C extends readonly Column[]>(
    ctx: Context,
    _shuffle: Shuffle,
    order: ArithmeticShare<32>,
    columns: C,
  ): Promise<Revealed<C>> {
    const cost = this.#costs.permuteAndReveal(ringBytes(32, order.length), bytesOfColumns(columns));
    const clock = this.#charge(ctx, cost, latest(order, ...columns));
    return {
      order: indices(order.length),
      clock,
      columns: atClock(columns, clock),
    };
  }

  readonly estimate = (ctx: Context, { expected, bound }: Estimate, clock: number): number => {
    bound.bytes.forEach((bytes, node) => {
      this.#spare[node] = (this.#spare[node] ?? 0) + bytes - (expected.bytes[node] ?? 0);
    });
    this.#spareRounds += bound.rounds - expected.rounds;
    return this.#charge(ctx, expected, clock);
  };

  async refresh<W extends RingWidth>(ctx: Context, x: ArithmeticShare<W>): Promise<ArithmeticShare<W>> {
    return x.with({ clock: this.#charge(ctx, this.#costs.refresh(x.width, x.length), x.clock) });
  }

  async open<W extends RingWidth>(ctx: Context, x: ArithmeticShare<W>): Promise<RingVector> {
    this.#charge(ctx, this.#costs.open(ringBytes(x.width, x.length)), x.clock);
    return RingVector.zeros(x.width, x.length);
  }

  async openBits(ctx: Context, x: BinaryShare): Promise<BitMatrix> {
    this.#charge(ctx, this.#costs.open(bitBytes(x.rows, x.length)), x.clock);
    return BitMatrix.zeros(x.rows, x.length);
  }

  #arithmetic<W extends RingWidth>(
    width: W,
    length: number,
    bounds: Bounds,
    clock: number,
  ): ArithmeticShare<W> {
    return new ArithmeticShare({ width, length, bounds, held: this.held, parts: [], clock });
  }

  #binary(rows: number, length: number, clock: number): BinaryShare {
    return new BinaryShare({ rows, length, held: this.held, parts: [], clock });
  }
}
