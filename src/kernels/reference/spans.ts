/** Products of a few rows of bits, and carries of spans made from them; contracts in `Kernels`. */
import { tailMask } from '../bit-matrix.js';
import type { SpanTerm } from '../kernels.js';
import { checkApart, checkSpanRows, checkWords } from './checks.js';

const ONES = tailMask(64);

export function subsetProductsInto(
  rows: readonly BigUint64Array[],
  masks: BigUint64Array,
  out: BigUint64Array,
): void {
  checkSpanRows(masks, rows);
  checkWords(out, [masks]);
  checkApart(out, ...rows);
  const n = rows[0]!.length;
  const products = new BigUint64Array(2 ** rows.length);
  products[0] = ONES;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < rows.length; j++) {
      const row = rows[j]![i]!;
      for (let t = 0; t < 2 ** j; t++) products[2 ** j + t] = BigInt.asUintN(64, products[t]! & row);
    }
    for (let t = 1; t < products.length; t++) {
      const at = (t - 1) * n + i;
      out[at] = BigInt.asUintN(64, masks[at]! ^ products[t]!);
    }
  }
}

export function spanCarryInto(
  products: BigUint64Array,
  v: readonly BigUint64Array[],
  one: 0 | 1,
  generate: BigUint64Array,
  propagate: BigUint64Array | undefined,
): void {
  checkSpanRows(products, v);
  checkCarry(products, v, generate, propagate);
  const n = generate.length;
  const halves = new BigUint64Array(2 ** v.length);
  const carries = new BigUint64Array(halves.length);
  const passes = new BigUint64Array(halves.length);
  for (let i = 0; i < n; i++) {
    halves[0] = one === 1 ? ONES : 0n;
    for (let t = 1; t < halves.length; t++) halves[t] = products[(t - 1) * n + i]!;
    carries.fill(0n);
    passes.set(halves);
    // Place t: what the bits so far make of it, times the product t of bits above (head of carry-spans.ts).
    for (let j = 0; j < v.length; j++) {
      const row = v[j]![i]!;
      for (let t = 0; t < halves.length; t += 2 ** (j + 1)) {
        const above = t + 2 ** j;
        const passed = BigInt.asUintN(64, halves[above]! ^ carries[t]!);
        carries[t] = BigInt.asUintN(64, carries[above]! ^ BigInt.asUintN(64, row & passed));
        passes[t] = BigInt.asUintN(64, passes[above]! ^ BigInt.asUintN(64, row & passes[t]!));
      }
    }
    generate[i] = carries[0]!;
    if (propagate !== undefined) propagate[i] = passes[0]!;
  }
}

export function spanTermsInto(
  bits: 1 | 2 | 3,
  x: BigUint64Array,
  terms: readonly [SpanTerm, SpanTerm],
): void {
  checkSpanTerms(bits, x, terms);
  const whole = 2 ** bits;
  const n = terms[0].out.generate.length;
  for (const { y, masks, out } of terms) {
    const sumInto = (total: number, mask: BigUint64Array, row: BigUint64Array): void => {
      for (let i = 0; i < n; i++) {
        let sum = mask[i]!;
        for (let s = 1; s < total; s++) {
          sum = BigInt.asUintN(64, sum ^ (x[(s - 1) * n + i]! & y[(total - s - 1) * n + i]!));
        }
        row[i] = sum;
      }
    };
    sumInto(whole, masks.generate, out.generate);
    if (masks.propagate !== undefined && out.propagate !== undefined)
      sumInto(whole - 1, masks.propagate, out.propagate);
  }
}

/** RangeError unless all rows have one length, products 2^bits - 1 times as much, and what is written overlaps nothing. */
export function checkSpanTerms(
  bits: 1 | 2 | 3,
  x: BigUint64Array,
  terms: readonly [SpanTerm, SpanTerm],
): void {
  const { length } = terms[0].out.generate;
  const written: BigUint64Array[] = [];
  for (const { y, masks, out } of terms) {
    if ((masks.propagate === undefined) !== (out.propagate === undefined))
      throw new RangeError('a mask without a row, or a row without a mask');
    for (const row of [out.generate, masks.generate, out.propagate, masks.propagate]) {
      if (row !== undefined && row.length !== length)
        throw new RangeError(`${row.length} words where ${length} are needed`);
    }
    for (const products of [x, y]) {
      if (products.length !== (2 ** bits - 1) * length)
        throw new RangeError(`${products.length} words of products for a span of ${bits} bits`);
    }
    written.push(out.generate, ...(out.propagate === undefined ? [] : [out.propagate]));
  }
  const read = [x, ...terms.flatMap(({ y, masks }) => [y, masks.generate, masks.propagate ?? x])];
  written.forEach((row, i) => checkApart(row, ...read, ...written.slice(i + 1)));
}

/** RangeError unless what is written has the length of a row and overlaps nothing. */
export function checkCarry(
  products: BigUint64Array,
  v: readonly BigUint64Array[],
  generate: BigUint64Array,
  propagate: BigUint64Array | undefined,
): void {
  checkApart(generate, products);
  checkWords(generate, v);
  if (propagate === undefined) return;
  checkApart(propagate, products, generate);
  checkWords(propagate, v);
}
