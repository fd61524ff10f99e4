/**
 * Softmax of the rows of a matrix.
 *
 * Functionality: exp(x_i) over the sum of exp(x_j) of its row, row-major, with the fraction of x.
 * Protocol: the largest of each row by a tree of comparisons is taken off, so that no exponential is above 1 and their sum
 *   lies between 1 and the number of columns, whose reciprocal therefore needs few bits; one product each.
 * Requires: differences within a row that fit the ring.
 * Cost (rep3): docs/fixed-point.md. Reveals: nothing. Fails: RangeError for another size; BOUND_NOT_PROVED.
 */
import type { Fixed } from '../../share/fixed.js';
import { add, concatenate, slice, subtract } from '../../share/linear.js';
import type { ArithmeticShare } from '../../share/shares.js';
import type { Context } from '../context.js';
import { checkShape, transpose } from '../linear-algebra/layout.js';
import { maximum } from '../select/extremes.js';
import { exponential } from './exponential.js';
import type { FunctionWidth } from './forms.js';
import { multiplyFixed } from './multiply.js';
import { reciprocal } from './reciprocal.js';

/** Softmax of each row of a rows x columns matrix. */
export async function softmax<W extends FunctionWidth>(
  ctx: Context,
  x: Fixed<W>,
  rows: number,
  columns: number,
): Promise<Fixed<W>> {
  const { fraction } = x;
  checkShape(x.value, rows, columns);
  if (columns === 0) return x;
  const byColumn = transpose(x.value, rows, columns);
  const largest = await maximum(ctx.step('largest'), columnsOf(byColumn, rows, columns));
  const { min, max } = x.value.bounds;
  // No number is larger than the largest.
  const below = subtract(byColumn, repeated(largest, columns)).with({ bounds: { min: min - max, max: 0n } });
  const one = 1n << BigInt(fraction);
  // By which exp may be off, with room to spare.
  const error = (one >> 14n) + 4n;
  const powers = await exponential(ctx.step('exp'), { value: below, fraction });
  const bounded = powers.value.with({ bounds: { min: 0n, max: one + error } });
  // One of them is exp(0).
  const sum = columnsOf(bounded, rows, columns)
    .reduce((total, column) => add(total, column))
    .with({ bounds: { min: one - error, max: BigInt(columns) * (one + error) } });
  const inverse = await reciprocal(ctx.step('reciprocal'), { value: sum, fraction });
  const shares = await multiplyFixed(
    ctx.step('result'),
    { value: bounded, fraction },
    { value: repeated(inverse.value, columns), fraction },
  );
  const value = transpose(shares.value, columns, rows).with({ bounds: { min: 0n, max: one + error } });
  return { value, fraction };
}

function columnsOf<W extends FunctionWidth>(
  x: ArithmeticShare<W>,
  rows: number,
  columns: number,
): ArithmeticShare<W>[] {
  return Array.from({ length: columns }, (_, column) => slice(x, column * rows, (column + 1) * rows));
}

function repeated<W extends FunctionWidth>(x: ArithmeticShare<W>, times: number): ArithmeticShare<W> {
  return concatenate(Array.from({ length: times }, () => x));
}
