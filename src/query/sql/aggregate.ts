/** Aggregate functions: their names, their arguments and what those must be. */
import { nearestNameHint } from '../../core/nearest-name.js';
import type { Column } from '../../share/schema.js';
import { twoGroups } from '../../statistics/catalogue.js';
import type { Aggregate, MomentStatistic } from '../plan.js';
import type { Scope } from './scope.js';
import type { CallSyntax, Expression } from './syntax.js';
import { describeType, typeError } from './type-errors.js';

const MOMENTS: Readonly<Record<string, MomentStatistic>> = {
  sum: 'sum',
  avg: 'avg',
  var_samp: 'var-samp',
  variance: 'var-samp',
  var_pop: 'var-pop',
  stddev_samp: 'stddev-samp',
  stddev: 'stddev-samp',
  stddev_pop: 'stddev-pop',
};
const FUNCTIONS = ['count', ...Object.keys(MOMENTS), 't_test'];

/** @throws WarifuError SQL_UNSUPPORTED for an unknown function or argument, SQL_TYPE for a column of another type. */
export function aggregateOf(scope: Scope, call: CallSyntax): Aggregate {
  const moment = Object.hasOwn(MOMENTS, call.name) ? MOMENTS[call.name] : undefined;
  if (call.name === 'count') return count(scope, call);
  if (call.name === 't_test') return tTest(scope, call);
  if (moment === undefined) throw unknownFunction(scope, call);
  const [arg] = columnArguments(scope, call, 1, 1);
  return { kind: moment, column: numberColumn(scope, call, columnOf(scope, call, arg)).name };
}

function unknownFunction(scope: Scope, call: CallSyntax): Error {
  return scope.source.unsupported(call.at, {
    what: `function '${call.name}' is not offered${nearestNameHint(call.name, FUNCTIONS)}`,
    instead: `choose from ${FUNCTIONS.map((name) => (name === 't_test' ? name : name.toUpperCase())).join(', ')}`,
  });
}

function count(scope: Scope, call: CallSyntax): Aggregate {
  if (call.star) return { kind: 'count-rows' };
  const [arg] = columnArguments(scope, call, 1, 1);
  if (arg?.kind === 'constant') {
    throw scope.source.unsupported(arg.at, {
      what: 'COUNT of a constant is not offered',
      instead: 'write COUNT(*) for the number of rows',
    });
  }
  return { kind: 'count', column: columnOf(scope, call, arg)[0].name };
}

function tTest(scope: Scope, call: CallSyntax): Aggregate {
  const [value, group, variant] = columnArguments(scope, call, 2, 3);
  const column = numberColumn(scope, call, columnOf(scope, call, value));
  const [groupColumn, at] = columnOf(scope, call, group);
  if (twoGroups(groupColumn) === undefined) {
    throw typeError(
      scope,
      groupColumn,
      at,
      'the groups of t_test are a boolean, a category of exactly two declared labels, or an integer declared with ' +
        'exactly two values, such as 0 to 1; WHERE does not change what is declared, so upload a column that is coded in two',
    );
  }
  return { kind: 't-test', column: column.name, group: groupColumn.name, variant: variantOf(scope, variant) };
}

function variantOf(scope: Scope, arg: Expression | undefined): 'welch' | 'student' {
  if (arg === undefined) return 'welch';
  const text = arg.kind === 'constant' && arg.value.kind === 'text' ? arg.value.value : undefined;
  if (text === 'welch' || text === 'student') return text;
  throw scope.source.unsupported(arg.at, {
    what: 'the third argument of t_test names the variant',
    instead: "write 'welch' (the default) or 'student'",
  });
}

function columnArguments(scope: Scope, call: CallSyntax, least: number, most: number): readonly Expression[] {
  if (!call.star && call.args.length >= least && call.args.length <= most) return call.args;
  const wanted = call.name === 't_test' ? 't_test(x, g)' : `${call.name.toUpperCase()}(column)`;
  throw scope.source.unsupported(call.at, {
    what: `${call.name} takes ${least === most ? least : `${least} or ${most}`} ${most === 1 ? 'argument' : 'arguments'}`,
    instead: `write ${wanted}`,
  });
}

function columnOf(scope: Scope, call: CallSyntax, arg: Expression | undefined): readonly [Column, number] {
  if (arg?.kind === 'column') return [scope.column(arg), arg.at];
  throw scope.source.unsupported(arg?.at ?? call.at, {
    what: `the argument of ${call.name} is not a column`,
    instead: 'name a column; expressions inside aggregates are not offered',
  });
}

function numberColumn(scope: Scope, call: CallSyntax, [column, at]: readonly [Column, number]): Column {
  const { kind } = column.type;
  if (kind === 'integer' || kind === 'decimal') return column;
  throw scope.source.error('SQL_TYPE', at, {
    what: `${call.name} needs a number, and column '${column.name}' is ${describeType(column.type)}`,
    instead: numberHint(column),
  });
}

function numberHint({ name, type }: Column): string {
  switch (type.kind) {
    case 'boolean':
      return `count with WHERE ${name}, or GROUP BY ${name}`;
    case 'category':
      return `count its labels with COUNT(*) and GROUP BY ${name}`;
    case 'date':
    case 'identifier':
    case 'integer':
    case 'decimal':
      return 'name an integer or decimal column; COUNT takes any';
  }
}
