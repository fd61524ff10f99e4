/**
 * Unit vectors of shared digits, and the places of a stable sort by them.
 *
 * Functionality: of a digit of d bits, D = 2^d, entries 1 to D-1 of the vector that is 1 at the digit and 0 elsewhere, over
 *   a ring that holds all places (unit-form.ts); of unit vectors of n rows the number that each row has in the stable order
 *   of their digits, counted from 1, times 2^scale.
 * Protocol: unit vectors as in lookup.ts, of which this is a case with loops of its own (a digit of a sort is looked up for
 *   every three bits of every key). The place of a row is the inner product of its unit vector with the running counts
 *   of all rows' entries 0, then all entries 1, and so on; these are linear, so that it is one sum of products
 *   (product-sums.ts).
 * Requires: 1 to 8 bits; fewer than 2^31 rows.
 * Cost: unit vectors 2 rounds and D-1 elements of 2.5 bytes (4 from 2^20 rows on) from each node; places send nothing before
 *   they are reshared.
 * Reveals: nothing; every message is masked by a stream that its receiver lacks.
 */
import { kernels, type UnitEntries } from '../../kernels/kernels.js';
import type { RingVector } from '../../kernels/ring-vector.js';
import type { BinaryShare } from '../../share/shares.js';
import type { UnitVectors } from '../backend.js';
import type { Context } from '../context.js';
import { placeProducts } from '../places.js';
import { bothBits, exchange, type Rep3Party } from './party.js';
import { scaleOf, UnitForm } from './unit-form.js';

/** Of a stretch of rows: entry 1 of all rows, then entry 2, and so on. */
export interface Rep3UnitVectors extends UnitVectors {
  readonly scale: number;
  readonly length: number;
  readonly parts: readonly [UnitEntries, UnitEntries];
}

export async function unitVectors(
  party: Rep3Party,
  ctx: Context,
  digit: BinaryShare,
  places: number,
): Promise<Rep3UnitVectors> {
  const step = ctx.claim();
  const { length, clock } = digit;
  const form = new UnitForm(party, step, { entries: 2 ** digit.rows - 1, length, places });
  await party.turns.next(form.byteLength);
  const share = (parts: Rep3UnitVectors['parts']): Rep3UnitVectors => ({
    scale: scaleOf(places),
    length,
    parts,
    clock: clock + 2,
  });
  const [first, second] = bothBits(digit);
  if (party.self === 0) {
    const units = kernels.unitEntries(kernels.xor(first, second), form.stream(1, 'unit'));
    await party.send(2, step, 'unit', units, clock + 1);
    return share([form.stream(0, 'result'), form.stream(1, 'result')]);
  }
  const isNode1 = party.self === 1;
  const units = isNode1 ? form.stream(1, 'unit') : await form.receive(0, 'unit');
  const ownMask = form.stream(isNode1 ? 1 : 0, 'result');
  // Node 1 takes in the 1 that all entries add up to.
  const masked = kernels.moveUnits(units, isNode1 ? second : first, isNode1 ? 1 : 0, ownMask);
  const peer = isNode1 ? 2 : 1;
  const received = await exchange(
    party.send(peer, step, 'result', masked, clock + 2),
    form.receive(peer, 'result'),
  );
  const common = form.add(masked, received);
  return share(isNode1 ? [ownMask, common] : [common, ownMask]);
}

/** This node's terms of the places of all rows, which come in stretches. @param values that the digit can have. */
export async function placesOf(
  party: Rep3Party,
  units: readonly Rep3UnitVectors[],
  values: number,
): Promise<RingVector> {
  // Part 0 carries the 1 that all entries add up to.
  const ones = [party.first === 0 ? 1 : 0, party.second === 0 ? 1 : 0] as const;
  const stretches = units.map(({ parts }) => parts);
  const places = await placeProducts(party.turns, { stretches, ones, values, squares: true });
  const scale = units[0]?.scale ?? 0;
  return scale === 0 ? places : kernels.scale(places, 1n << BigInt(scale));
}
