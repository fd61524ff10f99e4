/**
 * The primitives of a sharing scheme. Whatever depends on the number of nodes is behind this interface;
 * every protocol in this folder is written once on top of it.
 *
 * Sizes, widths and bounds are checked by the protocols (multiply.ts, open.ts, ...), which are the only
 * callers. Every primitive claims the step of the context that it is given.
 */
import type { NodeIndex, PartIndex, Scheme } from '../core/scheme.js';
import type { BitMatrix } from '../kernels/bit-matrix.js';
import type { RingVector, RingWidth } from '../kernels/ring-vector.js';
import type { Bounds } from '../share/bounds.js';
import { type ArithmeticShare, type BinaryShare, latest } from '../share/shares.js';
import type { Context } from './context.js';

/**
 * The highest of the low k bits of a sum: what its operands have there, and the carry into it, still to be joined from
 * spans of neighbouring bits, which together are the k-1 bits below. As many spans as the backend likes; none where
 * there is no carry.
 */
export interface CarrySpans {
  /** 1 row: XOR of the operands' highest bits. */
  readonly top: BinaryShare;
  /** For each span, lowest first: does it make a carry. */
  readonly generate: BinaryShare;
  /** For each span but the lowest, which no carry enters: does it pass one on. */
  readonly propagate: BinaryShare;
}

/** One of the ANDs that share a message: x AND y, XOR plus where that is given. All matrices have one shape. */
export interface AndTerm {
  readonly x: BinaryShare;
  readonly y: BinaryShare;
  readonly plus?: BinaryShare;
}

/** Inner products in the making, of vectors that come stretch by stretch. */
export interface ProductSums<in out W extends RingWidth> {
  /** Adds, for further rows, the inner products of each vector in `xs` with each in `ys`. Sends nothing. */
  add(xs: readonly ArithmeticShare<W>[], ys: readonly ArithmeticShare<W>[]): Promise<void>;
  /** All sums, row-major by xs, as one vector. Once. */
  finish(ctx: Context, bounds: Bounds): Promise<ArithmeticShare<W>>;
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

  /** All inner products of a vector in `xs` with one in `ys`, row-major by xs, as one vector. */
  innerProducts<W extends RingWidth>(
    ctx: Context,
    xs: readonly ArithmeticShare<W>[],
    ys: readonly ArithmeticShare<W>[],
    bounds: Bounds,
  ): Promise<ArithmeticShare<W>>;

  /** Sums of products over vectors of any length: one exchange of `xs * ys` elements when they are finished. */
  productSums<W extends RingWidth>(width: W, xs: number, ys: number): ProductSums<W>;

  /** The results of all terms (at least one; rows of the same length), one below the other. */
  and(ctx: Context, terms: readonly AndTerm[]): Promise<BinaryShare>;

  /** Bit k-1 of each element as a sum of operands still to be carried out. */
  carrySpans<W extends RingWidth>(ctx: Context, x: ArithmeticShare<W>, k: number): Promise<CarrySpans>;

  /** k rows of bits that are all 1 exactly where x = 0 modulo 2^k. */
  zeroBits<W extends RingWidth>(ctx: Context, x: ArithmeticShare<W>, k: number): Promise<BinaryShare>;

  /**
   * width-b-1 rows of bits, for 0 <= b <= width-2: all 1 where 0 <= x < 2^b, and not all 1 where x, read as a signed
   * number, lies outside [-2^b, 2^(b+1)). Between, the way in which x is shared decides.
   */
  bandBits<W extends RingWidth>(ctx: Context, x: ArithmeticShare<W>, b: number): Promise<BinaryShare>;

  /** A row of bits as 0/1 values of a ring. */
  bitToRing<W extends RingWidth>(ctx: Context, bit: BinaryShare, width: W): Promise<ArithmeticShare<W>>;

  /** The same values over Z_2^128; the elements lie in [0, 2^62). */
  lift(ctx: Context, x: ArithmeticShare<64>): Promise<ArithmeticShare<128>>;

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
