/**
 * Shuffle: rows moved by a permutation that no node knows, its inverse, and the revealing of an order after it.
 *
 * Protocol (ours; resharing-based as Laur, Willemson, Zhang 2011, with joint messages): the permutation is a product of four, one
 *   for each part, drawn from the stream of its three holders. After each factor the rows are a sum of pieces each of which
 *   two nodes know. Where one of these two lacks the next factor, they tell a third node what is left of the piece without
 *   a mask that the third lacks: two nodes then can move what is left, and two the mask. With a to d the nodes in the order
 *   of the factors that they lack, p the factors, m_i the message i and s_i its mask, a stream of its receiver's part:
 *     round 1   to a   m1 = p_a(x_c) - s1                       by b, d
 *               to a   m2 = p_a(x_d) - s2                       by b, c
 *               to b   m3 = p_b(p_a(x_a + x_b) + s1 + s2) - s3  by c, d
 *     round 2   to b   m4 = p_b(m2) - s4                        by a, c
 *               to c   m5 = p_c(p_b(m1) + s3 + s4) - s5         by a, d
 *               to c   m6 = p_c(m3) - s6                        by b, d
 *     round 3   to b   m7 = p_d(m5) - s7                        by a, c
 *               to a   m8 = p_d(m6) - s8                        by b, c
 *               to c   m9 = p_d(p_c(m4) + s5 + s6) - s9         by a, b
 *   The new parts: y_a = s8, y_b = s7, y_c = s9, and y_d = m7 + m8 + m9, which a, b and c now know.
 *   The inverse goes through the factors in the other order. Words are added by XOR.
 *   Revealing: the messages of round 3 have no masks, and their sum is the order. Node d is told each of the three with a
 *   mask of a, b and c, which add up to nothing.
 * Cost: 3 rounds; nine times the column from all nodes together, each sends two or, in turns from column to column, three,
 *   and tags. Of the order that is revealed each sends three.
 * Reveals: permute nothing: each message has a mask of its own, which its receiver lacks.
 *   permuteAndReveal the order after the shuffle, uniform among the orders of what it holds, since each node lacks one of
 *   the four permutations. Of round 3 a, b and c are told what the order is less what they know, and node d three uniform
 *   vectors with that sum.
 * Fails: COPIES_DIFFER where a node lies.
 */
import type { PartIndex } from '../../core/scheme.js';
import { randomPermutation } from '../../kernels/permutation.js';
import type { RingVector } from '../../kernels/ring-vector.js';
import { type ArithmeticShare, type Column, latest } from '../../share/shares.js';
import type { Revealed, Shuffle } from '../backend.js';
import { withParts } from '../columns.js';
import type { Context } from '../context.js';
import type { Rep4Party } from './party.js';
import { type Direction, ORDER, ROUNDS } from './shuffle-messages.js';
import { type Moving, ShuffledColumn } from './shuffled-column.js';

/** The three permutations of four that a node knows, by the part whose holders know it; drawn when first asked for. */
export interface Rep4Shuffle extends Shuffle {
  readonly factor: (part: PartIndex) => Uint32Array;
}

export function drawShuffle(party: Rep4Party, ctx: Context, length: number): Rep4Shuffle {
  const step = ctx.claim();
  const drawn = new Map<PartIndex, Uint32Array>();
  const streams = new Map(
    party.held.map((part) => [part, party.randomness.byteStream(part, step, 'permutation')] as const),
  );
  return {
    length,
    factor: (part) => {
      const stream = streams.get(part);
      if (stream === undefined) throw new RangeError(`this node lacks the permutation of part ${part}`);
      const factor = drawn.get(part) ?? randomPermutation(stream, length);
      drawn.set(part, factor);
      return factor;
    },
  };
}

export async function permute<const C extends readonly Column[]>(
  party: Rep4Party,
  ctx: Context,
  { factor }: Rep4Shuffle,
  columns: C,
  direction: Direction,
): Promise<C> {
  const moving = { step: ctx.claim(), clock: latest(...columns), direction, factor };
  const parts = await Promise.all(columns.map((column, index) => moved(party, moving, column, index)));
  return withParts(columns, moving.clock + ROUNDS.length, (_, i) => parts[i] ?? []);
}

export async function permuteAndReveal<const C extends readonly Column[]>(
  party: Rep4Party,
  ctx: Context,
  { factor }: Rep4Shuffle,
  order: ArithmeticShare<32>,
  columns: C,
): Promise<Revealed<C>> {
  const moving = { ...ORDER, step: ctx.claim(), clock: latest(order, ...columns), factor };
  const clock = moving.clock + ROUNDS.length;
  const [shown, ...parts] = await Promise.all([
    new ShuffledColumn(party, { ...moving, name: 'order' }, order).shown(),
    ...columns.map((column, index) => moved(party, moving, column, index)),
  ]);
  return {
    order: shown.data as Uint32Array,
    clock,
    columns: withParts(columns, clock, (_, i) => parts[i] ?? []),
  };
}

/** The parts of a moved column. */
function moved(
  party: Rep4Party,
  moving: Omit<Moving, 'index' | 'name'>,
  column: Column,
  index: number,
): Promise<readonly RingVector[]> {
  return new ShuffledColumn(party, { ...moving, index, name: `column-${index}` }, column).parts();
}
