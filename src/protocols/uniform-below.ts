/**
 * Uniform numbers below a bound, from a stream of uniform bytes.
 *
 * Numbers of as many bits as the bound are drawn, and those that are too large skipped: exactly uniform, at most two
 * draws for each on average. How many are skipped says nothing about the others.
 */
import { RingVector, type RingWidth } from '../kernels/ring-vector.js';
import type { MaskStream } from './randomness.js';

/** Up to here numbers of JavaScript are exact. */
export const LARGEST_BOUND = 1n << 53n;

const LIMB = 2 ** 32;
/** Words that are drawn at a time. */
const BATCH = 4096;

/** n numbers from 0 to bound - 1. RangeError for a bound that is not 1 to 2^53. */
export function uniformBelow(stream: MaskStream, bound: bigint, width: RingWidth, n: number): RingVector {
  if (bound < 1n || bound > LARGEST_BOUND) throw new RangeError(`uniform numbers below ${bound}`);
  const out = RingVector.zeros(width, n);
  const limbs = new Uint32Array(out.data.buffer, out.data.byteOffset, out.byteLength / 4);
  const perElement = width / 32;
  const limit = Number(bound);
  const bits = (bound - 1n).toString(2).length;
  const lowMask = bits >= 32 ? LIMB - 1 : 2 ** bits - 1;
  const highMask = bits > 32 ? 2 ** (bits - 32) - 1 : 0;
  let words: Uint32Array = new Uint32Array(0);
  for (let made = 0, at = 0; made < n; at += 2) {
    if (at === words.length) {
      words = new Uint32Array(stream.next(BATCH * 4).buffer);
      at = 0;
    }
    const low = (words[at]! & lowMask) >>> 0;
    const high = (words[at + 1]! & highMask) >>> 0;
    if (high * LIMB + low >= limit) continue;
    limbs[made * perElement] = low;
    if (perElement > 1) limbs[made * perElement + 1] = high;
    made++;
  }
  return out;
}
