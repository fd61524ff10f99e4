/**
 * Backend `rep4`: replicated sharing among four nodes, one of which may be malicious: it is caught before anything that it
 * touched leads to a message or a result.
 *
 * Each primitive's head stands with its implementation; formulas are in costs.ts.
 */
import { type NodeIndex, type PartIndex, REP4 } from '../../core/scheme.js';
import type { BitMatrix } from '../../kernels/bit-matrix.js';
import { kernels } from '../../kernels/kernels.js';
import type { RingVector, RingWidth } from '../../kernels/ring-vector.js';
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
} from '../backend.js';
import type { Context } from '../context.js';
import { uniformBelow } from '../uniform-below.js';
import { carrySpans } from './carry-spans.js';
import { inputParts } from './input.js';
import { lookup } from './lookup.js';
import { open, openBits } from './open.js';
import type { Rep4Party } from './party.js';
import { Rep4ProductSums } from './product-sums.js';
import { and, multiply } from './products.js';
import { rescale } from './rescale.js';
import { drawShuffle, permute, permuteAndReveal, type Rep4Shuffle } from './shuffle.js';
import { sineSeries } from './sine-series.js';
import { REFRESHING, ringShape, shareTerms } from './terms.js';
import { addends, bandBits, zeroBits } from './two-operands.js';
import { unitVectors } from './unit-vectors.js';

export class Rep4Backend implements Backend {
  readonly scheme = REP4;
  readonly self: NodeIndex;
  readonly held: readonly PartIndex[];
  readonly #party: Rep4Party;

  constructor(party: Rep4Party) {
    this.self = party.self;
    this.held = party.held;
    this.#party = party;
  }

  async input<W extends RingWidth>(
    ctx: Context,
    from: NodeIndex,
    values: RingVector | undefined,
    shape: { readonly width: W; readonly length: number; readonly bounds: Bounds },
  ): Promise<ArithmeticShare<W>> {
    const parts = await inputParts(this.#party, ctx.claim(), from, values, shape);
    return new ArithmeticShare({ ...shape, held: this.held, parts, clock: 2 });
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
    return new Rep4ProductSums(this.#party, width, length);
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

  unitVectors(ctx: Context, digit: BinaryShare): Promise<ArithmeticShare<32>> {
    return unitVectors(this.#party, ctx, digit);
  }

  /** Random bits: each part is a stream of its three holders. */
  randomBits(ctx: Context, rows: number, length: number): BinaryShare {
    const step = ctx.claim();
    const { held, randomness } = this.#party;
    const parts = held.map((part) => randomness.bits(part, step, 'random', rows, length));
    return new BinaryShare({ rows, length, held, parts, clock: 0 });
  }

  /** Uniform numbers: each part is made from a stream of its three holders. */
  randomSums<W extends RingWidth>(
    ctx: Context,
    modulus: bigint,
    width: W,
    length: number,
  ): ArithmeticShare<W> {
    const step = ctx.claim();
    const { held, randomness } = this.#party;
    const bounds = { min: 0n, max: BigInt(REP4.parts.length) * (modulus - 1n) };
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
    return permute(this.#party, ctx, shuffle as Rep4Shuffle, columns, direction);
  }

  permuteAndReveal<const C extends readonly Column[]>(
    ctx: Context,
    shuffle: Shuffle,
    order: ArithmeticShare<32>,
    columns: C,
  ): Promise<Revealed<C>> {
    return permuteAndReveal(this.#party, ctx, shuffle as Rep4Shuffle, order, columns);
  }

  /**
   * Refresh: shares of zero by terms that connect all parts.
   * Cost: 1 round, three elements and tags from all nodes together. Reveals: nothing; to whoever sees all parts of the
   * result and none before, they are uniform but for their sum.
   */
  async refresh<W extends RingWidth>(ctx: Context, x: ArithmeticShare<W>): Promise<ArithmeticShare<W>> {
    const sharing = { step: ctx.claim(), name: 'zero', clock: x.clock + 1 };
    const shape = ringShape(this.#party, x.width, x.length, sharing.name);
    const zeros = await shareTerms(this.#party, sharing, shape, REFRESHING, (_, mask) =>
      kernels.negate(mask),
    );
    const parts = x.parts.map((part, i) => kernels.add(part, zeros[i] as RingVector));
    return x.with({ clock: sharing.clock, parts });
  }

  open<W extends RingWidth>(ctx: Context, x: ArithmeticShare<W>): Promise<RingVector> {
    return open(this.#party, ctx, x);
  }

  openBits(ctx: Context, x: BinaryShare): Promise<BitMatrix> {
    return openBits(this.#party, ctx, x);
  }
}
