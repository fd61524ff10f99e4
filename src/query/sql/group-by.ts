/** GROUP BY: which columns its entries stand for (a column, the alias of an item, or an item's number). */
import { type Column, foldName } from '../../share/schema.js';
import type { Scope } from './scope.js';
import type { ColumnSyntax, Expression, SelectItem } from './syntax.js';
import { typeError } from './type-errors.js';

/** The columns in order, each once. @throws WarifuError SQL_TYPE, SQL_UNSUPPORTED, UNKNOWN_COLUMN */
export function groupColumns(
  scope: Scope,
  keys: readonly Expression[],
  items: readonly SelectItem[],
): Column[] {
  const columns = new Map<string, Column>();
  for (const key of keys) {
    const column = scope.column(keyColumn(scope, key, items));
    if (column.type.kind !== 'category' && column.type.kind !== 'boolean') {
      const instead = 'GROUP BY needs a category or a boolean; WHERE can choose a range of the others';
      throw typeError(scope, column, key.at, instead);
    }
    columns.set(column.name, column);
  }
  return [...columns.values()];
}

/** Number of groups: every declared label, or TRUE and FALSE, and NULL where values may be missing. */
export function groupCount(columns: readonly Column[]): bigint {
  return columns.reduce((count, { type, nullable }) => {
    const labels = type.kind === 'category' ? type.labels.length : 2;
    return count * BigInt(labels + (nullable ? 1 : 0));
  }, 1n);
}

function keyColumn(scope: Scope, key: Expression, items: readonly SelectItem[]): ColumnSyntax {
  if (key.kind === 'column') return byName(scope, key, items);
  if (key.kind === 'constant') return byNumber(scope, key, items);
  throw notAColumn(scope, key.at);
}

/** As in PostgreSQL, a column of the table comes before an alias of the same name. */
function byName(scope: Scope, key: ColumnSyntax, items: readonly SelectItem[]): ColumnSyntax {
  if (key.qualifier !== undefined || scope.find(key.name.text) !== undefined) return key;
  const wanted = foldName(key.name.text);
  const matches = items.filter(({ alias }) => alias !== undefined && foldName(alias.text) === wanted);
  const [first] = matches;
  if (first === undefined) return key;
  if (matches.length > 1) {
    throw scope.source.unsupported(key.at, {
      what: `several items are named '${key.name.text}'`,
      instead: 'write the column itself',
    });
  }
  return itemColumn(scope, first, key.at);
}

function byNumber(
  scope: Scope,
  { value, at }: Extract<Expression, { kind: 'constant' }>,
  items: readonly SelectItem[],
): ColumnSyntax {
  if (value.kind !== 'number' || value.digits !== 0) throw notAColumn(scope, at);
  const item = value.mantissa >= 1n ? items[Number(value.mantissa) - 1] : undefined;
  if (item !== undefined) return itemColumn(scope, item, at);
  throw scope.source.unsupported(at, {
    what: `GROUP BY position ${value.mantissa} is not in the select list`,
    instead: `there ${items.length === 1 ? 'is 1 item' : `are ${items.length} items`}`,
  });
}

function itemColumn(scope: Scope, item: SelectItem, at: number): ColumnSyntax {
  if (item.expression.kind === 'column') return item.expression;
  if (item.expression.kind !== 'call') throw notAColumn(scope, at);
  throw scope.source.unsupported(at, {
    what: 'an aggregate is not allowed in GROUP BY',
    instead: 'group by a category or a boolean column',
  });
}

function notAColumn(scope: Scope, at: number): Error {
  return scope.source.unsupported(at, {
    what: 'GROUP BY of something other than a column is not offered',
    instead: 'group by a category or a boolean column, its alias or its number in the select list',
  });
}
