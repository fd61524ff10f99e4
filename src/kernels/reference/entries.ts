/**
 * Reordering the entries of many small tables by a digit of each; contract in `Kernels`.
 *
 * The digit is a share of a secret, so nothing here branches on it or indexes by it: bit by bit, pairs of entries are
 * exchanged under a mask.
 */
import type { BitMatrix } from '../bit-matrix.js';
import { RingVector } from '../ring-vector.js';
import { checkEntries } from './checks.js';
import { limbsOf } from './loops.js';

export function exchangeEntries(entries: RingVector, digit: BitMatrix): RingVector {
  const count = 2 ** digit.rows;
  const n = digit.length;
  checkEntries(entries, digit);
  const out = new RingVector(entries.width, entries.data.slice());
  const limbs = limbsOf(out);
  const perElement = entries.width / 32;
  for (let bit = 0; bit < digit.rows; bit++) {
    const masks = masksOf(digit, bit);
    const distance = 1 << bit;
    for (let low = 0; low < count; low++) {
      if ((low & distance) !== 0) continue;
      const from = low * n * perElement;
      const to = (low + distance) * n * perElement;
      exchange(
        limbs.subarray(from, from + n * perElement),
        limbs.subarray(to, to + n * perElement),
        masks,
        perElement,
      );
    }
  }
  return out;
}

/** A word of ones where the bit is 1, else 0. */
function masksOf(digit: BitMatrix, row: number): Uint32Array {
  const { words } = digit.row(row);
  const halves = new Uint32Array(words.buffer, words.byteOffset, words.length * 2);
  const out = new Uint32Array(digit.length);
  for (let i = 0; i < out.length; i++) out[i] = -((halves[i >>> 5]! >>> (i & 31)) & 1);
  return out;
}

function exchange(a: Uint32Array, b: Uint32Array, masks: Uint32Array, perElement: number): void {
  const shift = Math.log2(perElement);
  for (let i = 0; i < a.length; i++) {
    const x = a[i]!;
    const y = b[i]!;
    const different = (x ^ y) & masks[i >>> shift]!;
    a[i] = x ^ different;
    b[i] = y ^ different;
  }
}
