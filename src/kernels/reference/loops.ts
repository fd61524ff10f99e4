/**
 * What each ring width supplies: loops over raw words, without checks or allocation.
 *
 * Each width has functions of its own, so that the engine sees one array type in each loop and keeps it fast.
 */
import type { RingVector, RingWidth } from '../ring-vector.js';
import { ring32 } from './ring32.js';
import { ring64 } from './ring64.js';
import { ring128 } from './ring128.js';

/** Words of a vector as its loops see them (`wordsOf`): at width 128 four 32-bit limbs an element. */
export type Words = Uint32Array | BigUint64Array;

/** x is rows x inner, y is columns x inner, the product rows x columns; all row-major. */
export interface MatrixShape {
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
}

/** Every vector is of the ring's own word type; a constant is a vector of length 1. */
export interface RingLoops {
  add(x: Words, y: Words, out: Words): void;
  subtract(x: Words, y: Words, out: Words): void;
  multiply(x: Words, y: Words, out: Words): void;
  addConstant(x: Words, c: Words, out: Words): void;
  scale(x: Words, c: Words, out: Words): void;
  sum(x: Words, out: Words): void;
  prefixSum(x: Words, out: Words): void;
  /** x0*(y0+y1) + x1*y0 + plus - minus. */
  multiplyReplicated(x0: Words, x1: Words, y0: Words, y1: Words, plus: Words, minus: Words, out: Words): void;
  /** out[r, c] += the sum of x[r, i] * y[c, i] over start <= i < end. */
  addProducts(x: Words, y: Words, out: Words, shape: MatrixShape, start: number, end: number): void;
}

const LOOPS: Readonly<Record<RingWidth, RingLoops>> = { 32: ring32, 64: ring64, 128: ring128 };

export function loopsOf(width: RingWidth): RingLoops {
  return LOOPS[width];
}

export function wordsOf(x: RingVector): Words {
  return x.width === 128 ? limbsOf(x) : x.data;
}

/** The 32-bit limbs of a vector of any width, least significant first: a view. */
export function limbsOf(x: RingVector): Uint32Array {
  return new Uint32Array(x.data.buffer, x.data.byteOffset, x.data.byteLength / 4);
}
