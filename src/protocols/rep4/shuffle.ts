/**
 * Shuffle: rows moved by a permutation that no node knows, its inverse, and the revealing of an order after it.
 *
 * Protocol (ours; resharing-based as Laur, Willemson, Zhang 2011, with joint messages): the permutation is a product of four, one
 *   for each part, drawn from the stream of its three holders. In the hop of part i the others move the rows by its
 *   permutation p, so that node i no longer knows which is which: of the new parts y all but y_i are streams, and
 *     y_i = p(x_i) + sum over the other parts m of (p(x_m) - y_m);
 *   the difference of part m is known to the two others, who send it to node m. So every message is joint.
 *   The inverse goes through the hops in the other order. An order is revealed by opening it after the last hop.
 * Cost: 4 rounds; twelve times the column from all nodes together, each sends three and a tag with each. Revealing: a round
 *   more, and an opening.
 * Reveals: permute nothing: node m lacks the stream that masks its difference, and node i receives nothing in its hop.
 *   permuteAndReveal the order after the shuffle, uniform among the orders of what it holds, since each node lacks one of
 *   the four permutations.
 * Fails: COPIES_DIFFER where a node lies.
 */
import { type NodeIndex, type PartIndex, REP4 } from '../../core/scheme.js';
import type { StepPath } from '../../core/step.js';
import { kernels } from '../../kernels/kernels.js';
import { randomPermutation } from '../../kernels/permutation.js';
import { RingVector } from '../../kernels/ring-vector.js';
import { ArithmeticShare, type Column, latest } from '../../share/shares.js';
import type { Revealed, Shuffle } from '../backend.js';
import { withParts } from '../columns.js';
import type { Context } from '../context.js';
import { ringBytes } from '../sizes.js';
import { missingPart } from './open.js';
import { partOf } from './parts.js';
import type { Rep4Party, Route } from './party.js';

export type Direction = 'forward' | 'inverse';

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

/** One column on its way; the tag keeps its messages and streams from those of the others. */
interface Moving {
  readonly party: Rep4Party;
  readonly step: StepPath;
  readonly tag: string;
  readonly column: Column;
  readonly clock: number;
  /** x becomes x + y, or x - y. */
  readonly add: (x: RingVector, y: RingVector) => void;
  readonly subtract: (x: RingVector, y: RingVector) => void;
  readonly move: (x: RingVector, by: Uint32Array) => RingVector;
  readonly factor: (part: PartIndex) => Uint32Array;
}

/** The parts that a node holds. */
type Held = ReadonlyMap<PartIndex, RingVector>;

export async function permute<const C extends readonly Column[]>(
  party: Rep4Party,
  ctx: Context,
  shuffle: Rep4Shuffle,
  columns: C,
  direction: Direction,
): Promise<C> {
  const step = ctx.claim();
  const clock = latest(...columns);
  const parts = await allHops(party, step, shuffle, columns, direction, clock);
  return withParts(columns, clock + REP4.parts.length, (_, i) => parts[i] ?? []);
}

export async function permuteAndReveal<const C extends readonly Column[]>(
  party: Rep4Party,
  ctx: Context,
  shuffle: Rep4Shuffle,
  order: ArithmeticShare<32>,
  columns: C,
): Promise<Revealed<C>> {
  const step = ctx.claim();
  const clock = latest(order, ...columns);
  const [shuffled = [], ...parts] = await allHops(
    party,
    step,
    shuffle,
    [order, ...columns],
    'forward',
    clock,
  );
  const own = { held: party.held, parts: shuffled };
  const opened = clock + REP4.parts.length + 1;
  const bytes = await missingPart(party, step, (part) => partOf(own, part).bytes(), opened);
  const shown = shuffled.reduce((sum, part) => kernels.add(sum, part), RingVector.fromBytes(32, bytes));
  return {
    order: shown.data as Uint32Array,
    clock: opened,
    columns: withParts(columns, opened, (_, i) => parts[i] ?? []),
  };
}

/** For each column the parts after all hops, in share order. */
async function allHops(
  party: Rep4Party,
  step: StepPath,
  { factor }: Rep4Shuffle,
  columns: readonly Column[],
  direction: Direction,
  clock: number,
): Promise<(readonly RingVector[])[]> {
  const hops = direction === 'forward' ? REP4.parts : REP4.parts.toReversed();
  return await Promise.all(
    columns.map(async (column, i) => {
      const isSum = column instanceof ArithmeticShare;
      const moving: Moving = {
        party,
        step,
        tag: `column-${i}`,
        column,
        clock,
        add: isSum ? kernels.addInto : xorElementsInto,
        subtract: isSum ? kernels.subtractInto : xorElementsInto,
        move: direction === 'forward' ? kernels.gather : kernels.scatter,
        factor,
      };
      let parts: Held = new Map(column.held.map((part, k) => [part, column.parts[k] as RingVector]));
      for (const [rounds, part] of hops.entries()) parts = await hop(moving, part, parts, rounds + 1);
      return column.held.map((part) => parts.get(part) as RingVector);
    }),
  );
}

/** Moves the rows by the permutation that node `part` lacks. */
async function hop(moving: Moving, part: PartIndex, parts: Held, rounds: number): Promise<Held> {
  const { party, column, add, subtract, factor } = moving;
  const { self, turns } = party;
  const label = `hop-${part}`;
  const stream = (own: PartIndex): RingVector =>
    party.randomness.ring(own, moving.step, `${moving.tag}-${label}`, column.width, column.length);
  const others = party.held.filter((own) => own !== part);
  const fresh = new Map(others.map((own) => [own, stream(own)]));
  if (self === part) return fresh;
  const key = (node: NodeIndex) => ({
    step: moving.step,
    tag: `${moving.tag}-${label}-${node}`,
    clock: moving.clock + rounds,
  });
  const [heard, known] = await Promise.all([
    party.hear(routeTo(self, part), key(self), ringBytes(column.width, column.length)),
    tellDifferences(),
  ]);
  add(known, RingVector.fromBytes(column.width, heard));
  fresh.set(part, known);
  return fresh;

  /** All of the new part that this node knows. */
  async function tellDifferences(): Promise<RingVector> {
    await turns.next(ringBytes(32, column.length));
    const permutation = factor(part);
    const sum = moving.move(parts.get(part) as RingVector, permutation);
    for (const own of others) {
      await turns.next(ringBytes(column.width, column.length));
      const difference = moving.move(parts.get(own) as RingVector, permutation);
      subtract(difference, fresh.get(own) as RingVector);
      await party.tell(routeTo(own, part), key(own), difference.bytes());
      add(sum, difference);
    }
    return sum;
  }
}

function xorElementsInto(x: RingVector, y: RingVector): void {
  kernels.xorInto(x.data, y.data);
}

/** Who tells a node its difference in the hop of a part: the two other nodes, of which each sends one and tags one. */
function routeTo(receiver: NodeIndex, part: PartIndex): Route {
  const after = (node: number): NodeIndex => {
    const next = ((node + 1) % 4) as NodeIndex;
    return next === part ? after(next) : next;
  };
  const sender = after(receiver);
  return { sender, backups: [after(sender)], receiver };
}
