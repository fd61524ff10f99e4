/** A vector that comes stretch by stretch: each is copied when it comes, and need not be kept. */
import { RingVector, type RingWidth } from '../kernels/ring-vector.js';
import { type Bounds, joinBounds } from './bounds.js';
import { ArithmeticShare } from './shares.js';

export class Concatenation<in out W extends RingWidth> {
  readonly #length: number;
  /** Width and held parts are those of any stretch. */
  #any: ArithmeticShare<W> | undefined;
  #parts: readonly RingVector[] = [];
  #bounds: Bounds | undefined;
  #clock = 0;

  constructor(length: number) {
    this.#length = length;
  }

  /** Elements from `start` on. RangeError where they do not fit, TypeError for another width. */
  place(start: number, stretch: ArithmeticShare<W>): void {
    const { width, length, bounds, clock, parts } = stretch;
    this.#any ??= stretch;
    if (start + length > this.#length) throw new RangeError(`elements beyond ${this.#length}`);
    if (width !== this.#any.width) throw new TypeError(`vectors over ${this.#any.width} and ${width} bits`);
    if (this.#parts.length === 0) {
      this.#parts = parts.map(() => RingVector.uninitialised(width, this.#length));
    }
    this.#parts.forEach((whole, i) => {
      whole.bytes().set((parts[i] as RingVector).bytes(), (start * width) / 8);
    });
    this.#bounds = this.#bounds === undefined ? bounds : joinBounds(this.#bounds, bounds);
    this.#clock = Math.max(this.#clock, clock);
  }

  /** All stretches, which cover the vector; RangeError where there was none. */
  finish(): ArithmeticShare<W> {
    const [any, bounds] = [this.#any, this.#bounds];
    if (any === undefined || bounds === undefined) throw new RangeError('a vector of no stretch');
    const { width, held } = any;
    const [length, parts, clock] = [this.#length, this.#parts, this.#clock];
    return new ArithmeticShare({ width, length, bounds, held, parts, clock });
  }
}
