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

/** The two sides of a test, in label order (false before true). */
export function groupsOf(column: Column): readonly [MeasureKey, MeasureKey] {
  if (column.type.kind === 'boolean') return [false, true];
  if (column.type.kind === 'category') {
    const [first, second, third] = column.type.labels;
    if (first !== undefined && second !== undefined && third === undefined) return [first, second];
  }
  throw new WarifuError('INTERNAL', `column '${column.name}' does not have two groups`);
}
