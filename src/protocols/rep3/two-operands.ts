/**
 * From arithmetic to bits: a value x = (x0 + x1) + x2 is a sum of two operands, u = x0 + x1 known to node 0
 * and x2 known to nodes 1 and 2. Its carries are in carry-spans.ts.
 *
 * Functionality: addends gives the bits of u and of x2, each as a matrix of its own; zeroBits gives bits that are all 1 exactly where u = -x2 modulo 2^k, that is where x = 0; bandBits
 *   gives bits that are all 1 exactly where the operands without their low b bits add up to 0 or -1 (range-check.ts
 *   says what that is for).
 * Protocol: two-operand conversion of replicated shares (ABY3, Mohassel and Rindal 2018, section 5.3), with
 *   products of a bit of each operand computed from the two locally known halves of u rather than by a general AND:
 *   u = u0 XOR u1, where u1 is a stream of nodes 0 and 1 and node 0 sends u0 to node 2; then nodes 1 and 2
 *   hold u1*x2 and u0*x2 and exchange them masked by streams that the receiver lacks.
 *   bandBits (ours): let s be u and t be x2, both without their low b bits. For odd s, s + t is 0 or -1 exactly where
 *   all bits above the lowest differ between s and t; for even s, where they differ between s and t-1. So the bits are
 *   s XOR (t-1) XOR s_0*z with z = t XOR (t-1), which nodes 1 and 2 know, and the product is made like any other.
 * Cost: addends and zeroBits 1 round, k bits from node 0; bandBits 2 rounds, width-b bits from node 0 and width-b-1 from nodes 1
 *   and 2 each, per element.
 * Reveals: nothing; every message is masked by a stream that its receiver lacks.
 */

import type { StepPath } from '../../core/step.js';
import { BitMatrix } from '../../kernels/bit-matrix.js';
import { kernels } from '../../kernels/kernels.js';
import type { RingVector, RingWidth } from '../../kernels/ring-vector.js';
import { type ArithmeticShare, BinaryShare } from '../../share/shares.js';
import type { Context } from '../context.js';
import { bothParts, exchange, type Rep3Party } from './party.js';

/** The two parts that a node holds. */
export type Bits = readonly [BitMatrix, BitMatrix];

/** Bits of the operands that are shared, and what is done to the operands before. */
interface Operands {
  /** Bits from `from` to `to` - 1. */
  readonly from: number;
  readonly to: number;
  readonly first?: (u: RingVector) => RingVector;
  readonly second?: (x2: RingVector) => RingVector;
}

export async function zeroBits<W extends RingWidth>(
  party: Rep3Party,
  ctx: Context,
  x: ArithmeticShare<W>,
  k: number,
): Promise<BinaryShare> {
  const step = ctx.claim();
  // u = -x2 where u - 1 = NOT x2, whose bits all differ from those of x2.
  const first = (u: RingVector): RingVector => kernels.addConstant(u, -1n);
  const parts = await shareOperands(party, step, x, { from: 0, to: k, first });
  return new BinaryShare({ rows: k, length: x.length, held: party.held, parts, clock: x.clock + 1 });
}

/** The operands themselves: (u0, u1, 0) and (0, 0, x2). */
export async function addends<W extends RingWidth>(
  party: Rep3Party,
  ctx: Context,
  x: ArithmeticShare<W>,
  k: number,
): Promise<readonly BinaryShare[]> {
  const step = ctx.claim();
  const parts = await shareOperands(party, step, x, { from: 0, to: k });
  const zeros = BitMatrix.zeros(k, x.length);
  const share = (from: readonly BitMatrix[], clock: number): BinaryShare =>
    new BinaryShare({ rows: k, length: x.length, held: party.held, parts: from, clock });
  const only = (wanted: (part: number) => boolean): BitMatrix[] =>
    parts.map((part, i) => (wanted(party.held[i] as number) ? part : zeros));
  return [
    share(
      only((part) => part !== 2),
      x.clock + 1,
    ),
    share(
      only((part) => part === 2),
      x.clock,
    ),
  ];
}

export async function bandBits<W extends RingWidth>(
  party: Rep3Party,
  ctx: Context,
  x: ArithmeticShare<W>,
  b: number,
): Promise<BinaryShare> {
  const step = ctx.claim();
  const { length, width } = x;
  const rows = width - b - 1;
  const decrement = (x2: RingVector): RingVector => kernels.addConstant(x2, -(1n << BigInt(b)));
  const [first, second] = await shareOperands(party, step, x, { from: b, to: width, second: decrement });
  const local = (): BitMatrix => {
    const [x2, decremented, half] =
      party.self === 1 ? [bothParts(x)[1], second, first] : [bothParts(x)[0], first, second];
    const z = kernels.xor(bitsBetween(x2, b, width), decremented);
    const lowest = BitMatrix.stack(Array.from({ length: rows }, () => half.row(0)));
    return kernels.and(z.rowsBetween(1, rows + 1), lowest);
  };
  const shape = { tag: 'lowest', rows, length, clock: x.clock + 2 };
  const [adjust0, adjust1] = await products(party, step, shape, local);
  const parts = [
    kernels.xor(first.rowsBetween(1, rows + 1), adjust0),
    kernels.xor(second.rowsBetween(1, rows + 1), adjust1),
  ];
  return new BinaryShare({ rows, length, held: party.held, parts, clock: x.clock + 2 });
}

/**
 * What this node holds of bits of u XOR x2 as a binary sharing with parts (u0, u1, x2), where u is made from
 * x0 + x1.
 */
async function shareOperands<W extends RingWidth>(
  party: Rep3Party,
  step: StepPath,
  x: ArithmeticShare<W>,
  { from, to, first: ofFirst = unchanged, second: ofSecond = unchanged }: Operands,
): Promise<Bits> {
  const [first, second] = bothParts(x);
  const rows = to - from;
  const u1 = (): BitMatrix => party.randomness.bits(1, step, 'operand', rows, x.length);
  if (party.self === 0) {
    const known = u1();
    const u = ofFirst(kernels.add(first, second));
    const u0 = kernels.xor(bitsBetween(u, from, to), known);
    await party.send(party.prev, step, 'operand', u0, x.clock + 1);
    return [u0, known];
  }
  if (party.self === 1) return [u1(), bitsBetween(ofSecond(second), from, to)];
  // Asked for first, so that it comes while the bits are made.
  const receiving = party.receiveBits(party.next, step, 'operand', rows, x.length);
  const own = bitsBetween(ofSecond(first), from, to);
  return [own, await receiving];
}

function unchanged(operand: RingVector): RingVector {
  return operand;
}

/** Bits from `from` to `to` - 1 of every element. */
function bitsBetween(x: RingVector, from: number, to: number): BitMatrix {
  return kernels.toBits(x, to).rowsBetween(from, to);
}

/** A sharing of a XOR b, where `local` makes a at node 1 and b at node 2. */
export async function products(
  party: Rep3Party,
  step: StepPath,
  { tag, rows, length, clock }: { tag: string; rows: number; length: number; clock: number },
  local: () => BitMatrix,
): Promise<Bits> {
  const mask = (part: 0 | 1): BitMatrix => party.randomness.bits(part, step, tag, rows, length);
  if (party.self === 0) return [mask(0), mask(1)];
  const peer = party.self === 1 ? 2 : 1;
  const receiving = party.receiveBits(peer, step, tag, rows, length);
  const ownMask = mask(party.self === 1 ? 1 : 0);
  const masked = kernels.xor(local(), ownMask);
  const sending = party.send(peer, step, tag, masked, clock);
  const common = kernels.xor(masked, await exchange(sending, receiving));
  return party.self === 1 ? [ownMask, common] : [common, ownMask];
}
