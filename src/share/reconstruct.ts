/**
 * Reconstruction at the analyst: first the replicated copies of every part are compared, then they are summed.
 */
import { WarifuError } from '../core/errors.js';
import { holdersOf, type NodeIndex, type PartIndex, type Scheme } from '../core/scheme.js';
import { kernels } from '../kernels/kernels.js';
import type { RingVector } from '../kernels/ring-vector.js';

/** One node's copy of one part. */
export interface Copy {
  readonly node: NodeIndex;
  readonly part: PartIndex;
  readonly vector: RingVector;
}

/**
 * The residues that the copies stand for.
 *
 * @throws WarifuError MESSAGE_FORM when a copy is missing, twice there or of another size; COPIES_DIFFER when the
 *   copies of a part are not all equal (then nothing is shown). It names the node whose copy differs from two equal
 *   ones; where no two are equal, as always with two copies, all holders of the part.
 */
export function reconstruct(scheme: Scheme, copies: readonly Copy[]): RingVector {
  const parts = scheme.parts.map((part) => agreedPart(part, copiesOf(scheme, part, copies)));
  if (copies.length !== scheme.nodes.length * (scheme.parts.length - 1 || 1)) {
    throw new WarifuError('MESSAGE_FORM', 'the answer holds parts that its sender does not hold');
  }
  return parts.reduce((total, part) => kernels.add(total, part));
}

function agreedPart(part: PartIndex, copies: readonly Copy[]): RingVector {
  const [first] = copies;
  if (first === undefined) throw new RangeError(`nobody holds part ${part}`);
  const { width, length } = first.vector;
  if (!copies.every(({ vector }) => vector.width === width && vector.length === length)) {
    throw new WarifuError('MESSAGE_FORM', `copies of part ${part} have different sizes`);
  }
  if (copies.every((copy) => equalCopies(first, copy))) return first.vector;
  throw copiesDiffer(part, copies);
}

/** Every copy is compared before anything is said: which node differs is what its operators need. */
function copiesDiffer(part: PartIndex, copies: readonly Copy[]): WarifuError {
  const alone = copies.filter((copy) => copies.every((other) => other === copy || !equalCopies(copy, other)));
  const nodes = alone.map(({ node }) => String(node));
  const who =
    nodes.length === 1
      ? `node ${nodes[0]} sent another copy of part ${part} than the others`
      : `nodes ${nodes.slice(0, -1).join(', ')} and ${nodes.at(-1)} sent different copies of part ${part}`;
  return new WarifuError('COPIES_DIFFER', `${who}: nothing is shown`, { part, nodes });
}

function equalCopies(a: Copy, b: Copy): boolean {
  return equalBytes(a.vector.bytes(), b.vector.bytes());
}

function copiesOf(scheme: Scheme, part: PartIndex, copies: readonly Copy[]): Copy[] {
  return holdersOf(scheme, part).map((node) => copyOf(copies, node, part));
}

function copyOf(copies: readonly Copy[], node: NodeIndex, part: PartIndex): Copy {
  const [copy, second] = copies.filter((candidate) => candidate.node === node && candidate.part === part);
  if (copy === undefined || second !== undefined) {
    throw new WarifuError('MESSAGE_FORM', `node ${node} must send part ${part} exactly once`);
  }
  return copy;
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.every((byte, i) => byte === b[i]);
}
