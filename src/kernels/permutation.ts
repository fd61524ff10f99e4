/**
 * Uniform permutations from a stream of random bytes.
 *
 * Fisher-Yates with rejection: place i takes a uniform number of 0..i, drawn as that many random bits as i has until
 * one is not above i. Exactly uniform, for a uniform stream. The time depends on the stream alone.
 */

/** Bytes read from the stream at a time. */
const PIECE = 1 << 16;

/** A random permutation of 0..n-1, from 32 random bits a try; 1.4 tries an element on average. */
export function randomPermutation(stream: { next(length: number): Uint8Array }, n: number): Uint32Array {
  const out = new Uint32Array(n);
  for (let i = 0; i < n; i++) out[i] = i;
  let words: Uint32Array = new Uint32Array(0);
  let at = 0;
  let mask = 0xffffffff >>> Math.clz32(Math.max(1, n - 1));
  for (let i = n - 1; i > 0; i--) {
    if (i <= mask >>> 1) mask >>>= 1;
    let j: number;
    do {
      if (at === words.length) {
        words = new Uint32Array(stream.next(PIECE).buffer);
        at = 0;
      }
      j = (words[at]! & mask) >>> 0;
      at++;
    } while (j > i);
    const swapped = out[i]!;
    out[i] = out[j]!;
    out[j] = swapped;
  }
  return out;
}

/** True where each number below its length is in the order once. The time depends on the length alone. */
export function isPermutation(order: Uint32Array): boolean {
  const seen = new Uint8Array(order.length);
  let wrong = 0;
  for (let i = 0; i < order.length; i++) {
    const place = order[i]!;
    // Past the end nothing is seen and nothing written.
    wrong |= seen[place] ?? 1;
    seen[place] = 1;
  }
  return wrong === 0;
}
