/**
 * The measures of all groups over a whole table: its rows are loaded, filtered, grouped and summed up chunk by chunk.
 */
import type { Context } from '../protocols/context.js';
import type { SharedTable } from '../share/column.js';
import { dealtWidth } from '../share/schema.js';
import type { Sums } from '../statistics/sums.js';
import { COMPARISON_BYTES, ComparisonBudget } from './comparison-budget.js';
import { GroupSums, groupsInBatch } from './group-sums.js';
import { type GroupKey, groupIndicators, keysOf } from './groups.js';
import type { SortedMeasures } from './measure-vectors.js';
import type { Predicate, QueryPlan } from './plan.js';
import { columnsOf } from './plan-columns.js';
import { chunksAtWork, forEachChunk, rowChunks } from './row-chunks.js';
import { type RowRange, rangesWithin } from './row-range.js';
import type { TableSource } from './table-source.js';
import { evaluatePredicate, type RowMask } from './where.js';

/** What a process takes beside its shares. */
const PROCESS_BYTES = 64 << 20;

export interface TableWork {
  readonly plan: QueryPlan;
  readonly source: TableSource;
  readonly groups: readonly (readonly GroupKey[])[];
  readonly measures: SortedMeasures;
  /** Row ranges that `othersOnly` measures leave out. */
  readonly own: readonly RowRange[];
}

export interface TableSums {
  readonly sums: Sums;
  /** Bytes of shares that a node holds at most, roughly. */
  readonly memory: number;
}

/**
 * @param chunkRows rows of a chunk, a multiple of 64.
 * @throws WarifuError BOUND_NOT_PROVED for a sum that could leave the widest ring.
 */
export async function tableSums(ctx: Context, work: TableWork, chunkRows: number): Promise<TableSums> {
  const { source, groups, measures, own } = work;
  const rows = Math.min(source.rows, chunkRows);
  const size = groupsInBatch(rows, measures.wide.length > 0 ? 128 : 64);
  const sums = new GroupSums(ctx, measures, groups.length, size);
  const bytes = memoryOfVectors(work, rows, size) + memoryOfMasks(work, rows);
  const atWork = chunksAtWork(bytes);
  const chunks = rowChunks(ctx, source.rows, chunkRows);
  const newBudget = (): ComparisonBudget => new ComparisonBudget(COMPARISON_BYTES / atWork);
  const budget = newBudget();
  await forEachChunk(chunks, atWork, async (range, i) => {
    const step = ctx.step(`rows-${i}`);
    const table = await source.load(range.start, range.end);
    const masks = rowMasks(step, work, table, i === 0 ? budget : newBudget());
    await sums.add(step, { table, masks, own: rangesWithin(range, own) });
  });
  return {
    sums: await sums.finish(ctx.step('sums')),
    memory:
      (bytes + budget.peak(rows)) * Math.min(atWork, Math.ceil(source.rows / chunkRows)) + PROCESS_BYTES,
  };
}

/** For each group the masks whose AND selects its rows. */
async function rowMasks(
  ctx: Context,
  { plan, groups }: TableWork,
  table: SharedTable,
  budget: ComparisonBudget,
): Promise<RowMask[][]> {
  const [filter, indicators] = await Promise.all([
    evaluatePredicate(ctx.step('where'), table, plan.where, budget),
    groupIndicators(ctx.step('group-by'), table, plan.groupBy, budget),
  ]);
  const sizes = indicators.map((keys) => keys.length);
  return groups.map((_, group) => {
    const masks: RowMask[] = [filter];
    let rest = group;
    for (let i = indicators.length - 1; i >= 0; i--) {
      const size = sizes[i] ?? 1;
      masks.push(indicators[i]?.[rest % size] ?? 'none');
      rest = Math.floor(rest / size);
    }
    return masks;
  });
}

/**
 * What a chunk takes: both parts of every loaded column and of every vector of a measure, and as much again for what
 * passes by; the masks of a batch of groups, four times over while they are made.
 */
function memoryOfVectors({ plan, source, groups, measures }: TableWork, rows: number, batch: number): number {
  const loaded = columnsOf(plan).reduce((total, name) => {
    const column = source.columns.get(name);
    return total + (column === undefined ? 0 : (dealtWidth(column.type) / 8) * 2);
  }, 0);
  const vectors = measures.narrow.length * 8 * 2 + measures.wide.length * 16 * 2;
  const masks = Math.min(groups.length, batch) * (measures.wide.length > 0 ? 16 : 8) * 2 * 4;
  return Math.ceil(rows * ((loaded + vectors) * 2 + masks));
}

/** A row of bits of each comparison and of each key of a group, in both parts, and again while they are joined. */
function memoryOfMasks({ plan, source }: TableWork, rows: number): number {
  const keys = plan.groupBy.reduce((total, name) => {
    const column = source.columns.get(name);
    return total + (column === undefined ? 0 : keysOf(column).length);
  }, 0);
  return (keys + atomsOf(plan.where)) * Math.ceil(rows / 64) * 8 * 2 * 3;
}

function atomsOf(predicate: Predicate): number {
  return predicate.kind === 'and' || predicate.kind === 'or'
    ? predicate.terms.reduce((total, term) => total + atomsOf(term), 0)
    : 1;
}
