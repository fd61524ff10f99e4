/**
 * Unit vectors of shared digits over Z_2^32, and the places of a stable sort by them.
 *
 * Functionality: of a digit of d bits, D = 2^d, entries 1 to D-1 of the vector that is 1 at the digit and 0 elsewhere;
 *   of unit vectors of n rows the number that each row has in the stable order of their digits, counted from 1.
 * Protocol (ours): the digit is u XOR w, of u = b0 XOR b1 known to nodes 2 and 3 and w = b2 XOR b3 known to nodes 0 and 1.
 *   Each pair shares the unit vector of its own, all but entry 0, which is 1 less the others. Entry z of the digit's is the
 *   sum over k of entry k of the first and entry k XOR z of the second: products of a low and a high share, which have the
 *   four mixed terms only (terms.ts).
 *   The place of a row is the inner product of its unit vector with the running counts of all rows' entries 0, then all
 *   entries 1, and so on; these are linear, so that it is one sum of products (product-sums.ts).
 * Requires: 1 to 8 bits; fewer than 2^31 rows.
 * Cost: unit vectors 2 rounds, 6*(D-1) elements and six tags from all nodes together (in two halves they would send as much
 *   in 3 rounds). Places send nothing before they are shared.
 * Reveals: nothing. Fails: COPIES_DIFFER where a node lies.
 */
import type { BitMatrix } from '../../kernels/bit-matrix.js';
import { kernels } from '../../kernels/kernels.js';
import type { RingVector } from '../../kernels/ring-vector.js';
import { BIT } from '../../share/bounds.js';
import { ArithmeticShare, type BinaryShare } from '../../share/shares.js';
import type { Context } from '../context.js';
import { placeProducts } from '../places.js';
import { SQUARES } from './factors.js';
import { type Parts, partOf } from './parts.js';
import type { Rep4Party } from './party.js';
import { MIXED, ringShape, shareSides, shareTerms, sideOf, type Term } from './terms.js';

/** Entry 1 of all rows, then entry 2, and so on. */
export async function unitVectors(
  party: Rep4Party,
  ctx: Context,
  digit: BinaryShare,
): Promise<ArithmeticShare<32>> {
  const step = ctx.claim();
  const { held } = party;
  const { clock } = digit;
  const values = 2 ** digit.rows;
  const length = (values - 1) * digit.length;
  const own = ownDigit(party, digit);
  const shape = (name: string) => ringShape(party, 32, length, name);
  const sides = await shareSides(party, { step, name: 'unit', clock: clock + 1 }, shape('unit'), (mask) =>
    kernels.unitEntries(own, mask),
  );
  const sharing = { step, name: 'result', clock: clock + 2 };
  const parts = await shareTerms(party, sharing, shape('result'), MIXED, (term, mask) =>
    mixedUnits({ held, parts: sides }, term, values, mask),
  );
  return new ArithmeticShare({ width: 32, length, bounds: BIT, held, parts, clock: clock + 2 });
}

/** What this node and one other know of a digit: u or w. */
export function ownDigit(party: Rep4Party, digit: BinaryShare): BitMatrix {
  const { mask, rest } = sideOf(party.self);
  return kernels.xor(partOf(digit, mask), partOf(digit, rest));
}

/**
 * A mixed term of the unit vectors of digits, less a mask.
 *
 * @param sides the parts of both pairs' unit vectors: parts 0 and 2 carry the 1 that all entries add up to.
 */
export function mixedUnits(
  sides: Parts<RingVector>,
  { mask, rest }: Term,
  values: number,
  masks?: RingVector,
): RingVector {
  const [low, high] = mask < 2 ? [mask, rest] : [rest, mask];
  const ones = [low === 0 ? 1 : 0, high === 2 ? 1 : 0] as const;
  return kernels.convolveUnits(partOf(sides, low), partOf(sides, high), values, ones, masks);
}

/** A term of the places of all rows, which come in stretches. @param values that the digit can have. */
export async function placesOf(
  party: Rep4Party,
  term: Term,
  units: readonly ArithmeticShare<32>[],
  values: number,
): Promise<RingVector> {
  const square = SQUARES.get(term);
  const order = square === 'rest' ? ([term.rest, term.mask] as const) : ([term.mask, term.rest] as const);
  // Part 0 carries the 1 that all entries add up to.
  const ones = [order[0] === 0 ? 1 : 0, order[1] === 0 ? 1 : 0] as const;
  const stretches = units.map((own) => [partOf(own, order[0]), partOf(own, order[1])] as const);
  const squares = square !== undefined;
  return await placeProducts(party.turns, { stretches, ones, values, squares });
}
