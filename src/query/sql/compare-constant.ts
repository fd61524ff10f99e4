/** Comparisons of a column with a constant. */
import type { CategoryType, Column, DateType, NumberType } from '../../share/schema.js';
import { formCondition } from './form.js';
import { scaled } from './number.js';
import { atomic, type Condition, constantWhere, not, UNKNOWN } from './predicate.js';
import { dateConstant } from './read-constant.js';
import { listNames, type Scope } from './scope.js';
import type { ComparisonSign, Constant, ConstantSyntax } from './syntax.js';
import { checkEquality, identifierRefused, typeError } from './type-errors.js';

/**
 * Column against constant, with the constant folded into the encoded value (the distance from the declared
 * minimum). A comparison that the declared range decides becomes a constant.
 */
export function compareConstant(
  scope: Scope,
  sign: ComparisonSign,
  column: Column,
  constant: ConstantSyntax,
): Condition {
  const { type } = column;
  const { value, at } = constant;
  if (value.kind === 'null') return UNKNOWN;
  switch (type.kind) {
    case 'integer':
    case 'decimal':
      if (value.kind !== 'number') throw typeError(scope, column, at, 'write a number without quotes');
      return compareScaled(scope, sign, column, type, scaled(value, type.digits), at);
    case 'date':
      return compareScaled(
        scope,
        sign,
        column,
        type,
        { floor: dayOf(scope, column, value, at), exact: true },
        at,
      );
    case 'category':
      return compareLabel(scope, sign, column, type, value, at);
    case 'boolean': {
      if (value.kind !== 'boolean') throw typeError(scope, column, at, 'compare it with TRUE or FALSE');
      checkEquality(scope, sign, column, at);
      const flag = atomic(scope, { kind: 'flag', column: column.name, negated: !value.value });
      return sign === '=' ? flag : not(flag);
    }
    case 'identifier':
      throw identifierRefused(scope, column, at);
  }
}

function dayOf(scope: Scope, column: Column, value: Constant, at: number): bigint {
  const day = value.kind === 'text' ? dateConstant(scope, value.value, at) : value;
  if (day.kind !== 'date') throw typeError(scope, column, at, "write a date as 'YYYY-MM-DD'");
  return day.day;
}

/** Column against a constant that lies at floor, or strictly between floor and floor + 1. */
function compareScaled(
  scope: Scope,
  sign: ComparisonSign,
  column: Column,
  type: NumberType | DateType,
  { floor, exact }: { readonly floor: bigint; readonly exact: boolean },
  at: number,
): Condition {
  const atLeast = (threshold: bigint): Condition =>
    formCondition(scope, 'at-least-zero', [[column, 1n]], type.min - threshold, at);
  const ceiling = exact ? floor : floor + 1n;
  switch (sign) {
    case '>=':
      return atLeast(ceiling);
    case '>':
      return atLeast(floor + 1n);
    case '<':
      return not(atLeast(ceiling));
    case '<=':
      return not(atLeast(floor + 1n));
    case '=':
    case '<>': {
      const equal = exact
        ? formCondition(scope, 'zero', [[column, 1n]], type.min - floor, at)
        : constantWhere(scope, [column.name], false);
      return sign === '=' ? equal : not(equal);
    }
  }
}

function compareLabel(
  scope: Scope,
  sign: ComparisonSign,
  column: Column,
  type: CategoryType,
  value: Constant,
  at: number,
): Condition {
  if (value.kind !== 'text') throw typeError(scope, column, at, 'write one of its labels in single quotes');
  checkEquality(scope, sign, column, at);
  const code = type.labels.indexOf(value.value);
  if (code < 0) {
    throw scope.source.error('UNKNOWN_LABEL', at, {
      what: `column '${column.name}' has no label '${value.value.slice(0, 128)}'`,
      instead: listNames(value.value, type.labels),
    });
  }
  const equal = formCondition(scope, 'zero', [[column, 1n]], -BigInt(code), at);
  return sign === '=' ? equal : not(equal);
}
