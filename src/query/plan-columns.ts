/** The columns that a plan reads: what a node loads, and no more. */
import type { Predicate, QueryPlan } from './plan.js';

export function columnsOf(plan: QueryPlan): string[] {
  const names = new Set<string>(plan.groupBy);
  addPredicate(plan.where, names);
  for (const output of plan.output) {
    if (output.kind === 'key') continue;
    const { aggregate } = output;
    if (aggregate.kind === 'count-rows') continue;
    names.add(aggregate.column);
    if (aggregate.kind === 't-test') names.add(aggregate.group);
  }
  return [...names];
}

function addPredicate(predicate: Predicate, names: Set<string>): void {
  switch (predicate.kind) {
    case 'true':
    case 'false':
      return;
    case 'and':
    case 'or':
      for (const term of predicate.terms) addPredicate(term, names);
      return;
    case 'at-least-zero':
    case 'zero':
      for (const { column } of predicate.form.terms) names.add(column);
      return;
    case 'flag':
    case 'missing':
      names.add(predicate.column);
      return;
    case 'flags-equal':
      names.add(predicate.left);
      names.add(predicate.right);
      return;
    case 'present':
      for (const column of predicate.columns) names.add(column);
  }
}
