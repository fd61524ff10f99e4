/**
 * The catalogue: from an aggregate of the plan's kind to its statistic.
 */
import { WarifuError } from '../core/errors.js';
import type { Column } from '../share/schema.js';
import { countStatistic } from './counts.js';
import type { MeasureKey } from './measure.js';
import { meanStatistic, sumStatistic, varianceStatistic } from './moments.js';
import type { Statistic } from './statistic.js';
import { tTestStatistic } from './t-test.js';

/** An aggregate by kind, column and options; query/plan.ts has the same shape. */
export type StatisticCall =
  | { readonly kind: 'count-rows' }
  | { readonly kind: 'count'; readonly column: string }
  | {
      readonly kind: 'sum' | 'avg' | 'var-samp' | 'var-pop' | 'stddev-samp' | 'stddev-pop';
      readonly column: string;
    }
  | {
      readonly kind: 't-test';
      readonly column: string;
      readonly group: string;
      readonly variant: 'welch' | 'student';
    };

/** @param columnOf gives a declared column by name. */
export function statisticOf(call: StatisticCall, columnOf: (name: string) => Column): Statistic {
  switch (call.kind) {
    case 'count-rows':
      return countStatistic(undefined);
    case 'count':
      return countStatistic(call.column);
    case 'sum':
      return sumStatistic(columnOf(call.column));
    case 'avg':
      return meanStatistic(columnOf(call.column));
    case 'var-samp':
    case 'var-pop':
    case 'stddev-samp':
    case 'stddev-pop':
      return varianceStatistic(columnOf(call.column));
    case 't-test':
      return tTestStatistic(columnOf(call.column), call.group, groupsOf(columnOf(call.group)), call.variant);
  }
}

/**
 * The two sides of a test in order: false and true, the two labels of a category, or the two values of an integer
 * whose declared range holds no more (0 and 1, 1 and 2). Undefined for any other column.
 */
export function twoGroups({ type }: Column): readonly [MeasureKey, MeasureKey] | undefined {
  if (type.kind === 'boolean') return [false, true];
  if (type.kind === 'integer' && type.max - type.min === 1n) return [String(type.min), String(type.max)];
  if (type.kind !== 'category') return undefined;
  const [first, second, third] = type.labels;
  return first !== undefined && second !== undefined && third === undefined ? [first, second] : undefined;
}

function groupsOf(column: Column): readonly [MeasureKey, MeasureKey] {
  const groups = twoGroups(column);
  if (groups !== undefined) return groups;
  throw new WarifuError('INTERNAL', `column '${column.name}' does not have two groups`);
}
