/** Between ring elements and packed bits, and between widths, in WebAssembly; contracts in `Kernels`. */
import { BitMatrix, wordsPerRow } from '../bit-matrix.js';
import type { Kernels } from '../kernels.js';
import { checkBitCount, checkExpand, checkFromBits } from '../reference/checks.js';
import { reference } from '../reference/reference.js';
import { RingVector } from '../ring-vector.js';
import type { WasmModule } from './module.js';
import { bytesOf, SLOTS, slot } from './scratch.js';
import type { Shortest } from './shortest.js';

/** Elements of a block, of any width: at most 128 KiB of numbers, 1 KiB of a row. */
const ELEMENTS = 8192;

/** Bytes from one row to the next: a block's row and a cache line more, so that rows do not share one place. */
const ROW = ELEMENTS / 8 + 64;

const NUMBERS = slot(0);
const ROWS = slot(5);
const MASKS = slot(6);
/** 16 planes of 128 bytes (assembly/from-bits.ts). */
const PLANES = slot(SLOTS - 1);
const PLANES_BYTES = 16 * 128;

type Conversion = Pick<Kernels, 'toBits' | 'fromBits' | 'expandBit'>;

export function wasmConversion(module: WasmModule, shortest: Shortest): Conversion {
  const { scratch, words } = module;
  return {
    toBits(x, k) {
      if (x.length < shortest.bits) return reference.toBits(x, k);
      checkBitCount(x, k);
      const out = BitMatrix.uninitialised(k, x.length);
      const [source, target] = [x.bytes(), bytesOf(out.words)];
      const size = x.width / 8;
      const rowBytes = 8 * wordsPerRow(x.length);
      for (let start = 0; start < x.length; start += ELEMENTS) {
        const count = Math.min(ELEMENTS, x.length - start);
        const words64 = wordsPerRow(count);
        scratch.put(NUMBERS, source, start * size, (start + count) * size, 64 * size);
        for (let low = 0; low < k; low += 32) {
          words.limbToBits(
            NUMBERS + low / 8,
            size,
            ROWS + low * ROW,
            ROW,
            Math.min(32, k - low),
            64 * words64,
          );
        }
        for (let j = 0; j < k; j++) {
          scratch.take(ROWS + j * ROW, target, j * rowBytes + start / 8, 8 * words64);
        }
      }
      return out;
    },

    fromBits(b, width) {
      if (b.length < shortest.bits) return reference.fromBits(b, width);
      checkFromBits(b, width);
      const out = RingVector.uninitialised(width, b.length);
      const kernel = module.of(width).fromBits;
      const [source, target] = [bytesOf(b.words), out.bytes()];
      const size = width / 8;
      const rowBytes = 8 * wordsPerRow(b.length);
      const groups = Math.ceil(b.rows / 8);
      scratch.clear(PLANES, PLANES_BYTES);
      scratch.clear(ROWS + b.rows * ROW, (8 * groups - b.rows) * ROW);
      for (let start = 0; start < b.length; start += ELEMENTS) {
        const count = Math.min(ELEMENTS, b.length - start);
        for (let j = 0; j < b.rows; j++) {
          const from = j * rowBytes + start / 8;
          scratch.put(ROWS + j * ROW, source, from, from + 8 * wordsPerRow(count), 8);
        }
        kernel(ROWS, ROW, groups, PLANES, NUMBERS, count);
        scratch.take(NUMBERS, target, start * size, count * size);
      }
      return out;
    },

    expandBit(b, width, masks) {
      if (b.length < shortest.bits) return reference.expandBit(b, width, masks);
      checkExpand(b, width, masks);
      const out = RingVector.uninitialised(width, b.length);
      const { expandBit, subtract } = module.of(width);
      const mask = masks?.bytes();
      const [source, target] = [bytesOf(b.words), out.bytes()];
      const size = width / 8;
      for (let start = 0; start < b.length; start += ELEMENTS) {
        const count = Math.min(ELEMENTS, b.length - start);
        scratch.put(ROWS, source, start / 8, start / 8 + 8 * wordsPerRow(count), 8);
        expandBit(ROWS, NUMBERS, count);
        if (mask !== undefined) {
          scratch.put(MASKS, mask, start * size, (start + count) * size);
          subtract(NUMBERS, MASKS, NUMBERS, count * size);
        }
        scratch.take(NUMBERS, target, start * size, count * size);
      }
      return out;
    },
  };
}
