/**
 * The query plan: frozen plain data, the same at every node (all nodes hash it).
 *
 * Constants and ranges are already folded in: atoms speak of encoded values (distances from the declared
 * minimum), so the nodes compare with public integers only. NOT is pushed down to the atoms (De Morgan holds
 * in three-valued logic), so a predicate only ever needs the "is true" bit of each atom; an atom over a
 * missing value is never true, negated or not.
 */

/** A linear form over encoded columns: sum of factor * value + constant. */
export interface LinearForm {
  /** Distinct columns with non-zero factors, at least one. */
  readonly terms: readonly { readonly column: string; readonly factor: bigint }[];
  readonly constant: bigint;
}

export type Atom =
  /** form >= 0 (negated: form < 0) */
  | { readonly kind: 'at-least-zero'; readonly form: LinearForm; readonly negated: boolean }
  /** form = 0 (negated: form <> 0) */
  | { readonly kind: 'zero'; readonly form: LinearForm; readonly negated: boolean }
  /** the boolean column is true (negated: is false) */
  | { readonly kind: 'flag'; readonly column: string; readonly negated: boolean }
  /** two boolean columns are equal (negated: differ) */
  | { readonly kind: 'flags-equal'; readonly left: string; readonly right: string; readonly negated: boolean }
  /** column IS NULL (negated: IS NOT NULL), of a nullable column only */
  | { readonly kind: 'missing'; readonly column: string; readonly negated: boolean }
  /** all of the columns are present (what a comparison is that the declared ranges decide) */
  | { readonly kind: 'present'; readonly columns: readonly string[] };

export type Predicate =
  | { readonly kind: 'true' }
  | { readonly kind: 'false' }
  | { readonly kind: 'and' | 'or'; readonly terms: readonly Predicate[] }
  | Atom;

export type MomentStatistic = 'sum' | 'avg' | 'var-samp' | 'var-pop' | 'stddev-samp' | 'stddev-pop';

export type Aggregate =
  | { readonly kind: 'count-rows' }
  | { readonly kind: 'count'; readonly column: string }
  | { readonly kind: MomentStatistic; readonly column: string }
  | {
      readonly kind: 't-test';
      readonly column: string;
      /** A boolean column, a category column with exactly two labels, or an integer column with two values. */
      readonly group: string;
      readonly variant: 'welch' | 'student';
    };

export type OutputColumn =
  | { readonly name: string; readonly kind: 'key'; readonly column: string }
  | { readonly name: string; readonly kind: 'aggregate'; readonly aggregate: Aggregate };

export interface QueryPlan {
  readonly format: 1;
  /** Table name as declared. */
  readonly table: string;
  readonly where: Predicate;
  /** Category and boolean columns, in GROUP BY order. */
  readonly groupBy: readonly string[];
  readonly output: readonly OutputColumn[];
}

/** Released cells per query are bounded and refused before the start. */
export const MAX_CELLS = 10_000;
export const MAX_SQL_LENGTH = 16_384;
export const MAX_SQL_DEPTH = 64;
/** Atoms in the condition of one query. */
export const MAX_ATOMS = 2048;
/** Linear forms stay strictly between -2^126 and 2^126 over the declared ranges. */
export const MAX_FORM_BITS = 126n;
