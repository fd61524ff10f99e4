/**
 * Sums of products: inner products of vectors that come stretch by stretch, matrix products, elementwise ones.
 *
 * Protocol: that of products.ts: the terms of all products are summed up, each at the two nodes that know it, and shared
 *   once. Where the sums are rescaled, only the four mixed terms are shared: what parts 0 and 1 then add up to is known
 *   to nodes 2 and 3, the rest to nodes 0 and 1, and rescale.ts needs no more.
 * Cost: 1 round and six ring elements and tags per result, whatever the number of products. Rescaled: four of them, and see
 *   rescale.ts.
 * Reveals: nothing. Fails: COPIES_DIFFER where a node lies.
 */
import type { StepPath } from '../../core/step.js';
import { kernels, type Three } from '../../kernels/kernels.js';
import { RingVector, type RingWidth } from '../../kernels/ring-vector.js';
import type { Bounds } from '../../share/bounds.js';
import { ArithmeticShare, latest } from '../../share/shares.js';
import type { MatrixShape, ProductSums, Rescaling, SineSeries } from '../backend.js';
import type { Context } from '../context.js';
import { ringBytes } from '../sizes.js';
import { factorOf } from './factors.js';
import { partOf } from './parts.js';
import type { Rep4Party } from './party.js';
import { each, rolesOf } from './product-messages.js';
import { rescaleOperands } from './rescale.js';
import { seriesOfOperands } from './sine-series.js';
import { ALL_TERMS, knows, MIXED, ringShape, shareTerms, sideOf, sumOfSide, type Term } from './terms.js';
import { placesOf } from './unit-vectors.js';

/** A product takes as long as so many bytes of a message. */
const PRODUCT_BYTES = 2;

/** Elements of all vectors together that are multiplied with each other while they are in the cache. */
const CACHED_ELEMENTS = 1 << 16;

export class Rep4ProductSums<in out W extends RingWidth> implements ProductSums<W> {
  readonly #party: Rep4Party;
  readonly #width: W;
  readonly #length: number;
  /** Of the terms that this node knows. */
  readonly #sums: Map<Term, RingVector>;
  /** What is added without a product, in share order. */
  #values: readonly RingVector[] | undefined;
  #clock = 0;

  constructor(party: Rep4Party, width: W, length: number) {
    this.#party = party;
    this.#width = width;
    this.#length = length;
    const known = ALL_TERMS.filter((term) => knows(party.self, term));
    this.#sums = new Map(known.map((term) => [term, RingVector.zeros(width, length)]));
  }

  async add(xs: readonly ArithmeticShare<W>[], ys: readonly ArithmeticShare<W>[]): Promise<void> {
    this.#clock = latest(...xs, ...ys, { clock: this.#clock });
    const length = xs[0]?.length ?? 0;
    const rows = Math.max(1024, Math.floor(CACHED_ELEMENTS / (xs.length + ys.length)));
    const { parts, terms } = rolesOf(this.#party.self);
    const sums = each(terms, (term) => this.#sums.get(term) as RingVector);
    const partsOf = (share: ArithmeticShare<W>): Three<RingVector> =>
      each(parts, (part) => partOf(share, part));
    const [lefts, rights] = [xs.map(partsOf), ys.map(partsOf)];
    for (let start = 0; start < length; start += rows) {
      const end = Math.min(start + rows, length);
      await this.#party.turns.next((end - start) * terms.length * this.#length * PRODUCT_BYTES);
      kernels.addInnerTerms(sums, lefts, rights, start, end);
    }
  }

  async addElementwise(x: ArithmeticShare<W>, y: ArithmeticShare<W>): Promise<void> {
    this.#clock = latest(x, y, { clock: this.#clock });
    for (const [term, sums] of this.#sums) {
      await this.#party.turns.next(ringBytes(x.width, x.length));
      const [x0, x1] = factorOf(term, x, 'left');
      const [y0, y1] = factorOf(term, y, 'right');
      const out = RingVector.uninitialised(this.#width, this.#length);
      kernels.multiplyReplicatedInto(x0, x1, y0, y1, sums, undefined, out);
      this.#sums.set(term, out);
    }
  }

  async addValues(x: ArithmeticShare<W>): Promise<void> {
    this.#clock = latest(x, { clock: this.#clock });
    const before = this.#values;
    this.#values =
      before === undefined ? x.parts : x.parts.map((part, i) => kernels.add(part, before[i] as RingVector));
  }

  async addPlaces(units: readonly ArithmeticShare<32>[], values: number): Promise<void> {
    this.#clock = latest(...units, { clock: this.#clock });
    for (const [term, sums] of this.#sums) {
      this.#sums.set(term, kernels.add(sums, await placesOf(this.#party, term, units, values)));
    }
  }

  async addMatrix(x: ArithmeticShare<W>, yT: ArithmeticShare<W>, shape: MatrixShape): Promise<void> {
    this.#clock = latest(x, yT, { clock: this.#clock });
    const { rows, inner, columns } = shape;
    for (const [term, sums] of this.#sums) {
      await this.#party.turns.next(rows * inner * columns * PRODUCT_BYTES);
      const [x0, x1] = factorOf(term, x, 'left');
      const [y0, y1] = factorOf(term, yT, 'right');
      this.#sums.set(term, kernels.matrixMultiplyReplicated(x0, x1, y0, y1, sums, rows, inner, columns));
    }
  }

  async finish(ctx: Context, bounds: Bounds): Promise<ArithmeticShare<W>> {
    const width = this.#width;
    const length = this.#length;
    const clock = this.#clock + 1;
    const parts = await this.#share(ctx.claim(), ALL_TERMS, clock);
    const values = this.#values;
    const all =
      values === undefined ? parts : parts.map((part, i) => kernels.add(part, values[i] as RingVector));
    return new ArithmeticShare({ width, length, bounds, held: this.#party.held, parts: all, clock });
  }

  async finishRescaled<V extends RingWidth>(ctx: Context, to: Rescaling<V>): Promise<ArithmeticShare<V>> {
    const step = ctx.claim();
    return await rescaleOperands(this.#party, step, await this.#operand(step), to, this.#clock + 1);
  }

  async finishSeries<V extends RingWidth>(
    ctx: Context,
    series: SineSeries,
    to: Rescaling<V>,
  ): Promise<ArithmeticShare<V>> {
    const step = ctx.claim();
    return await seriesOfOperands(this.#party, step, await this.#operand(step), series, to, this.#clock + 1);
  }

  /** This node's side of the sums. */
  async #operand(step: StepPath): Promise<RingVector> {
    const party = this.#party;
    const mixed = sumOfSide(party, await this.#share(step, MIXED, this.#clock + 1));
    const products = kernels.add(mixed, this.#sums.get(sideOf(party.self)) as RingVector);
    return this.#values === undefined ? products : kernels.add(products, sumOfSide(party, this.#values));
  }

  #share(step: StepPath, terms: readonly Term[], clock: number): Promise<RingVector[]> {
    const shape = ringShape(this.#party, this.#width, this.#length, 'product');
    return shareTerms(this.#party, { step, name: 'product', clock }, shape, terms, (term, mask) => {
      const sums = this.#sums.get(term) as RingVector;
      kernels.subtractInto(sums, mask);
      return sums;
    });
  }
}
