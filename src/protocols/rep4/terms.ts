/**
 * Values that two nodes know become shares: the one step of which all of rep4's protocols are made.
 *
 * A product of parts i and j is known to the two nodes that lack neither. They share it: part `mask` of the result is a
 *   stream that node `mask` lacks, part `rest` is what is left, a joint message to node `mask`, the one holder of part
 *   `rest` that does not know the value. The result's other parts are 0 (Dalskov, Escudero, Keller 2021, "joint input").
 * Several such values are added up without further messages.
 * Cost: 1 round; an element (or bit) for each value and a tag, whatever the number of values.
 * Reveals: nothing: the message is masked by a stream that its receiver lacks, and each stream masks one message.
 */
import type { NodeIndex, PartIndex } from '../../core/scheme.js';
import type { StepPath } from '../../core/step.js';
import { BitMatrix } from '../../kernels/bit-matrix.js';
import { kernels } from '../../kernels/kernels.js';
import { RingVector, type RingWidth } from '../../kernels/ring-vector.js';
import { bitBytes, ringBytes } from '../sizes.js';
import { partOf } from './parts.js';
import type { JointKey, Rep4Party, Route } from './party.js';

/** A value that is known to the two nodes that hold both of two parts. */
export interface Term {
  /** The part of the result that is a stream; the node of that number, which lacks it, receives the message. */
  readonly mask: PartIndex;
  /** The part of the result that is the value less the stream. */
  readonly rest: PartIndex;
  /** What masks and message are called. */
  readonly label: string;
  readonly route: Route;
}

function term(mask: PartIndex, rest: PartIndex, sender: NodeIndex, backup: NodeIndex): Term {
  return { mask, rest, label: `${mask}${rest}`, route: { sender, backups: [backup], receiver: mask } };
}

/** Parts 0 and 1, the low ones: known to nodes 2 and 3. */
export const LOW: Term = term(0, 1, 2, 3);
/** Parts 2 and 3, the high ones: known to nodes 0 and 1. */
export const HIGH: Term = term(2, 3, 0, 1);
/** One of the low and one of the high parts each; every node sends one, tags one and receives one. */
export const MIXED: readonly [Term, Term, Term, Term] = [
  term(2, 1, 0, 3),
  term(3, 0, 1, 2),
  term(1, 3, 2, 0),
  term(0, 2, 3, 1),
];
export const ALL_TERMS: readonly Term[] = [LOW, HIGH, ...MIXED];
/** Terms that connect all parts: shared zeros of these make all parts but one uniform. */
export const REFRESHING: readonly Term[] = [LOW, HIGH, MIXED[0]];

/** True at the nodes that know a term. */
export function knows(node: NodeIndex, { mask, rest }: Term): boolean {
  return node !== mask && node !== rest;
}

/** Each node knows one of them. */
export const SIDES: readonly Term[] = [LOW, HIGH];

/** The term of both parts of which this node knows the sum: the low ones at nodes 2 and 3, the high ones at 0 and 1. */
export function sideOf(node: NodeIndex): Term {
  return knows(node, LOW) ? LOW : HIGH;
}

/** What the parts of this node's side add up to, which another node knows too. @param parts in share order. */
export function sumOfSide({ self, held }: Rep4Party, parts: readonly RingVector[]): RingVector {
  const { mask, rest } = sideOf(self);
  return kernels.add(partOf({ held, parts }, mask), partOf({ held, parts }, rest));
}

/** Vectors of one shape, as terms are added up. */
export interface Shape<V> {
  readonly bytes: number;
  zeros(): V;
  addInto(sum: V, x: V): void;
  /** The stream of a part that masks the term of that label. */
  stream(part: PartIndex, step: StepPath, label: string): V;
  bytesOf(x: V): Uint8Array;
  fromBytes(bytes: Uint8Array): V;
}

/** @param name distinguishes the streams and messages of several vectors in one step. */
export function ringShape(party: Rep4Party, width: RingWidth, n: number, name: string): Shape<RingVector> {
  return {
    bytes: ringBytes(width, n),
    zeros: () => RingVector.zeros(width, n),
    addInto: (sum, x) => kernels.addInto(sum, x),
    stream: (part, step, label) => party.randomness.ring(part, step, `${name}-${label}`, width, n),
    bytesOf: (x) => x.bytes(),
    fromBytes: (bytes) => RingVector.fromBytes(width, bytes),
  };
}

export function bitShape(party: Rep4Party, rows: number, n: number, name: string): Shape<BitMatrix> {
  return {
    bytes: bitBytes(rows, n),
    zeros: () => BitMatrix.zeros(rows, n),
    addInto: (sum, x) => kernels.xorInto(sum.words, x.words),
    stream: (part, step, label) => party.randomness.bits(part, step, `${name}-${label}`, rows, n),
    bytesOf: (x) => x.bytes(),
    fromBytes: (bytes) => BitMatrix.fromBytes(rows, n, bytes),
  };
}

/** Where and when terms are shared; the name is that of their shape. */
export interface Sharing {
  readonly step: StepPath;
  readonly name: string;
  readonly clock: number;
}

/**
 * The sum of terms as a share: the parts that this node holds, in share order.
 *
 * @param masked the term less its mask, asked for at the two nodes that know it.
 */
export async function shareTerms<V>(
  party: Rep4Party,
  { step, name, clock }: Sharing,
  shape: Shape<V>,
  terms: readonly Term[],
  masked: (term: Term, mask: V) => V,
): Promise<V[]> {
  const { self } = party;
  const shared = await Promise.all(
    terms.map(async (own): Promise<readonly Contribution<V>[]> => {
      const { mask, rest, label, route } = own;
      const key = { step, tag: `${name}-${label}`, clock };
      if (self === mask) {
        const heard = shape.fromBytes(await party.hear(route, key, shape.bytes));
        return [{ part: rest, vector: heard, isOwn: true }];
      }
      const stream = { part: mask, vector: shape.stream(mask, step, label), isOwn: true };
      if (self === rest) return [stream];
      await party.turns.next(shape.bytes);
      const message = masked(own, stream.vector);
      await party.tell(route, key, shape.bytesOf(message));
      return [stream, { part: rest, vector: message, isOwn: false }];
    }),
  );
  return sumsOf(party, shape, shared.flat());
}

/**
 * The sum of the mixed terms as a share; a node makes both that it knows at once, as they have a part in common.
 *
 * @param masked both less their masks, in the same order.
 */
export async function shareMixed<V>(
  party: Rep4Party,
  { step, name, clock }: Sharing,
  shape: Shape<V>,
  masked: (terms: readonly [Term, Term], masks: readonly [V, V]) => readonly [V, V],
): Promise<V[]> {
  const { self } = party;
  const keyOf = ({ label }: Term): JointKey => ({ step, tag: `${name}-${label}`, clock });
  const streamOf = ({ mask, label }: Term): V => shape.stream(mask, step, label);
  const one = (of: (term: Term) => boolean): Term => MIXED.find(of) as Term;
  const heard = one(({ mask }) => mask === self);
  const drawn = one(({ rest }) => rest === self);
  const terms = MIXED.filter((own) => knows(self, own)) as [Term, Term];
  const make = async (): Promise<Contribution<V>[]> => {
    await party.turns.next(2 * shape.bytes);
    const streams = [streamOf(terms[0]), streamOf(terms[1])] as const;
    const messages = masked(terms, streams);
    await Promise.all(
      terms.map((own, i) => party.tell(own.route, keyOf(own), shape.bytesOf(messages[i as 0 | 1]))),
    );
    return terms.flatMap(({ mask, rest }, i): Contribution<V>[] => [
      { part: mask, vector: streams[i as 0 | 1], isOwn: true },
      { part: rest, vector: messages[i as 0 | 1], isOwn: false },
    ]);
  };
  const [made, bytes] = await Promise.all([make(), party.hear(heard.route, keyOf(heard), shape.bytes)]);
  return sumsOf(party, shape, [
    ...made,
    { part: drawn.mask, vector: streamOf(drawn), isOwn: true },
    { part: heard.rest, vector: shape.fromBytes(bytes), isOwn: true },
  ]);
}

/** What a term adds to a part. */
interface Contribution<V> {
  readonly part: PartIndex;
  readonly vector: V;
  /** Whether nobody else reads it: a message may still have to leave. */
  readonly isOwn: boolean;
}

/** What is added to each part that this node holds, in share order. */
function sumsOf<V>({ held }: Rep4Party, shape: Shape<V>, found: readonly Contribution<V>[]): V[] {
  return held.map((part) => {
    const all = found.filter((own) => own.part === part);
    if (all.length === 1) return (all[0] as Contribution<V>).vector;
    const first = all.find(({ isOwn }) => isOwn);
    const sum = first?.vector ?? shape.zeros();
    for (const own of all) if (own !== first) shape.addInto(sum, own.vector);
    return sum;
  });
}

/** What nodes 2 and 3 know becomes parts 0 and 1, what nodes 0 and 1 know parts 2 and 3. */
export async function shareSides<V>(
  party: Rep4Party,
  sharing: Sharing,
  shape: Shape<V>,
  masked: (mask: V) => V,
): Promise<V[]> {
  return await shareTerms(party, sharing, shape, SIDES, (_, mask) => masked(mask));
}
