/** Comparisons: which of the readers for columns and constants one belongs to. */
import { compareColumns } from './compare-columns.js';
import { compareConstant } from './compare-constant.js';
import { compareNumbers } from './number.js';
import { ALWAYS, type Condition, not, UNKNOWN } from './predicate.js';
import type { Scope } from './scope.js';
import type { ComparisonSign, ConstantSyntax, Expression } from './syntax.js';

const FLIPPED: Readonly<Record<ComparisonSign, ComparisonSign>> = {
  '=': '=',
  '<>': '<>',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

/** @throws WarifuError SQL_TYPE, SQL_UNSUPPORTED, UNKNOWN_COLUMN, UNKNOWN_LABEL, BOUND_NOT_PROVED */
export function compare(
  scope: Scope,
  sign: ComparisonSign,
  left: Expression,
  right: Expression,
  at: number,
): Condition {
  if (left.kind === 'column') {
    if (right.kind === 'column') return compareColumns(scope, sign, left, right, at);
    if (right.kind === 'constant') return compareConstant(scope, sign, scope.column(left), right);
  } else if (left.kind === 'constant') {
    if (right.kind === 'column') return compareConstant(scope, FLIPPED[sign], scope.column(right), left);
    if (right.kind === 'constant') return compareConstants(scope, sign, left, right, at);
  }
  const other = left.kind === 'column' || left.kind === 'constant' ? right : left;
  throw scope.source.unsupported(other.at, {
    what: 'a comparison with a condition or a function is not offered',
    instead: 'compare a column with a constant or with another column',
  });
}

function compareConstants(
  scope: Scope,
  sign: ComparisonSign,
  left: ConstantSyntax,
  right: ConstantSyntax,
  at: number,
): Condition {
  if (left.value.kind === 'null' || right.value.kind === 'null') return UNKNOWN;
  if (left.value.kind !== 'number' || right.value.kind !== 'number') {
    throw scope.source.unsupported(at, {
      what: 'a comparison of two constants is not offered',
      instead: 'compare a column with a constant or with another column',
    });
  }
  const order = compareNumbers(left.value, right.value);
  const holds = {
    '=': order === 0,
    '<>': order !== 0,
    '<': order < 0,
    '<=': order <= 0,
    '>': order > 0,
    '>=': order >= 0,
  };
  return holds[sign] ? ALWAYS : not(ALWAYS);
}
