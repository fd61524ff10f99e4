/** Kernels whose result has the size of their operands, block by block through the scratch memory. */
import { BLOCK, bytesOf, type Scratch, slot } from './scratch.js';

type Words = Uint32Array | BigUint64Array;

/**
 * Puts a block of each operand into the slots 0, 1, ..., runs the kernel, and takes the block of `out` from the
 * slot after them; for all blocks.
 *
 * @param run the kernel on a block of so many bytes (at most `BLOCK`, rounded up by the kernel).
 */
export function blockwise(
  scratch: Scratch,
  operands: readonly Words[],
  out: Words,
  run: (bytes: number) => void,
): void {
  const sources = operands.map(bytesOf);
  const target = bytesOf(out);
  for (let start = 0; start < target.length; start += BLOCK) {
    const end = Math.min(target.length, start + BLOCK);
    for (let k = 0; k < sources.length; k++) scratch.put(slot(k), sources[k]!, start, end);
    run(end - start);
    scratch.takeBlock(sources.length, target, start, end - start);
  }
}
