/**
 * The kernel seam: every loop over a long vector, behind one interface.
 *
 * All functions but the last family are pure: they allocate their result, which shares no memory with an input.
 * The "Into" family (`multiplyReplicatedInto`, `andReplicatedInto`, `subsetProductsInto`, `spanCarryInto`, `spanTermsInto`,
 * `addInnerProducts`, `addInnerTerms`, `multiplyTermsInto`, `xorTermsInto`, `andTermsInto`, `addInto`, `subtractInto`, `xorInto`)
 * alone writes into an argument: an `out` or `sums` that the caller owns and nobody else sees yet, such as a chunk of a vector that is
 * being made. It may not overlap an input (RangeError). Arithmetic is mod 2^width. Vectors of different widths
 * are a TypeError, of different lengths or shapes a RangeError.
 *
 * Timing: no branch, index or length here depends on an element (`gather` and `scatter` index by the indices
 * given: public ones, or a permutation that this node knows). That is what this layer can promise; the
 * reference's 64-bit loops use BigInt, which V8 turns into machine words once a loop is optimised, while the
 * first iterations of a cold loop run on heap BigInts, whose timing is the engine's.
 */
import { WarifuError } from '../core/errors.js';
import type { BitMatrix } from './bit-matrix.js';
import type { NarrowEntries } from './narrow-entries.js';
import { reference } from './reference/reference.js';
import type { RingVector, RingWidth } from './ring-vector.js';
import { wasmBytes } from './wasm/load.js';
import { wasmKernels } from './wasm/wasm-kernels.js';

/** The two parts of a shared vector that a node holds, of one width and length. */
export type ReplicatedPair = readonly [RingVector, RingVector];

/** Entries of unit vectors, over Z_2^32 or Z_2^20. */
export type UnitEntries = RingVector | NarrowEntries;

/** Arguments of `splitOperand`. */
export interface SplitOperand {
  readonly x: RingVector;
  readonly y: RingVector;
  readonly offset: bigint;
  readonly shift: number;
  readonly at: number;
  readonly corrections: readonly [RingVector, RingVector];
  readonly mask: RingVector;
  readonly half: RingVector;
}

/** Arguments of `roundUpCorrected`. */
export interface RoundedUp {
  readonly width: RingWidth;
  readonly shift: number;
  readonly at: number;
  readonly first: RingVector;
  readonly second: RingVector;
}

export type Two<V> = readonly [V, V];
export type Three<V> = readonly [V, V, V];

/** Of one of four parties, which holds three parts: a pair, whose own products its term includes, and a lone one. */
export interface ProductTerms<V> {
  /** The pair's first and second part, then the lone one. */
  readonly x: Three<V>;
  readonly y: Three<V>;
  /** Of the pair's term, of that of the lone part with the first, and with the second. */
  readonly masks: Three<V>;
  /** Out: the terms less their masks. */
  readonly messages: Three<V>;
  /**
   * Out, in the order of x: what of the terms falls to each part, their masks or the rest, and `plus`. The pair's mask falls
   * to its first part and the rest to the second; of the mixed terms the masks to the first and to the lone part, or where
   * they are crossed to the lone and to the second.
   */
  readonly sums: Three<V>;
  readonly plus: Three<readonly V[]>;
  readonly crossed: boolean;
}

/** Of one of four parties, as in `ProductTerms`: two bits as ring elements, of which its pair shares one and other parts the other. */
export interface XorTerms {
  /** The pair's first and second part, then the lone one. */
  readonly x: Three<RingVector>;
  /** Which of these belong to a part that carries the 1 of which entry 0 of a unit vector is what the others leave. */
  readonly ones: Three<0 | 1>;
  /** Of the term of the lone part with the first, and with the second. */
  readonly masks: Two<RingVector>;
  /** Out: the terms less their masks. */
  readonly messages: Two<RingVector>;
  /** Out: what falls to each part, as the mixed terms of `ProductTerms` do, and `plus`. */
  readonly sums: Three<RingVector>;
  readonly plus: Three<readonly RingVector[]>;
  readonly crossed: boolean;
}

/** One row each: whether a span makes a carry and, where that is wanted, whether it passes one on. */
export interface SpanCarries {
  readonly generate: BigUint64Array;
  readonly propagate: BigUint64Array | undefined;
}

/** What `spanTermsInto` makes of the products of bits of one operand and those of another. */
export interface SpanTerm {
  readonly y: BigUint64Array;
  readonly masks: SpanCarries;
  readonly out: SpanCarries;
}

export interface Kernels {
  add(x: RingVector, y: RingVector): RingVector;
  subtract(x: RingVector, y: RingVector): RingVector;
  negate(x: RingVector): RingVector;
  /** Element by element. */
  multiply(x: RingVector, y: RingVector): RingVector;
  /** x + c, for a public c of any sign and size. */
  addConstant(x: RingVector, c: bigint): RingVector;
  /** c * x, for a public c of any sign and size. */
  scale(x: RingVector, c: bigint): RingVector;
  /** x mod 2^width, downwards; a copy where the width is the same. */
  reduce(x: RingVector, width: RingWidth): RingVector;
  /** The same numbers in a wider ring (zero-extended); a copy where the width is the same. */
  extend(x: RingVector, width: RingWidth): RingVector;
  /**
   * floor(x / 2^shift), or with `up` its ceiling, of elements read as numbers from 0 on, modulo 2^width of another ring.
   * RangeError for a shift that is not below the width of x.
   */
  shiftRight(x: RingVector, shift: number, width: RingWidth, up: boolean): RingVector;
  /**
   * What the holder of the operand A = x + y + offset sends when the sum of two operands is rescaled (rep3/rescale.ts):
   * floor(A / 2^shift) - floor(offset / 2^shift) + 2^at * (sum of corrections) - mask over the ring of the mask, and
   * 1 - (top bit of A) - half over that of the half and the corrections.
   */
  splitOperand(operand: SplitOperand): { readonly quotient: RingVector; readonly top: RingVector };
  /** half * (1 - top bit of the operand) + plus - mask, over the ring of the half. */
  maskedCorrection(half: RingVector, operand: RingVector, plus: bigint, mask: RingVector): RingVector;
  /** ceil(operand / 2^shift) + 2^at * (first + second) over a ring of so many bits. */
  roundUpCorrected(operand: RingVector, to: RoundedUp): RingVector;
  /** Bit by bit. */
  xorElements(x: RingVector, y: RingVector): RingVector;
  /**
   * Of each of n tables entry j becomes entry j XOR d, for the table's digit d. `digit` is rows x n, its row j bit j of
   * the digits; `entries` holds entry 0 of all tables, then entry 1, up to entry 2^rows - 1. RangeError for another size.
   */
  exchangeEntries(entries: RingVector, digit: BitMatrix): RingVector;
  /**
   * Sums of entries times public factors: for each vector of factors the sum over j of its factor j times entry j. The
   * entries have the same length and lie one after the other, one for each factor. RangeError for no factor, vectors of
   * factors that differ in length, or entries that do.
   */
  combineEntries(entries: RingVector, factors: readonly RingVector[]): RingVector[];
  /**
   * Entries 1 to 2^rows - 1 of the unit vectors of digits over the ring of the masks, less these: entry 1 of all, then
   * entry 2, and so on. Row j of `digit` is bit j of the digits.
   */
  unitEntries<E extends UnitEntries>(digit: BitMatrix, masks: E): E;
  /**
   * Of vectors whose entries add up to `one`, given without entry 0, entry j moves to place j XOR d for the
   * vector's digit d: entries 1 and on of the result, less masks.
   */
  moveUnits<E extends UnitEntries>(entries: E, digit: BitMatrix, one: 0 | 1, masks: E): E;
  /** Element by element. */
  addUnits(x: NarrowEntries, y: NarrowEntries): NarrowEntries;
  /**
   * Entries 1 to values-1 of the sums over k of x[k] * y[k XOR z], z the place, less masks: of shares of unit vectors that of
   * the XOR of their digits. x and y come without entry 0, which is `ones` less the others; entry 1 of all rows, then entry
   * 2, and so on. `values` is a power of two from 2 to 256.
   */
  convolveUnits(
    x: RingVector,
    y: RingVector,
    values: number,
    ones: readonly [0 | 1, 0 | 1],
    masks: RingVector | undefined,
  ): RingVector;
  /**
   * Sums over all rows of entry 0, which is `one` less the others, then of the others: as many as digits have values; of
   * narrow entries right in their low 20 bits.
   */
  placeTotals(units: UnitEntries, values: number, one: 0 | 1): RingVector;
  /**
   * out[i] += the sum over entries j of x*(c + d) + y*c for the row start+i: x, y its entries of both parts, c, d their
   * running sums, this row included, which go on from counts[2j], counts[2j+1] and are left there. Entry 0, one less the
   * others, is not among the units. `start` is a multiple of 4, of narrow entries of 32. Without `squares` it is
   * x*d + y*c. What narrow entries add is right in its low 20 bits.
   */
  addPlaces(
    units: readonly [UnitEntries, UnitEntries],
    ones: readonly [0 | 1, 0 | 1],
    counts: RingVector,
    out: RingVector,
    start: number,
    squares?: boolean,
  ): void;
  /** The sum of all elements, as a vector of length 1. */
  sum(x: RingVector): RingVector;
  /** The sum of elements start..end-1, as a vector of length 1. */
  sumRange(x: RingVector, start: number, end: number): RingVector;
  /** Inclusive: element i of the result is the sum of elements 0..i. */
  prefixSum(x: RingVector): RingVector;
  /** out[i] = x[indices[i]]; the result is as long as the indices. RangeError for an index not below x.length. */
  gather(x: RingVector, indices: Uint32Array): RingVector;
  /** out[i] = x[left[i]] - x[right[i]]. RangeError for an index not below x.length, or lists of different lengths. */
  gatherDifference(x: RingVector, left: Uint32Array, right: Uint32Array): RingVector;
  /**
   * out[indices[i]] = x[i], for a permutation of x: as many indices as elements, RangeError for one not below
   * x.length. Where an index is repeated the last element wins, and places that no index names are 0.
   */
  scatter(x: RingVector, indices: Uint32Array): RingVector;
  /**
   * x * transpose(yT). x is rows x inner, yT is columns x inner, the result rows x columns, all row-major:
   * y is given transposed so that both are read in the order of memory, for long inner.
   */
  matrixMultiply(x: RingVector, yT: RingVector, rows: number, inner: number, columns: number): RingVector;
  /** x0*y0 + x0*y1 + x1*y0 + mask with matrix products; shapes as in matrixMultiply, mask as the result. */
  matrixMultiplyReplicated(
    x0: RingVector,
    x1: RingVector,
    y0T: RingVector,
    y1T: RingVector,
    mask: RingVector,
    rows: number,
    inner: number,
    columns: number,
  ): RingVector;

  xor(a: BitMatrix, b: BitMatrix): BitMatrix;
  and(a: BitMatrix, b: BitMatrix): BitMatrix;
  /** Every bit flipped; bits after a row's length stay 0. */
  not(a: BitMatrix): BitMatrix;
  /** Flips the rows whose (public) bit is 1; one bit a row. */
  xorConstantRows(a: BitMatrix, bits: readonly (0 | 1)[]): BitMatrix;

  /** Row j of the result holds bit j of every element, for j < k <= width. */
  toBits(x: RingVector, k: number): BitMatrix;
  /** The numbers whose bit j is row j; at most `width` rows, missing high bits are 0. */
  fromBits(b: BitMatrix, width: RingWidth): RingVector;
  /** The bits of a matrix of one row as ring elements 0 and 1, less masks where there are some. */
  expandBit(b: BitMatrix, width: RingWidth, masks?: RingVector): RingVector;

  /**
   * out = x0*(y0 + y1) + x1*y0 + plus - minus, element by element: a node's masked part of a replicated product. A mask
   * that is absent is 0.
   */
  multiplyReplicatedInto(
    x0: RingVector,
    x1: RingVector,
    y0: RingVector,
    y1: RingVector,
    plus: RingVector | undefined,
    minus: RingVector | undefined,
    out: RingVector,
  ): void;
  /** (x0 + x1)*(y0 + y1), x2*y0 + x0*y2 and x2*y1 + x1*y2 less masks, and what falls to each part. */
  multiplyTermsInto(terms: ProductTerms<RingVector>): void;
  /** x0*one2 + x2*one0 - 2*x0*x2 and x1*one2 + x2*one1 - 2*x1*x2 less masks, and what falls to each part. */
  xorTermsInto(terms: XorTerms): void;
  /**
   * The inner products of the terms over elements start..end-1: of x = xs[r] and y = ys[c], sums[0] [r, c] += that of
   * (x0 + x1)*(y0 + y1), sums[1] that of x2*y0 + x0*y2, and sums[2] that of x2*y1 + x1*y2. Shapes as in `addInnerProducts`.
   */
  addInnerTerms(
    sums: Three<RingVector>,
    xs: readonly Three<RingVector>[],
    ys: readonly Three<RingVector>[],
    start: number,
    end: number,
  ): void;
  /** The products' terms on words with AND and XOR. */
  andTermsInto(terms: ProductTerms<BigUint64Array>): void;
  /** sum += x. */
  addInto(sum: RingVector, x: RingVector): void;
  /** sum -= x. */
  subtractInto(sum: RingVector, x: RingVector): void;
  /** sum ^= x on words; RangeError for other lengths. */
  xorInto<V extends Uint32Array | BigUint64Array>(sum: V, x: V): void;
  /** out = a0&(b0^b1) ^ a1&b0 ^ extra ^ plus ^ minus on words; RangeError unless all have the same length. */
  andReplicatedInto(
    a0: BigUint64Array,
    a1: BigUint64Array,
    b0: BigUint64Array,
    b1: BigUint64Array,
    extra: BigUint64Array | undefined,
    plus: BigUint64Array,
    minus: BigUint64Array,
    out: BigUint64Array,
  ): void;
  /**
   * out = the products (AND) of all non-empty subsets of one to three rows, XOR masks. Row t-1 of out and masks belongs
   * to the subset t, which has row j where bit j of t is set. RangeError unless the rows have one length, of which the
   * others have 2^rows - 1 times as much.
   */
  subsetProductsInto(rows: readonly BigUint64Array[], masks: BigUint64Array, out: BigUint64Array): void;
  /**
   * A half (XOR) of whether a span of one to three bits of u + v makes a carry and, where that is wanted, whether it
   * passes one on: from the same half of the products of the bits of u (in the order of `subsetProductsInto`), of 1 and
   * the rows of v, lowest first. RangeError unless the lengths fit.
   */
  spanCarryInto(
    products: BigUint64Array,
    v: readonly BigUint64Array[],
    one: 0 | 1,
    generate: BigUint64Array,
    propagate: BigUint64Array | undefined,
  ): void;
  /**
   * The carries of a span of one to three bits of a sum, as far as products of bits of one operand with those of the other
   * make them (rep4/carry-spans.ts): x are the products of the subsets of one's bits, in the order of
   * `subsetProductsInto`, and so is y of each term. Of both terms, generate is the XOR of x_s AND y_t over all
   * s + t = 2^bits, propagate that over all s + t = 2^bits - 1, each XOR its mask. RangeError unless the lengths fit.
   */
  spanTermsInto(bits: 1 | 2 | 3, x: BigUint64Array, terms: readonly [SpanTerm, SpanTerm]): void;
  /**
   * sums[r, c] += the sum of x0*(y0 + y1) + x1*y0 over elements start..end-1 of x = xs[r] and y = ys[c]: a node's
   * unmasked part of all inner products. sums is |xs| x |ys|, row-major; all vectors have the same length. A pair
   * that is in xs and ys as the very same object costs one product an element: x0*(x0 + 2*x1).
   */
  addInnerProducts(
    sums: RingVector,
    xs: readonly ReplicatedPair[],
    ys: readonly ReplicatedPair[],
    start: number,
    end: number,
  ): void;
}

/**
 * WebAssembly, or the reference where the environment variable WARIFU_KERNELS says `reference` and in a browser,
 * which has no file to read it from.
 */
export const kernels: Kernels = chosenKernels(globalThis.process?.env?.WARIFU_KERNELS ?? '');

function chosenKernels(name: string): Kernels {
  if (name === 'reference') return reference;
  if (name !== 'wasm' && name !== '') {
    throw new WarifuError('CONFIG_INVALID', `WARIFU_KERNELS is "wasm" or "reference", not "${name}"`);
  }
  const bytes = wasmBytes();
  if (bytes === undefined) return reference;
  try {
    return wasmKernels(bytes);
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw new WarifuError(
      'FILE_UNREADABLE',
      `the compiled kernels are damaged (${reason}): run "npm run build", or set WARIFU_KERNELS=reference`,
    );
  }
}
