/**
 * Predicates, simplified as they are built, and conditions: SQL's three truth values as a pair of predicates.
 *
 * A row for which neither predicate holds makes the condition unknown. NOT swaps the pair, AND and OR combine
 * it by De Morgan, and so no predicate of a plan ever needs a negation above its atoms.
 */
import type { Atom, Predicate } from '../plan.js';
import { MAX_ATOMS } from '../plan.js';
import type { Scope } from './scope.js';

export interface Condition {
  readonly whenTrue: Predicate;
  readonly whenFalse: Predicate;
  /** Never unknown: exactly one of the two holds for every row. */
  readonly certain: boolean;
}

export const ALWAYS: Condition = { whenTrue: { kind: 'true' }, whenFalse: { kind: 'false' }, certain: true };
export const UNKNOWN: Condition = {
  whenTrue: { kind: 'false' },
  whenFalse: { kind: 'false' },
  certain: false,
};

export function not(condition: Condition): Condition {
  return { whenTrue: condition.whenFalse, whenFalse: condition.whenTrue, certain: condition.certain };
}

export function and(conditions: readonly Condition[]): Condition {
  const whenTrue = conjunction(conditions.map((condition) => condition.whenTrue));
  const whenFalse = disjunction(conditions.map((condition) => condition.whenFalse));
  const decided = whenTrue.kind === 'true' || whenFalse.kind === 'true';
  return { whenTrue, whenFalse, certain: decided || conditions.every((condition) => condition.certain) };
}

export function or(conditions: readonly Condition[]): Condition {
  return not(and(conditions.map(not)));
}

/** A condition that is true or false for every row, from the predicate that says when it is true. */
export function certainly(scope: Scope, whenTrue: Predicate): Condition {
  return { whenTrue, whenFalse: complement(scope, whenTrue), certain: true };
}

/** For which rows the condition is neither true nor false. */
export function whenUnknown(scope: Scope, condition: Condition): Predicate {
  if (condition.certain) return { kind: 'false' };
  const { whenTrue, whenFalse } = condition;
  if (areOpposite(whenTrue, whenFalse)) return someMissing(scope, columnsOf(whenTrue));
  return conjunction([complement(scope, whenTrue), complement(scope, whenFalse)]);
}

/** An atom over values and its negation: together they cover the rows where its columns are present. */
function areOpposite(one: Predicate, other: Predicate): one is Atom {
  if (!isAtom(one) || !isAtom(other) || one.kind === 'missing') return false;
  if (!('negated' in one) || !('negated' in other)) return false;
  return one.negated !== other.negated && keyOf({ ...one, negated: other.negated }) === keyOf(other);
}

/** An atom over present values, as a condition: unknown where one of its columns is missing. */
export function atomic(scope: Scope, atom: Exclude<Atom, { kind: 'missing' | 'present' }>): Condition {
  return {
    whenTrue: atom,
    whenFalse: { ...atom, negated: !atom.negated },
    certain: nullable(scope, columnsOf(atom)).length === 0,
  };
}

/** True (or false) for every row where the columns are present, unknown elsewhere. */
export function constantWhere(scope: Scope, columns: readonly string[], value: boolean): Condition {
  const condition: Condition = {
    whenTrue: present(scope, columns),
    whenFalse: { kind: 'false' },
    certain: nullable(scope, columns).length === 0,
  };
  return value ? condition : not(condition);
}

export function missing(scope: Scope, column: string): Condition {
  if (!scope.declared(column).nullable) return not(ALWAYS);
  const atom = { kind: 'missing', column, negated: false } as const;
  return { whenTrue: atom, whenFalse: { ...atom, negated: true }, certain: true };
}

/** All of the columns are present. One column is written as NOT missing, so that each predicate has one form. */
function present(scope: Scope, columns: readonly string[]): Predicate {
  const some = nullable(scope, columns);
  const [first] = some;
  if (first === undefined) return { kind: 'true' };
  return some.length === 1
    ? { kind: 'missing', column: first, negated: true }
    : { kind: 'present', columns: some };
}

export function conjunction(terms: readonly Predicate[]): Predicate {
  return withoutImplied(combined('and', terms));
}

export function disjunction(terms: readonly Predicate[]): Predicate {
  return combined('or', terms);
}

function combined(kind: 'and' | 'or', terms: readonly Predicate[]): Predicate {
  const neutral = kind === 'and' ? 'true' : 'false';
  const decisive = kind === 'and' ? 'false' : 'true';
  const flat = new Map<string, Predicate>();
  for (const term of terms.flatMap((part) => (part.kind === kind ? part.terms : [part]))) {
    if (term.kind === decisive) return term;
    if (term.kind !== neutral) flat.set(keyOf(term), term);
  }
  return joined(kind, [...flat.values()]);
}

function joined(kind: 'and' | 'or', terms: readonly Predicate[]): Predicate {
  const [first] = terms;
  if (first === undefined) return { kind: kind === 'and' ? 'true' : 'false' };
  return terms.length === 1 ? first : { kind, terms };
}

/** Drops "is present" from a conjunction whose other atoms are never true over a missing value anyway. */
function withoutImplied(predicate: Predicate): Predicate {
  if (predicate.kind !== 'and') return predicate;
  const needed = new Set<string>();
  for (const term of predicate.terms) {
    if (isAtom(term) && term.kind !== 'missing' && term.kind !== 'present') {
      for (const column of columnsOf(term)) needed.add(column);
    }
  }
  const implied = (term: Predicate): boolean =>
    isAtom(term) && isPresence(term) && columnsOf(term).every((column) => needed.has(column));
  return joined(
    'and',
    predicate.terms.filter((term) => !implied(term)),
  );
}

function isPresence(term: Atom): boolean {
  return term.kind === 'present' || (term.kind === 'missing' && term.negated);
}

function isAtom(term: Predicate): term is Atom {
  return term.kind !== 'true' && term.kind !== 'false' && term.kind !== 'and' && term.kind !== 'or';
}

/** The rows for which a predicate does not hold. */
export function complement(scope: Scope, predicate: Predicate): Predicate {
  switch (predicate.kind) {
    case 'true':
      return { kind: 'false' };
    case 'false':
      return { kind: 'true' };
    case 'and':
      return disjunction(predicate.terms.map((term) => complement(scope, term)));
    case 'or':
      return conjunction(predicate.terms.map((term) => complement(scope, term)));
    case 'missing':
      return { ...predicate, negated: !predicate.negated };
    case 'present':
      return someMissing(scope, predicate.columns);
    case 'at-least-zero':
    case 'zero':
    case 'flag':
    case 'flags-equal':
      return disjunction([
        { ...predicate, negated: !predicate.negated },
        someMissing(scope, columnsOf(predicate)),
      ]);
  }
}

function someMissing(scope: Scope, columns: readonly string[]): Predicate {
  return disjunction(nullable(scope, columns).map((column) => ({ kind: 'missing', column, negated: false })));
}

function nullable(scope: Scope, columns: readonly string[]): string[] {
  return [...new Set(columns)].filter((column) => scope.declared(column).nullable);
}

/** The columns an atom reads. */
export function columnsOf(atom: Atom): readonly string[] {
  switch (atom.kind) {
    case 'at-least-zero':
    case 'zero':
      return atom.form.terms.map((term) => term.column);
    case 'flag':
    case 'missing':
      return [atom.column];
    case 'flags-equal':
      return [atom.left, atom.right];
    case 'present':
      return atom.columns;
  }
}

/** Number of atoms, counted no further than just beyond MAX_ATOMS. */
export function countAtoms(predicate: Predicate): number {
  if (isAtom(predicate)) return 1;
  if (predicate.kind === 'true' || predicate.kind === 'false') return 0;
  let count = 0;
  for (const term of predicate.terms) {
    if (count > MAX_ATOMS) return count;
    count += countAtoms(term);
  }
  return count;
}

function keyOf(predicate: Predicate): string {
  return JSON.stringify(predicate, (_, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
}
