/** The plan as text for people: the condition in terms of columns and decoded constants. */
import {
  type Column,
  type ColumnType,
  formatDay,
  formatDecimal,
  type TableSchema,
} from '../../share/schema.js';
import type { Aggregate, Atom, LinearForm, Predicate, QueryPlan } from '../plan.js';

type Columns = (name: string) => ColumnType;
type FormAtom = Extract<Atom, { kind: 'at-least-zero' | 'zero' }>;

/**
 * Indented lines: table, condition, groups and outputs.
 *
 * @param schema of the plan's table; it decodes the constants.
 */
export function describePlan(plan: QueryPlan, schema: TableSchema): string {
  const byName = new Map(schema.columns.map((column) => [column.name, column]));
  const declared = (name: string): Column => {
    const column = byName.get(name);
    if (column === undefined) throw new RangeError(`the schema has no column '${name}'`);
    return column;
  };
  const groups = plan.groupBy.map((name) => `  ${describeGroup(declared(name))}`);
  return [
    `table ${plan.table}`,
    'rows',
    ...describePredicate(plan.where, (name) => declared(name).type).map((line) => `  ${line}`),
    ...(groups.length > 0 ? ['groups', ...groups] : []),
    'output',
    ...plan.output.map((column) => {
      const what = column.kind === 'key' ? `group ${column.column}` : describeAggregate(column.aggregate);
      return column.name === what ? `  ${what}` : `  ${column.name}: ${what}`;
    }),
  ].join('\n');
}

function describeGroup({ name, type, nullable }: Column): string {
  const labels = type.kind === 'category' ? `${type.labels.length} labels` : 'TRUE, FALSE';
  return `${name}: ${labels}${nullable ? ' and NULL' : ''}`;
}

export function describeAggregate(aggregate: Aggregate): string {
  switch (aggregate.kind) {
    case 'count-rows':
      return 'COUNT(*)';
    case 't-test':
      return `t_test(${aggregate.column}, ${aggregate.group}, '${aggregate.variant}')`;
    case 'count':
    case 'sum':
    case 'avg':
    case 'var-samp':
    case 'var-pop':
    case 'stddev-samp':
    case 'stddev-pop':
      return `${aggregate.kind.toUpperCase().replace('-', '_')}(${aggregate.column})`;
  }
}

function describePredicate(predicate: Predicate, columns: Columns): string[] {
  switch (predicate.kind) {
    case 'true':
      return ['all'];
    case 'false':
      return ['none'];
    case 'and':
    case 'or': {
      const heading = predicate.kind === 'and' ? 'all of' : 'any of';
      const terms = predicate.terms.flatMap((term) => describePredicate(term, columns));
      return [heading, ...terms.map((line) => `  ${line}`)];
    }
    case 'at-least-zero':
    case 'zero':
      return [describeForm(predicate, columns)];
    case 'flag':
      return [`${predicate.column} is ${predicate.negated ? 'false' : 'true'}`];
    case 'flags-equal':
      return [`${predicate.left} ${predicate.negated ? '<>' : '='} ${predicate.right}`];
    case 'missing':
      return [`${predicate.column} is ${predicate.negated ? 'present' : 'missing'}`];
    case 'present':
      return [`${predicate.columns.join(', ')} are present`];
  }
}

function describeForm(atom: FormAtom, columns: Columns): string {
  const sign = signOf(atom);
  const [left, right] = atom.form.terms;
  if (left === undefined) throw new RangeError('a form without columns');
  if (right !== undefined) return describeDifference(atom, columns);
  return `${left.column} ${sign} ${decoded(columns(left.column), atom.form)}`;
}

function signOf({ kind, negated }: FormAtom): string {
  if (kind === 'zero') return negated ? '<>' : '=';
  return negated ? '<' : '>=';
}

/** The constant that a form with one column of factor 1 compares it with. */
function decoded(type: ColumnType, { constant }: LinearForm): string {
  switch (type.kind) {
    case 'integer':
    case 'decimal':
      return formatDecimal(type.min - constant, type.digits);
    case 'date':
      return formatDay(type.min - constant);
    case 'category':
      return `'${type.labels[Number(-constant)] ?? ''}'`;
    case 'boolean':
    case 'identifier':
      throw new RangeError(`a form over a column of type ${type.kind}`);
  }
}

/** A form over two columns: f * left - g * right, from values in units of 10^-digits, at least 0 or 1 of them. */
function describeDifference({ kind, negated, form }: FormAtom, columns: Columns): string {
  const [left, right] = form.terms;
  if (left === undefined || right === undefined) throw new RangeError('a form without two columns');
  const minimum = form.terms.reduce((sum, term) => sum + term.factor * minimumOf(columns(term.column)), 0n);
  const strict = form.constant !== minimum;
  const order = negated ? (strict ? '<=' : '<') : strict ? '>' : '>=';
  const sign = kind === 'zero' ? (negated ? '<>' : '=') : order;
  return `${left.column} ${sign} ${right.column}`;
}

function minimumOf(type: ColumnType): bigint {
  return type.kind === 'integer' || type.kind === 'decimal' || type.kind === 'date' ? type.min : 0n;
}
