/** Rows with a key, and whether they have one. */
import { BitMatrix } from '../../kernels/bit-matrix.js';
import { kernels } from '../../kernels/kernels.js';
import { not, stack } from '../../share/bits.js';
import { checkRows } from '../../share/rows.js';
import type { BinaryShare } from '../../share/shares.js';
import type { Context } from '../context.js';

export interface KeyedRows {
  /** Row j is bit j of the keys; several columns one below the other, the most significant last. */
  readonly key: BinaryShare;
  /** 0 where a key is missing, or the row is not there; all are where it is absent. The key bits there may be any. */
  readonly valid?: BinaryShare | undefined;
}

/** The bits by which rows are sorted: those without a key last. */
export function sortBits({ key, valid }: KeyedRows): BinaryShare {
  return valid === undefined ? key : stack([key, not(valid)]);
}

/** RangeError unless validity has one bit for each row. */
export function checkKeyed({ key, valid }: KeyedRows): void {
  if (valid === undefined) return;
  checkRows(key.length, [valid]);
  if (valid.rows !== 1) throw new RangeError('validity takes one row of bits');
}

/** A row of public bits that are all the same. */
export function sameBits(ctx: Context, length: number, bit: 0 | 1): BinaryShare {
  const zeros = BitMatrix.zeros(1, length);
  return ctx.publicBits(bit === 0 ? zeros : kernels.not(zeros));
}
