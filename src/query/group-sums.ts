/**
 * All measures of all groups: masks of rows (one per group) against vectors of values (one per measure), as inner
 * products, so that communication does not grow with the rows beyond making the masks and vectors.
 *
 * Sums below 2^62 are computed over Z_2^64, larger ones over Z_2^128 with lifted columns. Groups are taken in
 * batches, so that memory is bounded by rows rather than by rows times groups.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { WarifuError } from '../core/errors.js';
import { RingVector, type RingWidth } from '../kernels/ring-vector.js';
import type { Context } from '../protocols/context.js';
import { bitToRing, lift } from '../protocols/convert.js';
import { allRows } from '../protocols/logic.js';
import { innerProducts, multiply, square } from '../protocols/multiply.js';
import { stack } from '../share/bits.js';
import { BIT } from '../share/bounds.js';
import { columnOf, numbersOf, type SharedTable } from '../share/column.js';
import { add, concatenate, multiplyPublic, reduceTo, sum } from '../share/linear.js';
import { encodedMax } from '../share/schema.js';
import type { ArithmeticShare, BinaryShare } from '../share/shares.js';
import { type Measure, measureName } from '../statistics/measure.js';
import { type AnySum, Sums } from '../statistics/sums.js';
import { keyIndicator } from './groups.js';
import { joinMasks, type RowMask } from './where.js';

/** Row ranges of the analyst's own slices. */
export type RowRange = { readonly start: number; readonly end: number };

/** Elements of all masks of one batch: bounds the memory of a query. */
const BATCH_ELEMENTS = 1 << 22;
const NARROW_LIMIT = 1n << 62n;

interface Vectors {
  /** Measures that count the rows of a mask: no vector is needed. */
  readonly rows: readonly Measure[];
  readonly narrow: ReadonlyMap<string, ArithmeticShare<64>>;
  readonly wide: ReadonlyMap<string, ArithmeticShare<128>>;
}

/**
 * @param groups for each group the masks whose AND selects its rows.
 * @param own row ranges that `othersOnly` measures leave out.
 */
export async function groupSums(
  ctx: Context,
  table: SharedTable,
  groups: readonly (readonly RowMask[])[],
  measures: readonly Measure[],
  own: readonly RowRange[],
): Promise<Sums> {
  const unique = [...new Map(measures.map((measure) => [measureName(measure), measure])).values()];
  const vectors = await measureVectors(ctx.step('vectors'), table, unique, own);
  const size = Math.max(1, Math.floor(BATCH_ELEMENTS / Math.max(1, table.rows)));
  const collected = new Map<string, AnySum[]>(unique.map((measure) => [measureName(measure), []]));
  for (let start = 0, batch = 0; start < groups.length; start += size, batch++) {
    const step = ctx.step(`batch-${batch}`);
    const sums = await Promise.all(
      groups
        .slice(start, start + size)
        .map((masks, i) => sumsOfGroup(step.step(`group-${i}`), table, masks, vectors, own)),
    );
    for (const ofGroup of sums) for (const [name, value] of ofGroup) collected.get(name)?.push(value);
  }
  return new Sums(new Map([...collected].map(([name, values]) => [name, joined(values)])));
}

function joined(values: readonly AnySum[]): AnySum {
  const narrow = values.filter((value): value is ArithmeticShare<64> => value.width === 64);
  if (narrow.length === values.length) return concatenate(narrow);
  return concatenate(values.filter((value): value is ArithmeticShare<128> => value.width === 128));
}

/** The vector of each measure, with the powers and indicators that several measures share computed once. */
async function measureVectors(
  ctx: Context,
  table: SharedTable,
  measures: readonly Measure[],
  own: readonly RowRange[],
): Promise<Vectors> {
  const once = new Once(ctx, table);
  const rows: Measure[] = [];
  const narrow = new Map<string, ArithmeticShare<64>>();
  const wide = new Map<string, ArithmeticShare<128>>();
  await Promise.all(
    measures.map(async (measure) => {
      const name = measureName(measure);
      if (countsRows(table, measure)) rows.push(measure);
      else if (isNarrow(table, measure)) narrow.set(name, await once.narrow(measure));
      else wide.set(name, await once.wide(measure));
    }),
  );
  for (const measure of measures) {
    const vector = narrow.get(measureName(measure));
    if (vector !== undefined && measure.othersOnly === true) {
      narrow.set(measureName(measure), multiplyPublic(vector, othersMask(table.rows, own), BIT));
    }
  }
  return { rows, narrow: inOrder(measures, narrow), wide: inOrder(measures, wide) };
}

/** Insertion order must be the same at all nodes, whichever vector was ready first. */
function inOrder<T>(measures: readonly Measure[], byName: ReadonlyMap<string, T>): Map<string, T> {
  const ordered = new Map<string, T>();
  for (const measure of measures) {
    const value = byName.get(measureName(measure));
    if (value !== undefined) ordered.set(measureName(measure), value);
  }
  return ordered;
}

function countsRows(table: SharedTable, { column, power, within }: Measure): boolean {
  if (within !== undefined || power !== 0) return false;
  return column === undefined || columnOf(table, column).validity === undefined;
}

function isNarrow(table: SharedTable, { column, power }: Measure): boolean {
  if (column === undefined || power === 0) return true;
  const shared = columnOf(table, column);
  const range = encodedMax(shared.column.type) ?? 1n;
  return numbersOf(shared).width === 64 && BigInt(table.rows) * range ** BigInt(power) < NARROW_LIMIT;
}

/** Vectors by name, each computed at its first request. */
class Once {
  readonly #ctx: Context;
  readonly #table: SharedTable;
  readonly #cache = new Map<string, Promise<unknown>>();

  constructor(ctx: Context, table: SharedTable) {
    this.#ctx = ctx;
    this.#table = table;
  }

  /** Runs once per name. Steps are named after the vector: the order of requests may differ between nodes. */
  #once<T>(name: string, make: (ctx: Context) => Promise<T>): Promise<T> {
    const known = this.#cache.get(name);
    if (known !== undefined) return known as Promise<T>;
    const digest = bytesToHex(sha256(new TextEncoder().encode(name)));
    const made = make(this.#ctx.step(`vector-${digest.slice(0, 24)}`));
    this.#cache.set(name, made);
    return made;
  }

  async narrow(measure: Measure): Promise<ArithmeticShare<64>> {
    const { column, power, within } = measure;
    const present = (): Promise<ArithmeticShare<64>> =>
      this.#once(`present ${column} ${keyText(within)}`, async (ctx) => {
        const mask = await this.#presence(ctx.step('mask'), measure);
        return await maskToRing(ctx.step('ring'), mask, 64, this.#table.rows);
      });
    if (column === undefined || power === 0) return await present();
    const x = numbersOf(columnOf(this.#table, column));
    if (x.width !== 64) throw new WarifuError('INTERNAL', `column '${column}' is wide`);
    if (within === undefined)
      return power === 1 ? x : await this.#once(`square ${column}`, (ctx) => square(ctx, x));
    const chosen = await this.#once(`chosen ${column} ${keyText(within)}`, async (ctx) =>
      multiply(ctx, x, await present()),
    );
    if (power === 1) return chosen;
    return await this.#once(`chosen square ${column} ${keyText(within)}`, (ctx) => multiply(ctx, chosen, x));
  }

  async wide(measure: Measure): Promise<ArithmeticShare<128>> {
    const { column, power, within } = measure;
    if (column === undefined) throw new WarifuError('INTERNAL', 'a count is not wide');
    const x = await this.#once(`wide ${column}`, async (ctx) => {
      const values = numbersOf(columnOf(this.#table, column));
      return values.width === 128 ? values : await lift(ctx, values);
    });
    if (within === undefined) {
      return power === 1 ? x : await this.#once(`wide square ${column}`, (ctx) => square(ctx, x));
    }
    const chosen = await this.#once(`wide chosen ${column} ${keyText(within)}`, async (ctx) => {
      const mask = await this.#presence(ctx.step('mask'), measure);
      return await multiply(
        ctx.step('choose'),
        x,
        await maskToRing(ctx.step('ring'), mask, 128, this.#table.rows),
      );
    });
    if (power === 1) return chosen;
    return await this.#once(`wide chosen square ${column} ${keyText(within)}`, (ctx) =>
      multiply(ctx, chosen, x),
    );
  }

  /** Rows where the column is present and the other column has the key. */
  async #presence(ctx: Context, { column, within }: Measure): Promise<RowMask> {
    const valid = column === undefined ? undefined : columnOf(this.#table, column).validity;
    if (within === undefined) return valid ?? 'all';
    const indicator = await keyIndicator(ctx.step('key'), columnOf(this.#table, within.column), within.key);
    return await joinMasks(ctx.step('both'), indicator, valid ?? 'all');
  }
}

function keyText(within: Measure['within']): string {
  return within === undefined ? '' : JSON.stringify([within.column, within.key]);
}

async function maskToRing<W extends RingWidth>(
  ctx: Context,
  mask: RowMask,
  width: W,
  rows: number,
): Promise<ArithmeticShare<W>> {
  if (mask === 'all') return ctx.constant(width, rows, 1n);
  if (mask === 'none') return ctx.constant(width, rows, 0n);
  return await bitToRing(ctx, mask, width);
}

async function sumsOfGroup(
  ctx: Context,
  table: SharedTable,
  masks: readonly RowMask[],
  vectors: Vectors,
  own: readonly RowRange[],
): Promise<Map<string, AnySum>> {
  const mask = await allOf(ctx.step('select'), masks);
  const ring = ctx.step('ring');
  const wideMask = vectors.wide.size > 0 ? await maskToRing(ring, mask, 128, table.rows) : undefined;
  const narrowMask =
    wideMask === undefined ? await maskToRing(ring, mask, 64, table.rows) : reduceTo(wideMask, 64);
  const [narrow, wide] = await Promise.all([
    products(ctx.step('narrow'), narrowMask, vectors.narrow),
    wideMask === undefined
      ? new Map<string, ArithmeticShare<128>>()
      : products(ctx.step('wide'), wideMask, vectors.wide),
  ]);
  const counts = vectors.rows.map(
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
async function products<W extends RingWidth>(
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

/** The rows outside the analyst's own slices. */
function othersRanges(rows: number, own: readonly RowRange[]): RowRange[] {
  const ranges: RowRange[] = [];
  let start = 0;
  for (const range of [...own].sort((a, b) => a.start - b.start)) {
    if (range.start > start) ranges.push({ start, end: range.start });
    start = Math.max(start, range.end);
  }
  if (start < rows) ranges.push({ start, end: rows });
  return ranges;
}

function othersMask(rows: number, own: readonly RowRange[]): RingVector {
  const mask = new BigUint64Array(rows);
  for (const { start, end } of othersRanges(rows, own)) mask.fill(1n, start, end);
  return new RingVector(64, mask);
}
