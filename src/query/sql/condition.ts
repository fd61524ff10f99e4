/** WHERE: an expression as the pair of predicates that say where it is true and where it is false. */
import { MAX_ATOMS } from '../plan.js';
import { compare } from './compare.js';
import {
  ALWAYS,
  and,
  atomic,
  type Condition,
  certainly,
  conjunction,
  countAtoms,
  disjunction,
  missing,
  not,
  or,
  UNKNOWN,
  whenUnknown,
} from './predicate.js';
import type { Scope } from './scope.js';
import type { ConstantSyntax, Expression } from './syntax.js';
import { typeError } from './type-errors.js';

type Of<K extends Expression['kind']> = Extract<Expression, { kind: K }>;

/**
 * @throws WarifuError SQL_TYPE where no condition stands, SQL_UNSUPPORTED beyond MAX_ATOMS, and whatever the
 *   comparisons throw.
 */
export function conditionOf(scope: Scope, expression: Expression): Condition {
  const condition = build(scope, expression);
  checkSize(scope, expression.at, sizeOf(condition));
  return condition;
}

/** Conditions of a list, whose sizes together are bounded (IS UNKNOWN over IS UNKNOWN doubles what is below). */
function conditionsOf(scope: Scope, terms: readonly Expression[]): Condition[] {
  let size = 0;
  return terms.map((term) => {
    const condition = conditionOf(scope, term);
    size += sizeOf(condition);
    checkSize(scope, term.at, size);
    return condition;
  });
}

function sizeOf(condition: Condition): number {
  return Math.max(countAtoms(condition.whenTrue), countAtoms(condition.whenFalse));
}

function checkSize(scope: Scope, at: number, size: number): void {
  if (size <= MAX_ATOMS) return;
  throw scope.source.unsupported(at, {
    what: `the condition needs more than ${MAX_ATOMS} comparisons`,
    instead: 'shorten its lists, or ask in several queries',
  });
}

function build(scope: Scope, expression: Expression): Condition {
  switch (expression.kind) {
    case 'and':
      return and(conditionsOf(scope, expression.terms));
    case 'or':
      return or(conditionsOf(scope, expression.terms));
    case 'not':
      return not(conditionOf(scope, expression.term));
    case 'compare':
      return compare(scope, expression.sign, expression.left, expression.right, expression.at);
    case 'distinct':
      return distinct(scope, expression);
    case 'between':
    case 'in': {
      const condition = expression.kind === 'in' ? inList(scope, expression) : between(scope, expression);
      return expression.negated ? not(condition) : condition;
    }
    case 'is-null': {
      const condition = isNull(scope, expression.term);
      return expression.negated ? not(condition) : condition;
    }
    case 'is-truth': {
      const condition = isTruth(scope, expression);
      return expression.negated ? not(condition) : condition;
    }
    case 'column':
      return flag(scope, expression);
    case 'constant':
      return constantCondition(scope, expression);
    case 'call':
      throw scope.source.unsupported(expression.at, {
        what: 'a function in WHERE is not offered',
        instead: 'WHERE chooses rows by comparing columns; aggregates stand after SELECT',
      });
  }
}

function between(scope: Scope, { subject, items, at }: Of<'between' | 'in'>): Condition {
  const [low, high] = items;
  if (low === undefined || high === undefined) throw new RangeError('BETWEEN without two bounds');
  return and([compare(scope, '>=', subject, low, at), compare(scope, '<=', subject, high, at)]);
}

function inList(scope: Scope, { subject, items, at }: Of<'between' | 'in'>): Condition {
  return or(items.map((item) => compare(scope, '=', subject, item, at)));
}

function distinct(scope: Scope, { sign, left, right, at }: Of<'compare' | 'distinct'>): Condition {
  const equal = compare(scope, '=', left, right, at).whenTrue;
  const bothMissing = conjunction([
    operandMissing(scope, left).whenTrue,
    operandMissing(scope, right).whenTrue,
  ]);
  const same = certainly(scope, disjunction([equal, bothMissing]));
  return sign === '=' ? same : not(same);
}

function operandMissing(scope: Scope, operand: Expression): Condition {
  if (operand.kind === 'column') return missing(scope, scope.column(operand).name);
  return operand.kind === 'constant' && operand.value.kind === 'null' ? ALWAYS : not(ALWAYS);
}

function isNull(scope: Scope, term: Expression): Condition {
  if (term.kind === 'column' || term.kind === 'constant') return operandMissing(scope, term);
  return certainly(scope, whenUnknown(scope, conditionOf(scope, term)));
}

function isTruth(scope: Scope, { truth, term }: Of<'is-truth'>): Condition {
  const condition = conditionOf(scope, term);
  if (truth === 'unknown') return certainly(scope, whenUnknown(scope, condition));
  const wanted = truth === 'true' ? condition : not(condition);
  return condition.certain ? wanted : certainly(scope, wanted.whenTrue);
}

function flag(scope: Scope, expression: Of<'column'>): Condition {
  const column = scope.column(expression);
  if (column.type.kind !== 'boolean') {
    throw typeError(scope, column, expression.at, 'a condition is needed, so compare it with something');
  }
  return atomic(scope, { kind: 'flag', column: column.name, negated: false });
}

function constantCondition(scope: Scope, { value, at }: ConstantSyntax): Condition {
  if (value.kind === 'null') return UNKNOWN;
  if (value.kind === 'boolean') return value.value ? ALWAYS : not(ALWAYS);
  throw scope.source.error('SQL_TYPE', at, {
    what: 'a constant stands where a condition is needed',
    instead: 'compare a column with it, or write TRUE or FALSE',
  });
}
