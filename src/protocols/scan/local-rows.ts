/**
 * Rows of columns and of bits that move by public rules: shifts by one row, reversal, appended rows, differences of
 * neighbours and their inverse.
 *
 * Cost: local, part by part. Reveals: nothing.
 */
import { BitMatrix } from '../../kernels/bit-matrix.js';
import { indices } from '../../kernels/indices.js';
import { bitsBetween, joinRows } from '../../kernels/join-rows.js';
import { kernels } from '../../kernels/kernels.js';
import { prefixXor } from '../../kernels/prefix-xor.js';
import { RingVector } from '../../kernels/ring-vector.js';
import { bitsAt } from '../../share/bits.js';
import type { Bounds } from '../../share/bounds.js';
import { ArithmeticShare, type BinaryShare, type Column, latest } from '../../share/shares.js';

/** The same column with each part changed by `change`, which keeps all elements within the bounds. */
export function mapParts<C extends Column>(
  column: C,
  change: (part: RingVector) => RingVector,
  length = column.length,
): C {
  return column.with({ length, parts: column.parts.map(change) }) as Column as C;
}

/** Last row first. */
export function reversed<C extends Column>(column: C): C {
  const { length } = column;
  const from = indices(length, length - 1, -1);
  return mapParts(column, (part) => kernels.gather(part, from));
}

/** Every row holds what the last one does. */
export function lastEverywhere<C extends Column>(column: C): C {
  const from = indices(column.length, Math.max(0, column.length - 1), 0);
  return mapParts(column, (part) => kernels.gather(part, from));
}

/** Row i becomes row i+1; the last row becomes the public `fill`, which must lie within the bounds. */
export function shiftedUp<C extends Column>(column: C, fill = 0n): C {
  const parts = column.parts.map((part, i) => {
    if (part.length === 0) return part;
    const last = RingVector.fromBigInts(part.width, [column.held[i] === 0 ? fill : 0n]);
    return RingVector.concat([part.slice(1, part.length), last]);
  });
  return column.with({ parts }) as Column as C;
}

/** Row i minus row i-1, of words their XOR; modulo the ring. Row 0 stays. `fromDifferences` goes back. */
export function differences<C extends Column>(column: C): C {
  const less = column instanceof ArithmeticShare ? kernels.subtract : kernels.xorElements;
  return modular(mapParts(column, (part) => less(part, down(part))));
}

/** Sums of rows 0 to i, of words their XOR; modulo the ring. */
export function fromDifferences<C extends Column>(column: C, bounds: Bounds | undefined): C {
  const totals = mapParts(column, column instanceof ArithmeticShare ? kernels.prefixSum : prefixXor);
  return withBounds(totals, bounds);
}

/** Bounds of an arithmetic column; words have none. */
export function boundsOf(column: Column): Bounds | undefined {
  return column instanceof ArithmeticShare ? column.bounds : undefined;
}

/** The column with other bounds, which the caller proves; words have none. */
export function withBounds<C extends Column>(column: C, bounds: Bounds | undefined): C {
  if (!(column instanceof ArithmeticShare) || bounds === undefined) return column;
  return (column as ArithmeticShare<64>).with({ bounds }) as Column as C;
}

/** The column as residues: any number of the ring. */
export function modular<C extends Column>(column: C): C {
  return withBounds(column, { min: 0n, max: (1n << BigInt(column.width)) - 1n });
}

/** Bit i of each row of bits becomes bit i-1; bit 0 becomes 0. */
export function bitsShiftedDown(x: BinaryShare): BinaryShare {
  if (x.length === 0) return x;
  const zero = BitMatrix.zeros(1, 1);
  return mapRows(x, x.length, (row) => joinRows([zero, bitsBetween(row.words, 0, x.length - 1)]));
}

/** Bit i of each row of bits becomes bit i+1; the last one becomes 0. */
export function bitsShiftedUp(x: BinaryShare): BinaryShare {
  if (x.length === 0) return x;
  const zero = BitMatrix.zeros(1, 1);
  return mapRows(x, x.length, (row) => joinRows([bitsBetween(row.words, 1, x.length), zero]));
}

/** The bits of several matrices of as many rows, side by side; any lengths. */
export function appendBits(shares: readonly BinaryShare[]): BinaryShare {
  const [first] = shares;
  if (first === undefined) throw new RangeError('appendBits: no share');
  if (shares.some(({ rows }) => rows !== first.rows)) throw new RangeError('row counts differ');
  return first.with({
    length: shares.reduce((total, { length }) => total + length, 0),
    clock: latest(...shares),
    parts: first.parts.map((_, i) => {
      const matrices = shares.map((share) => bitsAt(share, i));
      return stackRows(first.rows, shares, (row) => joinRows(matrices.map((matrix) => matrix.row(row))));
    }),
  });
}

/** The first bits of each row. */
export function firstBits(x: BinaryShare, length: number): BinaryShare {
  return x.with({ length, parts: x.parts.map((part) => part.columnsBetween(0, length)) });
}

function down(part: RingVector): RingVector {
  if (part.length === 0) return part;
  return RingVector.concat([RingVector.zeros(part.width, 1), part.slice(0, part.length - 1)]);
}

function mapRows(x: BinaryShare, length: number, change: (row: BitMatrix) => BitMatrix): BinaryShare {
  const parts = x.parts.map((part) =>
    x.rows === 0 ? BitMatrix.zeros(0, length) : BitMatrix.stack(rowsOf(part).map(change)),
  );
  return x.with({ length, parts });
}

function rowsOf(matrix: BitMatrix): BitMatrix[] {
  return Array.from({ length: matrix.rows }, (_, row) => matrix.row(row));
}

function stackRows(
  rows: number,
  shares: readonly BinaryShare[],
  rowOf: (row: number) => BitMatrix,
): BitMatrix {
  const length = shares.reduce((total, share) => total + share.length, 0);
  if (rows === 0) return BitMatrix.zeros(0, length);
  return BitMatrix.stack(Array.from({ length: rows }, (_, row) => rowOf(row)));
}
