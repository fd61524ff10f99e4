/**
 * GROUP BY on shares: the public list of groups, and an indicator row of bits for each value of each column.
 *
 * Every declared label has a group, and NULL where values may be missing: which groups occur is secret. Groups
 * stand in label order (false before true), NULL last; the last GROUP BY column varies fastest.
 */
import type { Context } from '../protocols/context.js';
import { equalsConstant } from '../protocols/equality.js';
import { and } from '../protocols/logic.js';
import { not } from '../share/bits.js';
import { spreadBits } from '../share/bounds.js';
import { columnOf, flagOf, numbersOf, type SharedColumn, type SharedTable } from '../share/column.js';
import type { Column } from '../share/schema.js';
import { ComparisonBudget } from './comparison-budget.js';
import { joinMasks, type RowMask } from './where.js';

/** A public group key: a label, a boolean, or NULL. */
export type GroupKey = string | boolean | null;

/** The values that a GROUP BY column can take, in output order. */
export function keysOf(column: Column): GroupKey[] {
  const keys: GroupKey[] = column.type.kind === 'category' ? [...column.type.labels] : [false, true];
  return column.nullable ? [...keys, null] : keys;
}

/** All groups: the product of the columns' keys; one group without keys for an empty list. */
export function groupKeys(columns: readonly Column[]): GroupKey[][] {
  return columns.reduce<GroupKey[][]>(
    (groups, column) => groups.flatMap((group) => keysOf(column).map((key) => [...group, key])),
    [[]],
  );
}

/** For each GROUP BY column, the indicator of each of its keys. */
export async function groupIndicators(
  ctx: Context,
  table: SharedTable,
  groupBy: readonly string[],
  budget = new ComparisonBudget(),
): Promise<RowMask[][]> {
  return await Promise.all(
    groupBy.map(async (name, i) => {
      const shared = columnOf(table, name);
      const step = ctx.step(`column-${i}`);
      return await Promise.all(
        keysOf(shared.column).map((key, j) => keyIndicator(step.step(`key-${j}`), shared, key, budget)),
      );
    }),
  );
}

/** 1 where the column has that key. */
export async function keyIndicator(
  ctx: Context,
  shared: SharedColumn,
  key: GroupKey,
  budget = new ComparisonBudget(),
): Promise<RowMask> {
  const valid: RowMask = shared.validity ?? 'all';
  if (key === null) return shared.validity === undefined ? 'none' : not(shared.validity);
  if (typeof key === 'boolean') {
    const flag = flagOf(shared);
    return key ? flag : await joinMasks(ctx.step('valid'), not(flag), valid);
  }
  const { name } = shared.column;
  const code = codeOf(shared.column, key);
  const numbers = numbersOf(shared);
  const step = ctx.step('equal');
  if (numbers.width !== 64) throw new TypeError(`column '${name}' is dealt over 128 bits`);
  const bits = spreadBits({ min: -code, max: numbers.bounds.max - code });
  const equal = await budget.run(bits, 64, numbers.length, () => equalsConstant(step, numbers, code));
  // A missing slot is stored as code 0, which is the code of the first label and of the minimum.
  if (shared.validity === undefined || code !== 0n) return equal;
  return await and(ctx.step('valid'), equal, shared.validity);
}

/** The encoded value of a label, or of an integer in decimal digits. */
function codeOf({ type, name }: Column, key: string): bigint {
  if (type.kind === 'category') return BigInt(type.labels.indexOf(key));
  if (type.kind === 'integer') return BigInt(key) - type.min;
  throw new TypeError(`column '${name}' has no groups`);
}
