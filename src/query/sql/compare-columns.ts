/** Comparisons between two columns. */
import type { Column, DateType, NumberType } from '../../share/schema.js';
import { formCondition } from './form.js';
import { atomic, type Condition, constantWhere, not } from './predicate.js';
import type { Scope } from './scope.js';
import type { ColumnSyntax, ComparisonSign } from './syntax.js';
import { checkEquality, checkSameLabels, describeType, identifierRefused } from './type-errors.js';

/** Column against column: numbers of any scale, dates, categories with the same labels, booleans. */
export function compareColumns(
  scope: Scope,
  sign: ComparisonSign,
  left: ColumnSyntax,
  right: ColumnSyntax,
  at: number,
): Condition {
  const [one, other] = [scope.column(left), scope.column(right)];
  const [a, b] = [one.type, other.type];
  if (isNumber(a) && isNumber(b)) return compareForms(scope, sign, [one, a], [other, b], at);
  if (a.kind === 'date' && b.kind === 'date') return compareForms(scope, sign, [one, a], [other, b], at);
  if (a.kind === 'identifier') throw identifierRefused(scope, one, left.at);
  if (b.kind === 'identifier') throw identifierRefused(scope, other, right.at);
  if (a.kind === 'category' && b.kind === 'category') {
    checkEquality(scope, sign, one, at);
    checkSameLabels(scope, [one, a], [other, b], at);
    return formEquality(scope, sign, [one, 1n], [other, 1n], 0n, at);
  }
  if (a.kind === 'boolean' && b.kind === 'boolean') {
    checkEquality(scope, sign, one, at);
    const equal = flagsEqual(scope, one.name, other.name);
    return sign === '=' ? equal : not(equal);
  }
  throw scope.source.error('SQL_TYPE', at, {
    what: `'${one.name}' is ${describeType(a)} and '${other.name}' is ${describeType(b)}`,
    instead: 'compare columns of one type',
  });
}

function flagsEqual(scope: Scope, left: string, right: string): Condition {
  if (left === right) return constantWhere(scope, [left], true);
  return atomic(scope, { kind: 'flags-equal', left, right, negated: false });
}

function compareForms(
  scope: Scope,
  sign: ComparisonSign,
  [left, leftType]: readonly [Column, NumberType | DateType],
  [right, rightType]: readonly [Column, NumberType | DateType],
  at: number,
): Condition {
  const leftDigits = leftType.kind === 'date' ? 0 : leftType.digits;
  const rightDigits = rightType.kind === 'date' ? 0 : rightType.digits;
  const digits = Math.max(leftDigits, rightDigits);
  const [f, g] = [10n ** BigInt(digits - leftDigits), 10n ** BigInt(digits - rightDigits)];
  const constant = f * leftType.min - g * rightType.min;
  const terms = [
    [left, f],
    [right, -g],
  ] as const;
  if (sign === '=' || sign === '<>') return formEquality(scope, sign, [left, f], [right, g], constant, at);
  // left > right is left - right - 1 >= 0 over integers
  const strict = sign === '>' || sign === '<=';
  const condition = formCondition(scope, 'at-least-zero', terms, strict ? constant - 1n : constant, at);
  return sign === '>=' || sign === '>' ? condition : not(condition);
}

function formEquality(
  scope: Scope,
  sign: ComparisonSign,
  [left, f]: readonly [Column, bigint],
  [right, g]: readonly [Column, bigint],
  constant: bigint,
  at: number,
): Condition {
  const terms = [
    [left, f],
    [right, -g],
  ] as const;
  const equal = formCondition(scope, 'zero', terms, constant, at);
  return sign === '=' ? equal : not(equal);
}

function isNumber(type: Column['type']): type is NumberType {
  return type.kind === 'integer' || type.kind === 'decimal';
}
