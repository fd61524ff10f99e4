/**
 * The measures of one query, each as a shared vector with one entry per group.
 */
import { WarifuError } from '../core/errors.js';
import type { Context } from '../protocols/context.js';
import { lift } from '../protocols/convert.js';
import type { ArithmeticShare } from '../share/shares.js';
import { type Measure, measureName } from './measure.js';

export type AnySum = ArithmeticShare<64> | ArithmeticShare<128>;

export class Sums {
  readonly #byName: ReadonlyMap<string, AnySum>;

  constructor(byName: ReadonlyMap<string, AnySum>) {
    this.#byName = byName;
  }

  /** Every measure with its vector, for EXPLAIN. */
  entries(): Iterable<[string, AnySum]> {
    return this.#byName.entries();
  }

  get(measure: Measure): AnySum {
    const sum = this.#byName.get(measureName(measure));
    if (sum === undefined) throw new WarifuError('INTERNAL', `${measureName(measure)} was not computed`);
    return sum;
  }

  /** A count: always over 64 bits. */
  count(measure: Measure): ArithmeticShare<64> {
    const sum = this.get(measure);
    if (sum.width !== 64) throw new WarifuError('INTERNAL', `${measureName(measure)} is not over 64 bits`);
    return sum;
  }

  /** The measure over 128 bits, lifted where it is narrower. */
  async wide(ctx: Context, measure: Measure): Promise<ArithmeticShare<128>> {
    return await widen(ctx, this.get(measure));
  }
}

/** The same vector over 128 bits. */
export async function widen(ctx: Context, sum: AnySum): Promise<ArithmeticShare<128>> {
  return sum.width === 128 ? sum : await lift(ctx, sum);
}
