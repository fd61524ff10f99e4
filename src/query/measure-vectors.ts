/**
 * The vector of each measure over the rows of a chunk, one entry per row: what the masks of the groups are multiplied with.
 *
 * A sum that stays below 2^62 has a vector over Z_2^64, a larger one over Z_2^128. Powers and indicators that
 * several measures share are computed once, in the wider ring where both are needed.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { WarifuError } from '../core/errors.js';
import { RingVector, type RingWidth } from '../kernels/ring-vector.js';
import type { Context } from '../protocols/context.js';
import { bitToRing, lift } from '../protocols/convert.js';
import { multiply, square } from '../protocols/multiply.js';
import { BIT } from '../share/bounds.js';
import { columnOf, numbersOf, type SharedTable } from '../share/column.js';
import { multiplyPublic, reduceTo } from '../share/linear.js';
import { type Column, dealtWidth, encodedMax } from '../share/schema.js';
import type { ArithmeticShare } from '../share/shares.js';
import { type Measure, measureName } from '../statistics/measure.js';
import { keyIndicator } from './groups.js';
import { othersRanges, type RowRange } from './row-range.js';
import { joinMasks, type RowMask } from './where.js';

const NARROW_LIMIT = 1n << 62n;
const WIDE_LIMIT = 1n << 127n;

export interface MeasureVectors {
  readonly narrow: ReadonlyMap<string, ArithmeticShare<64>>;
  readonly wide: ReadonlyMap<string, ArithmeticShare<128>>;
}

/** Measures by what they need: no vector (they count the rows of a mask), one of 64 bits, or one of 128. */
export interface SortedMeasures {
  readonly rows: readonly Measure[];
  readonly narrow: readonly Measure[];
  readonly wide: readonly Measure[];
}

/** What is public of a table. */
export interface TableShape {
  readonly rows: number;
  readonly columns: ReadonlyMap<string, Column>;
}

/** @throws WarifuError BOUND_NOT_PROVED for a sum that could leave the widest ring: nothing was sent yet. */
export function sortMeasures(table: TableShape, measures: readonly Measure[]): SortedMeasures {
  const sorted = {
    rows: new Array<Measure>(),
    narrow: new Array<Measure>(),
    wide: new Array<Measure>(),
  };
  for (const measure of new Map(measures.map((one) => [measureName(one), one])).values()) {
    if (countsRows(table, measure)) sorted.rows.push(measure);
    else if (isNarrow(table, measure)) sorted.narrow.push(measure);
    else sorted.wide.push(measure);
  }
  return sorted;
}

function countsRows({ columns }: TableShape, { column, power, within }: Measure): boolean {
  if (within !== undefined || power !== 0) return false;
  return column === undefined || declared(columns, column).nullable === false;
}

function isNarrow({ rows, columns }: TableShape, measure: Measure): boolean {
  const { column, power } = measure;
  if (column === undefined || power === 0) return true;
  const { type } = declared(columns, column);
  const largest = BigInt(Math.max(1, rows)) * (encodedMax(type) ?? 1n) ** BigInt(power);
  if (dealtWidth(type) === 64 && largest < NARROW_LIMIT) return true;
  if (largest >= WIDE_LIMIT) throw notProved(measure, column, rows, largest);
  return false;
}

function declared(columns: TableShape['columns'], name: string): Column {
  const column = columns.get(name);
  if (column === undefined) throw new WarifuError('INTERNAL', `column '${name}' is not declared`);
  return column;
}

function notProved(measure: Measure, column: string, rows: number, largest: bigint): WarifuError {
  const bits = largest.toString(2).length;
  const squares = measure.power === 2;
  return new WarifuError(
    'BOUND_NOT_PROVED',
    `the ${squares ? 'sum of squares' : 'sum'} of column '${column}' over ${rows} rows cannot be proved to fit: ` +
      `by the declared range it could reach ${largest} (${bits} bits) and 127 are offered; declare a narrower ` +
      `range or fewer decimals for the column${squares ? ', or ask for AVG or SUM, which need no squares' : ''}`,
    { column, bits, bound: largest.toString() },
  );
}

/** @param own row ranges of the chunk that `othersOnly` measures leave out. */
export async function measureVectors(
  ctx: Context,
  table: SharedTable,
  { narrow, wide }: SortedMeasures,
  own: readonly RowRange[],
): Promise<MeasureVectors> {
  const once = new Once(ctx, table, wide);
  const [narrowVectors, wideVectors] = await Promise.all([
    Promise.all(narrow.map((measure) => once.narrow(measure))),
    Promise.all(wide.map((measure) => once.wide(measure))),
  ]);
  const named = <V>(measures: readonly Measure[], vectors: readonly V[]): Map<string, V> =>
    new Map(measures.map((measure, i) => [measureName(measure), vectors[i] as V]));
  const chosen = narrowVectors.map((vector, i) =>
    narrow[i]?.othersOnly === true ? multiplyPublic(vector, othersMask(table.rows, own), BIT) : vector,
  );
  return { narrow: named(narrow, chosen), wide: named(wide, wideVectors) };
}

/** Vectors by name, each computed at its first request. */
class Once {
  readonly #ctx: Context;
  readonly #table: SharedTable;
  /** Which columns, and where, are needed in the wide ring too: the narrow vector is then reduced from it. */
  readonly #wide: ReadonlySet<string>;
  readonly #cache = new Map<string, Promise<unknown>>();

  constructor(ctx: Context, table: SharedTable, wide: readonly Measure[]) {
    this.#ctx = ctx;
    this.#table = table;
    this.#wide = new Set(wide.map(selectionText));
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
    const alsoWide = this.#wide.has(selectionText(measure));
    if (column === undefined || power === 0) {
      return alsoWide && within !== undefined
        ? reduceTo(await this.#indicator(measure, 128), 64)
        : await this.#indicator(measure, 64);
    }
    const x = numbersOf(columnOf(this.#table, column));
    if (x.width !== 64) throw new WarifuError('INTERNAL', `column '${column}' is wide`);
    if (within === undefined) {
      return power === 1 ? x : await this.#once(`square ${column}`, (ctx) => square(ctx, x));
    }
    if (alsoWide && power === 1) return reduceTo(await this.wide(measure), 64);
    const chosen = await this.#once(`chosen ${selectionText(measure)}`, async (ctx) =>
      multiply(ctx, x, await this.narrow({ ...measure, power: 0 })),
    );
    if (power === 1) return chosen;
    return await this.#once(`chosen square ${selectionText(measure)}`, (ctx) => multiply(ctx, chosen, x));
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
    const chosen = await this.#once(`wide chosen ${selectionText(measure)}`, async (ctx) =>
      multiply(ctx, x, await this.#indicator(measure, 128)),
    );
    if (power === 1) return chosen;
    return await this.#once(`wide chosen square ${selectionText(measure)}`, (ctx) =>
      multiply(ctx, chosen, x),
    );
  }

  /** 1 in the rows where the column is present and the other column has the key. */
  #indicator<W extends RingWidth>(measure: Measure, width: W): Promise<ArithmeticShare<W>> {
    return this.#once(`indicator ${width} ${selectionText(measure)}`, async (ctx) => {
      const mask = await this.#presence(ctx.step('mask'), measure);
      return await maskToRing(ctx.step('ring'), mask, width, this.#table.rows);
    });
  }

  async #presence(ctx: Context, { column, within }: Measure): Promise<RowMask> {
    const valid = column === undefined ? undefined : columnOf(this.#table, column).validity;
    if (within === undefined) return valid ?? 'all';
    const indicator = await keyIndicator(ctx.step('key'), columnOf(this.#table, within.column), within.key);
    return await joinMasks(ctx.step('both'), indicator, valid ?? 'all');
  }
}

/** The column of a measure and the rows it looks at, whatever the power. */
function selectionText({ column, within }: Measure): string {
  return JSON.stringify([column ?? null, within?.column ?? null, within?.key ?? null]);
}

/** A mask as 0/1 values. */
export async function maskToRing<W extends RingWidth>(
  ctx: Context,
  mask: RowMask,
  width: W,
  rows: number,
): Promise<ArithmeticShare<W>> {
  if (mask === 'all') return ctx.constant(width, rows, 1n);
  if (mask === 'none') return ctx.constant(width, rows, 0n);
  return await bitToRing(ctx, mask, width);
}

function othersMask(rows: number, own: readonly RowRange[]): RingVector {
  const mask = new BigUint64Array(rows);
  for (const { start, end } of othersRanges(rows, own)) mask.fill(1n, start, end);
  return new RingVector(64, mask);
}
