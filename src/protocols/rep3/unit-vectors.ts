/**
 * Unit vectors of shared digits over Z_2^32, and the places of a stable sort by them.
 *
 * Functionality: of a digit of d bits, D = 2^d, entries 1 to D-1 of the vector that is 1 at the digit and 0 elsewhere;
 *   of unit vectors of n rows the number that each row has in the stable order of their digits, counted from 1.
 * Protocol: unit vectors as in lookup.ts, of which this is a case with loops of its own (a digit of a sort is looked up for
 *   every three bits of every key). The place of a row is the inner product of its unit vector with the running counts
 *   of all rows' entries 0, then all entries 1, and so on; these are linear, so that it is one sum of products
 *   (product-sums.ts).
 * Requires: 1 to 8 bits; fewer than 2^31 rows.
 * Cost: unit vectors 2 rounds and D-1 elements from each node; places send nothing before they are reshared.
 * Reveals: nothing; every message is masked by a stream that its receiver lacks.
 */
import { kernels } from '../../kernels/kernels.js';
import type { RingVector } from '../../kernels/ring-vector.js';
import { BIT } from '../../share/bounds.js';
import { ArithmeticShare, type BinaryShare } from '../../share/shares.js';
import type { Context } from '../context.js';
import { placeProducts } from '../places.js';
import { ringBytes } from '../sizes.js';
import { bothBits, bothParts, exchange, type Rep3Party } from './party.js';

/** Entry 1 of all rows, then entry 2, and so on. */
export async function unitVectors(
  party: Rep3Party,
  ctx: Context,
  digit: BinaryShare,
): Promise<ArithmeticShare<32>> {
  const step = ctx.claim();
  const length = (2 ** digit.rows - 1) * digit.length;
  await party.turns.next(ringBytes(32, length));
  const share = (parts: readonly [RingVector, RingVector]): ArithmeticShare<32> =>
    new ArithmeticShare({ width: 32, length, bounds: BIT, held: party.held, parts, clock: digit.clock + 2 });
  const stream = (part: 0 | 1, label: string): RingVector =>
    party.randomness.ring(part, step, label, 32, length);
  const [first, second] = bothBits(digit);
  if (party.self === 0) {
    const units = kernels.unitEntries(kernels.xor(first, second), stream(1, 'unit'));
    await party.send(2, step, 'unit', units, digit.clock + 1);
    return share([stream(0, 'result'), stream(1, 'result')]);
  }
  const isNode1 = party.self === 1;
  const units = isNode1 ? stream(1, 'unit') : await party.receiveRing(0, step, 'unit', 32, length);
  const ownMask = stream(isNode1 ? 1 : 0, 'result');
  // Node 1 takes in the 1 that all entries add up to.
  const masked = kernels.moveUnits(units, isNode1 ? second : first, isNode1 ? 1 : 0, ownMask);
  const peer = isNode1 ? 2 : 1;
  const received = await exchange(
    party.send(peer, step, 'result', masked, digit.clock + 2),
    party.receiveRing(peer, step, 'result', 32, length),
  );
  const common = kernels.add(masked, received);
  return share(isNode1 ? [ownMask, common] : [common, ownMask]);
}

/** This node's terms of the places of all rows, which come in stretches. @param values that the digit can have. */
export async function placesOf(
  party: Rep3Party,
  units: readonly ArithmeticShare<32>[],
  values: number,
): Promise<RingVector> {
  // Part 0 carries the 1 that all entries add up to.
  const ones = [party.first === 0 ? 1 : 0, party.second === 0 ? 1 : 0] as const;
  const stretches = units.map(bothParts);
  return await placeProducts(party.turns, { stretches, ones, values, squares: true });
}
