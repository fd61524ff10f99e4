/**
 * Counts of rows within groups, each made once however many aggregates need it.
 *
 * Running counts number the rows (or those that are valid) from the first row of all; a group's count is the difference
 * to the group before.
 * Cost (rep3): of a running count with validity 2 rounds and 4 bytes per row; of a group's count 1 round and 4 bytes, and
 *   of whether it is above 0 a test for zero of as many bits as n has (equality.ts).
 * Reveals: nothing. Fails: never.
 */
import { not } from '../../share/bits.js';
import { addConstant } from '../../share/linear.js';
import type { ArithmeticShare, BinaryShare } from '../../share/shares.js';
import type { Context } from '../context.js';
import { bitToRing } from '../convert.js';
import { isZero } from '../equality.js';
import { rowNumbers } from '../permute/public.js';
import { clearNumbers, type WideFlags } from '../scan/clear.js';
import { differences } from '../scan/local-rows.js';
import { boundsOfSums, prefixSum } from '../scan/prefix-sum.js';
import type { Arrived } from './travellers.js';

/** Keeps what was made for a key. */
class Memo<K, V> {
  readonly #made = new Map<K, Promise<V>>();

  of(key: K, make: (number: number) => Promise<V>): Promise<V> {
    const made = this.#made.get(key) ?? make(this.#made.size);
    this.#made.set(key, made);
    return made;
  }
}

/** Counts from the first row of all up to each row. */
export class RunningCounts {
  readonly #ctx: Context;
  readonly #length: number;
  readonly #counts = new Memo<BinaryShare | undefined, ArithmeticShare<32>>();

  constructor(ctx: Context, length: number) {
    this.#ctx = ctx;
    this.#length = length;
  }

  /** Of valid rows, or of all. */
  of(valid: BinaryShare | undefined): Promise<ArithmeticShare<32>> {
    return this.#counts.of(valid, async (number) => {
      if (valid === undefined) return addConstant(rowNumbers(this.#ctx, this.#length), 1n);
      return prefixSum(await bitToRing(this.#ctx.step(`count-${number}`), valid, 32));
    });
  }
}

/** Counts of groups, from running counts that arrived with their last rows. */
export class GroupCounts {
  readonly #ctx: Context;
  readonly #arrived: Arrived;
  readonly #live: WideFlags;
  readonly #counts = new Memo<ArithmeticShare<32>, ArithmeticShare<32>>();
  readonly #some = new Memo<ArithmeticShare<32>, BinaryShare>();

  constructor(ctx: Context, arrived: Arrived, live: WideFlags) {
    this.#ctx = ctx;
    this.#arrived = arrived;
    this.#live = live;
  }

  /** Rows of each group, 0 in rows that are no group. */
  of(running: ArithmeticShare<32>): Promise<ArithmeticShare<32>> {
    return this.#counts.of(running, async (number) => {
      const own = differences(this.#arrived.column(running));
      const cleared = await clearNumbers(this.#ctx.step(`count-${number}`), own, this.#live);
      return cleared.with({ bounds: boundsOfSums({ min: 0n, max: 1n }, running.length) });
    });
  }

  /** Has a group any such row. */
  some(running: ArithmeticShare<32>): Promise<BinaryShare> {
    return this.#some.of(running, async (number) =>
      not(await isZero(this.#ctx.step(`some-${number}`), await this.of(running))),
    );
  }
}
