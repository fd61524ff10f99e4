/**
 * The analyst's table from the nodes' answers: layout, gate bits and reconstructed integers become rows.
 */
import { WarifuError } from '../../core/errors.js';
import type { BitMatrix } from '../../kernels/bit-matrix.js';
import type { AggregateLayout, ReleaseLayout, ResultLayout } from '../../query/result-layout.js';
import { type CellValue, finishCell } from './finish-cell.js';

export interface Withheld {
  /** Index of the row in `rows`. */
  readonly row: number;
  readonly column: string;
  readonly rule: string;
}

export interface ResultTable {
  readonly columns: readonly string[];
  readonly rows: readonly Readonly<Record<string, CellValue | string | boolean>>[];
  /** n of the cells that report it, a row each. */
  readonly n: readonly Readonly<Record<string, number | readonly number[] | null>>[];
  readonly withheld: readonly Withheld[];
}

/** Reconstructed residues of both rings. */
export interface ReleasedVectors {
  readonly narrow: readonly bigint[];
  readonly wide: readonly bigint[];
}

/** @throws WarifuError MESSAGE_FORM when sizes do not fit the layout. */
export function assembleResult(layout: ResultLayout, bits: BitMatrix, vectors: ReleasedVectors): ResultTable {
  checkSizes(layout, bits, vectors);
  const groups = layout.groups.length;
  const aggregates = layout.columns.filter((column) => column.kind === 'aggregate');
  const passes = (aggregate: number, group: number): boolean => bits.get(0, aggregate * groups + group) === 1;
  const rows: Record<string, CellValue | string | boolean>[] = [];
  const n: Record<string, number | readonly number[] | null>[] = [];
  const withheld: Withheld[] = [];
  for (let group = 0; group < groups; group++) {
    if (layout.presence && !passes(aggregates.length, group)) continue;
    const row = emptyRecord<CellValue | string | boolean>();
    const counts = emptyRecord<number | readonly number[] | null>();
    let aggregate = 0;
    for (const column of layout.columns) {
      if (column.kind === 'key') {
        row[column.name] = layout.groups[group]?.[column.index] ?? null;
        continue;
      }
      if (passes(aggregate++, group)) {
        const cell = finishCell(column, releasedIntegers(column, group, vectors));
        row[column.name] = cell.value;
        if (cell.n !== undefined) counts[column.name] = cell.n;
      } else {
        row[column.name] = null;
        // Gates off, a cell without a value is one without rows.
        if (reportsN(column)) counts[column.name] = layout.minCount > 1 || isTest(column) ? null : 0;
        if (layout.minCount > 1) {
          withheld.push({ row: rows.length, column: column.name, rule: `minimum count ${layout.minCount}` });
        }
      }
    }
    rows.push(row);
    n.push(counts);
  }
  return { columns: layout.columns.map((column) => column.name), rows, n, withheld };
}

/** Without a prototype, so that a column may have any name, '__proto__' too. */
function emptyRecord<V>(): Record<string, V> {
  return Object.create(null) as Record<string, V>;
}

function reportsN(column: AggregateLayout): boolean {
  return column.statistic !== 'sum' && column.statistic !== 'count' && column.statistic !== 'count-rows';
}

function isTest(column: AggregateLayout): boolean {
  return column.statistic === 'welch' || column.statistic === 'student';
}

function releasedIntegers(
  column: AggregateLayout,
  group: number,
  vectors: ReleasedVectors,
): ReadonlyMap<string, bigint> {
  return new Map(column.releases.map((release) => [release.name, integerOf(release, group, vectors)]));
}

function integerOf(release: ReleaseLayout, group: number, { narrow, wide }: ReleasedVectors): bigint {
  const residue = (release.width === 64 ? narrow : wide)[release.offset + group];
  const min = BigInt(release.min);
  if (residue === undefined) throw new WarifuError('MESSAGE_FORM', 'the answer is shorter than its layout');
  const value = min + BigInt.asUintN(release.width, residue - min);
  if (value > BigInt(release.max)) {
    throw new WarifuError('MESSAGE_FORM', `the released '${release.name}' lies outside its proved bounds`);
  }
  return value;
}

function checkSizes(layout: ResultLayout, bits: BitMatrix, { narrow, wide }: ReleasedVectors): void {
  const aggregates = layout.columns.filter((column) => column.kind === 'aggregate').length;
  const expected = layout.groups.length * (aggregates + (layout.presence ? 1 : 0));
  if (
    bits.length !== expected ||
    narrow.length !== layout.narrowLength ||
    wide.length !== layout.wideLength
  ) {
    throw new WarifuError('MESSAGE_FORM', 'the answer does not have the sizes that its layout states');
  }
}
