/**
 * Measures: the sums over selected rows from which the statistics are made.
 *
 * A measure is the sum, over the rows of a group that pass the filter, of x^power for the rows where x is
 * present (power 0 counts them), optionally only where another column has a given key, optionally without the
 * rows of the analyst's own slices. Values are encoded ones (distances from the declared minimum), so a missing
 * slot contributes 0.
 */
/** A label, a boolean, or an integer in decimal digits. */
export type MeasureKey = string | boolean;

export interface Measure {
  /** Undefined counts rows, whatever they hold. */
  readonly column: string | undefined;
  readonly power: 0 | 1 | 2;
  /** Only rows where this column has this key. */
  readonly within?: { readonly column: string; readonly key: MeasureKey };
  /** Leaves out the rows that the analyst contributed. */
  readonly othersOnly?: boolean;
}

/** Text that is equal for equal measures, and readable in EXPLAIN. */
export function measureName(measure: Measure): string {
  const { column, power, within, othersOnly } = measure;
  const what =
    column === undefined ? 'rows' : power === 0 ? `n(${column})` : `sum(${column}${power === 2 ? '^2' : ''})`;
  const where = within === undefined ? '' : ` where ${within.column} = ${JSON.stringify(within.key)}`;
  return `${what}${where}${othersOnly === true ? " without the analyst's rows" : ''}`;
}
