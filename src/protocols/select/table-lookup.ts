/**
 * Entries of small public tables at a shared integer.
 *
 * Protocol: the integer's bits are a digit, or several that are looked up side by side; a lookup of them.
 * Requires: bounds of x in [0, size), for tables of `size` entries, 256 at most.
 * Cost (rep3): that of the bits of x (to-bits.ts), then 2 rounds, 2^bits - 1 ring elements from node 0 and one for each
 *   table from nodes 1 and 2.
 * Reveals: nothing. Fails: never.
 */
import type { RingWidth } from '../../kernels/ring-vector.js';
import { joinBounds } from '../../share/bounds.js';
import type { ArithmeticShare } from '../../share/shares.js';
import { lookup } from '../bits/lookup.js';
import { bitsOfDomain, checkDomain } from '../bits/one-hot.js';
import { toBits } from '../bits/to-bits.js';
import type { Context } from '../context.js';

const LARGEST_TABLE = 256;

/**
 * For each table its entries at x.
 *
 * @throws RangeError for tables of different or wrong sizes; WarifuError BOUND_NOT_PROVED where x could be outside.
 */
export async function tableLookup<V extends RingWidth, W extends RingWidth>(
  ctx: Context,
  x: ArithmeticShare<V>,
  tables: readonly (readonly bigint[])[],
  width: W,
): Promise<ArithmeticShare<W>[]> {
  const [first] = tables;
  if (first === undefined) return [];
  const size = first.length;
  if (tables.some((table) => table.length !== size)) throw new RangeError('tables of different sizes');
  checkDomain(x, size, LARGEST_TABLE);
  if (size === 1) return tables.map(([entry = 0n]) => ctx.constant(width, x.length, entry));
  const digit = await toBits(ctx.step('bits'), x, 0, bitsOfDomain(size));
  // No value of x reaches what fills a table up.
  const filled = tables.map((table) => [
    Array.from({ length: 2 ** digit.rows }, (_, value) => table[value] ?? (table[0] as bigint)),
  ]);
  const bounds = tables.map((table) => table.map((entry) => ({ min: entry, max: entry })).reduce(joinBounds));
  return await lookup(ctx.step('entries'), [digit], filled, width, bounds);
}
