/**
 * Kernels of a stable sort by a digit, over Z_2^32; contracts in `Kernels`. What depends on a digit is computed for all of
 * its values.
 */
import type { BitMatrix } from '../bit-matrix.js';
import type { UnitEntries } from '../kernels.js';
import { NarrowEntries } from '../narrow-entries.js';
import { RingVector } from '../ring-vector.js';
import { add, addConstant, negate, subtract, sumRange } from './arithmetic.js';
import { and, not } from './bits.js';
import { checkForm, checkNarrowAlike, checkPlaces, checkUnits } from './checks.js';
import { expandBit } from './conversion.js';
import { exchangeEntries } from './entries.js';

export function unitEntries<E extends UnitEntries>(digit: BitMatrix, masks: E): E {
  checkUnits(masks, digit);
  const entries = Array.from({ length: 2 ** digit.rows - 1 }, (_, i) => {
    const bits = Array.from({ length: digit.rows }, (_bit, j) =>
      (((i + 1) >> j) & 1) === 1 ? digit.row(j) : not(digit.row(j)),
    );
    return expandBit(bits.reduce(and), 32);
  });
  return likeUnits(masks, subtract(RingVector.concat(entries), wide(masks)), digit.length);
}

export function moveUnits<E extends UnitEntries>(entries: E, digit: BitMatrix, one: 0 | 1, masks: E): E {
  checkUnits(entries, digit);
  checkUnits(masks, digit);
  checkForm(entries, masks);
  const n = digit.length;
  const all = RingVector.concat([entryZero(wide(entries), n, one), wide(entries)]);
  const moved = subtract(exchangeEntries(all, digit).slice(n, all.length), wide(masks));
  return likeUnits(masks, moved, n);
}

export function addUnits(x: NarrowEntries, y: NarrowEntries): NarrowEntries {
  checkNarrowAlike(x, y);
  return NarrowEntries.of(add(x.widened(), y.widened()), x.length);
}

export function placeTotals(entries: UnitEntries, values: number, one: 0 | 1): RingVector {
  const units = wide(entries);
  const n = units.length / (values - 1);
  const others = Array.from({ length: values - 1 }, (_, j) => sumRange(units, j * n, (j + 1) * n));
  const sum = others.reduce(add, RingVector.zeros(32, 1));
  return RingVector.concat([addConstant(negate(sum), one === 1 ? BigInt(n) : 0n), ...others]);
}

export function addPlaces(
  units: readonly [UnitEntries, UnitEntries],
  ones: readonly [0 | 1, 0 | 1],
  counts: RingVector,
  out: RingVector,
  start: number,
  squares = true,
): void {
  const [first, second] = [wide(units[0]), wide(units[1])];
  checkForm(units[0], units[1]);
  checkPlaces(units, counts, out, start);
  const n = (2 * first.length) / (counts.length - 2);
  const places = out.data as Uint32Array;
  for (let j = 0; j < counts.length / 2; j++) {
    const entry = (own: RingVector, one: 0 | 1): Uint32Array => {
      const from = j === 0 ? entryZero(own, n, one) : own.slice((j - 1) * n, j * n);
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

function wide(units: UnitEntries): RingVector {
  return units instanceof NarrowEntries ? units.widened() : units;
}

/** In the form of other entries. */
function likeUnits<E extends UnitEntries>(like: E, units: RingVector, length: number): E {
  return (like instanceof NarrowEntries ? NarrowEntries.of(units, length) : units) as E;
}

/** One less all other entries. */
function entryZero(entries: RingVector, n: number, one: 0 | 1): RingVector {
  let sum = RingVector.zeros(32, n);
  for (let at = 0; at < entries.length; at += n) sum = add(sum, entries.slice(at, at + n));
  return addConstant(negate(sum), BigInt(one));
}
