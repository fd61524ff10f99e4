/**
 * Rows of packed bits, 64 to a word, bit i of a row in word floor(i/64) at place i mod 64.
 *
 * Row j of a k-row matrix is usually bit j of n numbers, so that one word operation works on 64 of them.
 * Invariant, which every kernel keeps: bits of a row after its length are 0.
 */
import './little-endian.js';
import { WarifuError } from '../core/errors.js';
import { uninitialised } from '../core/uninitialised.js';
import { checkSpan } from './ring-vector.js';

/** Words that a row of n bits takes. */
export function wordsPerRow(n: number): number {
  return Math.ceil(n / 64);
}

/** The bits of a row's last word that are in use; all of them where n is a multiple of 64. */
export function tailMask(n: number): bigint {
  return n % 64 === 0 ? (1n << 64n) - 1n : (1n << BigInt(n % 64)) - 1n;
}

export class BitMatrix {
  readonly rows: number;
  /** Bits in a row. */
  readonly length: number;
  readonly words: BigUint64Array;

  /** Adopts the words, whose bits after each row's length must be 0. */
  constructor(rows: number, length: number, words: BigUint64Array) {
    if (!Number.isInteger(rows) || rows < 0 || !Number.isInteger(length) || length < 0) {
      throw new RangeError(`${rows} rows of ${length} bits`);
    }
    if (words.length !== rows * wordsPerRow(length)) {
      throw new RangeError(`${rows} rows of ${length} bits are not ${words.length} words`);
    }
    this.rows = rows;
    this.length = length;
    this.words = words;
  }

  static zeros(rows: number, n: number): BitMatrix {
    return new BitMatrix(rows, n, new BigUint64Array(rows * wordsPerRow(n)));
  }

  /** For a result whose every word is about to be written: until then it holds whatever the memory held. */
  static uninitialised(rows: number, n: number): BitMatrix {
    return new BitMatrix(rows, n, new BigUint64Array(uninitialised(rows * wordsPerRow(n) * 8)));
  }

  /** Rows of 0 and 1, all of the same length. For constants, tests and small matrices. */
  static fromBits(rows: readonly (readonly number[])[]): BitMatrix {
    const n = rows[0]?.length ?? 0;
    const out = BitMatrix.zeros(rows.length, n);
    rows.forEach((row, r) => {
      if (row.length !== n) throw new RangeError(`row ${r} has ${row.length} bits, row 0 has ${n}`);
      row.forEach((bit, i) => {
        if (bit !== 0 && bit !== 1) throw new RangeError(`entry ${i} of row ${r} is neither 0 nor 1`);
        const at = r * wordsPerRow(n) + Math.floor(i / 64);
        out.words[at] = out.words[at]! | (BigInt(bit) << BigInt(i % 64));
      });
    });
    return out;
  }

  /**
   * The matrix that little-endian bytes hold: a view of them where they are aligned to 8, else a copy.
   *
   * Errors: MESSAGE_LENGTH; MESSAGE_FORM where a bit after a row's length is set.
   */
  static fromBytes(rows: number, n: number, bytes: Uint8Array): BitMatrix {
    const expected = rows * wordsPerRow(n) * 8;
    if (bytes.length !== expected) {
      throw new WarifuError(
        'MESSAGE_LENGTH',
        `${rows} rows of ${n} bits take ${expected} bytes, not ${bytes.length}`,
      );
    }
    const aligned = bytes.byteOffset % 8 === 0 ? bytes : Uint8Array.from(bytes);
    const words = new BigUint64Array(aligned.buffer, aligned.byteOffset, expected / 8);
    const out = new BitMatrix(rows, n, words);
    if (n % 64 !== 0) {
      let stray = 0n;
      const perRow = wordsPerRow(n);
      for (let at = perRow - 1; at < words.length; at += perRow) stray |= words[at]! & ~tailMask(n);
      if (stray !== 0n) throw new WarifuError('MESSAGE_FORM', `bits are set after the ${n} bits of a row`);
    }
    return out;
  }

  /** The rows of all matrices, one below the other; same length, at least one matrix. */
  static stack(matrices: readonly BitMatrix[]): BitMatrix {
    const [first] = matrices;
    if (first === undefined) throw new RangeError('nothing to stack');
    if (matrices.some((matrix) => matrix.length !== first.length)) throw new RangeError('row lengths differ');
    const out = BitMatrix.zeros(
      matrices.reduce((sum, matrix) => sum + matrix.rows, 0),
      first.length,
    );
    let at = 0;
    for (const matrix of matrices) {
      out.words.set(matrix.words, at);
      at += matrix.words.length;
    }
    return out;
  }

  /**
   * The columns of all matrices, side by side; same number of rows, at least one matrix. All but the last
   * must have a multiple of 64 columns, as chunks of one matrix do.
   */
  static joinColumns(matrices: readonly BitMatrix[]): BitMatrix {
    const [first] = matrices;
    if (first === undefined) throw new RangeError('nothing to join');
    if (matrices.some((matrix) => matrix.rows !== first.rows)) throw new RangeError('row counts differ');
    if (matrices.slice(0, -1).some((matrix) => matrix.length % 64 !== 0)) {
      throw new RangeError('only the last matrix may have a length that is not a multiple of 64');
    }
    const out = BitMatrix.zeros(
      first.rows,
      matrices.reduce((sum, matrix) => sum + matrix.length, 0),
    );
    let column = 0;
    for (const matrix of matrices) {
      for (let r = 0; r < out.rows; r++) {
        out.words.set(matrix.row(r).words, r * wordsPerRow(out.length) + column / 64);
      }
      column += matrix.length;
    }
    return out;
  }

  /** Row i as a matrix of one row: a view, not a copy. */
  row(i: number): BitMatrix {
    return this.rowsBetween(i, i + 1);
  }

  /** Rows start..end-1: a view, not a copy. */
  rowsBetween(start: number, end: number): BitMatrix {
    checkSpan(start, end, this.rows);
    const perRow = wordsPerRow(this.length);
    return new BitMatrix(end - start, this.length, this.words.subarray(start * perRow, end * perRow));
  }

  /** Bit columns start..end-1, a copy; start is a multiple of 64. */
  columnsBetween(start: number, end: number): BitMatrix {
    checkSpan(start, end, this.length);
    if (start % 64 !== 0) throw new RangeError(`column ${start} is not at the start of a word`);
    const out = BitMatrix.zeros(this.rows, end - start);
    const perRow = wordsPerRow(out.length);
    for (let r = 0; r < this.rows; r++) {
      out.words.set(this.row(r).words.subarray(start / 64, start / 64 + perRow), r * perRow);
    }
    clearTails(out);
    return out;
  }

  get(row: number, i: number): 0 | 1 {
    if (!Number.isInteger(row) || row < 0 || row >= this.rows)
      throw new RangeError(`row ${row} of ${this.rows}`);
    if (!Number.isInteger(i) || i < 0 || i >= this.length) throw new RangeError(`bit ${i} of ${this.length}`);
    const word = this.words[row * wordsPerRow(this.length) + Math.floor(i / 64)]!;
    return ((word >> BigInt(i % 64)) & 1n) === 1n ? 1 : 0;
  }

  get byteLength(): number {
    return this.words.byteLength;
  }

  /** The matrix's memory as little-endian bytes: a view, not a copy. */
  bytes(): Uint8Array {
    return new Uint8Array(this.words.buffer, this.words.byteOffset, this.words.byteLength);
  }
}

/** Restores the invariant in a matrix that its maker has just filled: clears the bits after each row's length. */
export function clearTails({ words, length }: BitMatrix): void {
  clearTailsFrom(words, 0, length);
}

/** The same for the words from word `start` on of a matrix with rows of so many bits. */
export function clearTailsFrom(words: BigUint64Array, start: number, length: number): void {
  if (length % 64 === 0) return;
  const perRow = wordsPerRow(length);
  const mask = tailMask(length);
  const first = Math.ceil((start + 1) / perRow) * perRow - 1 - start;
  for (let at = first; at < words.length; at += perRow) words[at] = words[at]! & mask;
}
