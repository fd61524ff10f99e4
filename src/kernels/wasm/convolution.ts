/** Sums of products of entries by the XOR of their places in WebAssembly; contract in `Kernels`. */
import type { Kernels } from '../kernels.js';
import { checkConvolution } from '../reference/checks.js';
import { reference } from '../reference/reference.js';
import { RingVector, type RingWidth } from '../ring-vector.js';
import type { WasmModule } from './module.js';
import { BLOCK, bytesOf, slot } from './scratch.js';
import type { Shortest } from './shortest.js';

/** Of all entries of both vectors in a block: they stay in a cache. */
const ENTRIES_BYTES = 1 << 16;

/** Between entries, so that they do not want the same places of a cache. */
const GAP = 64;

const MASK = slot(0);
/** A block's sums, and room for a product after them. */
const OUT = slot(1);
/** Room for 256 entries of 64 elements of 128 bits, twice. */
const FIRST = slot(3);
const SECOND = slot(12);

/** So many elements that are 1. */
function onesOf(width: RingWidth, elements: number): Uint8Array {
  const size = width / 8;
  const bytes = new Uint8Array(elements * size);
  for (let at = 0; at < bytes.length; at += size) bytes[at] = 1;
  return bytes;
}

export function wasmConvolution(module: WasmModule, shortest: Shortest): Pick<Kernels, 'convolveUnits'> {
  const { scratch } = module;
  return {
    convolveUnits(x, y, values, ones, masks) {
      const n = checkConvolution(x, y, values, masks);
      const { width } = x;
      if (n * values < shortest[width].pairwise) {
        return reference.convolveUnits(x, y, values, ones, masks);
      }
      const { convolve, subtract } = module.of(width);
      const size = width / 8;
      const out = RingVector.uninitialised(width, x.length);
      const target = bytesOf(out.data);
      const room = Math.min(BLOCK, ENTRIES_BYTES / (2 * values));
      const elements = Math.max(64, Math.floor(room / size / 64) * 64);
      const step = elements * size + GAP;
      const unit = onesOf(width, Math.min(n, elements));
      const ofBlock = (address: number, vector: RingVector, one: 0 | 1, start: number, end: number): void => {
        const source = bytesOf(vector.data);
        const bytes = (end - start) * size;
        if (one === 0) scratch.clear(address, bytes);
        else scratch.put(address, unit, 0, bytes);
        for (let j = 1; j < values; j++) {
          const [at, to] = [(j - 1) * n, address + j * step];
          scratch.put(to, source, (at + start) * size, (at + end) * size);
          subtract(address, to, address, bytes);
        }
      };
      scratch.clear(MASK, elements * size);
      for (let start = 0; start < n; start += elements) {
        const end = Math.min(n, start + elements);
        const bytes = (end - start) * size;
        ofBlock(FIRST, x, ones[0], start, end);
        ofBlock(SECOND, y, ones[1], start, end);
        for (let z = 1; z < values; z++) {
          const at = ((z - 1) * n + start) * size;
          if (masks !== undefined) scratch.put(MASK, bytesOf(masks.data), at, at + bytes);
          convolve(FIRST, SECOND, z, values, step, MASK, OUT, bytes);
          scratch.take(OUT, target, at, bytes);
        }
      }
      return out;
    },
  };
}
