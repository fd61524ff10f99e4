/**
 * Bit to integer: a shared bit b = b0 XOR b1 XOR b2 as a 0/1 value over Z_2^w.
 *
 * Protocol: own derivation in the manner of ABY3's bit injection: node 0 knows u = b0 XOR b1, nodes 1 and 2 know
 *   b2, and b = u*(1 - 2*b2) + b2. Node 0 splits u into u0 (sent to node 2) and u1 (a stream with node 1); then
 *   nodes 1 and 2 hold u1*(1-2*b2) + b2 and u0*(1-2*b2), and exchange them masked by streams that the receiver
 *   lacks. One ring element less than sharing u and multiplying.
 * Cost: 2 rounds; one ring element per node and bit.
 * Reveals: nothing; every message is masked by a stream that its receiver lacks.
 */
import { kernels } from '../../kernels/kernels.js';
import type { RingVector, RingWidth } from '../../kernels/ring-vector.js';
import { BIT } from '../../share/bounds.js';
import { ArithmeticShare, type BinaryShare } from '../../share/shares.js';
import type { Context } from '../context.js';
import { ringBytes } from '../sizes.js';
import { bothBits, exchange, type Rep3Party } from './party.js';

export async function bitToRing<W extends RingWidth>(
  party: Rep3Party,
  ctx: Context,
  bit: BinaryShare,
  width: W,
): Promise<ArithmeticShare<W>> {
  const step = ctx.claim();
  const n = bit.length;
  await party.turns.next(ringBytes(width, n));
  const [first, second] = bothBits(bit);
  const stream = (part: 0 | 1, label: string): RingVector =>
    party.randomness.ring(part, step, label, width, n);
  const share = (parts: readonly [RingVector, RingVector]): ArithmeticShare<W> =>
    new ArithmeticShare({ width, length: n, bounds: BIT, held: party.held, parts, clock: bit.clock + 2 });

  if (party.self === 0) {
    const u = kernels.expandBit(kernels.xor(first, second), width);
    const u0 = kernels.subtract(u, stream(1, 'split'));
    await party.send(party.prev, step, 'split', u0, bit.clock + 1);
    return share([stream(0, 'result'), stream(1, 'result')]);
  }
  const b2 = kernels.expandBit(party.self === 1 ? second : first, width);
  const sign = kernels.addConstant(kernels.scale(b2, -2n), 1n);
  const half = party.self === 1 ? stream(1, 'split') : await party.receiveRing(0, step, 'split', width, n);
  const product = kernels.multiply(half, sign);
  const term = party.self === 1 ? kernels.add(product, b2) : product;
  const ownMask = stream(party.self === 1 ? 1 : 0, 'result');
  const masked = kernels.subtract(term, ownMask);
  const peer = party.self === 1 ? 2 : 1;
  const sending = party.send(peer, step, 'result', masked, bit.clock + 2);
  const received = await exchange(sending, party.receiveRing(peer, step, 'result', width, n));
  const common = kernels.add(masked, received);
  return share(party.self === 1 ? [ownMask, common] : [common, ownMask]);
}
