/**
 * Open: all nodes learn a shared vector.
 *
 * Protocol: the part that a node lacks is known to the three others: one sends it, two send tags of it (party.ts), so that
 *   an altered copy is not only caught, but its sender known.
 * Cost: 1 round; for a vector of L bytes L and 32 bytes per node.
 * Reveals: the vector, to all nodes. Fails: COPIES_DIFFER naming the node that lies.
 */
import type { NodeIndex, PartIndex } from '../../core/scheme.js';
import { REP4 } from '../../core/scheme.js';
import type { StepPath } from '../../core/step.js';
import { BitMatrix } from '../../kernels/bit-matrix.js';
import { kernels } from '../../kernels/kernels.js';
import { RingVector, type RingWidth } from '../../kernels/ring-vector.js';
import type { ArithmeticShare, BinaryShare } from '../../share/shares.js';
import type { Context } from '../context.js';
import { partOf } from './parts.js';
import type { Rep4Party, Route } from './party.js';

export async function open<W extends RingWidth>(
  party: Rep4Party,
  ctx: Context,
  x: ArithmeticShare<W>,
): Promise<RingVector> {
  const partBytes = (part: PartIndex): Uint8Array => partOf(x, part).bytes();
  const bytes = await missingPart(party, ctx.claim(), partBytes, x.clock + 1);
  return x.parts.reduce((sum, part) => kernels.add(sum, part), RingVector.fromBytes(x.width, bytes));
}

export async function openBits(party: Rep4Party, ctx: Context, x: BinaryShare): Promise<BitMatrix> {
  const partBytes = (part: PartIndex): Uint8Array => partOf(x, part).bytes();
  const bytes = await missingPart(party, ctx.claim(), partBytes, x.clock + 1);
  const missing = BitMatrix.fromBytes(x.rows, x.length, bytes);
  return x.parts.reduce((sum, part) => kernels.xor(sum, part), missing);
}

/** The part that this node lacks, from the others, who get theirs. */
export async function missingPart(
  party: Rep4Party,
  step: StepPath,
  partBytes: (part: PartIndex) => Uint8Array,
  clock: number,
): Promise<Uint8Array> {
  const { self } = party;
  const key = { step, tag: 'part', clock };
  const length = partBytes(party.held[0] as PartIndex).length;
  const telling = REP4.nodes
    .filter((node) => node !== self)
    .map((node) => party.tell(routeTo(node), key, partBytes(node)));
  const [part] = await Promise.all([party.hear(routeTo(self), key, length), ...telling]);
  return part;
}

/** The next node sends, the two after it tell what they know of it. */
function routeTo(receiver: NodeIndex): Route {
  const at = (distance: number): NodeIndex => ((receiver + distance) % 4) as NodeIndex;
  return { sender: at(1), backups: [at(2), at(3)], receiver };
}
