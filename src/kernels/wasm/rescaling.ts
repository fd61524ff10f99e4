/** Shifts of 64-bit elements in WebAssembly; contract in `Kernels`. Other widths stay with the reference. */
import type { Kernels } from '../kernels.js';
import { reference } from '../reference/reference.js';
import { RingVector } from '../ring-vector.js';
import type { WasmModule } from './module.js';
import { BLOCK, bytesOf, slot } from './scratch.js';
import type { Shortest } from './shortest.js';

export function wasmRescaling(module: WasmModule, shortest: Shortest): Pick<Kernels, 'shiftRight'> {
  const { scratch, words } = module;
  return {
    shiftRight(x, shift, width, up) {
      const fits = x.width === 64 && x.length >= shortest.bits && shift > 0 && shift < 64;
      if (!fits || !Number.isInteger(shift)) return reference.shiftRight(x, shift, width, up);
      const out = RingVector.uninitialised(width, x.length);
      const [source, target] = [bytesOf(x.data), bytesOf(out.data)];
      const size = width / 8;
      // half a block where elements become twice as wide
      const elements = BLOCK / Math.max(8, size);
      for (let start = 0; start < x.length; start += elements) {
        const count = Math.min(elements, x.length - start);
        scratch.put(slot(0), source, 8 * start, 8 * (start + count));
        words.shiftRight64(slot(0), slot(1), shift, up ? 1 : 0, 8 * count);
        if (width === 32) words.narrow64To32(slot(1), slot(2), 8 * count);
        if (width === 128) words.widen64To128(slot(1), slot(2), 16 * count);
        scratch.take(slot(width === 64 ? 1 : 2), target, start * size, count * size);
      }
      return out;
    },
  };
}
