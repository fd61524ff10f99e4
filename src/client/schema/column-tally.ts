/** What one pass over a file notes of a column, in memory that does not grow with the file. */
import { MAX_LABELS, MAX_NAME_LENGTH, parseDecimal } from '../../share/schema.js';
import { decimalsOf, MAX_DECIMALS, type NumberShape, numberShape, plainText, readDay } from './cell-text.js';

export type CellShape = NumberShape | 'date';

/** The first cell of a shape, to show the provider. */
export interface ShapeExample {
  readonly row: number;
  readonly text: string;
}

interface Distinct {
  readonly shape: CellShape;
  count: number;
}

export class ColumnTally {
  /** Cells by missing marker. */
  readonly missing = new Map<string, number>();
  /** Cells by a marker that counts as missing only in columns of numbers, dates and yes/no. */
  readonly weak = new Map<string, number>();
  readonly shapes = new Map<CellShape, number>();
  readonly examples = new Map<CellShape, ShapeExample>();
  /** Cells that are not missing and not weakly missing. */
  present = 0;
  decimals = 0;
  /** Texts of the smallest and largest number. */
  least: string | undefined;
  greatest: string | undefined;
  firstDay = Number.POSITIVE_INFINITY;
  lastDay = Number.NEGATIVE_INFINITY;
  #distinct: Map<string, Distinct> | undefined = new Map();
  readonly #markers: ReadonlySet<string>;
  readonly #weakMarkers: ReadonlySet<string>;

  constructor(markers: ReadonlySet<string>, weakMarkers: ReadonlySet<string>) {
    this.#markers = markers;
    this.#weakMarkers = weakMarkers;
  }

  /** Counts by text; undefined when there are too many or too long ones to be labels. */
  get counts(): ReadonlyMap<string, number> | undefined {
    if (this.#distinct === undefined) return undefined;
    return new Map(Array.from(this.#distinct, ([text, { count }]) => [text, count]));
  }

  add(cell: string, row: number): void {
    const text = cell.trim();
    if (this.#markers.has(text)) return increment(this.missing, text);
    if (this.#weakMarkers.has(text)) return increment(this.weak, text);
    this.present++;
    const known = this.#distinct?.get(text);
    if (known !== undefined) {
      known.count++;
      increment(this.shapes, known.shape);
      return;
    }
    const shape = this.#see(text, row);
    increment(this.shapes, shape);
    if (this.#distinct === undefined) return;
    if (text.length > MAX_NAME_LENGTH || this.#distinct.size === MAX_LABELS) this.#distinct = undefined;
    else this.#distinct.set(ownCopy(text), { shape, count: 1 });
  }

  #see(text: string, row: number): CellShape {
    const plain = plainText(text);
    let shape: CellShape = numberShape(plain);
    if (shape === 'number') this.#seeNumber(plain);
    if (shape === 'no-number') {
      const day = readDay(plain);
      if (day !== undefined) {
        shape = 'date';
        this.firstDay = Math.min(this.firstDay, day);
        this.lastDay = Math.max(this.lastDay, day);
      }
    }
    if (!this.examples.has(shape)) this.examples.set(shape, { row, text: ownCopy(text.slice(0, 100)) });
    return shape;
  }

  #seeNumber(plain: string): void {
    this.decimals = Math.max(this.decimals, decimalsOf(plain));
    if (this.least === undefined || isLess(plain, this.least)) this.least = ownCopy(plain);
    if (this.greatest === undefined || isLess(this.greatest, plain)) this.greatest = ownCopy(plain);
  }
}

function increment<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** Rounding to a double keeps the order, so exact arithmetic is needed only where doubles are equal. */
function isLess(left: string, right: string): boolean {
  const a = Number(left);
  const b = Number(right);
  if (a !== b) return a < b;
  return parseDecimal(left, MAX_DECIMALS)! < parseDecimal(right, MAX_DECIMALS)!;
}

/** A text cut from a chunk keeps the whole chunk in memory (V8's sliced strings), so what is kept is copied. */
function ownCopy(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}
