/**
 * Keys made of columns: their bits, one column beside the other.
 *
 * Functionality: of one or several columns of numbers or bits, with validity, the bits of a key that orders rows by the
 *   first column, then by the second, and so on. For a join a key is missing where any of its columns is, and both sides
 *   count from the same number. For groups a missing value is a key of its own, after all others.
 * Cost (rep3): numbers of b bits by bits/to-bits.ts; joins an AND for each validity but the first; groups, of a column
 *   with validity, one bit for each of its bits.
 * Reveals: nothing. Fails: never.
 */
import { not, stack } from '../../share/bits.js';
import { type Bounds, joinBounds, spreadBits } from '../../share/bounds.js';
import { addConstant } from '../../share/linear.js';
import { checkRows } from '../../share/rows.js';
import { type ArithmeticShare, BinaryShare, type NumberColumn } from '../../share/shares.js';
import { toBits } from '../bits/to-bits.js';
import type { Context } from '../context.js';
import { allRows } from '../logic.js';
import { clearBits } from '../scan/clear.js';
import type { KeyedRows } from './keyed-rows.js';

export interface KeyColumn {
  /** Numbers within their bounds, or rows of bits, the lowest first. */
  readonly values: NumberColumn | BinaryShare;
  /** 0 where the value is missing. */
  readonly valid?: BinaryShare | undefined;
}

/**
 * Keys of both sides of a join.
 *
 * @throws RangeError for other numbers of columns, kinds that cannot be compared, or lengths that differ within a side.
 */
export async function joinKeys(
  ctx: Context,
  left: readonly KeyColumn[],
  right: readonly KeyColumn[],
): Promise<{ readonly left: KeyedRows; readonly right: KeyedRows }> {
  if (left.length !== right.length)
    throw new RangeError(`keys of ${left.length} and ${right.length} columns`);
  const bounds = left.map(({ values }, i) => commonBounds(values, (right[i] as KeyColumn).values));
  const [ownLeft, ownRight] = await Promise.all([
    keyWhereAll(ctx.step('left'), left, bounds),
    keyWhereAll(ctx.step('right'), right, bounds),
  ]);
  return { left: ownLeft, right: ownRight };
}

/** A key under which missing values of a column are equal, and come last. RangeError for columns of different lengths. */
export async function groupKey(ctx: Context, columns: readonly KeyColumn[]): Promise<BinaryShare> {
  checkColumns(columns);
  return await joinedBits(columns, async ({ values, valid }, i) => {
    const step = ctx.step(`column-${i}`);
    const bits = await bitsOf(step.step('bits'), values, boundsOf(values));
    return valid === undefined ? bits : stack([await clearBits(step.step('there'), bits, valid), not(valid)]);
  });
}

/** The key of one side, missing where any column is. */
async function keyWhereAll(
  ctx: Context,
  columns: readonly KeyColumn[],
  bounds: readonly (Bounds | undefined)[],
): Promise<KeyedRows> {
  checkColumns(columns);
  const valid = columns.flatMap((column) => (column.valid === undefined ? [] : [column.valid]));
  const [key, there] = await Promise.all([
    joinedBits(columns, ({ values }, i) => bitsOf(ctx.step(`column-${i}`), values, bounds[i])),
    valid.length === 0 ? undefined : allRows(ctx.step('valid'), stack(valid)),
  ]);
  return { key, valid: there };
}

/** The bits of all columns, those of the first one on top. */
async function joinedBits(
  columns: readonly KeyColumn[],
  bits: (column: KeyColumn, i: number) => Promise<BinaryShare>,
): Promise<BinaryShare> {
  return stack((await Promise.all(columns.map(bits))).toReversed());
}

/** Numbers count from the lowest of the bounds. */
async function bitsOf(
  ctx: Context,
  values: KeyColumn['values'],
  bounds: Bounds | undefined,
): Promise<BinaryShare> {
  if (values instanceof BinaryShare) return values;
  const { min, max } = bounds ?? values.bounds;
  const distance = addConstant((values as ArithmeticShare<64>).with({ bounds: { min, max } }), -min);
  return await toBits(ctx, distance, 0, spreadBits(distance.bounds));
}

function boundsOf(values: KeyColumn['values']): Bounds | undefined {
  return values instanceof BinaryShare ? undefined : values.bounds;
}

function commonBounds(left: KeyColumn['values'], right: KeyColumn['values']): Bounds | undefined {
  const [own, other] = [boundsOf(left), boundsOf(right)];
  if ((own === undefined) !== (other === undefined))
    throw new RangeError('bits and numbers as keys of a join');
  return own === undefined || other === undefined ? undefined : joinBounds(own, other);
}

function checkColumns(columns: readonly KeyColumn[]): void {
  const [first] = columns;
  if (first === undefined) throw new RangeError('a key of no column');
  for (const { values, valid } of columns) {
    checkRows(first.values.length, valid === undefined ? [values] : [values, valid]);
  }
}
