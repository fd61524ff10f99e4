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

export interface OpenedGates {
  /** For each column and group whether the cell passes. */
  readonly passes: readonly (readonly boolean[])[];
  /** Bits shown to the nodes: one for each cell that has a gate. */
  readonly opened: number;
  /** When the bits are known: whatever depends on them comes later. */
  readonly clock: number;
}

/** @param columns the counts of each column of cells; all vectors have `groups` entries. */
export async function openGates(
  ctx: Context,
  columns: readonly GateCounts[],
  groups: number,
  minCount: bigint,
): Promise<OpenedGates> {
  // A count that is public (the rows of a table without a condition) needs no bit.
  const open = columns.map((counts) => counts.filter((count) => count.bounds.min < minCount));
  const gated = open.filter((counts) => counts.length > 0);
  if (gated.length === 0) {
    return { passes: columns.map(() => Array.from({ length: groups }, () => true)), opened: 0, clock: 0 };
  }
  const most = Math.max(...gated.map((counts) => counts.length));
  const rows = await Promise.all(
    Array.from({ length: most }, async (_, i) => {
      // A cell with fewer counts repeats its first: AND is idempotent.
      const counts = concatenate(gated.flatMap((column) => column[i] ?? column[0] ?? []));
      return not(await lessThanConstant(ctx.step(`count-${i}`), counts, minCount));
    }),
  );
  const bits = await allRows(ctx.step('all'), stack(rows));
  const opened = await openBitsToNodes(ctx.step('open'), bits);
  const passes = open.map((counts) => {
    const at = gated.indexOf(counts) * groups;
    return Array.from({ length: groups }, (_, group) => at < 0 || opened.get(0, at + group) === 1);
  });
  return { passes, opened: bits.length, clock: bits.clock + 1 };
}

/** Cell bits in the order of the layout, as packed bits. */
export function packGates(passes: readonly (readonly boolean[])[]): BitMatrix {
  return BitMatrix.fromBits([passes.flatMap((column) => column.map((pass) => (pass ? 1 : 0)))]);
}
