/** Errors about types: what the column is, and what to write instead. */
import type { WarifuError } from '../../core/errors.js';
import {
  type CategoryType,
  type Column,
  type ColumnType,
  formatDay,
  formatDecimal,
} from '../../share/schema.js';
import type { Scope } from './scope.js';
import type { ComparisonSign } from './syntax.js';

/** A type in words: `an integer from 0 to 120`. */
export function describeType(type: ColumnType): string {
  switch (type.kind) {
    case 'integer':
      return `an integer from ${type.min} to ${type.max}`;
    case 'decimal':
      return `a decimal from ${formatDecimal(type.min, type.digits)} to ${formatDecimal(type.max, type.digits)}`;
    case 'date':
      return `a date from ${formatDay(type.min)} to ${formatDay(type.max)}`;
    case 'category':
      return `a category of ${type.labels.length} ${type.labels.length === 1 ? 'label' : 'labels'}`;
    case 'boolean':
      return 'a boolean';
    case 'identifier':
      return 'an identifier';
  }
}

export function typeError(scope: Scope, column: Column, at: number, instead: string): WarifuError {
  return scope.source.error('SQL_TYPE', at, {
    what: `column '${column.name}' is ${describeType(column.type)}`,
    instead,
  });
}

export function identifierRefused(scope: Scope, column: Column, at: number): WarifuError {
  return typeError(scope, column, at, 'identifiers are not compared; only COUNT and IS [NOT] NULL take one');
}

/** Categories and booleans have no order. */
export function checkEquality(scope: Scope, sign: ComparisonSign, column: Column, at: number): void {
  if (sign === '=' || sign === '<>') return;
  throw typeError(scope, column, at, 'it has no order, so compare it by =, <> or IN');
}

/** Labels are compared by their place in the list, so the lists must be the same. */
export function checkSameLabels(
  scope: Scope,
  [left, leftType]: readonly [Column, CategoryType],
  [right, rightType]: readonly [Column, CategoryType],
  at: number,
): void {
  if (JSON.stringify(leftType.labels) === JSON.stringify(rightType.labels)) return;
  throw scope.source.error('SQL_TYPE', at, {
    what: `categories '${left.name}' and '${right.name}' have different lists of labels`,
    instead: 'compare each with constants',
  });
}
