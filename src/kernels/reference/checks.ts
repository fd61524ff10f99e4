/** What every kernel checks of its arguments before it allocates or loops. */
import type { BitMatrix } from '../bit-matrix.js';
import type { ProductTerms, UnitEntries, XorTerms } from '../kernels.js';
import { GROUP, NarrowEntries } from '../narrow-entries.js';
import { checkSpan, type RingVector, type RingWidth } from '../ring-vector.js';
import type { MatrixShape } from './loops.js';

/** TypeError unless all widths are equal, RangeError unless all lengths are. */
export function checkAlike(first: RingVector, ...others: readonly RingVector[]): void {
  for (const other of others) {
    checkWidth(other, first.width);
    checkLength(other, first.length);
  }
}

export function checkWidth(x: RingVector, width: RingWidth): void {
  if (x.width !== width) throw new TypeError(`a vector of width ${x.width} where ${width} is needed`);
}

export function checkLength(x: RingVector, length: number): void {
  if (x.length !== length)
    throw new RangeError(`a vector of ${x.length} elements where ${length} are needed`);
}

/** RangeError where the memory that is written overlaps memory that is read. */
export function checkApart(written: ArrayBufferView, ...read: readonly ArrayBufferView[]): void {
  const end = written.byteOffset + written.byteLength;
  for (const other of read) {
    const below = other.byteOffset + other.byteLength <= written.byteOffset;
    if (other.buffer === written.buffer && !below && other.byteOffset < end) {
      throw new RangeError('a result that overlaps an operand');
    }
  }
}

/** RangeError unless all have the length of the result, which overlaps none. */
export function checkWords(out: BigUint64Array, operands: readonly BigUint64Array[]): void {
  for (const operand of operands) {
    if (operand.length !== out.length) {
      throw new RangeError(`${operand.length} words where ${out.length} are needed`);
    }
  }
  checkApart(out, ...operands);
}

/** RangeError unless one to three rows have one length and the products of their subsets fit them. */
export function checkSpanRows(products: BigUint64Array, rows: readonly BigUint64Array[]): void {
  const [first, ...others] = rows;
  if (first === undefined || rows.length > 3) throw new RangeError(`a span of ${rows.length} rows`);
  for (const row of others) {
    if (row.length !== first.length) throw new RangeError(`rows of ${row.length} and ${first.length} words`);
  }
  const needed = (2 ** rows.length - 1) * first.length;
  if (products.length !== needed) {
    throw new RangeError(`${products.length} words of products where ${needed} are needed`);
  }
}

/** RangeError unless all have one length and no result overlaps an operand or another result. */
export function checkProductTerms<V>(terms: ProductTerms<V>, wordsOf: (vector: V) => ArrayBufferView): void {
  const { x, y, masks, plus, messages, sums } = terms;
  checkWritten([...x, ...y, ...masks, ...plus.flat()].map(wordsOf), [...messages, ...sums].map(wordsOf));
}

function checkWritten(read: readonly ArrayBufferView[], written: readonly ArrayBufferView[]): void {
  const length = written[0]?.byteLength ?? 0;
  for (const { byteLength } of [...read, ...written]) {
    if (byteLength !== length) throw new RangeError(`${byteLength} bytes where ${length} are needed`);
  }
  written.forEach((own, k) => {
    checkApart(own, ...read, ...written.slice(k + 1));
  });
}

/** As `checkProductTerms`; TypeError unless all widths are equal. */
export function checkRingTerms(terms: ProductTerms<RingVector>): void {
  const { x, y, masks, plus, messages, sums } = terms;
  for (const own of [...x, ...y, ...masks, ...plus.flat(), ...messages, ...sums]) checkWidth(own, x[0].width);
  checkProductTerms(terms, ({ data }) => data);
}

/** TypeError unless all widths are equal, RangeError for other lengths and results that overlap. */
export function checkXorTerms({ x, masks, plus, messages, sums }: XorTerms): void {
  const read = [...x, ...masks, ...plus.flat()];
  const written = [...messages, ...sums];
  for (const own of [...read, ...written]) checkWidth(own, x[0].width);
  checkWritten(
    read.map(({ data }) => data),
    written.map(({ data }) => data),
  );
}

/** RangeError unless all matrices have the same shape. */
export function checkSameShape(first: BitMatrix, ...others: readonly BitMatrix[]): void {
  for (const other of others) {
    if (other.rows !== first.rows || other.length !== first.length) {
      throw new RangeError(
        `a matrix of ${other.rows} x ${other.length} bits where ${first.rows} x ${first.length} are needed`,
      );
    }
  }
}

/** RangeError where an index is not below the length; does not say which, since a permutation may be secret. */
/** The largest of indices that were checked before: many columns move by the same ones, and vectors never change. */
const largestOf = new WeakMap<Uint32Array, number>();

export function checkIndices(indices: Uint32Array, length: number): void {
  let largest = largestOf.get(indices);
  if (largest === undefined) {
    largest = 0;
    for (let i = 0; i < indices.length; i++) largest = Math.max(largest, indices[i]!);
    largestOf.set(indices, largest);
  }
  if (indices.length > 0 && largest >= length)
    throw new RangeError(`an index is not below the ${length} elements`);
}

/** Unit vectors over Z_2^32 without their entry 0, of as many digits as the matrix has. */
export function checkUnits(entries: UnitEntries, digit: BitMatrix): void {
  if (digit.rows < 1 || digit.rows > 8) throw new RangeError(`a digit of ${digit.rows} bits`);
  if (entries instanceof NarrowEntries) {
    if (entries.length !== digit.length || (digit.length > 0 && entries.entries !== 2 ** digit.rows - 1)) {
      throw new RangeError(`${entries.entries} entries of ${entries.length} rows`);
    }
    return;
  }
  checkWidth(entries, 32);
  checkLength(entries, (2 ** digit.rows - 1) * digit.length);
}

/** Rows from `start` on, as many as `out` has, of unit vectors with an entry for each pair of counts but one. */
export function checkPlaces(
  units: readonly [UnitEntries, UnitEntries],
  counts: RingVector,
  out: RingVector,
  start: number,
): void {
  checkWidth(counts, 32);
  checkWidth(out, 32);
  const others = counts.length / 2 - 1;
  if (!Number.isInteger(others) || others < 1) throw new RangeError(`${counts.length} counts`);
  const [n, second] = units.map((own) => rowsOf(own, others)) as [number, number];
  if (n !== second) throw new RangeError(`entries of ${n} and ${second} rows`);
  checkSpan(start, start + out.length, n);
  if (units[0] instanceof NarrowEntries && start % GROUP !== 0)
    throw new RangeError(`row ${start} begins no group`);
}

function rowsOf(units: UnitEntries, others: number): number {
  if (units instanceof NarrowEntries) {
    if (units.length > 0 && units.entries !== others)
      throw new RangeError(`${units.entries} entries for ${others}`);
    return units.length;
  }
  checkWidth(units, 32);
  const n = units.length / others;
  if (!Number.isInteger(n)) throw new RangeError(`${units.length} entries in groups of ${others}`);
  return n;
}

/** TypeError for entries over different rings. */
export function checkForm(x: UnitEntries, y: UnitEntries): void {
  if (x instanceof NarrowEntries !== y instanceof NarrowEntries)
    throw new TypeError('entries over different rings');
}

export function checkNarrowAlike(x: NarrowEntries, y: NarrowEntries): void {
  if (x.entries !== y.entries || x.length !== y.length) throw new RangeError('entries of different shapes');
}

/** RangeError unless there are as many entries as the digits have values, for each digit. */
export function checkEntries(entries: RingVector, digit: BitMatrix): void {
  const count = 2 ** digit.rows;
  if (digit.rows > 8) throw new RangeError(`a digit of ${digit.rows} bits`);
  if (entries.length !== count * digit.length)
    throw new RangeError(`${entries.length} entries for ${digit.length} tables of ${count}`);
}

/** TypeError or RangeError unless the vectors of all pairs fit each other and the sums. */
/** As `checkInnerProducts` for each of the sums, which may not overlap each other. */
export function checkInnerTerms(
  sums: readonly RingVector[],
  xs: readonly (readonly RingVector[])[],
  ys: readonly (readonly RingVector[])[],
  start: number,
  end: number,
): void {
  for (const [k, own] of sums.entries()) {
    checkInnerProducts(own, xs, ys, start, end);
    checkApart(own.data, ...sums.slice(k + 1).map(({ data }) => data));
  }
}

export function checkInnerProducts(
  sums: RingVector,
  xs: readonly (readonly RingVector[])[],
  ys: readonly (readonly RingVector[])[],
  start: number,
  end: number,
): void {
  checkLength(sums, xs.length * ys.length);
  const [first, ...others] = [...xs, ...ys].flat();
  if (first === undefined) return;
  checkAlike(first, ...others);
  checkWidth(first, sums.width);
  checkApart(sums.data, ...[first, ...others].map(({ data }) => data));
  checkSpan(start, end, first.length);
}

/** RangeError unless all are whole and none is negative. */
export function checkedShape(rows: number, inner: number, columns: number): MatrixShape {
  for (const size of [rows, inner, columns]) {
    if (!Number.isInteger(size) || size < 0) throw new RangeError(`${size} is not a matrix dimension`);
  }
  return { rows, inner, columns };
}

/** TypeError or RangeError unless the factors have the shape. */
export function checkFactors(x: RingVector, yT: RingVector, { rows, inner, columns }: MatrixShape): void {
  checkWidth(yT, x.width);
  checkLength(x, rows * inner);
  checkLength(yT, columns * inner);
}

/** As `checkFactors`, for both parts of both factors and for the mask. */
export function checkMatrixReplicated(
  x0: RingVector,
  x1: RingVector,
  y0T: RingVector,
  y1T: RingVector,
  mask: RingVector,
  shape: MatrixShape,
): void {
  checkFactors(x0, y0T, shape);
  checkAlike(x0, x1);
  checkAlike(y0T, y1T);
  checkWidth(mask, x0.width);
  checkLength(mask, shape.rows * shape.columns);
}

export function checkBitCount(x: RingVector, k: number): void {
  if (!Number.isInteger(k) || k < 0 || k > x.width) throw new RangeError(`${k} bits of width ${x.width}`);
}

export function checkFromBits(b: BitMatrix, width: RingWidth): void {
  if (b.rows > width) throw new RangeError(`${b.rows} bits do not fit width ${width}`);
}

export function checkExpand(b: BitMatrix, width: RingWidth, masks: RingVector | undefined): void {
  if (b.rows !== 1) throw new RangeError(`expandBit takes one row, not ${b.rows}`);
  if (masks === undefined) return;
  checkWidth(masks, width);
  checkLength(masks, b.length);
}

export function checkReduce(x: RingVector, width: RingWidth): void {
  if (width > x.width) throw new RangeError(`reduce goes downwards, not from ${x.width} to ${width}`);
}

export function checkExtend(x: RingVector, width: RingWidth): void {
  if (width < x.width) throw new RangeError(`extend goes upwards, not from ${x.width} to ${width}`);
}

/** The length of each entry; RangeError unless both vectors, and masks, have one entry less than a power of two. */
export function checkConvolution(
  x: RingVector,
  y: RingVector,
  values: number,
  masks: RingVector | undefined,
): number {
  if (!Number.isInteger(Math.log2(values)) || values < 2 || values > 256)
    throw new RangeError(`vectors of ${values} entries`);
  checkAlike(x, y, ...(masks === undefined ? [] : [masks]));
  const n = x.length / (values - 1);
  if (!Number.isInteger(n)) throw new RangeError(`${x.length} elements in ${values - 1} entries`);
  return n;
}

/** The length of each entry; RangeError unless there are factors, as many in each vector as entries. */
export function checkCombination(entries: RingVector, factors: readonly RingVector[]): number {
  const count = factors[0]?.length ?? 0;
  if (count === 0) throw new RangeError('entries without factors');
  for (const own of factors) {
    if (own.width !== entries.width) throw new TypeError(`factors of ${own.width} bits for ${entries.width}`);
    if (own.length !== count) throw new RangeError(`${own.length} factors beside ${count}`);
  }
  if (entries.length % count !== 0) throw new RangeError(`${entries.length} elements of ${count} entries`);
  return entries.length / count;
}
