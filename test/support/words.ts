/** Sums and differences of bytes that stand for bits or for ring elements. */
import { kernels } from '../../src/kernels/kernels.js';
import { RingVector, type RingWidth } from '../../src/kernels/ring-vector.js';

/** What bytes stand for: bits, or elements of so many. */
export type Words = 'bits' | RingWidth;

export function sumOf(words: Words, x: Uint8Array, y: Uint8Array): Uint8Array {
  return words === 'bits' ? xorOf(x, y) : inRing(words, x, y, kernels.add);
}

export function differenceOf(words: Words, x: Uint8Array, y: Uint8Array): Uint8Array {
  return words === 'bits' ? xorOf(x, y) : inRing(words, x, y, kernels.subtract);
}

export function equalBytes(x: Uint8Array | undefined, y: Uint8Array | undefined): boolean {
  return x !== undefined && y !== undefined && Buffer.compare(x, y) === 0;
}

function inRing(
  width: RingWidth,
  x: Uint8Array,
  y: Uint8Array,
  of: (x: RingVector, y: RingVector) => RingVector,
): Uint8Array {
  return of(RingVector.fromBytes(width, x), RingVector.fromBytes(width, y)).bytes();
}

function xorOf(x: Uint8Array, y: Uint8Array): Uint8Array {
  return x.map((byte, i) => byte ^ (y[i] ?? 0));
}
