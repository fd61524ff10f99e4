/** Entries of small tables reordered in WebAssembly; contract in `Kernels`. */
import { wordsPerRow } from '../bit-matrix.js';
import type { Kernels } from '../kernels.js';
import { checkEntries } from '../reference/checks.js';
import { reference } from '../reference/reference.js';
import { RingVector } from '../ring-vector.js';
import type { WasmModule } from './module.js';
import { BLOCK, bytesOf, slot } from './scratch.js';
import type { Shortest } from './shortest.js';

const BITS = slot(0);
const EXPANDED = slot(1);
const ENTRIES = slot(2);

/** Of all entries of a block: they stay in a cache. At least 64 tables of 256 entries of 128 bits have room. */
const ENTRIES_BYTES = 1 << 16;

/** Between entries, so that they do not want the same places of a cache. */
const GAP = 64;

export function wasmEntries(module: WasmModule, shortest: Shortest): Pick<Kernels, 'exchangeEntries'> {
  const { scratch } = module;
  return {
    exchangeEntries(entries, digit) {
      if (digit.length < shortest.bits) return reference.exchangeEntries(entries, digit);
      checkEntries(entries, digit);
      const { width } = entries;
      const [n, count, size] = [digit.length, 2 ** digit.rows, width / 8];
      const out = RingVector.uninitialised(width, entries.length);
      const [source, target, bits] = [bytesOf(entries.data), bytesOf(out.data), bytesOf(digit.words)];
      const { exchange, expandBit } = module.of(width);
      const elements = Math.max(64, Math.floor(Math.min(BLOCK, ENTRIES_BYTES / count) / size / 64) * 64);
      const stride = elements * size + GAP;
      const rowBytes = 8 * wordsPerRow(n);
      for (let start = 0; start < n; start += elements) {
        const end = Math.min(n, start + elements);
        const bytes = (end - start) * size;
        for (let j = 0; j < count; j++) {
          scratch.put(ENTRIES + j * stride, source, (j * n + start) * size, (j * n + end) * size);
        }
        for (let bit = 0; bit < digit.rows; bit++) {
          const from = bit * rowBytes + start / 8;
          scratch.put(BITS, bits, from, from + 8 * wordsPerRow(end - start));
          expandBit(BITS, EXPANDED, end - start);
          for (let j = 0; j < count; j++) {
            const other = j | (1 << bit);
            if (other !== j) exchange(ENTRIES + j * stride, ENTRIES + other * stride, EXPANDED, bytes);
          }
        }
        for (let j = 0; j < count; j++)
          scratch.take(ENTRIES + j * stride, target, (j * n + start) * size, bytes);
      }
      return out;
    },
  };
}
