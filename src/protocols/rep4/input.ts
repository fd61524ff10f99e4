/**
 * Input: a vector known to one node becomes shared. What the dealer means nobody can check, but all get the same.
 *
 * Protocol: let d be the dealer and a, b, c the others. Parts a and b are streams, part c is the rest, which the dealer sends
 *   to a and b, part d is 0. Each of these sends the other a tag of what it got, under a key that the dealer lacks.
 * Cost: 2 rounds; the dealer sends two elements a value, two others a tag each.
 * Reveals: nothing: a lacks the stream of part a, and b that of part b. Fails: COPIES_DIFFER where the dealer or one of the
 *   two lies.
 */
import { type NodeIndex, REP4 } from '../../core/scheme.js';
import type { StepPath } from '../../core/step.js';
import { kernels } from '../../kernels/kernels.js';
import { RingVector, type RingWidth } from '../../kernels/ring-vector.js';
import { ringBytes } from '../sizes.js';
import type { Rep4Party } from './party.js';

/** This node's parts, in share order. @param values at the dealer. */
export async function inputParts(
  party: Rep4Party,
  step: StepPath,
  dealer: NodeIndex,
  values: RingVector | undefined,
  { width, length }: { readonly width: RingWidth; readonly length: number },
): Promise<RingVector[]> {
  const [a, b, c] = REP4.nodes.filter((node) => node !== dealer) as [NodeIndex, NodeIndex, NodeIndex];
  const stream = (part: NodeIndex): RingVector => party.randomness.ring(part, step, 'input', width, length);
  const known = new Map<NodeIndex, RingVector>([[dealer, RingVector.zeros(width, length)]]);
  for (const part of [a, b]) if (part !== party.self) known.set(part, stream(part));
  if (party.self === dealer) {
    if (values === undefined) throw new TypeError('input: the dealer gives the values');
    const rest = kernels.subtract(
      kernels.subtract(values, known.get(a) as RingVector),
      known.get(b) as RingVector,
    );
    known.set(c, rest);
    const key = { step, tag: 'input' };
    await Promise.all([a, b].map((node) => party.channel.send(node, key, rest.bytes(), 1)));
  } else if (party.self !== c) {
    const peer = party.self === a ? b : a;
    const rest = await party.channel.receive(dealer, { step, tag: 'input' }, ringBytes(width, length));
    await party.compare(peer, { step, tag: 'input', clock: 2 }, rest, dealer);
    known.set(c, RingVector.fromBytes(width, rest));
  }
  return party.held.map((part) => known.get(part) as RingVector);
}
