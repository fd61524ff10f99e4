/**
 * Shifts of 64-bit elements and the loops of rescaling within 64 bits in WebAssembly; contracts in `Kernels`. Other widths
 * stay with the reference.
 */
import type { Kernels } from '../kernels.js';
import { checkAlike, checkLength } from '../reference/checks.js';
import { reference } from '../reference/reference.js';
import { RingVector } from '../ring-vector.js';
import type { WasmModule } from './module.js';
import { BLOCK, bytesOf, SMALL, slot } from './scratch.js';
import type { Shortest } from './shortest.js';

type Rescaling = Pick<Kernels, 'shiftRight' | 'splitOperand' | 'maskedCorrection' | 'roundUpCorrected'>;

/** Elements of a block of 64-bit vectors. */
const ELEMENTS = BLOCK / 8;

export function wasmRescaling(module: WasmModule, shortest: Shortest): Rescaling {
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

    splitOperand(from) {
      const { x, y, offset, shift, at, corrections, mask, half } = from;
      const wide = [x, y, mask];
      const narrow = [...corrections, half];
      if (!fits(wide, narrow, shift, at)) return reference.splitOperand(from);
      checkAlike(x, y, mask);
      checkAlike(...corrections, half);
      checkLength(half, x.length);
      const [quotient, top] = [
        RingVector.uninitialised(64, x.length),
        RingVector.uninitialised(32, x.length),
      ];
      const constants = RingVector.fromBigInts(64, [offset, offset >> BigInt(shift)]);
      scratch.put(SMALL, constants.bytes(), 0, 16, 16);
      inBlocks(x.length, wide, narrow, [quotient, top], (count) =>
        words.splitOperand64(
          slot(0),
          slot(1),
          SMALL,
          shift,
          at,
          slot(3),
          slot(4),
          slot(2),
          slot(5),
          slot(6),
          slot(7),
          8 * count,
        ),
      );
      return { quotient, top };
    },

    maskedCorrection(half, operand, plus, mask) {
      if (!fits([operand], [half, mask], 1, 0)) return reference.maskedCorrection(half, operand, plus, mask);
      checkAlike(half, mask);
      checkLength(half, operand.length);
      const out = RingVector.uninitialised(32, half.length);
      const added = Number(BigInt.asIntN(32, plus));
      inBlocks(half.length, [operand], [half, mask], [out], (count) =>
        words.maskedCorrection64(slot(1), slot(0), added, slot(2), slot(3), 8 * count),
      );
      return out;
    },

    roundUpCorrected(operand, to) {
      const { width, shift, at, first, second } = to;
      if (width !== 64 || !fits([operand], [first, second], shift, at))
        return reference.roundUpCorrected(operand, to);
      checkAlike(first, second);
      checkLength(first, operand.length);
      const out = RingVector.uninitialised(64, operand.length);
      inBlocks(operand.length, [operand], [first, second], [out], (count) =>
        words.roundUpCorrected64(slot(0), shift, at, slot(1), slot(2), slot(3), 8 * count),
      );
      return out;
    },
  };

  function fits(
    wide: readonly RingVector[],
    narrow: readonly RingVector[],
    shift: number,
    at: number,
  ): boolean {
    return (
      wide.every((vector) => vector.width === 64 && vector.length >= shortest[64].pairwise) &&
      narrow.every((vector) => vector.width === 32) &&
      [shift, at].every((bits) => Number.isInteger(bits) && bits >= 0 && bits < 64) &&
      shift > 0
    );
  }

  /** Puts the operands into slots 0, 1, ..., runs the kernel, and takes the results from the slots after them. */
  function inBlocks(
    length: number,
    wide: readonly RingVector[],
    narrow: readonly RingVector[],
    results: readonly RingVector[],
    run: (count: number) => void,
  ): void {
    const operands = [...wide, ...narrow].map(({ data, width }) => ({
      bytes: bytesOf(data),
      size: width / 8,
    }));
    const taken = results.map(({ data, width }) => ({ bytes: bytesOf(data), size: width / 8 }));
    for (let start = 0; start < length; start += ELEMENTS) {
      const end = Math.min(length, start + ELEMENTS);
      operands.forEach(({ bytes, size }, k) => {
        scratch.put(slot(k), bytes, start * size, end * size);
      });
      run(end - start);
      taken.forEach(({ bytes, size }, k) => {
        scratch.take(slot(operands.length + k), bytes, start * size, (end - start) * size);
      });
    }
  }
}
