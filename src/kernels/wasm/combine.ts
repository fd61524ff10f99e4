/** Sums of entries times public factors in WebAssembly: an entry's block is read once for all sums. */
import type { Kernels } from '../kernels.js';
import { checkCombination } from '../reference/checks.js';
import { reference } from '../reference/reference.js';
import { RingVector } from '../ring-vector.js';
import type { WasmModule } from './module.js';
import { BLOCK, bytesOf, SLOTS, SMALL, slot } from './scratch.js';
import type { Shortest } from './shortest.js';

const ENTRY = slot(0);
const TERM = slot(1);
const FIRST_SUM = 2;

export function wasmCombine(module: WasmModule, shortest: Shortest): Pick<Kernels, 'combineEntries'> {
  const { scratch } = module;

  /** As many sums as there are slots for. */
  const combine = (entries: RingVector, factors: readonly RingVector[], n: number): RingVector[] => {
    const { add, scale } = module.of(entries.width);
    const size = entries.width / 8;
    const sums = factors.map(() => RingVector.uninitialised(entries.width, n));
    const source = bytesOf(entries.data);
    const numbers = factors.map((own) => own.toBigInts());
    const total = n * size;
    for (let start = 0; start < total; start += BLOCK) {
      const bytes = Math.min(BLOCK, total - start);
      factors.forEach((_, t) => scratch.clear(slot(FIRST_SUM + t), bytes));
      for (let j = 0; j * n < entries.length; j++) {
        scratch.put(ENTRY, source, j * total + start, j * total + start + bytes);
        factors.forEach((own, t) => {
          const factor = numbers[t]![j]!;
          if (factor === 0n) return;
          const sum = slot(FIRST_SUM + t);
          if (factor !== 1n) {
            scratch.put(SMALL, bytesOf(own.data), j * size, (j + 1) * size, size);
            scale(ENTRY, SMALL, TERM, bytes);
          }
          add(sum, factor === 1n ? ENTRY : TERM, sum, bytes);
        });
      }
      sums.forEach((sum, t) => scratch.takeBlock(FIRST_SUM + t, bytesOf(sum.data), start, bytes));
    }
    return sums;
  };

  return {
    combineEntries(entries, factors) {
      const n = checkCombination(entries, factors);
      // Entries of all numbers are on the way together.
      if (entries.length < shortest[entries.width].pairwise)
        return reference.combineEntries(entries, factors);
      const most = SLOTS - FIRST_SUM;
      const groups = Array.from({ length: Math.ceil(factors.length / most) }, (_, g) =>
        factors.slice(g * most, (g + 1) * most),
      );
      return groups.flatMap((group) => combine(entries, group, n));
    },
  };
}
