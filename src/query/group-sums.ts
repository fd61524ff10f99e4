/**
 * All measures of all groups: masks of rows (one per group) against vectors of values (one per measure), as inner
 * products, so that communication does not grow with the rows beyond making the masks and vectors.
 *
 * Rows are worked through in chunks (row-chunks.ts), whose inner products add up at each node without a message.
 * Within a chunk, masks and vectors are made at the same time, and groups are taken in batches, so that memory is
 * bounded by rows rather than by rows times groups; batches follow each other, which the count of rounds leaves out
 * as it does for the chunks of a vector.
 */
import type { Context } from '../protocols/context.js';
import { InnerProductSums } from '../protocols/inner-product-sums.js';
import { allRows } from '../protocols/logic.js';
import { stack } from '../share/bits.js';
import type { SharedTable } from '../share/column.js';
import { add, concatenate, reduceTo, sum } from '../share/linear.js';
import { type ArithmeticShare, type BinaryShare, latest } from '../share/shares.js';
import { type Measure, measureName } from '../statistics/measure.js';
import { type AnySum, Sums } from '../statistics/sums.js';
import { type MeasureVectors, maskToRing, measureVectors, type SortedMeasures } from './measure-vectors.js';
import { othersRanges, type RowRange } from './row-range.js';
import type { RowMask } from './where.js';

/** Bytes of one part of all masks of a batch: bounds the memory of a chunk. */
const BATCH_BYTES = 8 << 20;

/** Groups of a batch: at least one. @param rows of a chunk. */
export function groupsInBatch(rows: number, maskWidth: 64 | 128): number {
  return Math.max(1, Math.floor(BATCH_BYTES / (Math.max(1, rows) * (maskWidth / 8))));
}

/** A stretch of the table's rows, on shares. */
export interface RowChunk {
  readonly table: SharedTable;
  /** For each group the masks whose AND selects its rows. */
  readonly masks: Promise<readonly (readonly RowMask[])[]>;
  /** Row ranges of the chunk that `othersOnly` measures leave out. */
  readonly own: readonly RowRange[];
}

/** Masks of one batch of groups, as 0/1 values. */
interface Masks {
  readonly narrow: readonly ArithmeticShare<64>[];
  readonly wide: readonly ArithmeticShare<128>[];
}

/** What has been summed up for one batch of groups. */
interface Batch {
  readonly first: number;
  readonly groups: number;
  readonly narrow: InnerProductSums<64>;
  readonly wide: InnerProductSums<128>;
  /** Rows of each group, by measure. */
  readonly counts: Map<string, ArithmeticShare<64>[]>;
}

/** Adds up the measures of all groups over the chunks of a table. */
export class GroupSums {
  readonly #measures: SortedMeasures;
  readonly #batches: readonly Batch[];

  /** @param size groups that are worked on at a time, see `groupsInBatch`. */
  constructor(ctx: Context, measures: SortedMeasures, groups: number, size: number) {
    this.#measures = measures;
    const { backend } = ctx;
    this.#batches = Array.from({ length: Math.ceil(groups / size) }, (_, batch) => {
      const first = batch * size;
      const count = Math.min(size, groups - first);
      return {
        first,
        groups: count,
        narrow: new InnerProductSums(backend, 64, count, measures.narrow.length),
        wide: new InnerProductSums(backend, 128, count, measures.wide.length),
        counts: new Map(),
      };
    });
  }

  /** @throws WarifuError BOUND_NOT_PROVED for a sum that could leave the widest ring. */
  async add(ctx: Context, chunk: RowChunk): Promise<void> {
    const vectors = measureVectors(ctx.step('vectors'), chunk.table, this.#measures, chunk.own);
    // Both are awaited from the start, so that neither can fail unheard.
    await Promise.all([vectors, this.#addBatches(ctx, chunk, vectors)]);
  }

  async #addBatches(ctx: Context, chunk: RowChunk, vectors: Promise<MeasureVectors>): Promise<void> {
    const groups = await chunk.masks;
    for (const [i, batch] of this.#batches.entries()) {
      const step = ctx.step(`batch-${i}`);
      const selected = groups.slice(batch.first, batch.first + batch.groups);
      const masks = await this.#ringMasks(step, selected, chunk.table.rows);
      const { narrow, wide } = await vectors;
      if (narrow.size > 0) await batch.narrow.add(masks.narrow, [...narrow.values()]);
      if (wide.size > 0) await batch.wide.add(masks.wide, [...wide.values()]);
      for (const measure of this.#measures.rows) {
        const counts = masks.narrow.map((mask) => countRows(mask, measure, chunk.own));
        const name = measureName(measure);
        const before = batch.counts.get(name);
        batch.counts.set(
          name,
          before === undefined ? counts : before.map((count, j) => add(count, counts[j] as typeof count)),
        );
      }
    }
  }

  async #ringMasks(ctx: Context, groups: readonly (readonly RowMask[])[], rows: number): Promise<Masks> {
    const isWide = this.#measures.wide.length > 0;
    const selected = await Promise.all(groups.map((masks, i) => allOf(ctx.step(`select-${i}`), masks)));
    if (!isWide) {
      const narrow = selected.map((mask, i) => maskToRing(ctx.step(`ring-${i}`), mask, 64, rows));
      return { narrow: await Promise.all(narrow), wide: [] };
    }
    const wide = await Promise.all(
      selected.map((mask, i) => maskToRing(ctx.step(`ring-${i}`), mask, 128, rows)),
    );
    return { narrow: wide.map((mask) => reduceTo(mask, 64)), wide };
  }

  /** All measures with one entry per group. Once, when all chunks were added. */
  async finish(ctx: Context): Promise<Sums> {
    const { narrow, wide } = this.#measures;
    const collected = new Map<string, AnySum[]>();
    const collect = (name: string, values: readonly AnySum[]): void => {
      collected.set(name, [...(collected.get(name) ?? []), ...values]);
    };
    const finished = await Promise.all(
      this.#batches.map(async (batch, i) => {
        const [ofNarrow, ofWide] = await Promise.all([
          batch.narrow.finish(ctx.step(`narrow-${i}`)),
          batch.wide.finish(ctx.step(`wide-${i}`)),
        ]);
        return { counts: batch.counts, narrow: ofNarrow, wide: ofWide };
      }),
    );
    for (const batch of finished) {
      for (const [name, counts] of batch.counts) collect(name, counts);
      narrow.forEach((measure, j) => collect(measureName(measure), columnAt(batch.narrow, j)));
      wide.forEach((measure, j) => collect(measureName(measure), columnAt(batch.wide, j)));
    }
    // What follows waits for all of them, also where a count alone would be there earlier.
    const clock = latest(...[...collected.values()].flat());
    return new Sums(new Map([...collected].map(([name, values]) => [name, joined(values, clock)])));
  }
}

function columnAt<T>(rows: readonly (readonly T[])[], column: number): T[] {
  return rows.map((row) => row[column] as T);
}

function joined(values: readonly AnySum[], clock: number): AnySum {
  const narrow = values.filter((value): value is ArithmeticShare<64> => value.width === 64);
  if (narrow.length === values.length) return concatenate(narrow).with({ clock });
  const wide = values.filter((value): value is ArithmeticShare<128> => value.width === 128);
  return concatenate(wide).with({ clock });
}

async function allOf(ctx: Context, masks: readonly RowMask[]): Promise<RowMask> {
  if (masks.includes('none')) return 'none';
  const shares = masks.filter((mask): mask is BinaryShare => typeof mask !== 'string');
  if (shares.length === 0) return 'all';
  return await allRows(ctx, stack(shares));
}

function countRows(
  mask: ArithmeticShare<64>,
  { othersOnly }: Measure,
  own: readonly RowRange[],
): ArithmeticShare<64> {
  if (othersOnly !== true) return sum(mask);
  const gaps = othersRanges(mask.length, own).map(({ start, end }) => sum(mask, start, end));
  const [first, ...rest] = gaps;
  return first === undefined ? sum(mask, 0, 0) : rest.reduce((total, gap) => add(total, gap), first);
}
