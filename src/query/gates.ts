/**
 * Release gates: which cells may leave, decided on shares before anything is opened.
 *
 * Functionality: for each cell the AND of its counts reaching the minimum. Only these bits are opened, from both
 * copies of the missing part (open.ts).
 * Cost (rep3): one comparison of ceil(log2(rows+1)) + 1 bits per count, an AND tree over the counts of a cell, one
 * opening. Reveals: one bit per cell to the nodes.
 */
import { BitMatrix } from '../kernels/bit-matrix.js';
import type { Context } from '../protocols/context.js';
import { lessThanConstant } from '../protocols/less-than.js';
import { allRows } from '../protocols/logic.js';
import { openBitsToNodes } from '../protocols/open.js';
import { not, stack } from '../share/bits.js';
import { concatenate } from '../share/linear.js';
import type { ArithmeticShare } from '../share/shares.js';

/** Counts of one column of cells: for each count a vector with an entry per group. None: always released. */
export type GateCounts = readonly ArithmeticShare<64>[];

/**
 * @param columns the counts of each column of cells; all vectors have `groups` entries.
 * @returns for each column and group whether the cell passes.
 */
export async function openGates(
  ctx: Context,
  columns: readonly GateCounts[],
  groups: number,
  minCount: bigint,
): Promise<boolean[][]> {
  const most = Math.max(1, ...columns.map((counts) => counts.length));
  const passing = ctx.constant(64, groups, minCount);
  const rows = await Promise.all(
    Array.from({ length: most }, async (_, i) => {
      // A cell with fewer counts repeats its first: AND is idempotent.
      const counts = concatenate(columns.map((column) => column[i] ?? column[0] ?? passing));
      return not(await lessThanConstant(ctx.step(`count-${i}`), counts, minCount));
    }),
  );
  const passes = await allRows(ctx.step('all'), stack(rows));
  const opened = await openBitsToNodes(ctx.step('open'), passes);
  return columns.map((_, column) =>
    Array.from({ length: groups }, (_unused, group) => opened.get(0, column * groups + group) === 1),
  );
}

/** Cell bits in the order of the layout, as packed bits. */
export function packGates(passes: readonly (readonly boolean[])[]): BitMatrix {
  return BitMatrix.fromBits([passes.flatMap((column) => column.map((pass) => (pass ? 1 : 0)))]);
}
