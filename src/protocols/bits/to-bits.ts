/**
 * Bits of shared numbers: from a ring to rows of bits.
 *
 * Functionality: rows from..to-1 of the two's complement of each element, as rows of bits.
 * Protocol (ours): the element is a sum of two operands (two-operand conversion, ABY3, Mohassel and Rindal 2018, section
 *   5.3), whose bits add up without carries (halfSum) locally. The backend makes carries of all spans of three bits and
 *   of their beginnings directly from the operands; a prefix network joins them (carries.ts). Of the bits below `from`
 *   only the carry out of them is made, as for a sign.
 * Requires: 0 <= from <= to <= width of the ring. Long vectors run in chunks.
 * Cost (rep3), all k bits: 3 + ceil(log2((k-1)/3)) rounds at most; 64 bits 8 rounds and 28 bytes per node and element on
 *   average, 32 bits 7 and 12.3 (Sklansky's network on single bits: 49 and 20).
 * Reveals: nothing. Fails: never.
 */
import { BitMatrix } from '../../kernels/bit-matrix.js';
import type { RingWidth } from '../../kernels/ring-vector.js';
import { rows, stack, xor } from '../../share/bits.js';
import { slice } from '../../share/linear.js';
import type { ArithmeticShare, BinaryShare } from '../../share/shares.js';
import { bitsInChunks } from '../chunks.js';
import type { Context } from '../context.js';
import { carriesInto } from './carries.js';

/** Bits from..to-1 of x, the lowest first. RangeError unless 0 <= from <= to <= width. */
export async function toBits<W extends RingWidth>(
  ctx: Context,
  x: ArithmeticShare<W>,
  from: number,
  to: number,
): Promise<BinaryShare> {
  if (!Number.isInteger(from) || !Number.isInteger(to) || from < 0 || from > to || to > x.width) {
    throw new RangeError(`bits ${from} to ${to} of a ring of ${x.width}`);
  }
  if (from === to) return ctx.publicBits(BitMatrix.zeros(0, x.length));
  return await bitsInChunks(ctx, x.length, async (chunk, start, end) => {
    const spans = await chunk.backend.carrySpans(chunk.step('operands'), slice(x, start, end), from, to);
    const { halfSum } = spans;
    if (spans.spans.length === 0) return halfSum;
    // No carry enters bit 0.
    const lowest = Math.max(from, 1);
    const carries = await carriesInto(chunk, spans, lowest, to);
    if (from === lowest) return xor(halfSum, carries);
    return stack([rows(halfSum, 0, 1), xor(rows(halfSum, 1, to), carries)]);
  });
}
