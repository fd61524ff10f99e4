/** Kernels of a stable sort by a digit in WebAssembly; contracts in `Kernels`. */
import { type BitMatrix, wordsPerRow } from '../bit-matrix.js';
import type { Kernels } from '../kernels.js';
import { checkPlaces, checkUnits, checkWidth } from '../reference/checks.js';
import { reference } from '../reference/reference.js';
import { RingVector } from '../ring-vector.js';
import type { WasmModule } from './module.js';
import { BLOCK, bytesOf, SMALL, slot } from './scratch.js';
import type { Shortest } from './shortest.js';

type Digits = Pick<Kernels, 'unitEntries' | 'moveUnits' | 'placeTotals' | 'addPlaces'>;

/** Elements of a block: seven entries, their masks and results stay in a second-level cache. */
const ELEMENTS = 2048;
/** Elements of a block of one vector. */
const LONG = BLOCK / 4;
/** Bytes from one entry to the next: a cache line more, so that entries do not share one place. */
const STEP = ELEMENTS * 4 + 64;

const BITS = slot(0);
const EXPANDED = slot(1);
const DIGIT = slot(2);
const FIRST = slot(4);
const SECOND = slot(8);
const OUT = slot(12);

export function wasmDigits(module: WasmModule, shortest: Shortest): Digits {
  const { scratch, words } = module;
  const { expandBit, sum } = module.of(32);

  return {
    unitEntries(digit, masks) {
      if (digit.length < shortest.bits || digit.rows > 3) return reference.unitEntries(digit, masks);
      checkUnits(masks, digit);
      const out = RingVector.uninitialised(32, masks.length);
      forBlocks(digit.length, (start, end) => {
        putDigit(digit, start, end);
        putEntries(FIRST, masks, digit.length, start, end);
        words.unitEntries32(DIGIT, 2 ** digit.rows, FIRST, OUT, STEP, 4 * (end - start));
        takeEntries(OUT, out, digit.length, start, end);
      });
      return out;
    },

    moveUnits(entries, digit, one, masks) {
      const kernel = digit.rows === 3 ? words.moveUnits8 : digit.rows === 2 ? words.moveUnits4 : undefined;
      if (kernel === undefined || digit.length < shortest.bits)
        return reference.moveUnits(entries, digit, one, masks);
      checkUnits(entries, digit);
      checkUnits(masks, digit);
      const out = RingVector.uninitialised(32, entries.length);
      forBlocks(digit.length, (start, end) => {
        putDigit(digit, start, end);
        putEntries(FIRST, entries, digit.length, start, end);
        putEntries(SECOND, masks, digit.length, start, end);
        kernel(FIRST, DIGIT, one, SECOND, OUT, STEP, 4 * (end - start));
        takeEntries(OUT, out, digit.length, start, end);
      });
      return out;
    },

    placeTotals(units, values, one) {
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
      checkPlaces(units, counts, out, start);
      const n = units[0].length / (values - 1);
      const [sums, running] = [bytesOf(out.data), bytesOf(counts.data)];
      forBlocks(out.length, (from, to) => {
        const bytes = 4 * (to - from);
        scratch.put(OUT, sums, 4 * from, 4 * to);
        [FIRST, SECOND].forEach((address, k) => {
          // Entry 0 is made of the others and comes before them.
          putEntries(address + STEP, units[k]!, n, start + from, start + to);
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

  function putEntries(address: number, entries: RingVector, n: number, start: number, end: number): void {
    const source = bytesOf(entries.data);
    for (let at = 0, to = address; at < entries.length; at += n, to += STEP) {
      scratch.put(to, source, 4 * (at + start), 4 * (at + end));
    }
  }

  function takeEntries(address: number, entries: RingVector, n: number, start: number, end: number): void {
    const target = bytesOf(entries.data);
    for (let at = 0, from = address; at < entries.length; at += n, from += STEP) {
      scratch.take(from, target, 4 * (at + start), 4 * (end - start));
    }
  }
}

function forBlocks(length: number, run: (start: number, end: number) => void): void {
  for (let start = 0; start < length; start += ELEMENTS) run(start, Math.min(length, start + ELEMENTS));
}
