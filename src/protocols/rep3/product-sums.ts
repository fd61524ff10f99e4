/**
 * Sums of products: inner products of vectors that come stretch by stretch, matrix products, elementwise ones.
 *
 * Protocol: that of products.ts: the local terms of all products are summed up, then masked and reshared once. Where
 *   the sums are rescaled, only the two messages travel that make them a sum of two operands, as rescale.ts needs them.
 * Cost: 1 round and one ring element per result and node, whatever the number of products. Rescaled: see rescale.ts.
 * Reveals: nothing; the messages are masked as in a product.
 */
import type { StepPath } from '../../core/step.js';
import { kernels, type ReplicatedPair } from '../../kernels/kernels.js';
import { RingVector, type RingWidth } from '../../kernels/ring-vector.js';
import type { Bounds } from '../../share/bounds.js';
import { ArithmeticShare, latest } from '../../share/shares.js';
import type { MatrixShape, ProductSums, Rescaling } from '../backend.js';
import type { Context } from '../context.js';
import { ringBytes } from '../sizes.js';
import { bothParts, exchange, type Rep3Party } from './party.js';
import { reshare, zeroShare } from './products.js';
import { rescaleOperands } from './rescale.js';

/** A product takes as long as so many bytes of a message. */
const PRODUCT_BYTES = 2;

/** Elements of all vectors together that are multiplied with each other while they are in the cache. */
const CACHED_ELEMENTS = 1 << 16;

export class Rep3ProductSums<in out W extends RingWidth> implements ProductSums<W> {
  readonly #party: Rep3Party;
  readonly #width: W;
  #sums: RingVector;
  #clock = 0;

  constructor(party: Rep3Party, width: W, length: number) {
    this.#party = party;
    this.#width = width;
    this.#sums = RingVector.zeros(width, length);
  }

  async add(xs: readonly ArithmeticShare<W>[], ys: readonly ArithmeticShare<W>[]): Promise<void> {
    this.#clock = latest(...xs, ...ys, { clock: this.#clock });
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
      await this.#party.turns.next((end - start) * this.#sums.length * PRODUCT_BYTES);
      kernels.addInnerProducts(this.#sums, lefts, rights, start, end);
    }
  }

  async addElementwise(x: ArithmeticShare<W>, y: ArithmeticShare<W>): Promise<void> {
    this.#clock = latest(x, y, { clock: this.#clock });
    await this.#party.turns.next(ringBytes(x.width, x.length));
    const [x0, x1] = bothParts(x);
    const [y0, y1] = bothParts(y);
    const none = RingVector.zeros(x.width, x.length);
    const out = RingVector.uninitialised(x.width, x.length);
    kernels.multiplyReplicatedInto(x0, x1, y0, y1, this.#sums, none, out);
    this.#sums = out;
  }

  /** Each node takes in its first part. */
  async addValues(x: ArithmeticShare<W>): Promise<void> {
    this.#clock = latest(x, { clock: this.#clock });
    await this.#party.turns.next(ringBytes(x.width, x.length));
    this.#sums = kernels.add(this.#sums, bothParts(x)[0]);
  }

  async addMatrix(x: ArithmeticShare<W>, yT: ArithmeticShare<W>, shape: MatrixShape): Promise<void> {
    this.#clock = latest(x, yT, { clock: this.#clock });
    const { rows, inner, columns } = shape;
    await this.#party.turns.next(rows * inner * columns * PRODUCT_BYTES);
    const [x0, x1] = bothParts(x);
    const [y0, y1] = bothParts(yT);
    this.#sums = kernels.matrixMultiplyReplicated(x0, x1, y0, y1, this.#sums, rows, inner, columns);
  }

  async finish(ctx: Context, bounds: Bounds): Promise<ArithmeticShare<W>> {
    const step = ctx.claim();
    const party = this.#party;
    const { length } = this.#sums;
    const clock = this.#clock + 1;
    const masked = kernels.add(this.#sums, zeroShare(party, step, this.#width, length));
    const parts = await reshare(party, step, masked, clock);
    return new ArithmeticShare({ width: this.#width, length, bounds, held: party.held, parts, clock });
  }

  /**
   * Node 0 gets to know the sum of its own term and node 1's, nodes 1 and 2 both get to know node 2's. Node 2 receives
   * no term, so that the masks need no stream of the part that it lacks.
   */
  async finishRescaled<V extends RingWidth>(ctx: Context, to: Rescaling<V>): Promise<ArithmeticShare<V>> {
    const step = ctx.claim();
    const party = this.#party;
    const { length } = this.#sums;
    const clock = this.#clock + 1;
    const masked = kernels.add(this.#sums, maskOfTerm(party, step, this.#width, length));
    const sending =
      party.self === 0 ? Promise.resolve() : party.send(party.prev, step, 'product', masked, clock);
    const receiving = (): Promise<RingVector> =>
      party.receiveRing(party.next, step, 'product', this.#width, length);
    const operand =
      party.self === 2
        ? await exchange(sending, Promise.resolve(masked))
        : party.self === 1
          ? await exchange(sending, receiving())
          : kernels.add(masked, await exchange(sending, receiving()));
    return await rescaleOperands(party, step, operand, to, clock);
  }
}

/** Sums to 0 over the nodes; node 0 lacks the stream that masks what node 1 sends it, node 1 that of node 2's message. */
function maskOfTerm(party: Rep3Party, step: StepPath, width: RingWidth, n: number): RingVector {
  const stream = (part: 0 | 2): RingVector => party.randomness.ring(part, step, 'term', width, n);
  if (party.self === 0) return stream(0);
  if (party.self === 1) return kernels.negate(stream(2));
  return kernels.subtract(stream(2), stream(0));
}
