/**
 * The aggregates of a group: what each carries to the group's last row, and what it makes of that.
 *
 * count: rows, or rows whose value is there. sum, min, max: over the values that are there. first, last: the value of the
 *   group's first or last row, in the order that the rows had within the key, whether it is there or not.
 * Protocol: count and sum by prefix sums, of which a group's own is the difference to the group before; min and max by
 *   running-max.ts, with missing values as far out as the bounds; first from the row after the last row of the group
 *   before, so that one compaction serves all.
 * Requires: bounds that hold the 0 of missing slots.
 * Cost (rep3): for each row, count with validity 2 rounds and 4 bytes, min and max that of running-max.ts and with
 *   validity 2 rounds and an element, others nothing; for each row of the result see group.ts and group-counts.ts.
 * Reveals: nothing. Fails: BOUND_NOT_PROVED where a sum over all rows, or a difference of two values, could leave the ring.
 */
import { not } from '../../share/bits.js';
import { type Bounds, constantBounds, joinBounds, proveFits, subtractBounds } from '../../share/bounds.js';
import { add, concatenate, scale, slice } from '../../share/linear.js';
import { checkRows } from '../../share/rows.js';
import type { ArithmeticShare, BinaryShare, NumberColumn } from '../../share/shares.js';
import type { Context } from '../context.js';
import { bitToRing } from '../convert.js';
import { and } from '../logic.js';
import { clearNumbers, type WideFlags, wideFlags } from '../scan/clear.js';
import { appendBits, bitsShiftedUp, differences, firstBits, shiftedUp } from '../scan/local-rows.js';
import { boundsOfSums, prefixSum } from '../scan/prefix-sum.js';
import { segmentedMax, segmentedMin } from '../scan/running-max.js';
import type { GroupCounts, RunningCounts } from './group-counts.js';
import { anyWidth } from './narrow.js';
import type { Arrived, Travellers } from './travellers.js';

/** `valid`: 0 where the value is missing, and then its slot holds 0. */
export type Aggregate = { readonly kind: 'count'; readonly valid?: BinaryShare | undefined } | ValueAggregate;

export interface ValueAggregate {
  readonly kind: 'sum' | 'min' | 'max' | 'first' | 'last';
  readonly value: NumberColumn;
  readonly valid?: BinaryShare | undefined;
}

/** One value for each group, of the width of the aggregated one (count 32); 0 where there is none. */
export interface Aggregated {
  readonly value: NumberColumn;
  readonly valid: BinaryShare;
}

/** What the rows of the result are made of. */
export interface GroupRows {
  readonly arrived: Arrived;
  /** Which rows are groups. */
  readonly live: WideFlags;
  readonly counts: GroupCounts;
}

export type Finish = (ctx: Context, rows: GroupRows) => Promise<Aggregated>;

/** Adds what an aggregate needs of the last rows of groups, and says what becomes of it. */
export type Aggregator = (moving: Travellers) => Finish;

/** @throws RangeError for other lengths; WarifuError BOUND_NOT_PROVED for what could leave a ring later. */
export function checkAggregates(length: number, aggregates: readonly Aggregate[]): void {
  for (const aggregate of aggregates) {
    const { kind, valid } = aggregate;
    if (valid !== undefined) checkRows(length, [valid]);
    if (valid !== undefined && valid.rows !== 1) throw new RangeError('validity takes one row of bits');
    if (kind === 'count') continue;
    const { value } = aggregate;
    checkRows(length, [value]);
    if (kind === 'sum')
      proveFits(boundsOfSums(value.bounds, length), value.width, `a sum of ${length} values`);
    if (kind !== 'min' && kind !== 'max') continue;
    const bounds = withZero(value.bounds);
    proveFits(subtractBounds(bounds, bounds), value.width, 'a difference of two values');
  }
}

/** Adds an aggregate's inputs to what moves; the same aggregate of what arrives. */
export function inputsOf(aggregate: Aggregate, moving: Travellers): (arrived: Arrived) => Aggregate {
  const { kind, valid } = aggregate;
  if (valid !== undefined) moving.addBits(valid);
  if (kind === 'count') {
    return (arrived) => ({ kind, valid: valid === undefined ? undefined : arrived.bits(valid) });
  }
  const { value } = aggregate;
  moving.addColumn(value);
  return (arrived) => ({
    kind,
    value: arrived.column(value),
    valid: valid === undefined ? undefined : arrived.bits(valid),
  });
}

/** An aggregate of sorted rows, of which `first` flags the first ones of groups. */
export async function aggregator(
  ctx: Context,
  first: BinaryShare,
  counts: RunningCounts,
  aggregate: Aggregate,
): Promise<Aggregator> {
  const { kind, valid } = aggregate;
  if (kind === 'count') return countOf(await counts.of(valid));
  switch (kind) {
    case 'sum':
      return sumOf(aggregate, valid === undefined ? undefined : await counts.of(valid));
    case 'min':
    case 'max': {
      const [running, count] = await Promise.all([
        extreme(ctx, first, aggregate),
        valid === undefined ? undefined : counts.of(valid),
      ]);
      return extremeOf(running, count);
    }
    case 'first':
      return firstOf(aggregate);
    case 'last':
      return lastOf(aggregate);
  }
}

function countOf(running: ArithmeticShare<32>): Aggregator {
  return (moving) => {
    moving.addColumn(running);
    return async (_ctx, { counts, live }) => ({ value: await counts.of(running), valid: live.bit });
  };
}

function sumOf({ value }: ValueAggregate, count: ArithmeticShare<32> | undefined): Aggregator {
  const sums = prefixSum(anyWidth(value));
  const bounds = boundsOfSums(value.bounds, value.length);
  return (moving) => {
    moving.addColumn(sums);
    if (count !== undefined) moving.addColumn(count);
    return async (ctx, { arrived, live, counts }) => {
      const [cleared, valid] = await Promise.all([
        clearNumbers(ctx, differences(arrived.column(sums)), live),
        count === undefined ? live.bit : counts.some(count),
      ]);
      // A group's sum, or 0.
      return { value: cleared.with({ bounds }) as NumberColumn, valid };
    };
  };
}

/** Running maxima or minima, in which missing values count as the bound at the other end. */
async function extreme(
  ctx: Context,
  first: BinaryShare,
  { kind, value, valid }: ValueAggregate,
): Promise<ArithmeticShare<64>> {
  const own = anyWidth(value);
  const bounds = withZero(own.bounds);
  const neutral = kind === 'max' ? bounds.min : bounds.max;
  const scan = kind === 'max' ? segmentedMax : segmentedMin;
  if (valid === undefined || neutral === 0n) return await scan(ctx.step('scan'), first, own);
  const missing = await bitToRing(ctx.step('missing'), not(valid), own.width);
  // Missing slots are 0.
  const filled = add(own, scale(missing, neutral)).with({ bounds });
  return await scan(ctx.step('scan'), first, filled);
}

function extremeOf(running: ArithmeticShare<64>, count: ArithmeticShare<32> | undefined): Aggregator {
  return (moving) => {
    moving.addColumn(running);
    if (count !== undefined) moving.addColumn(count);
    return async (ctx, { arrived, live, counts }) => {
      const own = arrived.column(running);
      if (count === undefined) {
        return { value: (await clearNumbers(ctx, own, live)) as NumberColumn, valid: live.bit };
      }
      const some = await wideFlags(ctx.step('some'), await counts.some(count), [own]);
      return { value: (await clearNumbers(ctx.step('clear'), own, some)) as NumberColumn, valid: some.bit };
    };
  };
}

function lastOf({ value, valid }: ValueAggregate): Aggregator {
  return (moving) => {
    moving.addColumn(value);
    if (valid !== undefined) moving.addBits(valid);
    return async (ctx, { arrived, live }) =>
      await cleared(ctx, live, arrived.column(anyWidth(value)), valid && arrived.bits(valid));
  };
}

/** The row after each one moves with it, to the group of which it is not the first row but the group before. */
function firstOf({ value, valid }: ValueAggregate): Aggregator {
  const own = anyWidth(value);
  const next = shiftedUp(own.with({ bounds: withZero(own.bounds) }));
  const nextValid = valid && bitsShiftedUp(valid);
  return (moving) => {
    moving.addColumn(next);
    if (nextValid !== undefined) moving.addBits(nextValid);
    return async (ctx, { arrived, live }) => {
      const moved = arrived.column(next);
      const groups = moved.length;
      const start = Math.min(1, groups);
      const values = concatenate([slice(own, 0, start), slice(moved, 0, groups - start)]);
      const bits =
        nextValid &&
        valid &&
        appendBits([firstBits(valid, start), firstBits(arrived.bits(nextValid), groups - start)]);
      return await cleared(ctx, live, values, bits);
    };
  };
}

/** A value of a group's row, and whether it is there; 0 in rows that are no group. */
async function cleared(
  ctx: Context,
  live: WideFlags,
  value: ArithmeticShare<64>,
  valid: BinaryShare | undefined,
): Promise<Aggregated> {
  const [number, bit] = await Promise.all([
    clearNumbers(ctx.step('value'), value, live),
    valid === undefined ? live.bit : and(ctx.step('valid'), valid, live.bit),
  ]);
  return { value: number as NumberColumn, valid: bit };
}

function withZero(bounds: Bounds): Bounds {
  return joinBounds(bounds, constantBounds(0n));
}
