/**
 * Groups: aggregates of all rows with equal keys, one row for each group.
 *
 * Functionality: n rows with a key, of which some may be absent, and aggregates of their columns (group-aggregates.ts). The
 *   result has one row for each group, in the order of the keys, then rows of 0; how many there are stays hidden. At most
 *   `groups` rows where that is given, and a bit that says whether there were more.
 * Protocol: rows are sorted by key, absent ones last; a row whose key differs from that of the row before it starts a
 *   group. What an aggregate needs of a group is in its last row, as running counts, sums or maxima. These rows are
 *   brought to the front by a partition (as in Kikuchi's compaction of sorted tables, NTT), where a group's count or sum
 *   is the difference to the row before it, which is local. Rows after the last group are made 0.
 * Requires: n < 2^30; missing slots of columns with validity hold 0.
 * Cost (rep3), k key bits: the sort; 6 rounds, 8 bytes per node and row and 4/3 of the words of the key and columns to
 *   bring them there, k/8 to compare keys; 16 bytes and 4/3 of words of k + 1 bits and of what the aggregates carry to
 *   compact them; then, of a row of the result, an element for each aggregate and one of the widest, k/8 for the key.
 *   Columns travel over the narrowest ring that holds what is made of them (group-widths.ts).
 * Reveals: uniform permutations (sort/radix.ts, scan/route.ts).
 * Fails: BOUND_NOT_PROVED where a sum over all rows could leave its ring; PEER_MISBEHAVED (reveal-order.ts).
 */
import { not, rows, stack } from '../../share/bits.js';
import { sliceRows } from '../../share/rows.js';
import type { BinaryShare, Column, NumberColumn } from '../../share/shares.js';
import type { Context } from '../context.js';
import { and } from '../logic.js';
import { clearBits, wideFlags } from '../scan/clear.js';
import { partition } from '../scan/partition.js';
import { firstRows, lastRows, sameAsPrevious } from '../scan/segments.js';
import {
  type Aggregate,
  type Aggregated,
  type Aggregator,
  aggregator,
  checkAggregates,
  inputsOf,
} from './group-aggregates.js';
import { GroupCounts, RunningCounts } from './group-counts.js';
import { narrowAggregates, widenResults } from './group-widths.js';
import { orderByKey } from './key-order.js';
import { checkKeyed, type KeyedRows, sameBits, sortBits } from './keyed-rows.js';
import { packBits, unpackBits, type Words } from './row-bits.js';
import { Travellers } from './travellers.js';

export interface Groups {
  readonly key: BinaryShare;
  /** 1 in the rows of groups, which are the first ones. */
  readonly valid: BinaryShare;
  /** In the order of the aggregates. */
  readonly columns: readonly Aggregated[];
  /** One bit: there were more groups than rows of the result. */
  readonly overflow: BinaryShare;
}

export interface GroupOptions {
  /** Most rows of the result; a public number, by default that of the rows. */
  readonly groups?: number | undefined;
}

/**
 * Aggregates of rows in any order. In `keyed`, `valid` says which rows are there; a missing value in a key is a key of its
 * own (key-columns.ts).
 *
 * @throws RangeError for columns of other lengths; WarifuError BOUND_NOT_PROVED.
 */
export async function groupBy(
  ctx: Context,
  keyed: KeyedRows,
  aggregates: readonly Aggregate[],
  options: GroupOptions = {},
): Promise<Groups> {
  checkKeyed(keyed);
  checkAggregates(keyed.key.length, aggregates);
  const groups = rowsOfResult(keyed, options);
  const moving = new Travellers();
  const restore = narrowAggregates(aggregates).map((aggregate) => inputsOf(aggregate, moving));
  const own = sortBits(keyed);
  const sorted = await orderByKey(ctx, own, stack([own, ...moving.bits]), moving.columns);
  const arrived = moving.arrived(rows(sorted.bits, own.rows, sorted.bits.rows), sorted.columns);
  const key = rows(sorted.bits, 0, keyed.key.rows);
  const absent = rows(sorted.bits, keyed.key.rows, own.rows);
  const inOrder = { key, valid: absent.rows === 0 ? undefined : not(absent) };
  const made = await aggregate(
    ctx,
    inOrder,
    restore.map((make) => make(arrived)),
    groups,
  );
  return { ...made, columns: await widenResults(ctx.step('widen'), aggregates, made.columns) };
}

/** Aggregates of rows that are sorted by key already, absent ones last. */
export async function groupSorted(
  ctx: Context,
  keyed: KeyedRows,
  aggregates: readonly Aggregate[],
  options: GroupOptions = {},
): Promise<Groups> {
  checkKeyed(keyed);
  checkAggregates(keyed.key.length, aggregates);
  const made = await aggregate(ctx, keyed, narrowAggregates(aggregates), rowsOfResult(keyed, options));
  return { ...made, columns: await widenResults(ctx.step('widen'), aggregates, made.columns) };
}

function rowsOfResult({ key }: KeyedRows, { groups = key.length }: GroupOptions): number {
  if (groups < 0 || !Number.isInteger(groups)) throw new RangeError(`${groups} groups`);
  return Math.min(key.length, groups);
}

async function aggregate(
  ctx: Context,
  keyed: KeyedRows,
  aggregates: readonly Aggregate[],
  groups: number,
): Promise<Groups> {
  const same = await sameAsPrevious(ctx.step('same'), sortBits(keyed));
  const [ends, aggregators] = await Promise.all([
    endsOf(ctx.step('ends'), lastRows(same), keyed.valid),
    aggregatorsOf(ctx, firstRows(same), aggregates),
  ]);
  return await collect(ctx, { keyed, ends, aggregators, groups });
}

async function endsOf(ctx: Context, last: BinaryShare, valid: BinaryShare | undefined): Promise<BinaryShare> {
  return valid === undefined ? last : await and(ctx, last, valid);
}

async function aggregatorsOf(
  ctx: Context,
  first: BinaryShare,
  aggregates: readonly Aggregate[],
): Promise<Aggregator[]> {
  const counts = new RunningCounts(ctx.step('counts'), first.length);
  return await Promise.all(
    aggregates.map((aggregate, i) => aggregator(ctx.step(`column-${i}`), first, counts, aggregate)),
  );
}

interface Running {
  readonly keyed: KeyedRows;
  readonly ends: BinaryShare;
  readonly aggregators: readonly Aggregator[];
  readonly groups: number;
}

/** The last rows of groups at the front, and what becomes of them there. */
async function collect(ctx: Context, { keyed, ends, aggregators, groups }: Running): Promise<Groups> {
  const { key } = keyed;
  const moving = new Travellers();
  const finishers = aggregators.map((carry) => carry(moving));
  const bits = stack([ends, key, ...moving.bits]);
  const words: Column[] = packBits(bits);
  const moved = await partition(ctx.step('compact'), ends, 'first', [...words, ...moving.columns]);
  const cut = (from: number, to: number): BinaryShare =>
    unpackBits(
      moved.columns.slice(0, words.length).map((word) => sliceRows(word as Words, from, to)),
      bits.rows,
    );
  const front = cut(0, groups);
  const columns = moved.columns.slice(words.length).map((column) => sliceRows(column, 0, groups));
  const arrived = moving.arrived(rows(front, 1 + key.rows, bits.rows), columns);
  const valid = rows(front, 0, 1);
  const live = await wideFlags(ctx.step('live'), valid, columns as NumberColumn[]);
  const counts = new GroupCounts(ctx.step('group-counts'), arrived, live);
  const [cleared, results] = await Promise.all([
    clearBits(ctx.step('key'), rows(front, 1, 1 + key.rows), valid),
    Promise.all(finishers.map((finish, i) => finish(ctx.step(`finish-${i}`), { arrived, live, counts }))),
  ]);
  const overflow = groups < key.length ? rows(cut(groups, groups + 1), 0, 1) : sameBits(ctx, 1, 0);
  return { key: cleared, valid, columns: results, overflow };
}
