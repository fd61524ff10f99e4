/**
 * Rows of bits of any lengths, laid one after the other, and stretches of them: the validity bits of slices become
 * those of a table, or of some of its rows.
 */
import { BitMatrix, clearTails } from './bit-matrix.js';
import { checkSpan } from './ring-vector.js';

const WORD = 64;

/** @param rows 1-row matrices. */
export function joinRows(rows: readonly BitMatrix[]): BitMatrix {
  const length = rows.reduce((total, row) => total + row.length, 0);
  const joined = BitMatrix.zeros(1, length);
  let at = 0;
  for (const row of rows) {
    if (row.rows !== 1) throw new RangeError('joinRows takes matrices of one row');
    appendBits(joined.words, at, row.words);
    at += row.length;
  }
  return joined;
}

/** Bits start..end-1 of packed words, as a matrix of one row: a copy. */
export function bitsBetween(words: BigUint64Array, start: number, end: number): BitMatrix {
  checkSpan(start, end, words.length * WORD);
  const out = BitMatrix.zeros(1, end - start);
  const first = Math.floor(start / WORD);
  const shift = BigInt(start % WORD);
  if (shift === 0n) {
    out.words.set(words.subarray(first, first + out.words.length));
  } else {
    const back = BigInt(WORD) - shift;
    for (let i = 0; i < out.words.length; i++) {
      const low = (words[first + i] as bigint) >> shift;
      // Whether there is a next word depends on public positions only.
      const next = first + i + 1 < words.length ? (words[first + i + 1] as bigint) : 0n;
      out.words[i] = low | BigInt.asUintN(WORD, next << back);
    }
  }
  clearTails(out);
  return out;
}

/** ORs words into the target from bit position `at`; the target is 0 from there on. */
function appendBits(target: BigUint64Array, at: number, words: BigUint64Array): void {
  const first = Math.floor(at / WORD);
  const shift = BigInt(at % WORD);
  if (shift === 0n) {
    target.set(words, first);
    return;
  }
  const back = BigInt(WORD) - shift;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as bigint;
    target[first + i] = (target[first + i] as bigint) | BigInt.asUintN(WORD, word << shift);
    // Whether there is a next word depends on public lengths only; where there is none, the bits are 0.
    if (first + i + 1 < target.length) {
      target[first + i + 1] = (target[first + i + 1] as bigint) | (word >> back);
    }
  }
}
