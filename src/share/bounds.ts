/**
 * Public bounds: the smallest and largest value that any element of a shared vector can have.
 *
 * Every operation derives the bounds of its result; one that could leave its ring is refused before any data
 * moves. A vector fits a ring of w bits when max - min < 2^w: then the residue determines the value.
 */
import { WarifuError } from '../core/errors.js';

export interface Bounds {
  readonly min: bigint;
  readonly max: bigint;
}

export const BIT: Bounds = { min: 0n, max: 1n };

export function constantBounds(value: bigint): Bounds {
  return { min: value, max: value };
}

export function addBounds(x: Bounds, y: Bounds): Bounds {
  return { min: x.min + y.min, max: x.max + y.max };
}

export function subtractBounds(x: Bounds, y: Bounds): Bounds {
  return { min: x.min - y.max, max: x.max - y.min };
}

export function scaleBounds(x: Bounds, factor: bigint): Bounds {
  return factor >= 0n
    ? { min: x.min * factor, max: x.max * factor }
    : { min: x.max * factor, max: x.min * factor };
}

export function multiplyBounds(x: Bounds, y: Bounds): Bounds {
  const corners = [x.min * y.min, x.min * y.max, x.max * y.min, x.max * y.max];
  return { min: smallest(corners), max: largest(corners) };
}

/** Bounds of a square: never negative. */
export function squareBounds(x: Bounds): Bounds {
  const corners = [x.min * x.min, x.max * x.max];
  return { min: x.min <= 0n && x.max >= 0n ? 0n : smallest(corners), max: largest(corners) };
}

/** Bounds of the union of two vectors, laid one after the other. */
export function joinBounds(x: Bounds, y: Bounds): Bounds {
  return { min: x.min < y.min ? x.min : y.min, max: x.max > y.max ? x.max : y.max };
}

/** Bits of the two's complement form that holds every value: the width of a sign test. */
export function signedBits(bounds: Bounds): number {
  const fits = (value: bigint): number => (value < 0n ? -value - 1n : value).toString(2).length + 1;
  if (bounds.min === 0n && bounds.max === 0n) return 1;
  const low = bounds.min === -1n || bounds.min === 0n ? 1 : fits(bounds.min);
  const high = bounds.max === 0n || bounds.max === -1n ? 1 : fits(bounds.max);
  return Math.max(low, high);
}

/** Bits in which two different values of these bounds differ as residues: the width of a zero test. */
export function spreadBits(bounds: Bounds): number {
  const widest = largest([bounds.max, -bounds.min, 0n]);
  return widest === 0n ? 0 : widest.toString(2).length;
}

/** True when the residue modulo 2^width determines the value. */
export function fitsRing(bounds: Bounds, width: number): boolean {
  return bounds.max - bounds.min < 1n << BigInt(width);
}

/**
 * @param what names the operation, in the terms of the query where there is one.
 * @throws WarifuError BOUND_NOT_PROVED when the values could leave the ring.
 */
export function proveFits(bounds: Bounds, width: number, what: string): void {
  if (fitsRing(bounds, width)) return;
  const bits = (bounds.max - bounds.min).toString(2).length;
  throw new WarifuError(
    'BOUND_NOT_PROVED',
    `${what} could need ${bits} bits and the ring has ${width}: declare a narrower range for the column, or filter it`,
    { bits, width },
  );
}

/** The integer in [min, max] that a residue stands for. */
export function fromResidue(residue: bigint, bounds: Bounds, width: number): bigint {
  return bounds.min + BigInt.asUintN(width, residue - bounds.min);
}

function smallest(values: readonly bigint[]): bigint {
  return values.reduce((best, value) => (value < best ? value : best));
}

function largest(values: readonly bigint[]): bigint {
  return values.reduce((best, value) => (value > best ? value : best));
}
