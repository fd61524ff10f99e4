/** Linear forms over encoded columns: folded where the declared ranges decide them, and proved to fit. */
import { type Column, encodedMax } from '../../share/schema.js';
import type { LinearForm } from '../plan.js';
import { MAX_FORM_BITS } from '../plan.js';
import { atomic, type Condition, constantWhere } from './predicate.js';
import type { Scope } from './scope.js';

/** A column, and its factor in the form. */
export type Term = readonly [Column, bigint];

/**
 * The condition form >= 0 or form = 0, with form = sum of factor * encoded value + constant.
 *
 * @throws WarifuError BOUND_NOT_PROVED when the form may reach 2^126 and its outcome is open.
 */
export function formCondition(
  scope: Scope,
  kind: 'at-least-zero' | 'zero',
  terms: readonly Term[],
  constant: bigint,
  at: number,
): Condition {
  const columns = terms.map(([column]) => column.name);
  const merged = mergeTerms(terms);
  const { low, high } = range(merged, constant);
  const never = kind === 'zero' ? low > 0n || high < 0n : high < 0n;
  const always = kind === 'zero' ? low === 0n && high === 0n : low >= 0n;
  if (never || always) return constantWhere(scope, columns, always);
  if (high >> MAX_FORM_BITS > 0n || -low >> MAX_FORM_BITS > 0n) throw tooWide(scope, columns, low, high, at);
  const form: LinearForm = {
    terms: merged.map(([column, factor]) => ({ column: column.name, factor })),
    constant,
  };
  return atomic(scope, { kind, form, negated: false });
}

function mergeTerms(terms: readonly Term[]): Term[] {
  const merged = new Map<string, Term>();
  for (const [column, factor] of terms) {
    merged.set(column.name, [column, (merged.get(column.name)?.[1] ?? 0n) + factor]);
  }
  // A constant column that may be missing stays: the form is over the rows where it is present.
  const counts = ([column, factor]: Term): boolean =>
    factor !== 0n && (column.nullable || encodedMax(column.type) !== 0n);
  return [...merged.values()].filter(counts);
}

function range(terms: readonly Term[], constant: bigint): { low: bigint; high: bigint } {
  let low = constant;
  let high = constant;
  for (const [column, factor] of terms) {
    const reach = factor * (encodedMax(column.type) ?? 0n);
    if (reach < 0n) low += reach;
    else high += reach;
  }
  return { low, high };
}

function tooWide(scope: Scope, columns: readonly string[], low: bigint, high: bigint, at: number): Error {
  const magnitude = high > -low ? high : -low;
  const names = [...new Set(columns)].map((name) => `'${name}'`).join(' and ');
  return scope.source.error('BOUND_NOT_PROVED', at, {
    what: `the comparison of ${names} needs ${magnitude.toString(2).length} bits, and ${MAX_FORM_BITS} are offered`,
    instead: 'declare narrower ranges, or fewer decimals, for these columns',
  });
}
