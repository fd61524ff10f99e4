/**
 * The public side of a sort by opened comparisons: which rows of a shuffled list to compare next, and what the answers
 * say about their order.
 *
 * Level by level, every segment of rows whose places are known together asks at once. A short segment compares all its
 * pairs and is done. A long one first sorts a few of its rows, by all their pairs, and picks pivots among them; then it
 * is split by three of these at once, its parts by three of those that fall into them, and so on. Where only some ranks
 * are wanted, pivots lie closely around them (Floyd and Rivest 1975), one after the other splits, and segments without a
 * wanted rank are left as they are.
 *
 * The rows are in random order, and stay so within each segment, so its first rows are a random sample.
 */
import { WarifuError } from '../../core/errors.js';
import { indices } from '../../kernels/indices.js';
import { ALL_ROWS, FEW_RANKS, type Pivot, type Plan, pivotPlaces, sampleSize, splitters } from './pivots.js';

/** Is row left[i] before row right[i]? */
export interface Questions {
  readonly left: Uint32Array;
  readonly right: Uint32Array;
}

/** Rows at places start to end, in unknown order. */
interface Segment {
  readonly start: number;
  readonly end: number;
  /** In ascending order; none where a sample is yet to be sorted. */
  readonly pivots: readonly Pivot[];
}

type Pause = () => Promise<void>;

const nothing: Pause = () => Promise.resolve();

/** Comparisons between pauses: some milliseconds. */
const BETWEEN_PAUSES = 1 << 19;

const NO_ROW = 0xffffffff;

/** What is left of a segment that is sorted. */
const DONE: readonly Segment[] = [];

export class Ordering {
  /** The row at each place, by its present name; where segments are left, they are in some order. */
  readonly rows: Uint32Array;
  readonly #ranks: readonly number[] | undefined;
  readonly #plan: Plan;
  readonly #scratch: Uint32Array;
  /** Of rows that are sorted by all their pairs: how many are before each. */
  readonly #before: Uint32Array;
  readonly #parts: Uint8Array;
  #segments: Segment[];
  /** The first name of each row, where rows were renamed. */
  #names: Uint32Array | undefined;

  /** @param ranks places whose rows are wanted, ascending; all by default. */
  constructor(n: number, ranks?: readonly number[]) {
    this.rows = indices(n);
    this.#ranks = ranks;
    this.#plan = ranks === undefined ? ALL_ROWS : FEW_RANKS;
    this.#scratch = new Uint32Array(n);
    this.#before = new Uint32Array(Math.max(this.#plan.short, sampleSize(n, this.#plan)));
    this.#parts = new Uint8Array(n);
    this.#segments = [{ start: 0, end: n, pivots: [] }].filter((segment) => this.#isWanted(segment));
  }

  /** True when the row at each wanted place is known. */
  get done(): boolean {
    return this.#segments.length === 0;
  }

  /**
   * The comparisons of the next level.
   *
   * @param pause waited for now and then, so that long lists leave turns of the event loop.
   */
  async questions(pause: Pause = nothing): Promise<Questions> {
    const count = this.#segments.reduce((total, segment) => total + this.#count(segment), 0);
    const [left, right] = [new Uint32Array(count), new Uint32Array(count)];
    let [at, paused] = [0, 0];
    for (const segment of this.#segments) {
      if (at - paused >= BETWEEN_PAUSES) {
        paused = at;
        await pause();
      }
      at =
        segment.pivots.length > 0
          ? this.#askPivots(segment, left, right, at)
          : this.#askPairs(segment, left, right, at);
    }
    return { left, right };
  }

  /** @param bits one for each question, 32 to a word: 1 where the left row is before the right one. */
  async answer(bits: Uint32Array, pause: Pause = nothing): Promise<void> {
    let [at, paused] = [0, 0];
    const next: Segment[] = [];
    for (const segment of this.#segments) {
      if (at - paused >= BETWEEN_PAUSES) {
        paused = at;
        await pause();
      }
      const found =
        segment.pivots.length > 0 ? this.#split(segment, bits, at) : this.#sort(segment, bits, at);
      at += this.#count(segment);
      for (const own of found) if (this.#isWanted(own)) next.push(own);
    }
    this.#segments = next;
  }

  /** The row, by its first name, that is at each place. */
  get order(): Uint32Array {
    const { rows } = this;
    const names = this.#names;
    return names === undefined ? rows : rows.map((row) => names[row]!);
  }

  /**
   * Renames each row to its place, for a caller that moves what it compares likewise, so that neighbours are compared with
   * neighbours.
   *
   * @returns the name that the row at each place had.
   */
  rearrange(): Uint32Array {
    const { rows } = this;
    const names = this.#names;
    const from = rows.slice();
    const places = this.#scratch;
    for (let place = 0; place < from.length; place++) places[from[place]!] = place;
    this.#names = names === undefined ? from : from.map((row) => names[row]!);
    this.#segments = this.#segments.map(({ start, end, pivots }) => ({
      start,
      end,
      pivots: pivots.map(({ row, near }) => ({ row: places[row]!, near })),
    }));
    for (let place = 0; place < rows.length; place++) rows[place] = place;
    return from;
  }

  /** False where nothing is left to ask of a segment. */
  #isWanted({ start, end }: Segment): boolean {
    if (end - start < 2) return false;
    return this.#ranks === undefined || ranksIn(this.#ranks, start, end).length > 0;
  }

  /** How many rows of a segment are sorted by all their pairs. */
  #sorted(size: number): number {
    return size <= this.#plan.short ? size : sampleSize(size, this.#plan);
  }

  #askPairs({ start, end }: Segment, left: Uint32Array, right: Uint32Array, from: number): number {
    const size = this.#sorted(end - start);
    let at = from;
    // Element by element: short segments are many, and a view of each row's would be more work than its comparisons.
    for (let i = 0; i < size; i++) {
      const row = this.rows[start + i]!;
      for (let j = i + 1; j < size; j++, at++) {
        left[at] = row;
        right[at] = this.rows[start + j]!;
      }
    }
    return at;
  }

  /** All rows but the pivots beside the first pivot, then beside the second, and so on. */
  #askPivots(segment: Segment, left: Uint32Array, right: Uint32Array, from: number): number {
    const pivots = this.#splitters(segment);
    const others = this.#others(segment, pivots);
    let at = from;
    for (const { row } of pivots) {
      left.set(others, at);
      right.fill(row, at, at + others.length);
      at += others.length;
    }
    return at;
  }

  /** The rows of a segment but its splitters, in a place that is soon used again. */
  #others({ start, end }: Segment, pivots: readonly Pivot[]): Uint32Array {
    const { rows } = this;
    const others = this.#scratch;
    const [first = -1, second = -1, third = -1] = pivots.map(({ row }) => row);
    let count = 0;
    for (let place = start; place < end; place++) {
      const row = rows[place]!;
      others[count] = row;
      count += row === first || row === second || row === third ? 0 : 1;
    }
    // By wrong answers a pivot may have come into another segment.
    if (count !== end - start - pivots.length) throw contradictory();
    return others.subarray(0, count);
  }

  #splitters({ start, end, pivots }: Segment): readonly Pivot[] {
    return splitters(start, end, pivots, this.#plan);
  }

  #count(segment: Segment): number {
    const { start, end, pivots } = segment;
    const size = this.#sorted(end - start);
    if (pivots.length === 0) return (size * (size - 1)) / 2;
    const count = this.#splitters(segment).length;
    return (end - start - count) * count;
  }

  /** Sorts the first rows of a segment by all their pairs; they are all its rows, or become pivots. */
  #sort({ start, end }: Segment, bits: Uint32Array, from: number): readonly Segment[] {
    const size = this.#sorted(end - start);
    const before = this.#before.fill(0, 0, size);
    let at = from;
    for (let i = 0; i < size; i++) {
      for (let j = i + 1; j < size; j++, at++) {
        const loser = bitAt(bits, at) === 1 ? j : i;
        before[loser] = before[loser]! + 1;
      }
    }
    const order = this.#scratch.fill(NO_ROW, 0, size);
    for (let i = 0; i < size; i++) order[before[i]!] = this.rows[start + i]!;
    for (let i = 0; i < size; i++) if (order[i] === NO_ROW) throw contradictory();
    if (size === end - start) {
      for (let i = 0; i < size; i++) this.rows[start + i] = order[i]!;
      return DONE;
    }
    const wanted = this.#ranks === undefined ? undefined : ranksIn(this.#ranks, start, end);
    const places = pivotPlaces(
      end - start,
      size,
      wanted?.map((rank) => rank - start),
    );
    const pivots = places.map((place) => ({
      row: order[place]!,
      near: start + ((place + 1) / (size + 1)) * (end - start),
    }));
    return [{ start, end, pivots }];
  }

  /** The rows before the first pivot, this, the rows before the second, and so on, each part in the order it had. */
  #split(segment: Segment, bits: Uint32Array, from: number): Segment[] {
    const { start, pivots } = segment;
    const chosen = this.#splitters(segment);
    const others = this.#others(segment, chosen);
    const parts = this.#partsOf(bits, from, others.length, chosen.length);
    const sizes = [0, 0, 0, 0].slice(0, chosen.length + 1);
    for (let i = 0; i < others.length; i++) sizes[parts[i]!]!++;
    const starts: number[] = [];
    let at = start;
    sizes.forEach((size, part) => {
      starts.push(at);
      at += size;
      const pivot = chosen[part];
      if (pivot !== undefined) this.rows[at++] = pivot.row;
    });
    const next = [...starts];
    for (let i = 0; i < others.length; i++) this.rows[next[parts[i]!]!++] = others[i]!;
    const borders = [-1, ...chosen.map((pivot) => pivots.indexOf(pivot)), pivots.length];
    return sizes.map((size, part) => ({
      start: starts[part]!,
      end: starts[part]! + size,
      pivots: pivots.slice(borders[part]! + 1, borders[part + 1]),
    }));
  }

  /** For each row the number of pivots that it is not before. */
  #partsOf(bits: Uint32Array, from: number, rows: number, pivots: number): Uint8Array {
    const parts = this.#parts;
    parts.fill(0, 0, rows);
    for (let pivot = 0; pivot < pivots; pivot++) {
      const first = from + pivot * rows;
      for (let i = 0; i < rows; i++) parts[i] = parts[i]! + 1 - bitAt(bits, first + i);
    }
    return parts;
  }
}

/** Those of ascending ranks that are from start on and below end. */
function ranksIn(ranks: readonly number[], start: number, end: number): number[] {
  return ranks.filter((rank) => rank >= start && rank < end);
}

function bitAt(bits: Uint32Array, at: number): number {
  return (bits[at >>> 5]! >>> (at & 31)) & 1;
}

function contradictory(): WarifuError {
  return new WarifuError(
    'PEER_MISBEHAVED',
    'opened comparisons contradict each other: a node sent wrong numbers',
  );
}
