/** SQL text to checked, frozen plan. Deterministic: nodes that plan the same text agree on every byte. */

import type { Column } from '../../share/schema.js';
import { MAX_CELLS, type OutputColumn, type QueryPlan } from '../plan.js';
import { deepFreeze } from '../plan-digest.js';
import { aggregateOf } from './aggregate.js';
import { conditionOf } from './condition.js';
import { groupColumns, groupCount } from './group-by.js';
import { parseSql } from './parse.js';
import { readSelect } from './read-select.js';
import { scanSql } from './scan.js';
import { type Scope, scopeOf, type TableCandidate } from './scope.js';
import type { SelectItem, SelectSyntax } from './syntax.js';

export type { TableCandidate } from './scope.js';

/**
 * Plans one SELECT over one of the tables.
 *
 * @param tables those that the analyst may ask about; an error about an unknown one names the nearest.
 * @throws WarifuError (exit code 2) SQL_SYNTAX, SQL_UNSUPPORTED, SQL_TYPE, UNKNOWN_TABLE, UNKNOWN_COLUMN,
 *   UNKNOWN_LABEL, TOO_MANY_CELLS or BOUND_NOT_PROVED; all but a few carry `line` and `column` in their details,
 *   and show the place under the sentence.
 */
export async function planQuery(sql: string, tables: readonly TableCandidate[]): Promise<QueryPlan> {
  const source = await scanSql(sql);
  const select = readSelect(source, await parseSql(source));
  const scope = scopeOf(source, select, tables);
  const groups = groupColumns(scope, select.groupBy, select.items);
  const output = outputColumns(scope, select, groups);
  checkCells(scope, groups, output, select);
  return deepFreeze<QueryPlan>({
    format: 1,
    table: scope.table.name,
    where: select.where === undefined ? { kind: 'true' } : conditionOf(scope, select.where).whenTrue,
    groupBy: groups.map((column) => column.name),
    output,
  });
}

function outputColumns(scope: Scope, select: SelectSyntax, groups: readonly Column[]): OutputColumn[] {
  const names = uniqueNames(select.items.map((item) => item.alias?.text ?? item.source));
  const output = select.items.map((item, index) => outputColumn(scope, item, names[index] ?? '', groups));
  if (output.some((column) => column.kind === 'aggregate')) return output;
  throw scope.source.unsupported(select.items[0]?.expression.at ?? 0, {
    what: 'the query selects no aggregate',
    instead: 'add one, such as COUNT(*)',
  });
}

function outputColumn(
  scope: Scope,
  { expression }: SelectItem,
  name: string,
  groups: readonly Column[],
): OutputColumn {
  if (expression.kind === 'call')
    return { name, kind: 'aggregate', aggregate: aggregateOf(scope, expression) };
  if (expression.kind !== 'column') {
    throw scope.source.unsupported(expression.at, {
      what: 'a select item that is neither an aggregate nor a GROUP BY column is not offered',
      instead: 'select aggregates, such as AVG(column), and columns of GROUP BY',
    });
  }
  const column = scope.column(expression);
  if (groups.includes(column)) return { name, kind: 'key', column: column.name };
  throw scope.source.unsupported(expression.at, {
    what: `column '${column.name}' must appear in GROUP BY or be used in an aggregate`,
    instead: 'no row may be seen, so a column stands for a whole group or not at all',
  });
}

/** Names of result columns: a repeated one gets _2, _3, ... */
function uniqueNames(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let unique = name;
    for (let count = 2; taken.has(unique); count++) unique = `${name}_${count}`;
    taken.add(unique);
    return unique;
  });
}

function checkCells(
  scope: Scope,
  groups: readonly Column[],
  output: readonly OutputColumn[],
  select: SelectSyntax,
): void {
  const cells = groupCount(groups) * BigInt(output.length);
  if (cells <= BigInt(MAX_CELLS)) return;
  throw scope.source.error('TOO_MANY_CELLS', select.groupBy[0]?.at ?? 0, {
    what: `the result has ${cells} cells (every combination of declared labels), ${MAX_CELLS} are allowed`,
    instead: 'group by fewer columns, or select fewer aggregates',
  });
}
