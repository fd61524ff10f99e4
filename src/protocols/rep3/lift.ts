/**
 * Lift: a sharing of x in [0, 2^62) over Z_2^64 becomes one over Z_2^128.
 *
 * Protocol: masked opening with the sign trick of Dalskov, Escudero, Keller 2020 (PoPETs, section 3.2.2), here
 *   without truncation. Node 2 knows a uniform 64-bit r = ra + rb (streams with nodes 0 and 1); nodes 0 and 1
 *   learn c = x + r mod 2^64. Let s = r mod 2^63 and m the top bit of r. As x + s < 2^64, its carry into bit 63
 *   is v = msb(c) XOR m, and over the integers x = c + (1 - 2*msb(c))*m*2^63 - s. Node 2 deals s and m over
 *   Z_2^128 to nodes 0 and 1 additively; they combine and reshare under fresh streams.
 * Requires: bounds within [0, 2^62).
 * Cost: 2 rounds; nodes 0 and 1 send 8 + 16 bytes, node 2 sends 32 bytes per element.
 * Reveals: nothing: c is uniform to nodes 0 and 1, each of which lacks one of ra, rb; node 2 never sees c.
 */

import type { StepPath } from '../../core/step.js';
import { kernels } from '../../kernels/kernels.js';
import type { RingVector } from '../../kernels/ring-vector.js';
import { ArithmeticShare } from '../../share/shares.js';
import type { Context } from '../context.js';
import { ringBytes } from '../sizes.js';
import { bothParts, exchange, type Rep3Party } from './party.js';

type Parts = readonly [RingVector, RingVector];

/** What the top bit of 64 stands for. */
const TOP = 1n << 63n;

export async function lift(
  party: Rep3Party,
  ctx: Context,
  x: ArithmeticShare<64>,
): Promise<ArithmeticShare<128>> {
  const step = ctx.claim();
  await party.turns.next(ringBytes(128, x.length));
  const parts =
    party.self === 2 ? await dealMask(party, step, x) : await combine(party, step, x, party.self === 0);
  const { length, bounds, held, clock } = x;
  return new ArithmeticShare({ width: 128, length, bounds, held, parts, clock: clock + 2 });
}

/** Node 2: splits s and m over Z_2^128 between node 0 (a stream) and node 1 (a message). */
async function dealMask(party: Rep3Party, step: StepPath, x: ArithmeticShare<64>): Promise<Parts> {
  const n = x.length;
  const { randomness } = party;
  const r = kernels.add(randomness.ring(0, step, 'mask', 64, n), randomness.ring(2, step, 'mask', 64, n));
  const top = topBit(r);
  const low = kernels.subtract(kernels.extend(r, 128), kernels.scale(top, TOP));
  const forNode1 = (value: RingVector, label: string): RingVector =>
    kernels.subtract(value, randomness.ring(0, step, label, 128, n));
  await Promise.all([
    party.send(1, step, 'low', forNode1(low, 'low'), x.clock + 1),
    party.send(1, step, 'top', forNode1(top, 'top'), x.clock + 1),
  ]);
  return [randomness.ring(2, step, 'result', 128, n), randomness.ring(0, step, 'result', 128, n)];
}

/** Nodes 0 and 1: learn c from each other, combine with their halves of s and m, reshare. */
async function combine(
  party: Rep3Party,
  step: StepPath,
  x: ArithmeticShare<64>,
  isNode0: boolean,
): Promise<Parts> {
  const n = x.length;
  const { randomness } = party;
  const peer = isNode0 ? 1 : 0;
  const [first, second] = bothParts(x);
  const ownPart = isNode0 ? first : second;
  const commonPart = isNode0 ? second : first;
  const outer = isNode0 ? 0 : 2;
  const masked = kernels.add(ownPart, randomness.ring(outer, step, 'mask', 64, n));
  const opening = exchange(
    party.send(peer, step, 'masked', masked, x.clock + 1),
    party.receiveRing(peer, step, 'masked', 64, n),
  );
  const half = async (label: string): Promise<RingVector> =>
    isNode0 ? randomness.ring(0, step, label, 128, n) : party.receiveRing(2, step, label, 128, n);
  const [received, low, top] = await Promise.all([opening, half('low'), half('top')]);
  const c = kernels.add(kernels.add(masked, commonPart), received);
  // (1 - 2*msb(c)) * 2^63, times m.
  const sign = kernels.addConstant(kernels.scale(topBit(c), -2n * TOP), TOP);
  const term = kernels.subtract(kernels.multiply(sign, top), low);
  const ownMask = randomness.ring(outer, step, 'result', 128, n);
  const toPeer = kernels.subtract(term, ownMask);
  const fromPeer = await exchange(
    party.send(peer, step, 'result', toPeer, x.clock + 2),
    party.receiveRing(peer, step, 'result', 128, n),
  );
  const common = kernels.add(kernels.add(kernels.extend(c, 128), toPeer), fromPeer);
  return isNode0 ? [ownMask, common] : [common, ownMask];
}

/** The top bit of each 64-bit element, as 0 or 1 over Z_2^128. */
function topBit(x: RingVector): RingVector {
  return kernels.expandBit(kernels.toBits(x, 64).row(63), 128);
}
