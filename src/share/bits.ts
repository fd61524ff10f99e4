/**
 * Local operations on binary shares: no message, no randomness.
 */
import { BitMatrix } from '../kernels/bit-matrix.js';
import { kernels } from '../kernels/kernels.js';
import { BinaryShare, latest } from './shares.js';

export function xor(x: BinaryShare, y: BinaryShare): BinaryShare {
  sameShape(x, y);
  return x.with({ clock: latest(x, y), parts: x.parts.map((part, i) => kernels.xor(part, bitsAt(y, i))) });
}

/** Every bit flipped: part 0 is, at the nodes that hold it. */
export function not(x: BinaryShare): BinaryShare {
  return x.with({ parts: x.parts.map((part, i) => (x.held[i] === 0 ? kernels.not(part) : part)) });
}

/** Rows from start to end, without copying. */
export function rows(x: BinaryShare, start: number, end: number): BinaryShare {
  return x.with({ rows: end - start, parts: x.parts.map((part) => part.rowsBetween(start, end)) });
}

/** The rows of several shares, one below the other. */
export function stack(shares: readonly BinaryShare[]): BinaryShare {
  const [first] = shares;
  if (first === undefined) throw new RangeError('stack: no share');
  return first.with({
    rows: shares.reduce((total, share) => total + share.rows, 0),
    clock: latest(...shares),
    parts: first.parts.map((_, i) => BitMatrix.stack(shares.map((share) => bitsAt(share, i)))),
  });
}

/** Bits start to end of every row, copied unless they are all; start is a multiple of 64. */
export function columns(x: BinaryShare, start: number, end: number): BinaryShare {
  if (start === 0 && end === x.length) return x;
  return x.with({ length: end - start, parts: x.parts.map((part) => part.columnsBetween(start, end)) });
}

/** The columns of several shares, side by side; all but the last have a multiple of 64. */
export function joinColumns(shares: readonly BinaryShare[]): BinaryShare {
  const [first] = shares;
  if (first === undefined) throw new RangeError('joinColumns: no share');
  return first.with({
    length: shares.reduce((total, share) => total + share.length, 0),
    clock: latest(...shares),
    parts: first.parts.map((_, i) => BitMatrix.joinColumns(shares.map((share) => bitsAt(share, i)))),
  });
}

export function sameShape(x: BinaryShare, y: BinaryShare): void {
  if (x.length !== y.length || x.rows !== y.rows) {
    throw new RangeError(`bit matrices of ${x.rows}x${x.length} and ${y.rows}x${y.length}`);
  }
}

/** The part that corresponds to entry i of another share of the same node. */
export function bitsAt(share: BinaryShare, i: number): BitMatrix {
  const part = share.parts[i];
  if (part === undefined) throw new RangeError('share: a part is missing');
  return part;
}
