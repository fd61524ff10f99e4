/**
 * Replicated products: multiplication, inner products and AND.
 *
 * Functionality: z = x * y elementwise, all inner products of two families of vectors, or x AND y.
 * Protocol: Araki, Furukawa, Lindell, Nof, Ohara 2016 (CCS), section 2: party i computes its additive share
 *   x_i*y_i + x_i*y_{i+1} + x_{i+1}*y_i + a_i, where a_0 + a_1 + a_2 = 0 comes from keyed randomness, and sends
 *   it to prev. For inner products the local terms are summed before masking, so the cost is that of results.
 * Requires: same widths and lengths; bounds proved by the caller.
 * Cost: 1 round; one ring element (or bit, in whole words) per result and node.
 * Reveals: nothing; the message is uniform because prev lacks one of the two streams in a_i.
 * Fails: never by itself; a wrong message gives a wrong result (three semi-honest nodes).
 */
import type { StepPath } from '../../core/step.js';
import type { BitMatrix } from '../../kernels/bit-matrix.js';
import { kernels } from '../../kernels/kernels.js';
import { RingVector, type RingWidth } from '../../kernels/ring-vector.js';
import type { Bounds } from '../../share/bounds.js';
import { type ArithmeticShare, type BinaryShare, latest } from '../../share/shares.js';
import type { Context } from '../context.js';
import { bothBits, bothParts, exchange, type Rep3Party } from './party.js';

export async function multiply<W extends RingWidth>(
  party: Rep3Party,
  ctx: Context,
  x: ArithmeticShare<W>,
  y: ArithmeticShare<W>,
  bounds: Bounds,
): Promise<ArithmeticShare<W>> {
  const step = ctx.claim();
  const clock = latest(x, y) + 1;
  const [x0, x1] = bothParts(x);
  const [y0, y1] = bothParts(y);
  const product = kernels.multiplyReplicated(x0, x1, y0, y1, zeroShare(party, step, x.width, x.length));
  return x.with({ bounds, clock, parts: await reshare(party, step, product, clock) });
}

export async function innerProducts<W extends RingWidth>(
  party: Rep3Party,
  ctx: Context,
  xs: readonly ArithmeticShare<W>[],
  ys: readonly ArithmeticShare<W>[],
  bounds: Bounds,
): Promise<ArithmeticShare<W>> {
  const step = ctx.claim();
  const clock = latest(...xs, ...ys) + 1;
  const [template] = xs;
  if (template === undefined) throw new RangeError('inner products of no vector');
  const length = xs.length * ys.length;
  const local = RingVector.concat(xs.flatMap((x) => localInnerProducts(x, ys)));
  const masked = kernels.add(local, zeroShare(party, step, template.width, length));
  return template.with({ length, bounds, clock, parts: await reshare(party, step, masked, clock) });
}

/** x0*y0 + x0*y1 + x1*y0 as (x0 + x1)*y0 + x0*y1: x0 + x1 is made once for all ys. */
function localInnerProducts<W extends RingWidth>(
  x: ArithmeticShare<W>,
  ys: readonly ArithmeticShare<W>[],
): RingVector[] {
  const [x0, x1] = bothParts(x);
  const both = kernels.add(x0, x1);
  const inner = (a: RingVector, b: RingVector): RingVector => kernels.matrixMultiply(a, b, 1, x.length, 1);
  return ys.map((y) => {
    const [y0, y1] = bothParts(y);
    return kernels.add(inner(both, y0), inner(x0, y1));
  });
}

export async function and(
  party: Rep3Party,
  ctx: Context,
  x: BinaryShare,
  y: BinaryShare,
): Promise<BinaryShare> {
  const step = ctx.claim();
  const clock = latest(x, y) + 1;
  const [x0, x1] = bothBits(x);
  const [y0, y1] = bothBits(y);
  const product = kernels.andReplicated(x0, x1, y0, y1, zeroBits(party, step, x.rows, x.length));
  const sending = party.send(party.prev, step, 'product', product, clock);
  const second = await exchange(sending, party.receiveBits(party.next, step, 'product', x.rows, x.length));
  return x.with({ clock, parts: [product, second] });
}

/** Masked additive shares become replicated ones: the only way in which a product leaves its node. */
export async function reshare(
  party: Rep3Party,
  step: StepPath,
  masked: RingVector,
  clock: number,
): Promise<[RingVector, RingVector]> {
  const sending = party.send(party.prev, step, 'product', masked, clock);
  const receiving = party.receiveRing(party.next, step, 'product', masked.width, masked.length);
  return [masked, await exchange(sending, receiving)];
}

/** This party's share of zero: the three parties' vectors sum to 0 and any two look uniform. */
export function zeroShare(party: Rep3Party, step: StepPath, width: RingWidth, n: number): RingVector {
  return kernels.subtract(
    party.randomness.ring(party.first, step, 'zero', width, n),
    party.randomness.ring(party.second, step, 'zero', width, n),
  );
}

function zeroBits(party: Rep3Party, step: StepPath, rows: number, n: number): BitMatrix {
  return kernels.xor(
    party.randomness.bits(party.first, step, 'zero', rows, n),
    party.randomness.bits(party.second, step, 'zero', rows, n),
  );
}
