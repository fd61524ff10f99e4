/**
 * Bits of a row as one word, so that rows can be moved, and back. Local: part by part, since XOR acts bit by bit.
 */
import { kernels } from '../kernels/kernels.js';
import type { RingWidth } from '../kernels/ring-vector.js';
import { BinaryShare, WordShare } from './shares.js';

/** Row j of the bits becomes bit j of the words. RangeError for more rows than the words have bits. */
export function wordsOf<W extends RingWidth>(bits: BinaryShare, width: W): WordShare<W> {
  const { length, held, clock } = bits;
  if (bits.rows > width) throw new RangeError(`${bits.rows} rows in words of ${width} bits`);
  const parts = bits.parts.map((part) => kernels.fromBits(part, width));
  return new WordShare({ width, length, held, clock, parts });
}

/** Bits start to end of every word, one row for each. */
export function bitsOfWords<W extends RingWidth>(
  words: WordShare<W>,
  start: number,
  end: number,
): BinaryShare {
  const { length, held, clock } = words;
  if (start < 0 || end < start || end > words.width) {
    throw new RangeError(`bits ${start} to ${end} of words of ${words.width}`);
  }
  const parts = words.parts.map((part) => kernels.toBits(part, end).rowsBetween(start, end));
  return new BinaryShare({ rows: end - start, length, held, clock, parts });
}
