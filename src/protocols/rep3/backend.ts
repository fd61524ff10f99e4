/**
 * Backend `rep3`: replicated sharing among three nodes, one of which may be curious.
 *
 * Each primitive's head stands with its implementation; formulas are in costs.ts.
 */
import { type NodeIndex, type PartIndex, REP3 } from '../../core/scheme.js';
import type { BitMatrix } from '../../kernels/bit-matrix.js';
import { kernels } from '../../kernels/kernels.js';
import { RingVector, type RingWidth } from '../../kernels/ring-vector.js';
import type { Bounds } from '../../share/bounds.js';
import { ArithmeticShare, BinaryShare, type Column } from '../../share/shares.js';
import type {
  AndTerm,
  Backend,
  CarrySpans,
  DigitTables,
  LookupShape,
  ProductSums,
  Rescaling,
  Revealed,
  Shuffle,
  SineSeries,
  UnitVectors,
} from '../backend.js';
import type { Context } from '../context.js';
import { uniformBelow } from '../uniform-below.js';
import { carrySpans } from './carry-spans.js';
import { lookup } from './lookup.js';
import { open, openBits } from './open.js';
import { bothParts, type Rep3Party } from './party.js';
import { Rep3ProductSums } from './product-sums.js';
import { and, multiply, reshare, zeroShare } from './products.js';
import { rescale } from './rescale.js';
import { drawShuffle, permute, permuteAndReveal, type Rep3Shuffle } from './shuffle.js';
import { sineSeries } from './sine-series.js';
import { addends, bandBits, zeroBits } from './two-operands.js';
import { unitVectors } from './unit-vectors.js';

export class Rep3Backend implements Backend {
  readonly scheme = REP3;
  readonly self: NodeIndex;
  readonly held: readonly PartIndex[];
  readonly #party: Rep3Party;

  constructor(party: Rep3Party) {
    this.self = party.self;
    this.held = party.held;
    this.#party = party;
  }

  /**
   * Input: the dealer's parts are a stream with next and the rest, which it sends to prev; the third part is 0.
   * Cost: 1 round, one ring element per value from the dealer. Reveals: nothing (prev lacks the stream).
   */
  async input<W extends RingWidth>(
    ctx: Context,
    from: NodeIndex,
    values: RingVector | undefined,
    shape: { readonly width: W; readonly length: number; readonly bounds: Bounds },
  ): Promise<ArithmeticShare<W>> {
    const step = ctx.claim();
    const parts = await this.#inputParts(step, from, values, shape.width, shape.length);
    return new ArithmeticShare({ ...shape, held: this.held, parts, clock: 1 });
  }

  async #inputParts(
    step: ReturnType<Context['claim']>,
    from: NodeIndex,
    values: RingVector | undefined,
    width: RingWidth,
    n: number,
  ): Promise<readonly RingVector[]> {
    const party = this.#party;
    const zeros = RingVector.zeros(width, n);
    if (party.self === from) {
      if (values === undefined) throw new TypeError('input: the dealer gives the values');
      const stream = party.randomness.ring(party.second, step, 'input', width, n);
      const rest = kernels.subtract(values, stream);
      await party.send(party.prev, step, 'input', rest, 1);
      return [rest, stream];
    }
    if (party.prev === from) return [party.randomness.ring(party.first, step, 'input', width, n), zeros];
    return [zeros, await party.receiveRing(from, step, 'input', width, n)];
  }

  multiply<W extends RingWidth>(
    ctx: Context,
    x: ArithmeticShare<W>,
    y: ArithmeticShare<W>,
    bounds: Bounds,
  ): Promise<ArithmeticShare<W>> {
    return multiply(this.#party, ctx, x, y, bounds);
  }

  productSums<W extends RingWidth>(width: W, length: number): ProductSums<W> {
    return new Rep3ProductSums(this.#party, width, length);
  }

  rescale<W extends RingWidth, V extends RingWidth>(
    ctx: Context,
    x: ArithmeticShare<W>,
    to: Rescaling<V>,
  ): Promise<ArithmeticShare<V>> {
    return rescale(this.#party, ctx, x, to);
  }

  sineSeries<W extends RingWidth, V extends RingWidth>(
    ctx: Context,
    x: ArithmeticShare<W>,
    series: SineSeries,
    to: Rescaling<V>,
  ): Promise<ArithmeticShare<V>> {
    return sineSeries(this.#party, ctx, x, series, to);
  }

  and(ctx: Context, terms: readonly AndTerm[]): Promise<BinaryShare> {
    return and(this.#party, ctx, terms);
  }

  carrySpans<W extends RingWidth>(
    ctx: Context,
    x: ArithmeticShare<W>,
    from: number,
    to: number,
  ): Promise<CarrySpans> {
    return carrySpans(this.#party, ctx, x, from, to);
  }

  zeroBits<W extends RingWidth>(ctx: Context, x: ArithmeticShare<W>, k: number): Promise<BinaryShare> {
    return zeroBits(this.#party, ctx, x, k);
  }

  bandBits<W extends RingWidth>(ctx: Context, x: ArithmeticShare<W>, b: number): Promise<BinaryShare> {
    return bandBits(this.#party, ctx, x, b);
  }

  addends<W extends RingWidth>(
    ctx: Context,
    x: ArithmeticShare<W>,
    k: number,
  ): Promise<readonly BinaryShare[]> {
    return addends(this.#party, ctx, x, k);
  }

  lookup<W extends RingWidth>(
    ctx: Context,
    digits: readonly BinaryShare[],
    tables: readonly DigitTables[],
    to: LookupShape<W>,
  ): Promise<ArithmeticShare<W>> {
    return lookup(this.#party, ctx, digits, tables, to);
  }

  unitVectors(ctx: Context, digit: BinaryShare, places: number): Promise<UnitVectors> {
    return unitVectors(this.#party, ctx, digit, places);
  }

  /** Random bits: each part is a stream of its two holders. */
  randomBits(ctx: Context, rows: number, length: number): BinaryShare {
    const step = ctx.claim();
    const { held, randomness } = this.#party;
    const parts = held.map((part) => randomness.bits(part, step, 'random', rows, length));
    return new BinaryShare({ rows, length, held, parts, clock: 0 });
  }

  /** Uniform numbers: each part is made from a stream of its two holders. */
  randomSums<W extends RingWidth>(
    ctx: Context,
    modulus: bigint,
    width: W,
    length: number,
  ): ArithmeticShare<W> {
    const step = ctx.claim();
    const { held, randomness } = this.#party;
    const bounds = { min: 0n, max: BigInt(REP3.parts.length) * (modulus - 1n) };
    const parts = held.map((part) =>
      uniformBelow(randomness.byteStream(part, step, 'uniform'), modulus, width, length),
    );
    return new ArithmeticShare({ width, length, bounds, held, parts, clock: 0 });
  }

  drawShuffle(ctx: Context, length: number): Shuffle {
    return drawShuffle(this.#party, ctx, length);
  }

  permute<const C extends readonly Column[]>(
    ctx: Context,
    shuffle: Shuffle,
    columns: C,
    direction: 'forward' | 'inverse',
  ): Promise<C> {
    return permute(this.#party, ctx, shuffle as Rep3Shuffle, columns, direction);
  }

  permuteAndReveal<const C extends readonly Column[]>(
    ctx: Context,
    shuffle: Shuffle,
    order: ArithmeticShare<32>,
    columns: C,
  ): Promise<Revealed<C>> {
    return permuteAndReveal(this.#party, ctx, shuffle as Rep3Shuffle, order, columns);
  }

  /**
   * Refresh: each party's first part plus a share of zero, sent to prev.
   * Cost: 1 round, one ring element per node. Reveals: nothing (the message is masked as in a product).
   */
  async refresh<W extends RingWidth>(ctx: Context, x: ArithmeticShare<W>): Promise<ArithmeticShare<W>> {
    const step = ctx.claim();
    const clock = x.clock + 1;
    const [first] = bothParts(x);
    const masked = kernels.add(first, zeroShare(this.#party, step, x.width, x.length));
    return x.with({ clock, parts: await reshare(this.#party, step, masked, clock) });
  }

  open<W extends RingWidth>(ctx: Context, x: ArithmeticShare<W>): Promise<RingVector> {
    return open(this.#party, ctx, x);
  }

  openBits(ctx: Context, x: BinaryShare): Promise<BitMatrix> {
    return openBits(this.#party, ctx, x);
  }
}
