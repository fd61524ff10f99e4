/** A clear-text evaluator of plan predicates over one row, as plan.ts defines them. */
import type { Atom, LinearForm, Predicate } from '../../../src/query/plan.js';
import { type ColumnType, parseDay, parseDecimal, type TableSchema } from '../../../src/share/schema.js';

/** Text as in a CSV file; null where missing. Booleans are 'yes' and 'no'. */
export type Row = Readonly<Record<string, string | null>>;

function encode(type: ColumnType, text: string): bigint {
  switch (type.kind) {
    case 'integer':
    case 'decimal':
      return parseDecimal(text, type.digits)! - type.min;
    case 'date':
      return parseDay(text)! - type.min;
    case 'category':
      return BigInt(type.labels.indexOf(text));
    case 'boolean':
      return text === 'yes' ? 1n : 0n;
    case 'identifier':
      return 0n;
  }
}

export function evaluate(schema: TableSchema, row: Row, predicate: Predicate): boolean {
  const value = (name: string): bigint | undefined => {
    const column = schema.columns.find((candidate) => candidate.name === name)!;
    const text = row[name] ?? null;
    return text === null ? undefined : encode(column.type, text);
  };
  const form = ({ terms, constant }: LinearForm): bigint =>
    terms.reduce((sum, { column, factor }) => sum + factor * value(column)!, constant);
  const atom = (leaf: Atom): boolean => {
    switch (leaf.kind) {
      case 'missing':
        return (value(leaf.column) === undefined) !== leaf.negated;
      case 'present':
        return leaf.columns.every((name) => value(name) !== undefined);
      case 'flag':
        return value(leaf.column) !== undefined && (value(leaf.column) === 1n) !== leaf.negated;
      case 'flags-equal': {
        const [left, right] = [value(leaf.left), value(leaf.right)];
        return left !== undefined && right !== undefined && (left === right) !== leaf.negated;
      }
      case 'at-least-zero':
      case 'zero': {
        if (leaf.form.terms.some(({ column }) => value(column) === undefined)) return false;
        const total = form(leaf.form);
        return (leaf.kind === 'zero' ? total === 0n : total >= 0n) !== leaf.negated;
      }
    }
  };
  switch (predicate.kind) {
    case 'true':
      return true;
    case 'false':
      return false;
    case 'and':
      return predicate.terms.every((term) => evaluate(schema, row, term));
    case 'or':
      return predicate.terms.some((term) => evaluate(schema, row, term));
    case 'missing':
    case 'present':
    case 'flag':
    case 'flags-equal':
    case 'at-least-zero':
    case 'zero':
      return atom(predicate);
  }
}
