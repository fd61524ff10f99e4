/**
 * Uniform permutations from a stream of random bytes.
 *
 * Up to 2^18 elements Fisher-Yates: place i takes a uniform number of 0..i. Beyond, what it swaps lies too far apart in memory
 * for a second-level cache: so each element is dealt to one of 256 lists by a random byte, and each list is brought in order
 * by itself (Rao 1961, Sandelius 1962): a fifth less CPU for a million, a half where other processes use the third-level cache.
 * For up to 2^21 elements a number of 0..i is the high half of the product of i+1
 * and a random word, which a double holds exactly, unless the low half is among the 2^32 mod (i+1) smallest (Lemire 2019,
 * "Fast random integer generation in an interval"); beyond, as many random bits as i has until they are not above i.
 * Exactly uniform, for a uniform stream. The time depends on the stream alone.
 */
import { indices } from './indices.js';

/** Bytes read from the stream at a time. */
const PIECE = 1 << 16;

/** 2^21 times 2^32 is the largest product that a double holds exactly. */
const MULTIPLIED = 1 << 21;
const WORD = 2 ** 32;

/** Elements that are not dealt to lists. */
const NOT_DEALT = 1 << 18;
const LISTS = 256;

interface Stream {
  next(length: number): Uint8Array;
}

/**
 * A random permutation of 0..n-1, from 32 random bits a try, and 8 for each element of a long one.
 *
 * @param notDealt elements from which on it is a long one; for tests.
 */
export function randomPermutation(stream: Stream, n: number, notDealt = NOT_DEALT): Uint32Array {
  if (n <= notDealt) {
    const out = indices(n);
    shuffle(out, new Words(stream));
    return out;
  }
  const { elements, ends } = dealt(stream.next(n));
  const words = new Words(stream);
  let start = 0;
  for (const end of ends) {
    shuffle(elements.subarray(start, end), words);
    start = end;
  }
  return elements;
}

/** Brings a list in uniform order. */
function shuffle(list: Uint32Array, words: Words): void {
  for (let i = list.length - 1; i > 0; i--) {
    const j = i < MULTIPLIED ? multiplied(words, i + 1) : masked(words, i);
    const swapped = list[i]!;
    list[i] = list[j]!;
    list[j] = swapped;
  }
}

/** The elements list by list, each in the list that it names, and where lists end. */
function dealt(lists: Uint8Array): { readonly elements: Uint32Array; readonly ends: Uint32Array } {
  const counts = new Uint32Array(LISTS);
  for (let i = 0; i < lists.length; i++) counts[lists[i]!]!++;
  const ends = new Uint32Array(LISTS);
  let start = 0;
  for (let list = 0; list < LISTS; list++) {
    ends[list] = start;
    start += counts[list]!;
  }
  const elements = new Uint32Array(lists.length);
  for (let i = 0; i < lists.length; i++) elements[ends[lists[i]!]!++] = i;
  return { elements, ends };
}

/** The words of a stream, one by one. */
class Words {
  readonly #stream: Stream;
  #words: Uint32Array = new Uint32Array(0);
  #at = 0;

  constructor(stream: Stream) {
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
