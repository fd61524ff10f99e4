/**
 * From arithmetic to bits: a value x = (x0 + x1) + x2 is a sum of two operands, u = x0 + x1 known to node 0
 * and x2 known to nodes 1 and 2.
 *
 * Functionality: adderBits gives propagate u XOR x2 and generate u AND x2 for the low k bits; zeroBits gives
 *   bits that are all 1 exactly where u = -x2 modulo 2^k, that is where x = 0.
 * Protocol: two-operand conversion of replicated shares (ABY3, Mohassel and Rindal 2018, section 5.3), with
 *   the generate bits computed from the two locally known halves of u rather than by a general AND:
 *   u = u0 XOR u1, where u1 is a stream of nodes 0 and 1 and node 0 sends u0 to node 2; then nodes 1 and 2
 *   hold u1*x2 and u0*x2 and exchange them masked by streams that the receiver lacks.
 * Cost: adderBits 2 rounds (1 for k = 1), k bits from node 0 and k-1 from nodes 1 and 2 each, per element;
 *   zeroBits 1 round, k bits from node 0.
 * Reveals: nothing; every message is masked by a stream that its receiver lacks.
 */

import type { StepPath } from '../../core/step.js';
import { BitMatrix } from '../../kernels/bit-matrix.js';
import { kernels } from '../../kernels/kernels.js';
import type { RingVector, RingWidth } from '../../kernels/ring-vector.js';
import { type ArithmeticShare, BinaryShare } from '../../share/shares.js';
import type { AdderBits } from '../backend.js';
import type { Context } from '../context.js';
import { bothParts, exchange, type Rep3Party } from './party.js';

type Bits = readonly [BitMatrix, BitMatrix];

export async function adderBits<W extends RingWidth>(
  party: Rep3Party,
  ctx: Context,
  x: ArithmeticShare<W>,
  k: number,
): Promise<AdderBits> {
  const step = ctx.claim();
  const { length } = x;
  const share = (rows: number, parts: Bits, clock: number): BinaryShare =>
    new BinaryShare({ rows, length, held: party.held, parts, clock });
  const bits = await shareOperands(party, step, x, k, (u) => u);
  const propagate = share(k, bits, x.clock + 1);
  if (k === 1) {
    const none = BitMatrix.zeros(0, length);
    return { propagate, generate: share(0, [none, none], x.clock + 1) };
  }
  const generate = await generateBits(party, step, bits, k - 1, x.clock + 2);
  return { propagate, generate: share(k - 1, generate, x.clock + 2) };
}

export async function zeroBits<W extends RingWidth>(
  party: Rep3Party,
  ctx: Context,
  x: ArithmeticShare<W>,
  k: number,
): Promise<BinaryShare> {
  const step = ctx.claim();
  // u = -x2 where u - 1 = NOT x2, whose bits all differ from those of x2.
  const parts = await shareOperands(party, step, x, k, (u) => kernels.addConstant(u, -1n));
  return new BinaryShare({ rows: k, length: x.length, held: party.held, parts, clock: x.clock + 1 });
}

/**
 * What this node holds of the low k bits of u XOR x2 as a binary sharing with parts (u0, u1, x2), where u is made
 * from x0 + x1.
 */
async function shareOperands<W extends RingWidth>(
  party: Rep3Party,
  step: StepPath,
  x: ArithmeticShare<W>,
  k: number,
  firstOperand: (sum: RingVector) => RingVector,
): Promise<Bits> {
  const [first, second] = bothParts(x);
  const u1 = (): BitMatrix => party.randomness.bits(1, step, 'operand', k, x.length);
  if (party.self === 0) {
    const known = u1();
    const u = firstOperand(kernels.add(first, second));
    const u0 = kernels.xor(kernels.toBits(u, k), known);
    await party.send(party.prev, step, 'operand', u0, x.clock + 1);
    return [u0, known];
  }
  if (party.self === 1) return [u1(), kernels.toBits(second, k)];
  // Asked for first, so that it comes while the bits are made.
  const receiving = party.receiveBits(party.next, step, 'operand', k, x.length);
  const own = kernels.toBits(first, k);
  return [own, await receiving];
}

/** u AND x2 for the low `rows` bits, from the parts (u0, u1, x2) of u XOR x2. */
async function generateBits(
  party: Rep3Party,
  step: StepPath,
  propagate: Bits,
  rows: number,
  clock: number,
): Promise<Bits> {
  const [first, second] = propagate;
  const mask = (part: 0 | 1): BitMatrix => party.randomness.bits(part, step, 'generate', rows, first.length);
  if (party.self === 0) return [mask(0), mask(1)];
  const peer = party.self === 1 ? 2 : 1;
  const receiving = party.receiveBits(peer, step, 'generate', rows, first.length);
  const ownMask = mask(party.self === 1 ? 1 : 0);
  const product = kernels.and(first.rowsBetween(0, rows), second.rowsBetween(0, rows));
  const masked = kernels.xor(product, ownMask);
  const sending = party.send(peer, step, 'generate', masked, clock);
  const common = kernels.xor(masked, await exchange(sending, receiving));
  return party.self === 1 ? [ownMask, common] : [common, ownMask];
}
