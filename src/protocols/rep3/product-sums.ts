/**
 * Sums of products: inner products of vectors that come stretch by stretch, matrix products, elementwise ones.
 *
 * Protocol: that of products.ts: the local terms of all products are summed up, then masked and reshared once. Where
 *   the sums are rescaled, or put into a series, only the two messages travel that make them a sum of two operands, as rescale.ts needs them.
 * Cost: 1 round and one ring element per result and node, whatever the number of products. Rescaled: see rescale.ts;
 *   series: see sine-series.ts.
 * Reveals: nothing; the messages are masked as in a product.
 */
import type { PartIndex } from '../../core/scheme.js';
import type { StepPath } from '../../core/step.js';
import { kernels, type ReplicatedPair } from '../../kernels/kernels.js';
import { RingVector, type RingWidth } from '../../kernels/ring-vector.js';
import type { Bounds } from '../../share/bounds.js';
import { ArithmeticShare, latest } from '../../share/shares.js';
import type { MatrixShape, ProductSums, Rescaling, SineSeries } from '../backend.js';
import type { Context } from '../context.js';
import { ringBytes } from '../sizes.js';
import { bothParts, exchange, type Rep3Party } from './party.js';
import { reshare } from './products.js';
import { type Operand, rescaleOperands } from './rescale.js';
import { seriesOfOperands } from './sine-series.js';
import { placesOf, type Rep3UnitVectors } from './unit-vectors.js';

/** A product takes as long as so many bytes of a message. */
const PRODUCT_BYTES = 2;

/** Elements of all vectors together that are multiplied with each other while they are in the cache. */
const CACHED_ELEMENTS = 1 << 16;

/** What masks a term: one vector is added, another subtracted. */
interface Masks {
  readonly plus?: RingVector;
  readonly minus?: RingVector;
}

type Factors = readonly [ReplicatedPair, ReplicatedPair];

export class Rep3ProductSums<in out W extends RingWidth> implements ProductSums<W> {
  readonly #party: Rep3Party;
  readonly #width: W;
  readonly #length: number;
  /** Undefined as long as all are 0. */
  #sums: RingVector | undefined;
  /** An elementwise product that waits, to be computed in one go with the masks. */
  #pending: Factors | undefined;
  #clock = 0;

  constructor(party: Rep3Party, width: W, length: number) {
    this.#party = party;
    this.#width = width;
    this.#length = length;
  }

  async add(xs: readonly ArithmeticShare<W>[], ys: readonly ArithmeticShare<W>[]): Promise<void> {
    this.#clock = latest(...xs, ...ys, { clock: this.#clock });
    const sums = RingVector.zeros(this.#width, this.#length);
    const length = xs[0]?.length ?? 0;
    // The kernel knows a vector that is multiplied with itself by its being one object.
    const pairs = new Map<readonly RingVector[], ReplicatedPair>();
    const pairOf = (share: ArithmeticShare<W>): ReplicatedPair => {
      const pair = pairs.get(share.parts) ?? bothParts(share);
      pairs.set(share.parts, pair);
      return pair;
    };
    const [lefts, rights] = [xs.map(pairOf), ys.map(pairOf)];
    const rows = Math.max(1024, Math.floor(CACHED_ELEMENTS / (xs.length + ys.length)));
    for (let start = 0; start < length; start += rows) {
      const end = Math.min(start + rows, length);
      await this.#party.turns.next((end - start) * sums.length * PRODUCT_BYTES);
      kernels.addInnerProducts(sums, lefts, rights, start, end);
    }
    this.#include(sums);
  }

  async addElementwise(x: ArithmeticShare<W>, y: ArithmeticShare<W>): Promise<void> {
    this.#clock = latest(x, y, { clock: this.#clock });
    await this.#party.turns.next(ringBytes(x.width, x.length));
    this.#takeIn();
    this.#pending = [bothParts(x), bothParts(y)];
  }

  async addValues(x: ArithmeticShare<W>): Promise<void> {
    this.#clock = latest(x, { clock: this.#clock });
    await this.#party.turns.next(ringBytes(x.width, x.length));
    this.#include(bothParts(x)[0]);
  }

  async addPlaces(units: readonly Rep3UnitVectors[], values: number): Promise<void> {
    this.#clock = latest(...units, { clock: this.#clock });
    this.#include(await placesOf(this.#party, units, values));
  }

  async addMatrix(x: ArithmeticShare<W>, yT: ArithmeticShare<W>, shape: MatrixShape): Promise<void> {
    this.#clock = latest(x, yT, { clock: this.#clock });
    const { rows, inner, columns } = shape;
    await this.#party.turns.next(rows * inner * columns * PRODUCT_BYTES);
    const [x0, x1] = bothParts(x);
    const [y0, y1] = bothParts(yT);
    this.#sums = kernels.matrixMultiplyReplicated(x0, x1, y0, y1, this.#started(), rows, inner, columns);
  }

  async finish(ctx: Context, bounds: Bounds): Promise<ArithmeticShare<W>> {
    const step = ctx.claim();
    const party = this.#party;
    const width = this.#width;
    const length = this.#length;
    const clock = this.#clock + 1;
    const stream = (part: PartIndex): RingVector => party.randomness.ring(part, step, 'zero', width, length);
    const masked = this.#masked({ plus: stream(party.first), minus: stream(party.second) });
    const parts = await reshare(party, step, masked, clock);
    return new ArithmeticShare({ width, length, bounds, held: party.held, parts, clock });
  }

  async finishRescaled<V extends RingWidth>(ctx: Context, to: Rescaling<V>): Promise<ArithmeticShare<V>> {
    const step = ctx.claim();
    const operand = await this.#asOperands(step);
    return await rescaleOperands(this.#party, step, operand, to, this.#clock + 1);
  }

  async finishSeries<V extends RingWidth>(
    ctx: Context,
    series: SineSeries,
    to: Rescaling<V>,
  ): Promise<ArithmeticShare<V>> {
    const step = ctx.claim();
    const operand = await this.#asOperands(step);
    return await seriesOfOperands(this.#party, step, operand, series, to, this.#clock + 1);
  }

  /**
   * Node 0 gets to know the sum of its own term and node 1's, nodes 1 and 2 both get to know node 2's. Node 2 receives
   * no term, so that the masks need no stream of the part that it lacks.
   */
  async #asOperands(step: StepPath): Promise<Operand> {
    const party = this.#party;
    const [width, length] = [this.#width, this.#length];
    const clock = this.#clock + 1;
    const masked = this.#masked(masksOfTerm(party, step, width, length));
    const sending =
      party.self === 0 ? Promise.resolve() : party.send(party.prev, step, 'product', masked, clock);
    const receiving =
      party.self === 2
        ? Promise.resolve(masked)
        : party.receiveRing(party.next, step, 'product', width, length);
    const received = await exchange(sending, receiving);
    return [party.self === 0 ? masked : received, received];
  }

  #include(terms: RingVector): void {
    this.#sums = this.#sums === undefined ? terms : kernels.add(this.#sums, terms);
  }

  /** The sums so far. */
  #started(): RingVector {
    this.#takeIn();
    return this.#sums ?? RingVector.zeros(this.#width, this.#length);
  }

  #takeIn(): void {
    if (this.#pending === undefined) return;
    this.#sums = product(this.#pending, this.#sums === undefined ? {} : { plus: this.#sums });
    this.#pending = undefined;
  }

  #masked(masks: Masks): RingVector {
    if (this.#pending !== undefined) {
      const last = product(this.#pending, masks);
      return this.#sums === undefined ? last : kernels.add(last, this.#sums);
    }
    const { plus, minus } = masks;
    const added = plus === undefined ? this.#started() : kernels.add(this.#started(), plus);
    return minus === undefined ? added : kernels.subtract(added, minus);
  }
}

/** This node's term of a product, masked. */
function product([[x0, x1], [y0, y1]]: Factors, { plus, minus }: Masks): RingVector {
  const { width, length } = x0;
  const out = RingVector.uninitialised(width, length);
  kernels.multiplyReplicatedInto(x0, x1, y0, y1, plus, minus, out);
  return out;
}

/** Sums to 0 over the nodes; node 0 lacks the stream that masks what node 1 sends it, node 1 that of node 2's message. */
function masksOfTerm(party: Rep3Party, step: StepPath, width: RingWidth, n: number): Masks {
  const stream = (part: 0 | 2): RingVector => party.randomness.ring(part, step, 'term', width, n);
  if (party.self === 0) return { plus: stream(0) };
  if (party.self === 1) return { minus: stream(2) };
  return { plus: stream(2), minus: stream(0) };
}
