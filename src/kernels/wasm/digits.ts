/** Kernels of a stable sort by a digit in WebAssembly; contracts in `Kernels`. */
import { uninitialised } from '../../core/uninitialised.js';
import { type BitMatrix, wordsPerRow } from '../bit-matrix.js';
import type { Kernels, UnitEntries } from '../kernels.js';
import { GROUP, GROUP_BYTES, NarrowEntries } from '../narrow-entries.js';
import { checkForm, checkNarrowAlike, checkPlaces, checkUnits, checkWidth } from '../reference/checks.js';
import { reference } from '../reference/reference.js';
import { RingVector } from '../ring-vector.js';
import type { WasmModule } from './module.js';
import { BLOCK, bytesOf, SMALL, slot } from './scratch.js';
import type { Shortest } from './shortest.js';

type Digits = Pick<Kernels, 'unitEntries' | 'moveUnits' | 'addUnits' | 'placeTotals' | 'addPlaces'>;

/** Elements of a block: seven entries, their masks and results stay in a second-level cache. */
const ELEMENTS = 2048;
/** Elements of a block of one vector. */
const LONG = BLOCK / 4;
/** Bytes of a block of groups. */
const GROUPS_BYTES = Math.floor(BLOCK / GROUP_BYTES) * GROUP_BYTES;
/** Bytes from one entry to the next: a cache line more, so that entries do not share one place. */
const STEP = ELEMENTS * 4 + 64;

const BITS = slot(0);
const EXPANDED = slot(1);
const DIGIT = slot(2);
const NARROW = slot(3);
const FIRST = slot(4);
const SECOND = slot(8);
const OUT = slot(12);

export function wasmDigits(module: WasmModule, shortest: Shortest): Digits {
  const { scratch, words } = module;
  const { expandBit, sum } = module.of(32);

  return {
    unitEntries<E extends UnitEntries>(digit: BitMatrix, masks: E) {
      if (digit.length < shortest.bits || digit.rows > 3) return reference.unitEntries(digit, masks);
      checkUnits(masks, digit);
      const { out, put, take } = formOf(masks, digit.length);
      forBlocks(digit.length, (start, end) => {
        putDigit(digit, start, end);
        put(FIRST, masks, start, end);
        words.unitEntries32(DIGIT, 2 ** digit.rows, FIRST, OUT, STEP, 4 * (end - start));
        take(OUT, start, end);
      });
      return out as E;
    },

    moveUnits<E extends UnitEntries>(entries: E, digit: BitMatrix, one: 0 | 1, masks: E) {
      const kernel = digit.rows === 3 ? words.moveUnits8 : digit.rows === 2 ? words.moveUnits4 : undefined;
      if (kernel === undefined || digit.length < shortest.bits)
        return reference.moveUnits(entries, digit, one, masks);
      checkUnits(entries, digit);
      checkUnits(masks, digit);
      checkForm(entries, masks);
      const { out, put, take } = formOf(masks, digit.length);
      forBlocks(digit.length, (start, end) => {
        putDigit(digit, start, end);
        put(FIRST, entries, start, end);
        put(SECOND, masks, start, end);
        kernel(FIRST, DIGIT, one, SECOND, OUT, STEP, 4 * (end - start));
        take(OUT, start, end);
      });
      return out as E;
    },

    addUnits(x, y) {
      if (x.entries * x.length < shortest.bits) return reference.addUnits(x, y);
      checkNarrowAlike(x, y);
      const out = new Uint8Array(uninitialised(x.byteLength));
      for (let start = 0; start < out.length; start += GROUPS_BYTES) {
        const end = Math.min(out.length, start + GROUPS_BYTES);
        scratch.put(FIRST, x.bytes(), start, end);
        scratch.put(SECOND, y.bytes(), start, end);
        words.addGroups(FIRST, SECOND, OUT, end - start);
        scratch.take(OUT, out, start, end - start);
      }
      return new NarrowEntries(x.entries, x.length, out);
    },

    placeTotals(units, values, one) {
      if (units instanceof NarrowEntries) return narrowTotals(units, values, one);
      const n = units.length / (values - 1);
      if (n < shortest.bits) return reference.placeTotals(units, values, one);
      checkWidth(units, 32);
      const [totals, source] = [new Uint32Array(values), bytesOf(units.data)];
      totals[0] = one * n;
      for (let j = 1; j < values; j++) {
        scratch.clear(SMALL, 16);
        for (let start = 0; start < n; start += LONG) {
          const end = Math.min(n, start + LONG);
          scratch.put(FIRST, source, 4 * ((j - 1) * n + start), 4 * ((j - 1) * n + end));
          sum(FIRST, SMALL, 4 * (end - start));
        }
        scratch.take(SMALL, bytesOf(totals), 4 * j, 4);
        totals[0] = totals[0]! - totals[j]!;
      }
      return new RingVector(32, totals);
    },

    addPlaces(units, ones, counts, out, start, squares = true) {
      const values = counts.length / 2;
      if (out.length < shortest.bits || values > 8) {
        reference.addPlaces(units, ones, counts, out, start, squares);
        return;
      }
      checkForm(units[0], units[1]);
      checkPlaces(units, counts, out, start);
      const n = units[0] instanceof NarrowEntries ? units[0].length : units[0].length / (values - 1);
      const { put } = formOf(units[0], n);
      const [sums, running] = [bytesOf(out.data), bytesOf(counts.data)];
      forBlocks(out.length, (from, to) => {
        const bytes = 4 * (to - from);
        scratch.put(OUT, sums, 4 * from, 4 * to);
        [FIRST, SECOND].forEach((address, k) => {
          // Entry 0 is made of the others and comes before them.
          put(address + STEP, units[k]!, start + from, start + to);
          words.entryZero32(address + STEP, values, ones[k]!, address, STEP, bytes);
        });
        for (let j = 0; j < values; j++) {
          scratch.put(SMALL, running, 8 * j, 8 * j + 8, 8);
          const [x, y] = [FIRST + j * STEP, SECOND + j * STEP];
          words.addRunningProducts32(x, y, squares ? 1 : 0, SMALL, OUT, bytes);
          scratch.take(SMALL, running, 8 * j, 8);
        }
        scratch.take(OUT, sums, 4 * from, bytes);
      });
    },
  };

  /** The digits of a block as elements. */
  function putDigit(digit: BitMatrix, start: number, end: number): void {
    const bits = bytesOf(digit.words);
    const rowBytes = 8 * wordsPerRow(digit.length);
    scratch.clear(DIGIT, STEP);
    for (let row = 0; row < digit.rows; row++) {
      const from = row * rowBytes + start / 8;
      scratch.put(BITS, bits, from, from + 8 * wordsPerRow(end - start));
      expandBit(BITS, EXPANDED, end - start);
      words.addBit32(EXPANDED, row, DIGIT, 4 * (end - start));
    }
  }

  /** Sums of narrow entries, block by block as elements of 32 bits. */
  function narrowTotals(units: NarrowEntries, values: number, one: 0 | 1): RingVector {
    const n = units.length;
    if (n < shortest.bits) return reference.placeTotals(units, values, one);
    const totals = new Uint32Array(values);
    const sums = bytesOf(totals);
    const { put } = formOf(units, n);
    forBlocks(n, (start, end) => {
      put(FIRST, units, start, end);
      for (let j = 1; j < values; j++) {
        scratch.put(SMALL, sums, 4 * j, 4 * j + 4, 16);
        sum(FIRST + (j - 1) * STEP, SMALL, 4 * (end - start));
        scratch.take(SMALL, sums, 4 * j, 4);
      }
    });
    totals[0] = one * n - totals.subarray(1).reduce((total, own) => total + own, 0);
    return new RingVector(32, totals);
  }

  /** How entries of this form, each of n elements, are put into the scratch memory, and taken from it into `out`. */
  function formOf<E extends UnitEntries>(like: E, n: number): Form {
    return like instanceof NarrowEntries ? narrowForm(like, n) : wideForm(like, n);
  }

  function wideForm(like: RingVector, n: number): Form {
    const out = RingVector.uninitialised(32, like.length);
    const target = bytesOf(out.data);
    return {
      out,
      put: (address, units, start, end) => {
        const source = units.bytes();
        for (let at = 0, to = address; at < out.length; at += n, to += STEP) {
          scratch.put(to, source, 4 * (at + start), 4 * (at + end));
        }
      },
      take: (address, start, end) => {
        for (let at = 0, from = address; at < out.length; at += n, from += STEP) {
          scratch.take(from, target, 4 * (at + start), 4 * (end - start));
        }
      },
    };
  }

  function narrowForm({ entries, byteLength }: NarrowEntries, n: number): Form {
    const target = new Uint8Array(uninitialised(byteLength));
    const entryBytes = byteLength / entries;
    return {
      out: new NarrowEntries(entries, n, target),
      put: (address, units, start, end) => {
        const [first, groups] = [(start / GROUP) * GROUP_BYTES, Math.ceil((end - start) / GROUP)];
        for (let at = first, to = address; at < byteLength; at += entryBytes, to += STEP) {
          scratch.put(NARROW, units.bytes(), at, at + groups * GROUP_BYTES);
          words.widenGroups(NARROW, to, groups);
          scratch.clear(to + 4 * (end - start), 4 * (groups * GROUP - (end - start)));
        }
      },
      take: (address, start, end) => {
        const [first, groups] = [(start / GROUP) * GROUP_BYTES, Math.ceil((end - start) / GROUP)];
        for (let at = first, from = address; at < byteLength; at += entryBytes, from += STEP) {
          // What stands there from before is nobody's to see.
          scratch.clear(from + 4 * (end - start), 4 * (groups * GROUP - (end - start)));
          words.narrowToGroups(from, NARROW, groups);
          scratch.take(NARROW, target, at, groups * GROUP_BYTES);
        }
      },
    };
  }
}

interface Form {
  readonly out: UnitEntries;
  readonly put: (address: number, entries: UnitEntries, start: number, end: number) => void;
  readonly take: (address: number, start: number, end: number) => void;
}

function forBlocks(length: number, run: (start: number, end: number) => void): void {
  for (let start = 0; start < length; start += ELEMENTS) run(start, Math.min(length, start + ELEMENTS));
}
