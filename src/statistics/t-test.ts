/**
 * Two-sample t test. Welch releases n, the total and Q of each group (it reports n, mean and, through statistic
 * and df, the variance of each). Student reports only a pooled variance, so it releases n and the total of each
 * group and the one integer P = n2*Q1 + n1*Q2, computed on shares. Minimum: n of each group.
 */
import type { RingWidth } from '../kernels/ring-vector.js';
import type { Context } from '../protocols/context.js';
import { multiply } from '../protocols/multiply.js';
import { add } from '../share/linear.js';
import type { Column } from '../share/schema.js';
import type { ArithmeticShare } from '../share/shares.js';
import type { MeasureKey } from './measure.js';
import { notProved, type Sample, sampleOf, spread, total } from './moments.js';
import type { Statistic } from './statistic.js';
import { type AnySum, type Sums, widen } from './sums.js';

/** @param keys the two groups, in label order (false before true). */
export function tTestStatistic(
  column: Column,
  group: string,
  keys: readonly [MeasureKey, MeasureKey],
  variant: 'welch' | 'student',
): Statistic {
  const first = sampleOf(column.name, { column: group, key: keys[0] });
  const second = sampleOf(column.name, { column: group, key: keys[1] });
  const counts = [first.n, second.n];
  return {
    measures: [first.n, first.s1, first.s2, second.n, second.s1, second.s2],
    gates: counts,
    releases:
      variant === 'welch' ? ['n1', 'n2', 'sum1', 'sum2', 'q1', 'q2'] : ['n1', 'n2', 'sum1', 'sum2', 'pooled'],
    combine: async (ctx, sums) => {
      const [sum1, sum2, q1, q2] = await Promise.all([
        total(ctx.step('total-1'), sums, first, column),
        total(ctx.step('total-2'), sums, second, column),
        spread(ctx.step('spread-1'), sums, first, column),
        spread(ctx.step('spread-2'), sums, second, column),
      ]);
      const heads = [sums.get(first.n), sums.get(second.n), sum1, sum2];
      if (variant === 'welch') return [...heads, q1, q2];
      return [...heads, await pooled(ctx.step('pooled'), sums, [first, second], [q1, q2], column)];
    },
  };
}

async function pooled(
  ctx: Context,
  sums: Sums,
  [first, second]: readonly [Sample, Sample],
  [q1, q2]: readonly [AnySum, AnySum],
  column: Column,
): Promise<AnySum> {
  const n1 = sums.count(first.n);
  const n2 = sums.count(second.n);
  const largest = n2.bounds.max * q1.bounds.max + n1.bounds.max * q2.bounds.max;
  if (q1.width === 64 && q2.width === 64 && largest < 1n << 64n) return await crossSum(ctx, n1, n2, q1, q2);
  if (largest >= 1n << 128n) {
    throw notProved(column, "the pooled spread of Student's t test", largest, ", or use 'welch'");
  }
  const [w1, w2, wideQ1, wideQ2] = await Promise.all([
    widen(ctx.step('lift-n1'), n1),
    widen(ctx.step('lift-n2'), n2),
    widen(ctx.step('lift-q1'), q1),
    widen(ctx.step('lift-q2'), q2),
  ]);
  return await crossSum(ctx, w1, w2, wideQ1, wideQ2);
}

async function crossSum<W extends RingWidth>(
  ctx: Context,
  n1: ArithmeticShare<W>,
  n2: ArithmeticShare<W>,
  q1: ArithmeticShare<W>,
  q2: ArithmeticShare<W>,
): Promise<ArithmeticShare<W>> {
  const [left, right] = await Promise.all([
    multiply(ctx.step('n2-q1'), n2, q1),
    multiply(ctx.step('n1-q2'), n1, q2),
  ]);
  return add(left, right);
}
