/**
 * From arithmetic to bits: a value x = A + B is a sum of two operands, A = x0 + x1 known to nodes 2 and 3, B = x2 + x3 known
 * to nodes 0 and 1. Its carries are in carry-spans.ts.
 *
 * Functionality: that of rep3/two-operands.ts: addends gives the bits of A and of B; zeroBits bits that are all 1 exactly
 *   where A = -B modulo 2^k; bandBits bits that are all 1 exactly where the operands without their low b bits add up to 0
 *   or -1.
 * Protocol: each pair of nodes shares the bits of its operand (terms.ts). bandBits (ours, rep3/two-operands.ts): with s and t
 *   the operands without their low bits, the bits are s XOR (t-1) XOR s_0*z, z = t XOR (t-1); the product has mixed terms
 *   only.
 * Cost: addends and zeroBits 1 round, 2k bits; bandBits 2 rounds, 7 bits for each above the lowest and 1 for that, from all
 *   nodes together per element, and tags.
 * Reveals: nothing. Fails: COPIES_DIFFER where a node lies.
 */
import { release } from '../../core/release.js';
import type { StepPath } from '../../core/step.js';
import { BitMatrix } from '../../kernels/bit-matrix.js';
import { kernels } from '../../kernels/kernels.js';
import type { RingVector, RingWidth } from '../../kernels/ring-vector.js';
import { type ArithmeticShare, BinaryShare } from '../../share/shares.js';
import type { Context } from '../context.js';
import { partOf } from './parts.js';
import type { Rep4Party } from './party.js';
import { bitShape, HIGH, knows, LOW, MIXED, shareSides, shareTerms, sumOfSide } from './terms.js';

export async function zeroBits<W extends RingWidth>(
  party: Rep4Party,
  ctx: Context,
  x: ArithmeticShare<W>,
  k: number,
): Promise<BinaryShare> {
  // A = -B where A - 1 = NOT B, whose bits all differ from those of B.
  const isLow = knows(party.self, LOW);
  const own = operandBits(party, x, k, isLow ? -1n : 0n);
  const parts = await shareBits(party, ctx.claim(), 'operand', own, x.clock + 1);
  return new BinaryShare({ rows: k, length: x.length, held: party.held, parts, clock: x.clock + 1 });
}

/** The operands themselves: A in parts 0 and 1, B in parts 2 and 3. */
export async function addends<W extends RingWidth>(
  party: Rep4Party,
  ctx: Context,
  x: ArithmeticShare<W>,
  k: number,
): Promise<readonly BinaryShare[]> {
  const own = operandBits(party, x, k);
  const clock = x.clock + 1;
  const parts = await shareBits(party, ctx.claim(), 'operand', own, clock);
  const zeros = BitMatrix.zeros(k, x.length);
  return [LOW, HIGH].map(({ mask, rest }) => {
    const ofSide = parts.map((part, i) => (party.held[i] === mask || party.held[i] === rest ? part : zeros));
    return new BinaryShare({ rows: k, length: x.length, held: party.held, parts: ofSide, clock });
  });
}

export async function bandBits<W extends RingWidth>(
  party: Rep4Party,
  ctx: Context,
  x: ArithmeticShare<W>,
  b: number,
): Promise<BinaryShare> {
  const step = ctx.claim();
  const { length, width } = x;
  const rows = width - b - 1;
  const clock = x.clock + 1;
  const operand = operandOf(party, x);
  const above = (own: RingVector, from: number): BitMatrix =>
    kernels.toBits(own, width).rowsBetween(from, width);
  const lowRows = (): BitMatrix => above(operand, b);
  const highRows = (): BitMatrix => {
    const decremented = above(kernels.addConstant(operand, -(1n << BigInt(b))), b + 1);
    return BitMatrix.stack([decremented, kernels.xor(above(operand, b + 1), decremented)]);
  };
  const side = (term: typeof LOW, count: number, own: () => BitMatrix): Promise<BitMatrix[]> => {
    const shape = bitShape(party, count, length, 'band');
    return shareTerms(party, { step, name: 'band', clock }, shape, [term], (_, mask) =>
      kernels.xor(own(), mask),
    );
  };
  const [low, high] = await Promise.all([side(LOW, rows + 1, lowRows), side(HIGH, 2 * rows, highRows)]);
  const lowest = low.map((part) => BitMatrix.stack(Array.from({ length: rows }, () => part.row(0))));
  const changes = high.map((part) => part.rowsBetween(rows, 2 * rows));
  const shape = bitShape(party, rows, length, 'lowest');
  const { held } = party;
  const products = await shareTerms(
    party,
    { step, name: 'lowest', clock: clock + 1 },
    shape,
    MIXED,
    ({ mask, rest }, stream) => {
      const [lowPart, highPart] = mask < 2 ? [mask, rest] : [rest, mask];
      const [s, z] = [partOf({ held, parts: lowest }, lowPart), partOf({ held, parts: changes }, highPart)];
      return kernels.xor(kernels.and(s, z), stream);
    },
  );
  const parts = products.map((product, i) => {
    const linear = (held[i] as number) < 2 ? low[i]?.rowsBetween(1, rows + 1) : high[i]?.rowsBetween(0, rows);
    return kernels.xor(product, linear as BitMatrix);
  });
  return new BinaryShare({ rows, length, held, parts, clock: clock + 1 });
}

/** This node's operand, A or B. */
export function operandOf<W extends RingWidth>(party: Rep4Party, x: ArithmeticShare<W>): RingVector {
  return sumOfSide(party, x.parts);
}

/** The lowest k bits of the operand and a number. */
export function operandBits<W extends RingWidth>(
  party: Rep4Party,
  x: ArithmeticShare<W>,
  k: number,
  plus = 0n,
): BitMatrix {
  const operand = operandOf(party, x);
  const moved = plus === 0n ? operand : kernels.addConstant(operand, plus);
  const bits = kernels.toBits(moved, k);
  release([operand, moved].map((own) => own.bytes()));
  return bits;
}

/** The XOR of what both sides know, as many rows of each. */
async function shareBits(
  party: Rep4Party,
  step: StepPath,
  name: string,
  own: BitMatrix,
  clock: number,
): Promise<BitMatrix[]> {
  const shape = bitShape(party, own.rows, own.length, name);
  return await shareSides(party, { step, name, clock }, shape, (mask) => kernels.xor(own, mask));
}
