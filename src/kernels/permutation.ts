/**
 * Uniform permutations from a stream of random bytes.
 *
 * Fisher-Yates: place i takes a uniform number of 0..i. For up to 2^21 elements it is the high half of the product of i+1
 * and a random word, which a double holds exactly, unless the low half is among the 2^32 mod (i+1) smallest (Lemire 2019,
 * "Fast random integer generation in an interval"); beyond, as many random bits as i has until they are not above i.
 * Exactly uniform, for a uniform stream. The time depends on the stream alone.
 */

/** Bytes read from the stream at a time. */
const PIECE = 1 << 16;

/** 2^21 times 2^32 is the largest product that a double holds exactly. */
const MULTIPLIED = 1 << 21;
const WORD = 2 ** 32;

/** A random permutation of 0..n-1, from 32 random bits a try. */
export function randomPermutation(stream: { next(length: number): Uint8Array }, n: number): Uint32Array {
  const out = new Uint32Array(n);
  for (let i = 0; i < n; i++) out[i] = i;
  const words = new Words(stream);
  for (let i = n - 1; i > 0; i--) {
    const j = i < MULTIPLIED ? multiplied(words, i + 1) : masked(words, i);
    const swapped = out[i]!;
    out[i] = out[j]!;
    out[j] = swapped;
  }
  return out;
}

/** The words of a stream, one by one. */
class Words {
  readonly #stream: { next(length: number): Uint8Array };
  #words: Uint32Array = new Uint32Array(0);
  #at = 0;

  constructor(stream: { next(length: number): Uint8Array }) {
    this.#stream = stream;
  }

  next(): number {
    if (this.#at === this.#words.length) {
      this.#words = new Uint32Array(this.#stream.next(PIECE).buffer);
      this.#at = 0;
    }
    return this.#words[this.#at++]!;
  }
}

/** Uniform below `count`, which is at most 2^21. */
function multiplied(words: Words, count: number): number {
  let word = words.next();
  let low = Math.imul(word, count) >>> 0;
  if (low < count) {
    const least = WORD % count;
    while (low < least) {
      word = words.next();
      low = Math.imul(word, count) >>> 0;
    }
  }
  return (word * count - low) / WORD;
}

/** Uniform up to `largest`. */
function masked(words: Words, largest: number): number {
  const mask = 0xffffffff >>> Math.clz32(largest);
  let drawn = (words.next() & mask) >>> 0;
  while (drawn > largest) drawn = (words.next() & mask) >>> 0;
  return drawn;
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
