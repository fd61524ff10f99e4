/** From one width to another in WebAssembly; contracts in `Kernels`. */
import type { Kernels } from '../kernels.js';
import { checkExtend, checkReduce } from '../reference/checks.js';
import { reference } from '../reference/reference.js';
import { RingVector, type RingWidth } from '../ring-vector.js';
import type { WasmModule } from './module.js';
import { BLOCK, slot } from './scratch.js';
import type { Shortest } from './shortest.js';

export function wasmResize(module: WasmModule, shortest: Shortest): Pick<Kernels, 'reduce' | 'extend'> {
  const { scratch, words } = module;

  const resize = (x: RingVector, width: RingWidth): RingVector => {
    const out = RingVector.uninitialised(width, x.length);
    const [source, target] = [x.bytes(), out.bytes()];
    const kernel = kernelFor(words, x.width, width);
    if (kernel === undefined) {
      target.set(source);
      return out;
    }
    const wide = Math.max(x.width, width) / 8;
    const elements = BLOCK / wide;
    for (let start = 0; start < x.length; start += elements) {
      const count = Math.min(elements, x.length - start);
      scratch.put(slot(0), source, (start * x.width) / 8, ((start + count) * x.width) / 8);
      kernel(slot(0), slot(1), count * wide);
      scratch.take(slot(1), target, (start * width) / 8, (count * width) / 8);
    }
    return out;
  };

  return {
    reduce(x, width) {
      if (x.length < shortest.bits) return reference.reduce(x, width);
      checkReduce(x, width);
      return resize(x, width);
    },

    extend(x, width) {
      if (x.length < shortest.bits) return reference.extend(x, width);
      checkExtend(x, width);
      return resize(x, width);
    },
  };
}

/** Undefined where the widths are equal. */
function kernelFor(
  words: WasmModule['words'],
  from: RingWidth,
  to: RingWidth,
): WasmModule['words']['narrow64To32'] | undefined {
  if (from === 32) return to === 64 ? words.widen32To64 : to === 128 ? words.widen32To128 : undefined;
  if (from === 64) return to === 32 ? words.narrow64To32 : to === 128 ? words.widen64To128 : undefined;
  return to === 32 ? words.narrow128To32 : to === 64 ? words.narrow128To64 : undefined;
}
