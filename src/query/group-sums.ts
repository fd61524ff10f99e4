/**
 * All measures of all groups: masks of rows (one per group) against vectors of values (one per measure), as inner
 * products, so that communication does not grow with the rows beyond making the masks and vectors.
 *
 * Masks and vectors are made at the same time. Groups are taken in batches, so that memory is bounded by rows
 * rather than by rows times groups; batches follow each other, which the count of rounds leaves out as it does
 * for the chunks of a vector.
 */
import type { Context } from '../protocols/context.js';
import { allRows } from '../protocols/logic.js';
import { innerProducts } from '../protocols/multiply.js';
import { stack } from '../share/bits.js';
import type { SharedTable } from '../share/column.js';
import { add, concatenate, reduceTo, sum } from '../share/linear.js';
import { type ArithmeticShare, type BinaryShare, latest } from '../share/shares.js';
import { type Measure, measureName } from '../statistics/measure.js';
import { type AnySum, Sums } from '../statistics/sums.js';
import { type MeasureVectors, maskToRing, measureVectors, type SortedMeasures } from './measure-vectors.js';
import { othersRanges, type RowRange } from './row-range.js';
import type { RowMask } from './where.js';

/** Bytes of one part of all masks of a batch: bounds the memory of a query. */
const BATCH_BYTES = 32 << 20;

/** Groups of a batch: at least one. */
export function groupsInBatch(rows: number, maskWidth: 64 | 128): number {
  return Math.max(1, Math.floor(BATCH_BYTES / (Math.max(1, rows) * (maskWidth / 8))));
}

/** What the groups of a query have in common. */
interface Job {
  readonly rows: number;
  readonly measures: SortedMeasures;
  readonly vectors: Promise<MeasureVectors>;
  readonly own: readonly RowRange[];
}

/**
 * @param groups for each group the masks whose AND selects its rows.
 * @param own row ranges that `othersOnly` measures leave out.
 * @throws WarifuError BOUND_NOT_PROVED for a sum that could leave the widest ring.
 */
export async function groupSums(
  ctx: Context,
  table: SharedTable,
  groups: Promise<readonly (readonly RowMask[])[]>,
  sorted: SortedMeasures,
  own: readonly RowRange[],
): Promise<Sums> {
  const vectors = measureVectors(ctx.step('vectors'), table, sorted, own);
  const job: Job = { rows: table.rows, measures: sorted, vectors, own };
  // Both are awaited from the start, so that neither can fail unheard.
  const [, sums] = await Promise.all([vectors, sumsInBatches(ctx, groups, job)]);
  return sums;
}

async function sumsInBatches(
  ctx: Context,
  groups: Promise<readonly (readonly RowMask[])[]>,
  job: Job,
): Promise<Sums> {
  const masks = await groups;
  const size = groupsInBatch(job.rows, job.measures.wide.length > 0 ? 128 : 64);
  const collected = new Map<string, AnySum[]>();
  for (let start = 0, batch = 0; start < masks.length; start += size, batch++) {
    const step = ctx.step(`batch-${batch}`);
    const sums = await Promise.all(
      masks
        .slice(start, start + size)
        .map((ofGroup, i) => sumsOfGroup(step.step(`group-${i}`), ofGroup, job)),
    );
    for (const [name, value] of sums.flatMap((ofGroup) => [...ofGroup])) {
      const values = collected.get(name) ?? [];
      values.push(value);
      collected.set(name, values);
    }
  }
  // What follows waits for all of them, also where a count alone would be there earlier.
  const clock = latest(...[...collected.values()].flat());
  return new Sums(new Map([...collected].map(([name, values]) => [name, joined(values, clock)])));
}

function joined(values: readonly AnySum[], clock: number): AnySum {
  const narrow = values.filter((value): value is ArithmeticShare<64> => value.width === 64);
  if (narrow.length === values.length) return concatenate(narrow).with({ clock });
  const wide = values.filter((value): value is ArithmeticShare<128> => value.width === 128);
  return concatenate(wide).with({ clock });
}

async function sumsOfGroup(
  ctx: Context,
  masks: readonly RowMask[],
  { rows, measures, vectors, own }: Job,
): Promise<Map<string, AnySum>> {
  const mask = await allOf(ctx.step('select'), masks);
  const ring = ctx.step('ring');
  const wideMask = measures.wide.length > 0 ? await maskToRing(ring, mask, 128, rows) : undefined;
  const narrowMask = wideMask === undefined ? await maskToRing(ring, mask, 64, rows) : reduceTo(wideMask, 64);
  const ready = await vectors;
  const [narrow, wide] = await Promise.all([
    products(ctx.step('narrow'), narrowMask, ready.narrow),
    wideMask === undefined
      ? new Map<string, ArithmeticShare<128>>()
      : products(ctx.step('wide'), wideMask, ready.wide),
  ]);
  const counts = measures.rows.map(
    (measure) => [measureName(measure), countRows(narrowMask, measure, own)] as const,
  );
  return new Map<string, AnySum>([...counts, ...narrow, ...wide]);
}

async function allOf(ctx: Context, masks: readonly RowMask[]): Promise<RowMask> {
  if (masks.includes('none')) return 'none';
  const shares = masks.filter((mask): mask is BinaryShare => typeof mask !== 'string');
  if (shares.length === 0) return 'all';
  return await allRows(ctx, stack(shares));
}

/** <mask, vector> for every measure, in one exchange; the mask is 0 or 1, so tight bounds are those of the values. */
async function products<W extends 64 | 128>(
  ctx: Context,
  mask: ArithmeticShare<W>,
  vectors: ReadonlyMap<string, ArithmeticShare<W>>,
): Promise<Map<string, ArithmeticShare<W>>> {
  const [row = []] = await innerProducts(ctx, [mask], [...vectors.values()]);
  return new Map([...vectors.keys()].map((name, i) => [name, row[i] as ArithmeticShare<W>]));
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
