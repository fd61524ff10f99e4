/**
 * Sine series: for x over Z_2^w and public amplitudes a_j the sum of a_j sin((2j + 1) t), where t is 2 pi turns x / 2^w:
 * any function that has a short such series on the values of x, in three rounds, without a bit of x.
 *
 * Protocol (ours): x is a sum A + B modulo 2^w of A = x0 + x1, known to node 0, and B = x2, known to nodes 1 and 2. As t
 *   is only needed modulo 2 pi, it is the sum of the angles of A and B, and
 *     sin(k(t_A + t_B)) = sin(k t_A) cos(k t_B) + cos(k t_A) sin(k t_B),
 *   so that the series is an inner product of numbers that node 0 knows and numbers that nodes 1 and 2 both know. Node 0
 *   splits its own, rounded, in two halves over Z_2^64: a stream with node 1, and the rest, which it sends to node 2. Each
 *   of nodes 1 and 2 computes the inner product with its half, which they exchange masked by streams that the receiver
 *   lacks. That makes the series a sum of two operands once more, masks known to node 0 and the rest to nodes 1 and 2,
 *   which is rescaled as in rescale.ts; node 0 knows its operand from the start.
 * Error: of two terms of a_j the rounding of both factors, below (1 + |a_j|) 2^-26 in all; then that of rescale.ts. It
 *   depends on the parts.
 * Cost: rounds and bytes of rescale.ts and 1 round more; with k amplitudes 16 k bytes an element from node 0, and 8 from
 *   nodes 1 and 2. Of products in the making: 1 round and w/8 bytes from nodes 1 and 2 more.
 * Reveals: nothing; every message is masked by a stream that its receiver lacks.
 */
import type { StepPath } from '../../core/step.js';
import { kernels } from '../../kernels/kernels.js';
import type { RingVector, RingWidth } from '../../kernels/ring-vector.js';
import type { ArithmeticShare } from '../../share/shares.js';
import type { Rescaling, SineSeries } from '../backend.js';
import type { Context } from '../context.js';
import { firstFactors, secondFactors, sumOfProducts } from '../series-factors.js';
import { ringBytes } from '../sizes.js';
import { exchange, type Rep3Party } from './party.js';
import { type Operand, operandOf, rescaleOperands } from './rescale.js';

export async function sineSeries<W extends RingWidth, V extends RingWidth>(
  party: Rep3Party,
  ctx: Context,
  x: ArithmeticShare<W>,
  series: SineSeries,
  to: Rescaling<V>,
): Promise<ArithmeticShare<V>> {
  return await seriesOfOperands(party, ctx.claim(), operandOf(party, x), series, to, x.clock);
}

/** The series at a sum of two operands, given as in `rescaleOperands`. */
export async function seriesOfOperands<V extends RingWidth>(
  party: Rep3Party,
  step: StepPath,
  operand: Operand,
  series: SineSeries,
  to: Rescaling<V>,
  clock: number,
): Promise<ArithmeticShare<V>> {
  const n = operand[0].length;
  await party.turns.next(ringBytes(64, 2 * series.amplitudes.length * n));
  const mask = (part: 0 | 1): RingVector => party.randomness.ring(part, step, 'series', 64, n);
  if (party.self === 0) {
    const own = kernels.add(...operand);
    const sending = sendFactors(party, step, own, series, clock + 1);
    const rescaling = rescaleOperands(party, step, [mask(0), mask(1)], to, clock);
    const [share] = await Promise.all([rescaling, sending]);
    return share.with({ clock: share.clock + 1 });
  }
  const ownMask = mask(party.self === 1 ? 1 : 0);
  const masked = kernels.subtract(await sumOfHalf(party, step, operand[0], series), ownMask);
  const peer = party.self === 1 ? 2 : 1;
  const received = await exchange(
    party.send(peer, step, 'series', masked, clock + 2),
    party.receiveRing(peer, step, 'series', 64, n),
  );
  const common = kernels.add(masked, received);
  return await rescaleOperands(party, step, [common, common], to, clock + 1);
}

/** Node 0: its factors, less the stream that node 1 knows. */
async function sendFactors(
  party: Rep3Party,
  step: StepPath,
  operand: RingVector,
  series: SineSeries,
  clock: number,
): Promise<void> {
  const factors = firstFactors(operand, series);
  const stream = party.randomness.ring(1, step, 'factors', 64, factors.length);
  await party.send(2, step, 'factors', kernels.subtract(factors, stream), clock);
}

/** Nodes 1 and 2: the inner products of their half of node 0's factors with their own. */
async function sumOfHalf(
  party: Rep3Party,
  step: StepPath,
  operand: RingVector,
  series: SineSeries,
): Promise<RingVector> {
  const size = 2 * series.amplitudes.length * operand.length;
  // Asked for first, so that it comes while the own factors are made.
  const receiving = party.self === 1 ? undefined : party.receiveRing(0, step, 'factors', 64, size);
  const own = secondFactors(operand, series);
  const half = (await receiving) ?? party.randomness.ring(1, step, 'factors', 64, size);
  return sumOfProducts(half, own, series);
}
