/**
 * Shuffle: rows moved by a permutation that no node knows, its inverse, and the revealing of an order after it.
 *
 * Protocol: resharing-based shuffle (Laur, Willemson, Zhang 2011, ISC) of replicated shares as in Chida, Hamada, Ikarashi,
 *   Kikuchi, Kiribuchi, Pinkas 2019 (eprint 2019/695, algorithm 9). The permutation is a product of three, one for each
 *   pair of nodes, drawn from the stream that the pair has in common. The rows are a sum of two operands, held by the
 *   two nodes of a pair. They apply the pair's permutation and mask their operands by a common stream (one adds, the
 *   other subtracts); one of them hands its operand to the third node, which makes the next pair. The last pair reshares:
 *   the parts that either shares with the third node are streams, and what is left they exchange.
 *   The inverse goes through the pairs in the other order.
 *   Revealing: the last pair exchanges its operands as they are, and sends them to the third node masked by a stream of
 *   the two. That mask is needed: the third node could tell the pair's permutation from an operand that it handed on.
 *   What the first node hands on and what the second does depend on no message: both travel in the first round.
 * Cost: 2 rounds. Of a column of L bytes 2L from node 0, L from nodes 1 and 2 each, whatever the direction; of the order
 *   that is revealed 3L from node 0, L from node 1 and 2L from node 2.
 * Reveals: permute nothing: each operand that is handed on or exchanged is masked by a stream that its receiver lacks.
 *   permuteAndReveal the order after the shuffle, to all: uniform among the orders of what it holds, since each node
 *   lacks one of the three permutations.
 */
import type { PartIndex } from '../../core/scheme.js';
import type { StepPath } from '../../core/step.js';
import { kernels } from '../../kernels/kernels.js';
import { randomPermutation } from '../../kernels/permutation.js';
import type { RingVector } from '../../kernels/ring-vector.js';
import { ArithmeticShare, type Column, latest } from '../../share/shares.js';
import type { Revealed, Shuffle } from '../backend.js';
import { withParts } from '../columns.js';
import type { Context } from '../context.js';
import { ringBytes } from '../sizes.js';
import { exchange, type Rep3Party } from './party.js';

export type Direction = 'forward' | 'inverse';

/** The two permutations of three that a node knows, by the part whose holders know it; drawn when first asked for. */
export interface Rep3Shuffle extends Shuffle {
  readonly factor: (part: PartIndex) => Uint32Array;
}

export function drawShuffle(party: Rep3Party, ctx: Context, length: number): Rep3Shuffle {
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

/** Who does what: lead and pivot are the first pair, pivot and far the second, lead and far the last. */
interface Roles {
  readonly lead: 0;
  readonly pivot: 1 | 2;
  readonly far: 1 | 2;
  /** The part that each pair has in common. */
  readonly pairs: readonly [PartIndex, PartIndex, PartIndex];
}

const ROLES: Readonly<Record<Direction, Roles>> = {
  forward: { lead: 0, pivot: 1, far: 2, pairs: [1, 2, 0] },
  inverse: { lead: 0, pivot: 2, far: 1, pairs: [0, 2, 1] },
};

/** How the operands of a column add up, and how they move. */
interface Operations {
  readonly add: (x: RingVector, y: RingVector) => RingVector;
  readonly subtract: (x: RingVector, y: RingVector) => RingVector;
  readonly move: (x: RingVector, by: Uint32Array) => RingVector;
}

function operationsOf(column: Column, direction: Direction): Operations {
  const move = direction === 'forward' ? kernels.gather : kernels.scatter;
  if (column instanceof ArithmeticShare) return { add: kernels.add, subtract: kernels.subtract, move };
  return { add: kernels.xorElements, subtract: kernels.xorElements, move };
}

/** One column on its way; the tag keeps its messages and streams from those of the others. */
interface Moving {
  readonly party: Rep3Party;
  readonly step: StepPath;
  readonly tag: string;
  readonly column: Column;
  readonly clock: number;
  readonly roles: Roles;
  readonly operations: Operations;
  readonly factor: (part: PartIndex) => Uint32Array;
}

export async function permute<const C extends readonly Column[]>(
  party: Rep3Party,
  ctx: Context,
  shuffle: Rep3Shuffle,
  columns: C,
  direction: Direction,
): Promise<C> {
  const step = ctx.claim();
  const clock = latest(...columns);
  const parts = await Promise.all(
    columns.map((column, i) => {
      const moving = movingOf(party, step, `column-${i}`, column, clock, shuffle, direction);
      return operandAtEnd(moving).then((operand) => reshareOperand(moving, operand));
    }),
  );
  return withParts(columns, clock + 2, (_, i) => parts[i] ?? []);
}

export async function permuteAndReveal<const C extends readonly Column[]>(
  party: Rep3Party,
  ctx: Context,
  shuffle: Rep3Shuffle,
  order: ArithmeticShare<32>,
  columns: C,
): Promise<Revealed<C>> {
  const step = ctx.claim();
  const clock = latest(order, ...columns);
  const revealing = movingOf(party, step, 'order', order, clock, shuffle, 'forward');
  const [shown, ...parts] = await Promise.all([
    operandAtEnd(revealing).then((operand) => reveal(revealing, operand)),
    ...columns.map((column, i) => {
      const moving = movingOf(party, step, `column-${i}`, column, clock, shuffle, 'forward');
      return operandAtEnd(moving).then((operand) => reshareOperand(moving, operand));
    }),
  ]);
  return {
    order: shown.data as Uint32Array,
    clock: clock + 2,
    columns: withParts(columns, clock + 2, (_, i) => parts[i] ?? []),
  };
}

function movingOf(
  party: Rep3Party,
  step: StepPath,
  tag: string,
  column: Column,
  clock: number,
  { factor }: Rep3Shuffle,
  direction: Direction,
): Moving {
  const operations = operationsOf(column, direction);
  return { party, step, tag, column, clock, roles: ROLES[direction], operations, factor };
}

/** The operand that this node holds after the last permutation; undefined at the pivot, which holds none. */
async function operandAtEnd(moving: Moving): Promise<RingVector | undefined> {
  const { party, column, roles, operations } = moving;
  const { add, subtract } = operations;
  const [pair1, pair2, pair3] = roles.pairs;
  if (party.self === roles.lead) {
    const [first, second] = column.parts as [RingVector, RingVector];
    const moved = await moveBy(moving, pair1, () => add(first, second));
    const masked = add(moved, stream(moving, pair1, 'hop-1'));
    const coming = draw(moving, pair3).then(() => receive(moving, roles.pivot, 'hop-2'));
    const received = await exchange(send(moving, roles.far, 'hop-1', masked, 1), coming);
    return await moveBy(moving, pair3, () => received);
  }
  if (party.self === roles.pivot) {
    // Part 2, which both node 1 and node 2 hold.
    const own = column.parts[column.held.indexOf(2)] as RingVector;
    const moved = await moveBy(moving, pair1, () => own);
    const handed = await moveBy(moving, pair2, () => subtract(moved, stream(moving, pair1, 'hop-1')));
    const masked = subtract(handed, stream(moving, pair2, 'hop-2'));
    await send(moving, roles.lead, 'hop-2', masked, 1);
    return undefined;
  }
  const [received] = await Promise.all([
    receive(moving, roles.lead, 'hop-1'),
    draw(moving, pair2).then(() => draw(moving, pair3)),
  ]);
  const moved = await moveBy(moving, pair2, () => received);
  return await moveBy(moving, pair3, () => add(moved, stream(moving, pair2, 'hop-2')));
}

/** Draws a pair's permutation, where that was not done yet, in a turn of its own. */
async function draw({ party, column, factor }: Moving, pair: PartIndex): Promise<void> {
  await party.turns.next(ringBytes(32, column.length));
  factor(pair);
}

/** The rows moved by a pair's permutation, in a turn of their own. */
async function moveBy(moving: Moving, pair: PartIndex, rows: () => RingVector): Promise<RingVector> {
  const { party, column, operations, factor } = moving;
  await draw(moving, pair);
  await party.turns.next(ringBytes(column.width, column.length));
  return operations.move(rows(), factor(pair));
}

/** The last pair's operands become parts; the pivot's parts are streams. */
async function reshareOperand(
  moving: Moving,
  operand: RingVector | undefined,
): Promise<readonly RingVector[]> {
  const { party, column, roles, operations } = moving;
  const [pair1, pair2, pair3] = roles.pairs;
  const parts = new Map<PartIndex, RingVector>();
  if (operand === undefined) {
    parts.set(pair1, stream(moving, pair1, 'result'));
    parts.set(pair2, stream(moving, pair2, 'result'));
  } else {
    const isLead = party.self === roles.lead;
    const mask = stream(moving, isLead ? pair1 : pair2, 'result');
    const peer = isLead ? roles.far : roles.lead;
    const masked = operations.subtract(operand, mask);
    const received = await exchange(send(moving, peer, 'last', masked, 2), receive(moving, peer, 'last'));
    parts.set(isLead ? pair1 : pair2, mask);
    parts.set(pair3, operations.add(masked, received));
  }
  return column.held.map((part) => parts.get(part) as RingVector);
}

/** The sum of the last pair's operands, at all nodes. */
async function reveal(moving: Moving, operand: RingVector | undefined): Promise<RingVector> {
  const { party, roles, operations } = moving;
  if (operand === undefined) {
    const [left, right] = await Promise.all([
      receive(moving, roles.lead, 'reveal'),
      receive(moving, roles.far, 'reveal'),
    ]);
    return operations.add(left, right);
  }
  const isLead = party.self === roles.lead;
  const peer = isLead ? roles.far : roles.lead;
  const mask = stream(moving, roles.pairs[2], 'reveal');
  const masked = isLead ? operations.add(operand, mask) : operations.subtract(operand, mask);
  const sending = Promise.all([
    send(moving, peer, 'last', operand, 2),
    send(moving, roles.pivot, 'reveal', masked, 2),
  ]).then(() => undefined);
  return operations.add(operand, await exchange(sending, receive(moving, peer, 'last')));
}

function stream({ party, step, tag, column }: Moving, part: PartIndex, label: string): RingVector {
  return party.randomness.ring(part, step, `${tag}-${label}`, column.width, column.length);
}

function send(
  { party, step, tag, clock }: Moving,
  to: 0 | 1 | 2,
  label: string,
  vector: RingVector,
  rounds: number,
): Promise<void> {
  return party.send(to, step, `${tag}-${label}`, vector, clock + rounds);
}

function receive({ party, step, tag, column }: Moving, from: 0 | 1 | 2, label: string): Promise<RingVector> {
  return party.receiveRing(from, step, `${tag}-${label}`, column.width, column.length);
}
