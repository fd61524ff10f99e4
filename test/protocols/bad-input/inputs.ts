/** Inputs of the shapes that are unusual, for any protocol. */
import type { RingWidth } from '../../../src/kernels/ring-vector.js';
import { rows } from '../../../src/share/bits.js';
import type { Bounds } from '../../../src/share/bounds.js';
import type { Fixed } from '../../../src/share/fixed.js';
import type { ArithmeticShare, BinaryShare } from '../../../src/share/shares.js';
import type { Dealer } from '../../support/world.js';

interface Sizes {
  /** Of the first vector. */
  readonly n: number;
  /** Of all others. */
  readonly m: number;
}

export const SHAPES = {
  ordinary: { n: 5, m: 5 },
  empty: { n: 0, m: 0 },
  one: { n: 1, m: 1 },
  equal: { n: 5, m: 5 },
  missing: { n: 5, m: 5 },
  /** The second vector is longer, */
  longer: { n: 5, m: 70 },
  /** or shorter. */
  shorter: { n: 5, m: 0 },
  /** Bounds fill the ring. */
  wide: { n: 5, m: 5 },
} as const satisfies Record<string, Sizes>;

export type Shape = keyof typeof SHAPES;

export class Inputs {
  readonly #deal: Dealer;
  readonly shape: Shape;
  readonly n: number;
  readonly m: number;

  constructor(deal: Dealer, shape: Shape) {
    this.#deal = deal;
    this.shape = shape;
    this.n = SHAPES[shape].n;
    this.m = SHAPES[shape].m;
  }

  /** Small numbers, and others, which may have another length. */
  get x(): ArithmeticShare<64> {
    return this.ring('x', 64, -8n, 7n);
  }

  get y(): ArithmeticShare<64> {
    return this.ring('y', 64, -8n, 7n, this.m);
  }

  get z(): ArithmeticShare<64> {
    return this.ring('z', 64, -8n, 7n, this.m);
  }

  /** Rows of bits, and others, which may have another length. */
  own(count: number): BinaryShare {
    return this.bits('own', count);
  }

  other(count: number): BinaryShare {
    return this.bits('other', count, this.m);
  }

  /** Numbers, of `n` elements where no length is given. */
  ring<W extends RingWidth>(
    name: string,
    width: W,
    min: bigint,
    max: bigint,
    n: number = this.n,
  ): ArithmeticShare<W> {
    const half = 1n << BigInt(width - 1);
    const bounds: Bounds = this.shape === 'wide' ? { min: -half, max: half - 1n } : { min, max };
    const list = Array.from({ length: n }, (_, i) => this.#element(i, bounds));
    return this.#deal.ring(name, width, n, bounds, () => list);
  }

  /** The same whose bounds stay as they are. */
  small<W extends RingWidth>(
    name: string,
    width: W,
    min: bigint,
    max: bigint,
    n: number = this.n,
  ): ArithmeticShare<W> {
    const list = Array.from({ length: n }, (_, i) => this.#element(i, { min, max }));
    return this.#deal.ring(name, width, n, { min, max }, () => list);
  }

  fixed<W extends RingWidth>(name: string, width: W, min: number, max: number, n: number = this.n): Fixed<W> {
    const fraction = width === 128 ? 40 : 20;
    const encoded = (x: number): bigint => BigInt(Math.round(x * 2 ** 20)) << BigInt(fraction - 20);
    return { value: this.ring(name, width, encoded(min), encoded(max), n), fraction };
  }

  /** Numbers that are given. */
  exact<W extends RingWidth>(
    name: string,
    width: W,
    list: readonly bigint[],
    bounds: Bounds,
  ): ArithmeticShare<W> {
    return this.#deal.ring(name, width, list.length, bounds, () => list);
  }

  bits(name: string, count: number, n: number = this.n): BinaryShare {
    // A matrix of no rows has a length too.
    if (count === 0) return rows(this.bits(name, 1, n), 0, 0);
    return this.#deal.bits(name, count, n, () =>
      Array.from({ length: count }, (_, row) => Array.from({ length: n }, (_, i) => this.#bit(row, i))),
    );
  }

  /** A row of bits that are given. */
  flags(name: string, bit: (i: number) => boolean, n: number = this.n): BinaryShare {
    return this.#deal.bits(name, 1, n, () => [Array.from({ length: n }, (_, i) => (bit(i) ? 1 : 0))]);
  }

  #element(i: number, { min, max }: Bounds): bigint {
    if (this.shape === 'equal') return max;
    if (this.shape === 'missing') return min <= 0n && max >= 0n ? 0n : min;
    return i % 2 === 0 ? min : max;
  }

  #bit(row: number, i: number): 0 | 1 {
    if (this.shape === 'equal') return 1;
    if (this.shape === 'missing') return 0;
    return ((row + i) % 2) as 0 | 1;
  }
}
