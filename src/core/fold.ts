/**
 * Four parts as three: how the survivors of a lost node go on with the three-node scheme, without a message.
 *
 * Survivors s0 < s1 < s2 of lost node m take the places of nodes 0, 1 and 2 of rep3. Each lacks the part of its own
 * index only, so part 2 of rep3 is x_s0, part 1 is x_s2, and part 0 is x_s1 + x_m (XOR for bits), x_m being what all
 * three know. It is three-node security from then on: who lies is not caught.
 */
import { type NodeIndex, type PartIndex, partsHeldBy, peersOf, REP3, REP4, type Scheme } from './scheme.js';

/** A part of three, and the parts of four of which it is the sum. */
export interface FoldedPart {
  readonly part: PartIndex;
  readonly of: readonly PartIndex[];
}

/** The scheme of the survivors, under their own numbers in the cluster. */
export function foldedScheme(lost: NodeIndex): Scheme {
  const nodes = peersOf(REP4, lost);
  const held = REP4.nodes.map((node) => {
    const place = nodes.indexOf(node);
    return place < 0 ? [] : partsHeldBy(REP3, place as NodeIndex);
  });
  return { name: 'rep3', nodes, parts: REP3.parts, held };
}

/** The parts that a survivor holds then, in share order, and what it makes them of. */
export function foldedParts(lost: NodeIndex, self: NodeIndex): readonly FoldedPart[] {
  const [s0, s1, s2] = peersOf(REP4, lost);
  if (s0 === undefined || s1 === undefined || s2 === undefined || self === lost) {
    throw new RangeError(`node ${self} does not go on without node ${lost}`);
  }
  const sums: readonly (readonly NodeIndex[])[] = [[s1, lost], [s2], [s0]];
  return partsHeldBy(foldedScheme(lost), self).map((part) => ({ part, of: sums[part] ?? [] }));
}
