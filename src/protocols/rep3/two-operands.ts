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
import type { RingWidth } from '../../kernels/ring-vector.js';
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
  const n = x.length;
  const operand = await shareFirstOperand(party, step, x, k);
  const share = (rows: number, parts: Bits, clock: number): BinaryShare =>
    new BinaryShare({ rows, length: n, held: party.held, parts, clock });
  const propagate = share(k, withSecondOperand(party, operand, secondOperandBits(party, x, k)), x.clock + 1);
  if (k === 1)
    return { propagate, generate: share(0, [BitMatrix.zeros(0, n), BitMatrix.zeros(0, n)], x.clock + 1) };
  const generate = await generateBits(party, step, propagate, k - 1, x.clock + 2);
  return { propagate, generate: share(k - 1, generate, x.clock + 2) };
}

export async function zeroBits<W extends RingWidth>(
  party: Rep3Party,
  ctx: Context,
  x: ArithmeticShare<W>,
  k: number,
): Promise<BinaryShare> {
  const step = ctx.claim();
  const operand = await shareFirstOperand(party, step, x, k);
  const [first, second] = withSecondOperand(party, operand, negatedSecondOperandBits(party, x, k));
  // Part 0 carries the NOT: held first by node 0, second by node 2.
  const parts: Bits =
    party.self === 0
      ? [kernels.not(first), second]
      : party.self === 2
        ? [first, kernels.not(second)]
        : [first, second];
  return new BinaryShare({ rows: k, length: x.length, held: party.held, parts, clock: x.clock + 1 });
}

/** u = x0 + x1 as a binary sharing with parts (u0, u1, 0): what each node holds of parts 0 and 1. */
async function shareFirstOperand<W extends RingWidth>(
  party: Rep3Party,
  step: StepPath,
  x: ArithmeticShare<W>,
  k: number,
): Promise<Bits> {
  const n = x.length;
  const [first, second] = bothParts(x);
  const zeros = BitMatrix.zeros(k, n);
  if (party.self === 0) {
    const u = kernels.toBits(kernels.add(first, second), k);
    const u1 = party.randomness.bits(1, step, 'operand', k, n);
    const u0 = kernels.xor(u, u1);
    await party.send(party.prev, step, 'operand', u0, x.clock + 1);
    return [u0, u1];
  }
  if (party.self === 1) return [party.randomness.bits(1, step, 'operand', k, n), zeros];
  return [zeros, await party.receiveBits(party.next, step, 'operand', k, n)];
}

/** Adds the second operand, part 2, to the parts of the first. */
function withSecondOperand(party: Rep3Party, [first, second]: Bits, operand: BitMatrix | undefined): Bits {
  if (operand === undefined) return [first, second];
  return party.self === 1 ? [first, operand] : [operand, second];
}

/** Bits of x2 at the nodes that hold it. */
function secondOperandBits<W extends RingWidth>(
  party: Rep3Party,
  x: ArithmeticShare<W>,
  k: number,
): BitMatrix | undefined {
  const [first, second] = bothParts(x);
  if (party.self === 0) return undefined;
  return kernels.toBits(party.self === 1 ? second : first, k);
}

function negatedSecondOperandBits<W extends RingWidth>(
  party: Rep3Party,
  x: ArithmeticShare<W>,
  k: number,
): BitMatrix | undefined {
  const [first, second] = bothParts(x);
  if (party.self === 0) return undefined;
  return kernels.toBits(kernels.negate(party.self === 1 ? second : first), k);
}

/** u AND x2 for the low `rows` bits, from a propagate sharing with parts (u0, u1, x2). */
async function generateBits(
  party: Rep3Party,
  step: StepPath,
  propagate: BinaryShare,
  rows: number,
  clock: number,
): Promise<Bits> {
  const n = propagate.length;
  const mask = (part: 0 | 1): BitMatrix => party.randomness.bits(part, step, 'generate', rows, n);
  if (party.self === 0) return [mask(0), mask(1)];
  const [first, second] = propagate.parts.map((part) => part.rowsBetween(0, rows)) as [BitMatrix, BitMatrix];
  const ownMask = mask(party.self === 1 ? 1 : 0);
  const masked = kernels.xor(kernels.and(first, second), ownMask);
  const peer = party.self === 1 ? 2 : 1;
  const sending = party.send(peer, step, 'generate', masked, clock);
  const received = await exchange(sending, party.receiveBits(peer, step, 'generate', rows, n));
  const common = kernels.xor(masked, received);
  return party.self === 1 ? [ownMask, common] : [common, ownMask];
}
