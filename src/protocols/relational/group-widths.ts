/**
 * Aggregates over the narrowest ring that holds what they make: narrowed before anything moves, which is local, and
 * widened again in the rows of the result.
 *
 * Cost (rep3): of a column that was narrowed, 2 rounds and 6.7 bytes (to 64 bits) per node and row of the result, against
 *   what its rows cost less on their way. Reveals: nothing. Fails: never, since the bounds decide.
 */
import { type Bounds, joinBounds, subtractBounds } from '../../share/bounds.js';
import type { NumberColumn } from '../../share/shares.js';
import type { Context } from '../context.js';
import { widen } from '../convert.js';
import { boundsOfSums } from '../scan/prefix-sum.js';
import type { Aggregate, Aggregated, ValueAggregate } from './group-aggregates.js';
import { anyWidth, narrow } from './narrow.js';

/** The same aggregates of the same values over rings of 32, 64 or 128 bits, each value narrowed once. */
export function narrowAggregates(aggregates: readonly Aggregate[]): Aggregate[] {
  const narrowed = new Map<NumberColumn, NumberColumn>();
  for (const { value } of aggregates.filter(isOfValue)) {
    if (!narrowed.has(value)) narrowed.set(value, narrow(value, boundsOfUses(value, aggregates)));
  }
  return aggregates.map((own) =>
    isOfValue(own) ? { ...own, value: narrowed.get(own.value) ?? own.value } : own,
  );
}

/** Results over the rings of the aggregates as they were asked for. */
export async function widenResults(
  ctx: Context,
  aggregates: readonly Aggregate[],
  results: readonly Aggregated[],
): Promise<Aggregated[]> {
  return await Promise.all(
    results.map(async (result, i) => {
      const asked = aggregates[i] as Aggregate;
      if (!isOfValue(asked) || asked.value.width === result.value.width) return result;
      const value = await widen(ctx.step(`column-${i}`), anyWidth(result.value), asked.value.width as 64);
      return { ...result, value: value as NumberColumn };
    }),
  );
}

function isOfValue(aggregate: Aggregate): aggregate is ValueAggregate {
  return aggregate.kind !== 'count';
}

function boundsOfUses(value: NumberColumn, aggregates: readonly Aggregate[]): Bounds {
  const uses = aggregates.filter(isOfValue).filter((own) => own.value === value);
  return uses.map(boundsOfUse).reduce(joinBounds);
}

/** Bounds of all that an aggregate makes of its value. */
function boundsOfUse({ kind, value }: ValueAggregate): Bounds {
  const own = boundsOfSums(value.bounds, kind === 'sum' ? Math.max(1, value.length) : 1);
  return kind === 'min' || kind === 'max' ? joinBounds(own, subtractBounds(own, own)) : own;
}
