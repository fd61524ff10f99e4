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
 * @throws WarifuError MESSAGE_FORM when a copy is missing, twice there or of another size; COPIES_DIFFER when two
 *   copies of a part differ (then nothing is shown).
 */
export function reconstruct(scheme: Scheme, copies: readonly Copy[]): RingVector {
  const parts = scheme.parts.map((part) => agreedPart(scheme, part, copies));
  if (copies.length !== scheme.nodes.length * (scheme.parts.length - 1 || 1)) {
    throw new WarifuError('MESSAGE_FORM', 'the answer holds parts that its sender does not hold');
  }
  return parts.reduce((total, part) => kernels.add(total, part));
}

function agreedPart(scheme: Scheme, part: PartIndex, copies: readonly Copy[]): RingVector {
  const [first, ...others] = holdersOf(scheme, part).map((node) => copyOf(copies, node, part));
  if (first === undefined) throw new RangeError(`${scheme.name}: nobody holds part ${part}`);
  for (const other of others) {
    if (other.vector.width !== first.vector.width || other.vector.length !== first.vector.length) {
      throw new WarifuError('MESSAGE_FORM', `copies of part ${part} have different sizes`);
    }
    if (!equalBytes(first.vector.bytes(), other.vector.bytes())) {
      throw new WarifuError(
        'COPIES_DIFFER',
        `nodes ${first.node} and ${other.node} sent different copies of part ${part}: nothing is shown`,
        { part, nodes: [String(first.node), String(other.node)] },
      );
    }
  }
  return first.vector;
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
