/**
 * The primitives of a sharing scheme. Whatever depends on the number of nodes is behind this interface;
 * every protocol in this folder is written once on top of it.
 *
 * Sizes, widths and bounds are checked by the protocols (multiply.ts, open.ts, ...), which are the only
 * callers. Every primitive claims the step of the context that it is given.
 */
import type { Cost } from '../core/cost.js';
import type { NodeIndex, PartIndex, Scheme } from '../core/scheme.js';
import type { BitMatrix } from '../kernels/bit-matrix.js';
import type { RingVector, RingWidth } from '../kernels/ring-vector.js';
import type { Bounds } from '../share/bounds.js';
import { type ArithmeticShare, type BinaryShare, type Column, latest } from '../share/shares.js';
import type { Context } from './context.js';

/** Neighbouring bits from `low` to `high` - 1. */
export interface Span {
  readonly low: number;
  readonly high: number;
}

/**
 * Bits from..to-1 of a sum of operands: what the operands have there, and whether spans of bits make carries and pass
 * them on, from which the carries into these bits can be joined. Without a carry there is no span.
 */
export interface CarrySpans {
  /** Rows from..to-1 of the XOR of the operands. */
  readonly halfSum: BinaryShare;
  /**
   * First neighbouring spans from bit 0 to bit to-2, lowest first, as many as the backend likes; none straddles `from`.
   * Then all shorter spans with the same low end, for those that begin at `from` or above.
   */
  readonly spans: readonly Span[];
  /** For each span: does it make a carry. */
  readonly generate: BinaryShare;
  /**
   * For each span in turn: does it pass a carry on; but not for the lowest ones, which no carry enters, nor where a row of
   * halfSum says it: for those of one bit from `from` on.
   */
  readonly propagate: BinaryShare;
}

/** One of the ANDs that share a message: x AND y, XOR plus where that is given. All matrices have one shape. */
export interface AndTerm {
  readonly x: BinaryShare;
  readonly y: BinaryShare;
  readonly plus?: BinaryShare;
}

/** What becomes of a value when it is rescaled: value / 2^shift over another ring. */
export interface Rescaling<out V extends RingWidth> {
  /**
   * A multiple of 2^shift that makes every value non-negative on the way: value + offset lies in [0, 2^(w-1)) for the ring
   * of w bits that it comes from.
   */
  readonly offset: bigint;
  readonly shift: number;
  readonly width: V;
  /** Bounds of the result. */
  readonly bounds: Bounds;
}

/** Unit vectors of digits, in a form of the backend's own. */
export interface UnitVectors {
  /** Places that are made of them are multiples of 2^scale (0 by default): then fewer bits say them. */
  readonly scale?: number;
  readonly clock: number;
}

/**
 * A function of x over Z_2^w: the sum over j of amplitudes[j] * sin((2j + 1) * t) at the angle t = 2 pi * turns * x / 2^w.
 * All amplitudes (at least one) are below 2^24 in size, turns is from 1 on.
 */
export interface SineSeries {
  readonly turns: bigint;
  readonly amplitudes: readonly number[];
}

/** Bits of fraction of a series over Z_2^64, before it is rescaled. */
export const SERIES_FRACTION = 52;

/**
 * Sums of products in the making: a vector whose elements are sums of as many products as one likes. Nothing is sent
 * before they are finished, once, by one of the last three.
 */
export interface ProductSums<in out W extends RingWidth> {
  /** Adds the inner products of each vector in `xs` with each in `ys`, row-major by xs. */
  add(xs: readonly ArithmeticShare<W>[], ys: readonly ArithmeticShare<W>[]): Promise<void>;
  /** Adds x * y, element by element. */
  addElementwise(x: ArithmeticShare<W>, y: ArithmeticShare<W>): Promise<void>;
  /** Adds x itself. */
  addValues(x: ArithmeticShare<W>): Promise<void>;
  /** Adds the matrix product of x (rows x inner) and the transpose of yT (columns x inner), all row-major. */
  addMatrix(x: ArithmeticShare<W>, yT: ArithmeticShare<W>, shape: MatrixShape): Promise<void>;
  /**
   * Adds, to a sum for each row, the number that the row has in the stable order of the rows' digits, counted from 1,
   * times 2^scale of the units. `units` are their unit vectors, made by `unitVectors` for stretches of rows; `values` is how
   * many a digit can have.
   */
  addPlaces(units: readonly UnitVectors[], values: number): Promise<void>;
  /** The sums as one vector. */
  finish(ctx: Context, bounds: Bounds): Promise<ArithmeticShare<W>>;
  /** The sums rescaled, as `rescale` does, for one message and round more than it. */
  finishRescaled<V extends RingWidth>(ctx: Context, to: Rescaling<V>): Promise<ArithmeticShare<V>>;
  /** A series at the sums, as `sineSeries` gives it, for one message and round more than it. */
  finishSeries<V extends RingWidth>(
    ctx: Context,
    series: SineSeries,
    to: Rescaling<V>,
  ): Promise<ArithmeticShare<V>>;
}

/** For each digit a table, with an entry for each value of the digit. */
export type DigitTables = readonly (readonly bigint[])[];

/** What a lookup makes. */
export interface LookupShape<out W extends RingWidth> {
  readonly width: W;
  /** Bounds of every sum of entries; with `summed` of its sum over the whole length. */
  readonly bounds: Bounds;
  /** One element for each list of tables, summed over the length of the digits, instead of a vector. */
  readonly summed?: boolean;
}

/** Sizes of a matrix product. */
export interface MatrixShape {
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
}

/**
 * A uniform permutation of rows that no node knows, composed of factors each of which one node lacks. Made by
 * `drawShuffle`; only its backend looks inside.
 */
export interface Shuffle {
  readonly length: number;
}

/** Rows that were shuffled, and what the shuffled rows of `order` turned out to hold. */
export interface Revealed<C extends readonly Column[]> {
  readonly order: Uint32Array;
  readonly columns: C;
  /** When the order is known. */
  readonly clock: number;
}

/** A cost that depends on public coins or on bits opened from shuffled rows. */
export interface Estimate {
  readonly expected: Cost;
  /** Exceeded with probability below 2^-40. */
  readonly bound: Cost;
}

export interface Backend {
  readonly scheme: Scheme;
  /** This node's index, or undefined where the backend holds no data (dry run). */
  readonly self: NodeIndex | undefined;
  /** Parts this node holds, in share order; none in a dry run. */
  readonly held: readonly PartIndex[];

  /** A vector known to one node becomes shared. `values` is given at that node only. */
  input<W extends RingWidth>(
    ctx: Context,
    from: NodeIndex,
    values: RingVector | undefined,
    shape: { readonly width: W; readonly length: number; readonly bounds: Bounds },
  ): Promise<ArithmeticShare<W>>;

  /** Elementwise product with the given proved bounds. */
  multiply<W extends RingWidth>(
    ctx: Context,
    x: ArithmeticShare<W>,
    y: ArithmeticShare<W>,
    bounds: Bounds,
  ): Promise<ArithmeticShare<W>>;

  /** Sums of products over vectors of any length: one exchange of `length` elements when they are finished. */
  productSums<W extends RingWidth>(width: W, length: number): ProductSums<W>;

  /**
   * x / 2^shift, rounded down or up (exact where it is a whole number), over another ring: truncation for the
   * same width, lifting for shift 0 and a wider ring.
   */
  rescale<W extends RingWidth, V extends RingWidth>(
    ctx: Context,
    x: ArithmeticShare<W>,
    to: Rescaling<V>,
  ): Promise<ArithmeticShare<V>>;

  /**
   * A series at x, a fraction of SERIES_FRACTION bits over Z_2^64, rescaled. Before, it is within (1 + |a|) * 2^-25 of
   * its value for each amplitude a: the way in which x is shared decides.
   */
  sineSeries<W extends RingWidth, V extends RingWidth>(
    ctx: Context,
    x: ArithmeticShare<W>,
    series: SineSeries,
    to: Rescaling<V>,
  ): Promise<ArithmeticShare<V>>;

  /** The results of all terms (at least one; rows of the same length), one below the other. */
  and(ctx: Context, terms: readonly AndTerm[]): Promise<BinaryShare>;

  /** Bits from..to-1 of each element (from < to) as a sum of operands still to be carried out. */
  carrySpans<W extends RingWidth>(
    ctx: Context,
    x: ArithmeticShare<W>,
    from: number,
    to: number,
  ): Promise<CarrySpans>;

  /** k rows of bits that are all 1 exactly where x = 0 modulo 2^k. */
  zeroBits<W extends RingWidth>(ctx: Context, x: ArithmeticShare<W>, k: number): Promise<BinaryShare>;

  /**
   * width-b-1 rows of bits, for 0 <= b <= width-2: all 1 where 0 <= x < 2^b, and not all 1 where x, read as a signed
   * number, lies outside [-2^b, 2^(b+1)). Between, the way in which x is shared decides.
   */
  bandBits<W extends RingWidth>(ctx: Context, x: ArithmeticShare<W>, b: number): Promise<BinaryShare>;

  /** One or two matrices of k rows whose columns, read as numbers with the lowest bit first, add up to x modulo 2^k. */
  addends<W extends RingWidth>(
    ctx: Context,
    x: ArithmeticShare<W>,
    k: number,
  ): Promise<readonly BinaryShare[]>;

  /**
   * Sums of entries that digits name in public tables: for each list of tables, one for each digit, the sum of their
   * entries, all these vectors one after the other. Row j of a digit (1 to 8 rows) is its bit j, and its tables have
   * 2^rows entries. At least one digit and one list. One digit is a plain lookup; digits of one bit make a weighted sum.
   */
  lookup<W extends RingWidth>(
    ctx: Context,
    digits: readonly BinaryShare[],
    tables: readonly DigitTables[],
    to: LookupShape<W>,
  ): Promise<ArithmeticShare<W>>;

  /**
   * Unit vectors of digits of 1 to 8 bits, for `addPlaces`.
   *
   * @param places how many rows there are in all stretches together.
   */
  unitVectors(ctx: Context, digit: BinaryShare, places: number): Promise<UnitVectors>;

  /** Uniform bits that no node knows. Sends nothing. */
  randomBits(ctx: Context, rows: number, length: number): BinaryShare;

  /**
   * Sums of one number for each part, uniform from 0 to modulus - 1 (modulus 1 to 2^53), which its holders know: modulo
   * `modulus` they are uniform numbers that no node knows. Sends nothing.
   */
  randomSums<W extends RingWidth>(
    ctx: Context,
    modulus: bigint,
    width: W,
    length: number,
  ): ArithmeticShare<W>;

  /** A uniform permutation that no node knows. Sends nothing. */
  drawShuffle(ctx: Context, length: number): Shuffle;

  /** Row i of the result is row p(i) of the columns for a permutation p; `inverse` moves row i to p(i) instead. */
  permute<const C extends readonly Column[]>(
    ctx: Context,
    shuffle: Shuffle,
    columns: C,
    direction: 'forward' | 'inverse',
  ): Promise<C>;

  /**
   * Permutes forward, and shows `order`, in its shuffled order, to all nodes. The caller must know that anyone could
   * simulate it: a shuffle is used for one revealing only, and `order` holds distinct numbers that all are public as a
   * set, such as 0 to n-1.
   */
  permuteAndReveal<const C extends readonly Column[]>(
    ctx: Context,
    shuffle: Shuffle,
    order: ArithmeticShare<32>,
    columns: C,
  ): Promise<Revealed<C>>;

  /**
   * In a dry run only: charges a step for what is not known before it runs; returns the clock at which it is done, by
   * the expected rounds.
   */
  readonly estimate?: (ctx: Context, estimate: Estimate, clock: number) => number;

  /** In a dry run where chunks cost together what the whole does, so that they need not run one by one. */
  readonly chunksAsOne?: boolean;

  /** The same secret under fresh parts. */
  refresh<W extends RingWidth>(ctx: Context, x: ArithmeticShare<W>): Promise<ArithmeticShare<W>>;

  /** Shows a vector of residues to all nodes after comparing both copies of each missing part. */
  open<W extends RingWidth>(ctx: Context, x: ArithmeticShare<W>): Promise<RingVector>;

  /** Shows bits to all nodes after comparing both copies of each missing part. */
  openBits(ctx: Context, x: BinaryShare): Promise<BitMatrix>;
}

/** Shape of the result of `and` and the clock at which all its operands exist. RangeError for no term. */
export function shapeOfTerms(terms: readonly AndTerm[]): { rows: number; length: number; clock: number } {
  const [first] = terms;
  if (first === undefined) throw new RangeError('AND of no matrix');
  const clocks = terms.map(({ x, y, plus }) => (plus === undefined ? latest(x, y) : latest(x, y, plus)));
  return {
    rows: terms.reduce((total, { x }) => total + x.rows, 0),
    length: first.x.length,
    clock: Math.max(...clocks),
  };
}
