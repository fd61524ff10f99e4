/**
 * Kernels of a stable sort by a digit, over Z_2^32; contracts in `Kernels`. What depends on a digit is computed for all of
 * its values.
 */
import type { BitMatrix } from '../bit-matrix.js';
import type { ReplicatedPair } from '../kernels.js';
import { RingVector } from '../ring-vector.js';
import { add, addConstant, negate, subtract, sumRange } from './arithmetic.js';
import { and, not } from './bits.js';
import { checkPlaces, checkUnits } from './checks.js';
import { expandBit } from './conversion.js';
import { exchangeEntries } from './entries.js';

export function unitEntries(digit: BitMatrix, masks: RingVector): RingVector {
  checkUnits(masks, digit);
  const entries = Array.from({ length: 2 ** digit.rows - 1 }, (_, i) => {
    const bits = Array.from({ length: digit.rows }, (_bit, j) =>
      (((i + 1) >> j) & 1) === 1 ? digit.row(j) : not(digit.row(j)),
    );
    return expandBit(bits.reduce(and), 32);
  });
  return subtract(RingVector.concat(entries), masks);
}

export function moveUnits(entries: RingVector, digit: BitMatrix, one: 0 | 1, masks: RingVector): RingVector {
  checkUnits(entries, digit);
  checkUnits(masks, digit);
  const n = digit.length;
  const all = RingVector.concat([entryZero(entries, n, one), entries]);
  return subtract(exchangeEntries(all, digit).slice(n, all.length), masks);
}

export function placeTotals(units: RingVector, values: number, one: 0 | 1): RingVector {
  const n = units.length / (values - 1);
  const others = Array.from({ length: values - 1 }, (_, j) => sumRange(units, j * n, (j + 1) * n));
  const sum = others.reduce(add, RingVector.zeros(32, 1));
  return RingVector.concat([addConstant(negate(sum), one === 1 ? BigInt(n) : 0n), ...others]);
}

export function addPlaces(
  [first, second]: ReplicatedPair,
  ones: readonly [0 | 1, 0 | 1],
  counts: RingVector,
  out: RingVector,
  start: number,
  squares = true,
): void {
  checkPlaces([first, second], counts, out, start);
  const n = (2 * first.length) / (counts.length - 2);
  const places = out.data as Uint32Array;
  for (let j = 0; j < counts.length / 2; j++) {
    const entry = (units: RingVector, one: 0 | 1): Uint32Array => {
      const from = j === 0 ? entryZero(units, n, one) : units.slice((j - 1) * n, j * n);
      return from.slice(start, start + out.length).data as Uint32Array;
    };
    const [x, y] = [entry(first, ones[0]), entry(second, ones[1])];
    const running = counts.data as Uint32Array;
    for (let i = 0; i < places.length; i++) {
      const c0 = (running[2 * j] = running[2 * j]! + x[i]!) >>> 0;
      const c1 = (running[2 * j + 1] = running[2 * j + 1]! + y[i]!) >>> 0;
      places[i] = places[i]! + Math.imul(x[i]!, (squares ? c0 : 0) + c1) + Math.imul(y[i]!, c0);
    }
  }
}

/** One less all other entries. */
function entryZero(entries: RingVector, n: number, one: 0 | 1): RingVector {
  let sum = RingVector.zeros(32, n);
  for (let at = 0; at < entries.length; at += n) sum = add(sum, entries.slice(at, at + n));
  return addConstant(negate(sum), BigInt(one));
}
