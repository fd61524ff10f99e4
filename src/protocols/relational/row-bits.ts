/**
 * Bits of rows packed into words, so that they move with the rows: as few words as hold them. Local.
 */
import type { RingWidth } from '../../kernels/ring-vector.js';
import { rows, stack } from '../../share/bits.js';
import type { BinaryShare, WordShare } from '../../share/shares.js';
import { bitsOfWords, wordsOf } from '../../share/words.js';

export type Words = WordShare<32> | WordShare<64> | WordShare<128>;

/** The rows of all matrices, one below the other, as words; none for no matrix. */
export function packAll(matrices: readonly BinaryShare[]): Words[] {
  return matrices.length === 0 ? [] : packBits(stack(matrices));
}

/** Matrices of as many rows as those that were packed. */
export function unpackAll(words: readonly Words[], packed: readonly BinaryShare[]): BinaryShare[] {
  if (packed.length === 0) return [];
  const count = packed.reduce((total, own) => total + own.rows, 0);
  const all = unpackBits(words, count);
  let from = 0;
  return packed.map((own) => {
    from += own.rows;
    return rows(all, from - own.rows, from);
  });
}

/** Words of 128 bits, then at most one of 64 and one of 32. */
export function packBits(bits: BinaryShare): Words[] {
  let from = 0;
  return wordWidths(bits.rows).map((width) => {
    const own = rows(bits, from, Math.min(bits.rows, from + width));
    from += width;
    return wordsOf(own, width) as Words;
  });
}

/** The bits that were packed. RangeError unless the words are as many as `packBits` makes of so many bits. */
export function unpackBits(words: readonly Words[], count: number): BinaryShare {
  const widths = wordWidths(count);
  if (words.length !== widths.length) throw new RangeError(`${count} bits in ${words.length} words`);
  let left = count;
  return stack(
    words.map((word) => {
      const own = Math.min(left, word.width);
      left -= own;
      return bitsOfWords(word as WordShare<64>, 0, own);
    }),
  );
}

/** Widths of the words of so many bits; one at least, so that no bits have a length too. */
export function wordWidths(bits: number): RingWidth[] {
  const units = Math.max(1, Math.ceil(bits / 32));
  return [
    ...Array.from({ length: Math.floor(units / 4) }, (): RingWidth => 128),
    ...((units & 2) === 0 ? [] : [64 as const]),
    ...((units & 1) === 0 ? [] : [32 as const]),
  ];
}
