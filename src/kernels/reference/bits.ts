/** Bitwise kernels on packed bits, a word at a time; contracts in `Kernels`. */
import { BitMatrix, clearTails, tailMask, wordsPerRow } from '../bit-matrix.js';
import { checkSameShape, checkWords } from './checks.js';

const ONES = tailMask(64);

export function xor(a: BitMatrix, b: BitMatrix): BitMatrix {
  checkSameShape(a, b);
  const out = BitMatrix.zeros(a.rows, a.length);
  const [x, y, z] = [a.words, b.words, out.words];
  for (let i = 0; i < z.length; i++) z[i] = BigInt.asUintN(64, x[i]! ^ y[i]!);
  return out;
}

export function and(a: BitMatrix, b: BitMatrix): BitMatrix {
  checkSameShape(a, b);
  const out = BitMatrix.zeros(a.rows, a.length);
  const [x, y, z] = [a.words, b.words, out.words];
  for (let i = 0; i < z.length; i++) z[i] = BigInt.asUintN(64, x[i]! & y[i]!);
  return out;
}

export function andReplicatedInto(
  a0: BigUint64Array,
  a1: BigUint64Array,
  b0: BigUint64Array,
  b1: BigUint64Array,
  extra: BigUint64Array | undefined,
  plus: BigUint64Array,
  minus: BigUint64Array,
  out: BigUint64Array,
): void {
  const operands = [a0, a1, b0, b1, plus, minus, ...(extra === undefined ? [] : [extra])];
  checkWords(out, operands);
  for (let i = 0; i < out.length; i++) {
    const first = BigInt.asUintN(64, a0[i]! & BigInt.asUintN(64, b0[i]! ^ b1[i]!));
    const second = BigInt.asUintN(64, a1[i]! & b0[i]!);
    const mask = BigInt.asUintN(64, plus[i]! ^ minus[i]!);
    out[i] = BigInt.asUintN(64, BigInt.asUintN(64, first ^ second) ^ mask);
  }
  if (extra !== undefined) xorInto(out, extra);
}

function xorInto(out: BigUint64Array, x: BigUint64Array): void {
  for (let i = 0; i < out.length; i++) out[i] = BigInt.asUintN(64, out[i]! ^ x[i]!);
}

export function not(a: BitMatrix): BitMatrix {
  const out = BitMatrix.zeros(a.rows, a.length);
  flip(a.words, out.words, 0, a.words.length);
  clearTails(out);
  return out;
}

export function xorConstantRows(a: BitMatrix, bits: readonly (0 | 1)[]): BitMatrix {
  if (bits.length !== a.rows) throw new RangeError(`${bits.length} bits for ${a.rows} rows`);
  const out = new BitMatrix(a.rows, a.length, a.words.slice());
  const perRow = wordsPerRow(a.length);
  bits.forEach((bit, row) => {
    if (bit === 1) flip(a.words, out.words, row * perRow, (row + 1) * perRow);
  });
  clearTails(out);
  return out;
}

/** By XOR with ones, since V8 does not keep a BigInt's ~ in a machine word (measured: ten times slower). */
function flip(from: BigUint64Array, to: BigUint64Array, start: number, end: number): void {
  for (let i = start; i < end; i++) to[i] = BigInt.asUintN(64, from[i]! ^ ONES);
}
