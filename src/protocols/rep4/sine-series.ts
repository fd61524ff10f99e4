/**
 * Sine series: for x over Z_2^w and public amplitudes a_j the sum of a_j sin((2j + 1) t), where t is 2 pi turns x / 2^w.
 *
 * Protocol (ours): as in rep3/sine-series.ts, by sin(k(t_A + t_B)) = sin(k t_A) cos(k t_B) + cos(k t_A) sin(k t_B), for
 *   A = x0 + x1, known to nodes 2 and 3, and B = x2 + x3, known to nodes 0 and 1. Each pair shares its factors, rounded
 *   (terms.ts); the series is the inner product of a low and a high share, which has mixed terms only, and is rescaled as
 *   a sum of two operands.
 * Error: that of rep3/sine-series.ts.
 * Cost: rounds and bytes of rescale.ts and 2 rounds more; with k amplitudes 4 k + 4 elements of 64 bits from all nodes
 *   together, and tags. Of products in the making: 1 round and four elements of w bits more.
 * Reveals: nothing. Fails: COPIES_DIFFER where a node lies.
 */
import type { StepPath } from '../../core/step.js';
import { kernels } from '../../kernels/kernels.js';
import type { RingVector, RingWidth } from '../../kernels/ring-vector.js';
import type { ArithmeticShare } from '../../share/shares.js';
import type { Rescaling, SineSeries } from '../backend.js';
import type { Context } from '../context.js';
import { firstFactors, secondFactors, sumOfProducts } from '../series-factors.js';
import { ringBytes } from '../sizes.js';
import { partOf } from './parts.js';
import type { Rep4Party } from './party.js';
import { rescaleOperands } from './rescale.js';
import { knows, LOW, MIXED, ringShape, shareSides, shareTerms, sumOfSide } from './terms.js';
import { operandOf } from './two-operands.js';

export async function sineSeries<W extends RingWidth, V extends RingWidth>(
  party: Rep4Party,
  ctx: Context,
  x: ArithmeticShare<W>,
  series: SineSeries,
  to: Rescaling<V>,
): Promise<ArithmeticShare<V>> {
  return await seriesOfOperands(party, ctx.claim(), operandOf(party, x), series, to, x.clock);
}

/** The series at a sum of two operands, of which this node knows one. */
export async function seriesOfOperands<V extends RingWidth>(
  party: Rep4Party,
  step: StepPath,
  operand: RingVector,
  series: SineSeries,
  to: Rescaling<V>,
  clock: number,
): Promise<ArithmeticShare<V>> {
  const { held, self } = party;
  const n = operand.length;
  const size = 2 * series.amplitudes.length * n;
  await party.turns.next(ringBytes(64, size));
  const own = knows(self, LOW) ? firstFactors(operand, series) : secondFactors(operand, series);
  const factors = await shareSides(
    party,
    { step, name: 'factors', clock: clock + 1 },
    ringShape(party, 64, size, 'factors'),
    (mask) => kernels.subtract(own, mask),
  );
  const shape = ringShape(party, 64, n, 'series');
  const sharing = { step, name: 'series', clock: clock + 2 };
  const parts = await shareTerms(party, sharing, shape, MIXED, ({ mask, rest }, stream) => {
    const [x, y] = [mask, rest].map((part) => partOf({ held, parts: factors }, part));
    return kernels.subtract(sumOfProducts(x as RingVector, y as RingVector, series), stream);
  });
  return await rescaleOperands(party, step, sumOfSide(party, parts), to, clock + 2);
}
