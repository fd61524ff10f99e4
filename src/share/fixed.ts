/**
 * Binary fractions on shares: a vector of integers that stand for themselves times 2^-fraction.
 *
 * The operations here are local: no message, no randomness, exact bounds, exact results. Products are in
 * protocols/fixed/multiply.ts.
 */
import type { RingWidth } from '../kernels/ring-vector.js';
import { add, addConstant, scale, slice, subtract } from './linear.js';
import type { ArithmeticShare } from './shares.js';

/** The numbers value * 2^-fraction. */
export interface Fixed<in out W extends RingWidth> {
  readonly value: ArithmeticShare<W>;
  /** Bits after the binary point, from 0 on. */
  readonly fraction: number;
}

/** The integer nearest to x * 2^fraction (halves up): exact, since a double times a power of two is one. */
export function encode(x: number, fraction: number): bigint {
  const scaled = Math.round(x * 2 ** fraction);
  if (!Number.isFinite(scaled)) throw new RangeError(`${x} has no binary fraction of ${fraction} bits`);
  return BigInt(scaled);
}

/** The double nearest to value * 2^-fraction. */
export function decode(value: bigint, fraction: number): number {
  return Number(value) / 2 ** fraction;
}

/** x + y. RangeError unless both have the same fraction. */
export function addFixed<W extends RingWidth>(x: Fixed<W>, y: NoInfer<Fixed<W>>): Fixed<W> {
  return { value: add(x.value, y.value), fraction: sameFraction(x, y) };
}

/** x - y. RangeError unless both have the same fraction. */
export function subtractFixed<W extends RingWidth>(x: Fixed<W>, y: NoInfer<Fixed<W>>): Fixed<W> {
  return { value: subtract(x.value, y.value), fraction: sameFraction(x, y) };
}

/** factor * x for a public integer. */
export function scaleFixed<W extends RingWidth>(x: Fixed<W>, factor: bigint): Fixed<W> {
  return { value: scale(x.value, factor), fraction: x.fraction };
}

/** x + the encoding of a public number. */
export function addNumber<W extends RingWidth>(x: Fixed<W>, number: number): Fixed<W> {
  return { value: addConstant(x.value, encode(number, x.fraction)), fraction: x.fraction };
}

/** x times 2^bits, by another reading of the same integers. */
export function shiftPoint<W extends RingWidth>(x: Fixed<W>, bits: number): Fixed<W> {
  const fraction = x.fraction - bits;
  if (!Number.isInteger(fraction) || fraction < 0) throw new RangeError(`a fraction of ${fraction} bits`);
  return { value: x.value, fraction };
}

/** The same numbers with `fraction` bits, no fewer than before. */
export function extendFraction<W extends RingWidth>(x: Fixed<W>, fraction: number): Fixed<W> {
  if (fraction < x.fraction) throw new RangeError(`${x.fraction} bits of fraction do not fit in ${fraction}`);
  if (fraction === x.fraction) return x;
  return { value: scale(x.value, 1n << BigInt(fraction - x.fraction)), fraction };
}

/** Elements from start to end, without copying. */
export function sliceFixed<W extends RingWidth>(x: Fixed<W>, start: number, end: number): Fixed<W> {
  return { value: slice(x.value, start, end), fraction: x.fraction };
}

function sameFraction<W extends RingWidth>(x: Fixed<W>, y: Fixed<W>): number {
  if (x.fraction === y.fraction) return x.fraction;
  throw new RangeError(`binary fractions of ${x.fraction} and ${y.fraction} bits`);
}
