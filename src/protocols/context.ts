/**
 * A node's view of one computation: all that a protocol sees.
 *
 * `step(name)` gives a child whose messages and randomness are separate from its siblings'. A step is used
 * once, either by one primitive or as the parent of further steps, so that reusing a mask or crossing two
 * messages throws (STEP_REUSED) instead of happening.
 */
import { WarifuError } from '../core/errors.js';
import { childStep, rootStep, type StepPath } from '../core/step.js';
import { BitMatrix } from '../kernels/bit-matrix.js';
import { kernels } from '../kernels/kernels.js';
import { RingVector, type RingWidth } from '../kernels/ring-vector.js';
import { type Bounds, constantBounds } from '../share/bounds.js';
import { ArithmeticShare, BinaryShare } from '../share/shares.js';
import type { Backend } from './backend.js';

export class Context {
  readonly backend: Backend;
  readonly path: StepPath;
  readonly #children = new Set<string>();
  #claimed = false;

  private constructor(backend: Backend, path: StepPath) {
    this.backend = backend;
    this.path = path;
  }

  /** The root of a computation. Its name separates computations that share keys (they never should). */
  static root(backend: Backend, name: string): Context {
    return new Context(backend, rootStep(name));
  }

  /** A child step; each name once. */
  step(name: string): Context {
    if (this.#claimed)
      throw new WarifuError('STEP_REUSED', `step ${this.path} is used by a primitive already`);
    if (this.#children.has(name))
      throw new WarifuError('STEP_REUSED', `step ${this.path}/${name} is used twice`);
    this.#children.add(name);
    return new Context(this.backend, childStep(this.path, name));
  }

  /** Called once by the primitive that uses this step's messages and randomness. */
  claim(): StepPath {
    if (this.#claimed || this.#children.size > 0) {
      throw new WarifuError('STEP_REUSED', `step ${this.path} is used twice`);
    }
    this.#claimed = true;
    return this.path;
  }

  /** A public constant vector as a share: part 0 carries it. */
  constant<W extends RingWidth>(width: W, length: number, value: bigint): ArithmeticShare<W> {
    const { held } = this.backend;
    const zeros = RingVector.zeros(width, held.length === 0 ? 0 : length);
    const parts = held.map((part) => (part === 0 ? kernels.addConstant(zeros, value) : zeros));
    return new ArithmeticShare({ width, length, bounds: constantBounds(value), held, parts, clock: 0 });
  }

  /** A public vector as a share: part 0 carries it. `values` is asked for where there is data only. */
  publicVector<W extends RingWidth>(
    width: W,
    length: number,
    bounds: Bounds,
    values: () => RingVector,
  ): ArithmeticShare<W> {
    const { held } = this.backend;
    const zeros = RingVector.zeros(width, held.length === 0 ? 0 : length);
    const parts = held.map((part) => (part === 0 ? values() : zeros));
    return new ArithmeticShare({ width, length, bounds, held, parts, clock: 0 });
  }

  /** Public bits as a share: part 0 carries them. */
  publicBits(bits: BitMatrix): BinaryShare {
    const { held } = this.backend;
    const parts = held.map((part) => (part === 0 ? bits : BitMatrix.zeros(bits.rows, bits.length)));
    return new BinaryShare({ rows: bits.rows, length: bits.length, held, parts, clock: 0 });
  }
}
