/**
 * Running XOR of words: what prefix sums are for numbers, for words that are shared by XOR.
 */
import { RingVector } from './ring-vector.js';

/** Inclusive: element i of the result is the XOR of elements 0..i. */
export function prefixXor(x: RingVector): RingVector {
  const out = RingVector.zeros(x.width, x.length);
  const limbs = x.width / 32;
  const from = new Uint32Array(x.data.buffer, x.data.byteOffset, limbs * x.length);
  const to = new Uint32Array(out.data.buffer, out.data.byteOffset, from.length);
  for (let i = 0; i < from.length; i++) to[i] = i < limbs ? from[i]! : from[i]! ^ to[i - limbs]!;
  return out;
}
