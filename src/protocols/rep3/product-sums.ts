/**
 * Inner products of vectors that come stretch by stretch.
 *
 * Protocol: that of products.ts: the local terms of all rows are summed up, then masked and reshared once.
 * Cost: 1 round and one ring element per result and node, whatever the number of rows and stretches.
 * Reveals: nothing; the one message is masked as in a product.
 */
import { kernels, type ReplicatedPair } from '../../kernels/kernels.js';
import { RingVector, type RingWidth } from '../../kernels/ring-vector.js';
import type { Bounds } from '../../share/bounds.js';
import { ArithmeticShare, latest } from '../../share/shares.js';
import type { ProductSums } from '../backend.js';
import type { Context } from '../context.js';
import { bothParts, type Rep3Party } from './party.js';
import { reshare, zeroShare } from './products.js';

/** A product takes as long as so many bytes of a message. */
const PRODUCT_BYTES = 2;

/** Elements of all vectors together that are multiplied with each other while they are in the cache. */
const CACHED_ELEMENTS = 1 << 16;

export class Rep3ProductSums<in out W extends RingWidth> implements ProductSums<W> {
  readonly #party: Rep3Party;
  readonly #width: W;
  readonly #sums: RingVector;
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

  async finish(ctx: Context, bounds: Bounds): Promise<ArithmeticShare<W>> {
    const step = ctx.claim();
    const party = this.#party;
    const { length } = this.#sums;
    const clock = this.#clock + 1;
    const masked = kernels.add(this.#sums, zeroShare(party, step, this.#width, length));
    const parts = await reshare(party, step, masked, clock);
    return new ArithmeticShare({ width: this.#width, length, bounds, held: party.held, parts, clock });
  }
}
