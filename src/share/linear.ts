/**
 * Local operations on arithmetic shares: no message, no randomness, exact bounds.
 *
 * They act part by part; a public constant is added to part 0 only, at the nodes that hold it.
 */
import { kernels } from '../kernels/kernels.js';
import { RingVector, type RingWidth } from '../kernels/ring-vector.js';
import {
  addBounds,
  type Bounds,
  constantBounds,
  joinBounds,
  multiplyBounds,
  proveFits,
  scaleBounds,
  subtractBounds,
} from './bounds.js';
import { ArithmeticShare, latest } from './shares.js';

/** RangeError for different lengths, TypeError for different widths. */
export function sameShape<W extends RingWidth>(x: ArithmeticShare<W>, y: NoInfer<ArithmeticShare<W>>): void {
  if (x.length !== y.length) throw new RangeError(`vectors of ${x.length} and ${y.length} elements`);
  if (x.width !== y.width) throw new TypeError(`vectors over ${x.width} and ${y.width} bits`);
}

export function add<W extends RingWidth>(
  x: ArithmeticShare<W>,
  y: NoInfer<ArithmeticShare<W>>,
): ArithmeticShare<W> {
  sameShape(x, y);
  const bounds = addBounds(x.bounds, y.bounds);
  proveFits(bounds, x.width, 'a sum');
  return x.with({
    bounds,
    clock: latest(x, y),
    parts: x.parts.map((part, i) => kernels.add(part, partAt(y, i))),
  });
}

export function subtract<W extends RingWidth>(
  x: ArithmeticShare<W>,
  y: NoInfer<ArithmeticShare<W>>,
): ArithmeticShare<W> {
  sameShape(x, y);
  const bounds = subtractBounds(x.bounds, y.bounds);
  proveFits(bounds, x.width, 'a difference');
  return x.with({
    bounds,
    clock: latest(x, y),
    parts: x.parts.map((part, i) => kernels.subtract(part, partAt(y, i))),
  });
}

/** factor * x for a public integer. */
export function scale<W extends RingWidth>(x: ArithmeticShare<W>, factor: bigint): ArithmeticShare<W> {
  const bounds = scaleBounds(x.bounds, factor);
  proveFits(bounds, x.width, `a value times ${factor}`);
  if (factor === 1n) return x;
  return x.with({ bounds, parts: x.parts.map((part) => kernels.scale(part, factor)) });
}

/**
 * factor * x modulo 2^width, with the bounds of x: a summand, of which only the sum is known to fit. The caller gives the
 * sum its bounds.
 */
export function scaleModular<W extends RingWidth>(x: ArithmeticShare<W>, factor: bigint): ArithmeticShare<W> {
  return factor === 1n ? x : x.with({ parts: x.parts.map((part) => kernels.scale(part, factor)) });
}

/** x + constant for a public integer. */
export function addConstant<W extends RingWidth>(
  x: ArithmeticShare<W>,
  constant: bigint,
): ArithmeticShare<W> {
  const bounds = addBounds(x.bounds, constantBounds(constant));
  return x.with({
    bounds,
    parts: x.parts.map((part, i) => (x.held[i] === 0 ? kernels.addConstant(part, constant) : part)),
  });
}

/** x * y elementwise for a public vector with known bounds. */
export function multiplyPublic<W extends RingWidth>(
  x: ArithmeticShare<W>,
  y: RingVector,
  yBounds: Bounds,
): ArithmeticShare<W> {
  const bounds = multiplyBounds(x.bounds, yBounds);
  proveFits(bounds, x.width, 'a product with public values');
  return x.with({ bounds, parts: x.parts.map((part) => kernels.multiply(part, y)) });
}

/** Sum of the elements from start to end (default: all), as a vector of length 1. */
export function sum<W extends RingWidth>(
  x: ArithmeticShare<W>,
  start = 0,
  end: number = x.length,
): ArithmeticShare<W> {
  const bounds = scaleBounds(x.bounds, BigInt(end - start));
  proveFits(bounds, x.width, `a sum of ${end - start} values`);
  return x.with({ bounds, length: 1, parts: x.parts.map((part) => kernels.sumRange(part, start, end)) });
}

/** The same values over a narrower ring that still determines them. */
export function reduceTo<V extends RingWidth, W extends RingWidth>(
  x: ArithmeticShare<V>,
  width: W,
): ArithmeticShare<W> {
  proveFits(x.bounds, width, 'a value reduced to a narrower ring');
  return new ArithmeticShare({
    width,
    length: x.length,
    bounds: x.bounds,
    held: x.held,
    clock: x.clock,
    parts: x.parts.map((part) => kernels.reduce(part, width)),
  });
}

/**
 * x * 2^(width - x.width) over a ring that is wider: modulo 2^width the parts, taken as they are, determine it. The same
 * x where the width is the same.
 */
export function raiseTo<V extends RingWidth, W extends RingWidth>(
  x: ArithmeticShare<V>,
  width: W,
): ArithmeticShare<W> {
  const factor = 1n << BigInt(width - x.width);
  return new ArithmeticShare({
    width,
    length: x.length,
    bounds: scaleBounds(x.bounds, factor),
    held: x.held,
    clock: x.clock,
    parts: x.parts.map((part) => kernels.scale(kernels.extend(part, width), factor)),
  });
}

/** Elements from start to end, without copying. */
export function slice<W extends RingWidth>(
  x: ArithmeticShare<W>,
  start: number,
  end: number,
): ArithmeticShare<W> {
  return x.with({ length: end - start, parts: x.parts.map((part) => part.slice(start, end)) });
}

/** Vectors laid one after the other. */
export function concatenate<W extends RingWidth>(vectors: readonly ArithmeticShare<W>[]): ArithmeticShare<W> {
  const [first] = vectors;
  if (first === undefined) throw new RangeError('concatenate: no vector');
  const other = vectors.find(({ width }) => width !== first.width);
  if (other !== undefined) throw new TypeError(`vectors over ${first.width} and ${other.width} bits`);
  return first.with({
    length: vectors.reduce((total, vector) => total + vector.length, 0),
    bounds: vectors.map((vector) => vector.bounds).reduce(joinBounds),
    clock: latest(...vectors),
    parts: first.parts.map((_, i) => RingVector.concat(vectors.map((vector) => partAt(vector, i)))),
  });
}

/**
 * The same share with tighter bounds that follow from mathematics rather than from the operations, such as
 * n*S2 - S1^2 >= 0. The caller proves them in a comment.
 */
export function tighten<W extends RingWidth>(x: ArithmeticShare<W>, bounds: Bounds): ArithmeticShare<W> {
  return x.with({ bounds });
}

/** The part that corresponds to entry i of another share of the same node. */
export function partAt<W extends RingWidth>(share: ArithmeticShare<W>, i: number): RingVector {
  const part = share.parts[i];
  if (part === undefined) throw new RangeError('share: a part is missing');
  return part;
}
