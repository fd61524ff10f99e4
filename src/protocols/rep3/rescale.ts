/**
 * Rescale: x, shared over Z_2^w with 0 <= x + offset < 2^(w-1), becomes x / 2^s over Z_2^v, rounded down or
 * up to a neighbouring whole number. Truncation for v = w, lifting for s = 0 and v > w, cutting for v < w.
 *
 * Protocol (ours): x + offset is a sum A + B modulo 2^w of A = x0 + x1 + offset, known to node 0, and B = x2, known to
 *   nodes 1 and 2. Let W be 1 where A + B is 2^w or more, so that over the integers x + offset = A + B - W*2^w, and
 *     result = floor(A / 2^s) - offset / 2^s + ceil(B / 2^s) - W*2^(w-s).
 *   As x + offset < 2^(w-1), W is the OR of the top bits a of A and b of B: without either A + B is below 2^w, with both
 *   it is not, and with one of them A + B is 2^(w-1) or more, so it must have passed 2^w. So -W = (1-a)*(1-b) - 1. Node
 *   0 knows 1-a and splits it in two halves (a stream with node 1, the rest sent to node 2), which nodes 1 and 2
 *   multiply by 1-b, which both know, and exchange masked by streams that the receiver lacks; node 0, which knows both
 *   masks, takes them in. The product is needed
 *   modulo 2^(v-w+s) only, and travels in the narrowest ring that has so many bits; for v <= w-s not at all. The
 *   operand floor(A / 2^s) is split like 1-a; ceil(B / 2^s) needs no message.
 *   The top-bit argument is that of masked openings (Dalskov, Escudero, Keller 2020, PoPETs, section 3.2.2) with the
 *   parts themselves as masks: 6.7 bytes a node where that takes 16.
 * Error: with l(A), l(B) what is shifted out, floor(A/2^s) + ceil(B/2^s) is the exact quotient plus
 *   (-l(A) + (-l(B) mod 2^s)) / 2^s, which is above -1 and below 1; so the result is the floor or the ceiling of the
 *   quotient, hence exact where that is whole. For uniform parts the ceiling has probability (x + offset mod 2^s) / 2^s:
 *   unbiased. Which of the two it is depends on the parts: whoever learns the result may learn from it something about
 *   the bits shifted out, so nothing that is opened is rounded so (truncate.ts has the exact way).
 * Cost: 2 rounds (1 without correction). With c bytes of the correction's ring, node 0 sends v/8 + c bytes an element,
 *   nodes 1 and 2 send c each. Of products in the making: 1 round more, and w/8 bytes more from nodes 1 and 2.
 * Reveals: nothing; every message is masked by a stream that its receiver lacks.
 */
import type { StepPath } from '../../core/step.js';
import { kernels } from '../../kernels/kernels.js';
import type { RingVector, RingWidth } from '../../kernels/ring-vector.js';
import { ArithmeticShare } from '../../share/shares.js';
import type { Rescaling } from '../backend.js';
import type { Context } from '../context.js';
import { correctionWidth } from '../rescaling.js';
import { ringBytes } from '../sizes.js';
import { bothParts, exchange, type Rep3Party } from './party.js';

type Parts = readonly [RingVector, RingVector];
/** At node 0 two vectors that add up to its operand; at nodes 1 and 2 twice the one that they both know. */
export type Operand = readonly [RingVector, RingVector];

export async function rescale<W extends RingWidth, V extends RingWidth>(
  party: Rep3Party,
  ctx: Context,
  x: ArithmeticShare<W>,
  to: Rescaling<V>,
): Promise<ArithmeticShare<V>> {
  const step = ctx.claim();
  await party.turns.next(ringBytes(x.width, x.length));
  return await rescaleOperands(party, step, operandOf(party, x), to, x.clock);
}

/** A share as a sum of two operands. */
export function operandOf<W extends RingWidth>(party: Rep3Party, x: ArithmeticShare<W>): Operand {
  const [first, second] = bothParts(x);
  if (party.self === 0) return [first, second];
  return party.self === 1 ? [second, second] : [first, first];
}

/** A sum of two operands rescaled. Node 0's is without the offset. */
export async function rescaleOperands<V extends RingWidth>(
  party: Rep3Party,
  step: StepPath,
  operand: Operand,
  to: Rescaling<V>,
  clock: number,
): Promise<ArithmeticShare<V>> {
  const [{ width, length }] = operand;
  const correction = correctionWidth(width, to.shift, to.width);
  const share = (parts: Parts): ArithmeticShare<V> =>
    new ArithmeticShare({
      width: to.width,
      length,
      bounds: to.bounds,
      held: party.held,
      parts,
      clock: clock + (correction === undefined ? 1 : 2),
    });
  if (party.self === 0) return share(await splitOperand(party, step, operand, to, correction, clock));
  return share(await addOperand(party, step, operand[0], to, correction, clock));
}

/** Node 0: splits floor(A / 2^s), and 1-a where there is a correction. */
async function splitOperand(
  party: Rep3Party,
  step: StepPath,
  [x, y]: Operand,
  to: Rescaling<RingWidth>,
  correction: RingWidth | undefined,
  clock: number,
): Promise<Parts> {
  const stream = (part: 0 | 1, label: string, width: RingWidth): RingVector =>
    party.randomness.ring(part, step, label, width, x.length);
  const second = stream(1, 'operand', to.width);
  if (correction === undefined) {
    const own = kernels.addConstant(kernels.add(x, y), to.offset);
    const quotient = kernels.shiftRight(own, to.shift, to.width, false);
    const first = kernels.subtract(kernels.addConstant(quotient, -(to.offset >> BigInt(to.shift))), second);
    await party.send(2, step, 'operand', first, clock + 1);
    return [first, second];
  }
  const { quotient, top } = kernels.splitOperand({
    x,
    y,
    offset: to.offset,
    shift: to.shift,
    at: x.width - to.shift,
    corrections: [stream(0, 'correction', correction), stream(1, 'correction', correction)],
    mask: second,
    half: stream(1, 'top', correction),
  });
  await Promise.all([
    party.send(2, step, 'operand', quotient, clock + 1),
    party.send(2, step, 'top', top, clock + 1),
  ]);
  return [quotient, second];
}

/** Nodes 1 and 2: ceil(B / 2^s) and the correction. */
async function addOperand(
  party: Rep3Party,
  step: StepPath,
  operand: RingVector,
  to: Rescaling<RingWidth>,
  correction: RingWidth | undefined,
  clock: number,
): Promise<Parts> {
  const isNode1 = party.self === 1;
  const { randomness } = party;
  const n = operand.length;
  const receiving = (tag: string, width: RingWidth): Promise<RingVector> =>
    isNode1
      ? Promise.resolve(randomness.ring(1, step, tag, width, n))
      : party.receiveRing(0, step, tag, width, n);
  const [own, half] = await Promise.all([
    receiving('operand', to.width),
    correction === undefined ? undefined : receiving('top', correction),
  ]);
  if (correction === undefined || half === undefined) {
    const common = kernels.shiftRight(operand, to.shift, to.width, true);
    return isNode1 ? [own, common] : [common, own];
  }
  const peer = isNode1 ? 2 : 1;
  const mask = randomness.ring(isNode1 ? 1 : 0, step, 'correction', correction, n);
  // Node 1 takes in the -1 of (1-a)*(1-b) - 1.
  const masked = kernels.maskedCorrection(half, operand, isNode1 ? -1n : 0n, mask);
  const received = await exchange(
    party.send(peer, step, 'correction', masked, clock + 2),
    party.receiveRing(peer, step, 'correction', correction, n),
  );
  const at = operand.width - to.shift;
  const { shift, width } = to;
  const common = kernels.roundUpCorrected(operand, { width, shift, at, first: masked, second: received });
  return isNode1 ? [own, common] : [common, own];
}
