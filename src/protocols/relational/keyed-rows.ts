/**
 * Rows with a key, of one or several values, and whether they have one.
 *
 * What values need of a protocol: to be sorted by, to move with their rows, and to be compared with the row before.
 */
import { BitMatrix } from '../../kernels/bit-matrix.js';
import { kernels } from '../../kernels/kernels.js';
import { not } from '../../share/bits.js';
import { spreadBits } from '../../share/bounds.js';
import { addConstant } from '../../share/linear.js';
import { checkRows } from '../../share/rows.js';
import { ArithmeticShare, BinaryShare, type NumberColumn } from '../../share/shares.js';
import { toBits } from '../bits/to-bits.js';
import type { Context } from '../context.js';
import type { SortKey } from '../sort/sort.js';

/** Numbers within their bounds, or unsigned numbers as rows of bits, the lowest first. */
export type KeyValue = NumberColumn | BinaryShare;

export interface KeyedRows {
  /** One value or more; rows are sorted by the first, where that is equal by the second, and so on. */
  readonly key: KeyValue | readonly KeyValue[];
  /** 0 where a key is missing, or the row is not there; all are where it is absent. What the key holds there may be any. */
  readonly valid?: BinaryShare | undefined;
}

/** The values of a key, of which there is at least one. RangeError for lengths that differ. */
export function valuesOf({ key, valid }: KeyedRows): readonly [KeyValue, ...KeyValue[]] {
  const [first, ...rest] = isValue(key) ? [key] : key;
  if (first === undefined) throw new RangeError('a key of no value');
  checkRows(first.length, rest);
  if (valid === undefined) return [first, ...rest];
  checkRows(first.length, [valid]);
  if (valid.rows !== 1) throw new RangeError('validity takes one row of bits');
  return [first, ...rest];
}

function isValue(key: KeyedRows['key']): key is KeyValue {
  return key instanceof BinaryShare || key instanceof ArithmeticShare;
}

/**
 * What rows are sorted by: those without a key last. Numbers that fill their ring, whose differences have no sign, as
 * bits, so that either sort can be chosen.
 */
export async function sortKeysOf(ctx: Context, keyed: KeyedRows): Promise<SortKey[]> {
  const values = await Promise.all(
    valuesOf(keyed).map(async (value, i): Promise<SortKey> => {
      if (value instanceof BinaryShare || hasSign(value)) return { value };
      const { min, max } = value.bounds;
      const distance = addConstant(value as ArithmeticShare<64>, -min);
      return {
        value: await toBits(ctx.step(`bits-${i}`), distance, 0, spreadBits({ min: 0n, max: max - min })),
      };
    }),
  );
  return keyed.valid === undefined ? values : [{ value: not(keyed.valid) }, ...values];
}

/** Two bits of the ring are left, as sort/keys.ts takes it. */
function hasSign({ bounds, width }: NumberColumn): boolean {
  return spreadBits({ min: 0n, max: bounds.max - bounds.min }) < Math.min(width, 126) - 1;
}

/** A row of public bits that are all the same. */
export function sameBits(ctx: Context, length: number, bit: 0 | 1): BinaryShare {
  const zeros = BitMatrix.zeros(1, length);
  return ctx.publicBits(bit === 0 ? zeros : kernels.not(zeros));
}
