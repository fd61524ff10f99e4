/**
 * A query on shares, from the frozen plan to the released vectors: filter, groups, sums, statistics, gates, release.
 *
 * The same program runs at every node and dry (explain.ts). Which vectors are released, and their sizes, depend on
 * the plan, the schema and the number of rows only; withheld cells are replaced by public zeros.
 */

import { WarifuError } from '../core/errors.js';
import type { BitMatrix } from '../kernels/bit-matrix.js';
import { RingVector, type RingWidth } from '../kernels/ring-vector.js';
import type { Context } from '../protocols/context.js';
import { release } from '../protocols/open.js';
import { BIT } from '../share/bounds.js';
import { concatenate, multiplyPublic } from '../share/linear.js';
import type { Column } from '../share/schema.js';
import type { ArithmeticShare } from '../share/shares.js';
import { statisticOf } from '../statistics/catalogue.js';
import { type Measure, measureName } from '../statistics/measure.js';
import type { Statistic } from '../statistics/statistic.js';
import type { AnySum, Sums } from '../statistics/sums.js';
import { type OpenedGates, openGates, packGates } from './gates.js';
import { groupKeys } from './groups.js';
import { sortMeasures } from './measure-vectors.js';
import type { Aggregate, QueryPlan } from './plan.js';
import type { AggregateLayout, ReleaseLayout, ResultLayout } from './result-layout.js';
import { CHUNK_ROWS } from './row-chunks.js';
import type { RowRange } from './row-range.js';
import type { TableSource } from './table-source.js';
import { tableSums } from './table-sums.js';

/** What the nodes agreed on for this query. */
export interface QueryPolicy {
  /** Every released cell has at least this many contributing rows; 1 turns the gates off. */
  readonly minCount: number;
  /** Rows of the analyst's own slices, without which the minimum must hold too; empty where that does not apply. */
  readonly ownRows: readonly RowRange[];
}

/** This node's part of the answer. */
export interface QueryResult {
  readonly layout: ResultLayout;
  readonly bits: BitMatrix;
  readonly narrow: ArithmeticShare<64>;
  readonly wide: ArithmeticShare<128>;
  /** For EXPLAIN: every sum that was computed on shares. */
  readonly sums: Sums;
  /** Bits that were shown to the nodes. */
  readonly openedBits: number;
  /** For EXPLAIN: the counts that decide about each column of cells. */
  readonly gates: readonly CellGate[];
  /** For EXPLAIN: bytes of shares that a node holds at most, roughly. */
  readonly memory: number;
}

/** Names of the counts (`measureName`) that must reach the minimum; none: always released. */
export interface CellGate {
  readonly column: string;
  readonly counts: readonly string[];
}

interface CellColumn {
  readonly name: string;
  readonly aggregate: Aggregate;
  readonly statistic: Statistic;
  readonly gates: readonly Measure[];
}

const COUNT_ROWS: Measure = { column: undefined, power: 0 };

/** @param chunkRows rows that are worked on together, a multiple of 64. */
export async function runQuery(
  ctx: Context,
  plan: QueryPlan,
  source: TableSource,
  policy: QueryPolicy,
  chunkRows: number = CHUNK_ROWS,
): Promise<QueryResult> {
  const column = (name: string): Column => declared(source, name);
  const cells = cellColumns(plan, policy, column);
  const groups = groupKeys(plan.groupBy.map(column));
  // Gates off, PostgreSQL's answer has no row for an absent group: then, and only then, presence is shown.
  const presence = policy.minCount === 1 && plan.groupBy.length > 0;

  const measures = [...cells.flatMap((cell) => [...cell.statistic.measures, ...cell.gates]), COUNT_ROWS];
  const sorted = sortMeasures(source, presence ? measures : measures.slice(0, -1));
  const { sums, memory } = await tableSums(
    ctx,
    { plan, source, groups, measures: sorted, own: policy.ownRows },
    chunkRows,
  );
  const counts = cells.map((cell) => cell.gates.map((gate) => sums.count(gate)));
  const [vectors, gates] = await Promise.all([
    Promise.all(cells.map((cell, i) => cell.statistic.combine(ctx.step(`statistic-${i}`), sums))),
    openGates(
      ctx.step('gates'),
      presence ? [...counts, [sums.count(COUNT_ROWS)]] : counts,
      groups.length,
      BigInt(policy.minCount),
    ),
  ]);

  const chosen = vectors.flatMap((ofCell, i) => ofCell.map((vector) => keepPassing(vector, gates, i)));
  const narrow = chosen.filter((vector): vector is ArithmeticShare<64> => vector.width === 64);
  const wide = chosen.filter((vector): vector is ArithmeticShare<128> => vector.width === 128);
  const [narrowReleased, wideReleased] = await Promise.all([
    releaseAll(ctx.step('release-narrow'), narrow, 64),
    releaseAll(ctx.step('release-wide'), wide, 128),
  ]);
  const layout: ResultLayout = {
    format: 1,
    minCount: policy.minCount,
    groups,
    columns: layoutColumns(plan, cells, vectors, groups.length, column),
    presence,
    narrowLength: narrowReleased.length,
    wideLength: wideReleased.length,
  };
  return {
    layout,
    bits: packGates(gates.passes),
    narrow: narrowReleased,
    wide: wideReleased,
    sums,
    openedBits: gates.opened,
    gates: cells.map((cell) => ({ column: cell.name, counts: cell.gates.map(measureName) })),
    memory,
  };
}

function declared({ columns }: TableSource, name: string): Column {
  const column = columns.get(name);
  if (column === undefined) throw new WarifuError('INTERNAL', `column '${name}' cannot be loaded`);
  return column;
}

function cellColumns(plan: QueryPlan, policy: QueryPolicy, column: (name: string) => Column): CellColumn[] {
  return plan.output.flatMap((output) => {
    if (output.kind === 'key') return [];
    const { name, aggregate } = output;
    const statistic = statisticOf(aggregate, column);
    return [{ name, aggregate, statistic, gates: gatesOf(aggregate, statistic, policy) }];
  });
}

function gatesOf(aggregate: Aggregate, statistic: Statistic, policy: QueryPolicy): readonly Measure[] {
  if (policy.minCount === 1) {
    // Gates off: what is left says whether a value is NULL, which COUNT never is.
    const isCount = aggregate.kind === 'count' || aggregate.kind === 'count-rows';
    return isCount ? [] : statistic.gates;
  }
  if (policy.ownRows.length === 0) return statistic.gates;
  return statistic.gates.flatMap((gate) => [gate, { ...gate, othersOnly: true }]);
}

/** Zeros in place of the groups whose cell does not pass; known no earlier than the gates. */
function keepPassing(vector: AnySum, gates: OpenedGates, column: number): AnySum {
  const passes = (gates.passes[column] ?? []).map((pass) => (pass ? 1n : 0n));
  const keep = <W extends RingWidth>(share: ArithmeticShare<W>): ArithmeticShare<W> => {
    const kept = multiplyPublic(share, RingVector.fromBigInts(share.width, passes), BIT);
    return kept.with({ clock: Math.max(kept.clock, gates.clock) });
  };
  return vector.width === 64 ? keep(vector) : keep(vector);
}

async function releaseAll<W extends 64 | 128>(
  ctx: Context,
  vectors: readonly ArithmeticShare<W>[],
  width: W,
): Promise<ArithmeticShare<W>> {
  if (vectors.length === 0) return ctx.constant(width, 0, 0n);
  // Each integer is read within its own bounds (layout), so the joined vector is one of residues.
  const residues = { min: 0n, max: (1n << BigInt(width)) - 1n };
  return await release(ctx, concatenate(vectors.map((vector) => vector.with({ bounds: residues }))));
}

function layoutColumns(
  plan: QueryPlan,
  cells: readonly CellColumn[],
  vectors: readonly (readonly AnySum[])[],
  groups: number,
  column: (name: string) => Column,
): ResultLayout['columns'] {
  const next = { 64: 0, 128: 0 };
  const layouts = cells.map((cell, i) => {
    const releases = cell.statistic.releases.map((name, j): ReleaseLayout => {
      const vector = vectors[i]?.[j];
      if (vector === undefined) throw new RangeError(`${cell.name}: nothing was computed for ${name}`);
      const offset = next[vector.width];
      next[vector.width] += groups;
      // A withheld cell is 0 whatever the bounds.
      const { min, max } = multiplyByBit(vector);
      return { name, width: vector.width, offset, min: min.toString(), max: max.toString() };
    });
    return aggregateLayout(cell, releases, column);
  });
  let at = 0;
  return plan.output.map((output) =>
    output.kind === 'key'
      ? { kind: 'key' as const, name: output.name, index: plan.groupBy.indexOf(output.column) }
      : (layouts[at++] as AggregateLayout),
  );
}

function multiplyByBit(vector: AnySum): { min: bigint; max: bigint } {
  const { min, max } = vector.bounds;
  return { min: min < 0n ? min : 0n, max: max > 0n ? max : 0n };
}

function aggregateLayout(
  { name, aggregate }: CellColumn,
  releases: ReleaseLayout[],
  column: (name: string) => Column,
): AggregateLayout {
  const statistic = aggregate.kind === 't-test' ? aggregate.variant : aggregate.kind;
  const counts = aggregate.kind === 'count-rows' || aggregate.kind === 'count';
  const type = counts ? undefined : column(aggregate.column).type;
  const digits = type !== undefined && 'digits' in type ? type.digits : 0;
  return { kind: 'aggregate', name, statistic, digits, releases };
}
