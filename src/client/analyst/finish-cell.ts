/**
 * One cell in the clear: from the integers that were released for it to what is printed.
 */
import { WarifuError } from '../../core/errors.js';
import type { AggregateLayout } from '../../query/result-layout.js';
import { formatDecimal } from '../../share/schema.js';
import { mean, standardDeviation, variance } from '../../statistics/finish/moments.js';
import { studentTTest, type TTestResult, welchTTest } from '../../statistics/finish/t-test.js';

/** A number of which every digit counts: printed as it stands, also in JSON. */
export class ExactNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type CellValue = ExactNumber | number | TTestResult | null;

export interface FinishedCell {
  readonly value: CellValue;
  /** The n of the statistics that report it; an array by group for tests. */
  readonly n?: number | readonly number[];
}

/** @param released the integers of the cell by name. */
export function finishCell(layout: AggregateLayout, released: ReadonlyMap<string, bigint>): FinishedCell {
  const get = (name: string): bigint => {
    const value = released.get(name);
    if (value === undefined)
      throw new WarifuError('MESSAGE_FORM', `the answer has no '${name}' for ${layout.name}`);
    return value;
  };
  // Released sums are totals of the values themselves: their minimum is already added on shares.
  const scale = { min: 0n, digits: layout.digits };
  const withN = (value: CellValue): FinishedCell => ({ value, n: Number(get('n')) });
  switch (layout.statistic) {
    case 'count':
    case 'count-rows':
      return { value: new ExactNumber(get('n').toString()) };
    case 'sum':
      return { value: new ExactNumber(formatDecimal(get('sum'), layout.digits)) };
    case 'avg':
      return withN(mean(get('n'), get('sum'), scale));
    case 'var-samp':
      return withN(variance('samp', get('n'), get('q'), scale));
    case 'var-pop':
      return withN(variance('pop', get('n'), get('q'), scale));
    case 'stddev-samp':
      return withN(standardDeviation('samp', get('n'), get('q'), scale));
    case 'stddev-pop':
      return withN(standardDeviation('pop', get('n'), get('q'), scale));
    case 'welch': {
      const sample = (i: 1 | 2): { n: bigint; sum: bigint; q: bigint } => ({
        n: get(`n${i}`),
        sum: get(`sum${i}`),
        q: get(`q${i}`),
      });
      return tested(welchTTest(sample(1), sample(2), scale), get('n1'), get('n2'));
    }
    case 'student': {
      const sample = (i: 1 | 2): { n: bigint; sum: bigint } => ({ n: get(`n${i}`), sum: get(`sum${i}`) });
      return tested(studentTTest(sample(1), sample(2), get('pooled'), scale), get('n1'), get('n2'));
    }
  }
}

function tested(value: TTestResult | null, n1: bigint, n2: bigint): FinishedCell {
  return { value, n: [Number(n1), Number(n2)] };
}
