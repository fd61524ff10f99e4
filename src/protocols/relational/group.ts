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
 * Cost (rep3), k key bits: the sort with all columns (key-order.ts); a comparison of neighbours, k/8 bytes per node and
 *   row (same-key.ts); 16 bytes and 4/3 of words of k + 1 bits and of what the aggregates carry to compact them; then, of a
 *   row of the result, an element for each aggregate and number of the key and one of the widest, k/8 for key bits.
 *   Columns travel over the narrowest ring that holds what is made of them (group-widths.ts).
 * Reveals: uniform permutations (scan/route.ts), and what a sort may (sort/sort.ts).
 * Fails: BOUND_NOT_PROVED where a sum over all rows could leave its ring; PEER_MISBEHAVED (reveal-order.ts); as sort/sort.ts.
 */
import { sliceRows } from '../../share/rows.js';
import { BinaryShare, type NumberColumn } from '../../share/shares.js';
import type { Context } from '../context.js';
import { widen } from '../convert.js';
import { and } from '../logic.js';
import { clearBits, clearNumbers, type WideFlags, wideFlags } from '../scan/clear.js';
import { partition } from '../scan/partition.js';
import { firstRows, lastRows } from '../scan/segments.js';
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
import { type KeyedRows, type KeyValue, sameBits, valuesOf } from './keyed-rows.js';
import { anyWidth } from './narrow.js';
import { packAll, unpackAll, type Words } from './row-bits.js';
import { sameKey } from './same-key.js';
import { type Arrived, Travellers } from './travellers.js';

export interface Groups {
  /** The values of the key, 0 in rows that are no group. */
  readonly key: readonly KeyValue[];
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
  const groups = checked(keyed, aggregates, options);
  const moving = new Travellers();
  const restore = narrowAggregates(aggregates).map((own) => inputsOf(own, moving));
  const sorted = await orderByKey(ctx.step('order'), keyed, moving.bits, moving.columns);
  const arrived = moving.arrived(sorted.bits, sorted.columns);
  const inOrder = restore.map((make) => make(arrived));
  const made = await aggregate(ctx, sorted, inOrder, groups);
  return await widened(ctx.step('widen'), made, keyed, aggregates);
}

/** Aggregates of rows that are sorted by key already, those that are not there last. */
export async function groupSorted(
  ctx: Context,
  keyed: KeyedRows,
  aggregates: readonly Aggregate[],
  options: GroupOptions = {},
): Promise<Groups> {
  const groups = checked(keyed, aggregates, options);
  const own = { key: valuesOf(keyed), valid: keyed.valid };
  const made = await aggregate(ctx, own, narrowAggregates(aggregates), groups);
  return await widened(ctx.step('widen'), made, keyed, aggregates);
}

/** Rows of the result. */
function checked(
  keyed: KeyedRows,
  aggregates: readonly Aggregate[],
  { groups = valuesOf(keyed)[0].length }: GroupOptions,
): number {
  const { length } = valuesOf(keyed)[0];
  checkAggregates(length, aggregates);
  if (groups < 0 || !Number.isInteger(groups)) throw new RangeError(`${groups} groups`);
  return Math.min(length, groups);
}

/** Keys and results over the rings in which they were given. */
async function widened(
  ctx: Context,
  made: Groups,
  keyed: KeyedRows,
  aggregates: readonly Aggregate[],
): Promise<Groups> {
  const [key, columns] = await Promise.all([
    Promise.all(
      valuesOf(keyed).map(async (asked, i): Promise<KeyValue> => {
        const own = made.key[i] as KeyValue;
        if (asked instanceof BinaryShare || own instanceof BinaryShare || own.width === asked.width)
          return own;
        return (await widen(ctx.step(`key-${i}`), anyWidth(own), asked.width as 64)) as NumberColumn;
      }),
    ),
    widenResults(ctx.step('columns'), aggregates, made.columns),
  ]);
  return { ...made, key, columns };
}

/** Sorted rows with their key. */
interface SortedKeys {
  readonly key: readonly KeyValue[];
  readonly valid: BinaryShare | undefined;
}

async function aggregate(
  ctx: Context,
  { key, valid }: SortedKeys,
  aggregates: readonly Aggregate[],
  groups: number,
): Promise<Groups> {
  // Rows that are there come first: the one after the last of them ends its group, whatever key it holds.
  const same = await sameKey(ctx.step('same'), key, valid === undefined ? [] : [valid]);
  const [ends, aggregators] = await Promise.all([
    endsOf(ctx.step('ends'), lastRows(same), valid),
    aggregatorsOf(ctx, firstRows(same), aggregates),
  ]);
  return await collect(ctx, { key, ends, aggregators, groups });
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
  readonly key: readonly KeyValue[];
  readonly ends: BinaryShare;
  readonly aggregators: readonly Aggregator[];
  readonly groups: number;
}

/** The last rows of groups at the front, and what becomes of them there. */
async function collect(ctx: Context, { key, ends, aggregators, groups }: Running): Promise<Groups> {
  const moving = new Travellers();
  moving.addBits(ends);
  for (const value of key) {
    if (value instanceof BinaryShare) moving.addBits(value);
    else moving.addColumn(value);
  }
  const finishers = aggregators.map((carry) => carry(moving));
  const words = packAll(moving.bits);
  const moved = await partition(ctx.step('compact'), ends, 'first', [...words, ...moving.columns]);
  const cut = (from: number, to: number): BinaryShare[] =>
    unpackAll(
      moved.columns.slice(0, words.length).map((word) => sliceRows(word as Words, from, to)),
      moving.bits,
    );
  const columns = moved.columns.slice(words.length).map((column) => sliceRows(column, 0, groups));
  const arrived = moving.arrived(cut(0, groups), columns);
  const valid = arrived.bits(ends);
  const live = await wideFlags(ctx.step('live'), valid, columns);
  const counts = new GroupCounts(ctx.step('group-counts'), arrived, live);
  const [cleared, results] = await Promise.all([
    Promise.all(key.map((value, i) => clearedKey(ctx.step(`key-${i}`), value, arrived, live))),
    Promise.all(finishers.map((finish, i) => finish(ctx.step(`finish-${i}`), { arrived, live, counts }))),
  ]);
  const overflow = groups < ends.length ? (cut(groups, groups + 1)[0] as BinaryShare) : sameBits(ctx, 1, 0);
  return { key: cleared, valid, columns: results, overflow };
}

async function clearedKey(
  ctx: Context,
  value: KeyValue,
  arrived: Arrived,
  live: WideFlags,
): Promise<KeyValue> {
  if (value instanceof BinaryShare) return await clearBits(ctx, arrived.bits(value), live.bit);
  return (await clearNumbers(ctx, anyWidth(arrived.column(value)), live)) as NumberColumn;
}
