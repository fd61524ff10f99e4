/** From the share bytes of the nodes' answers to the integers that they release. */
import { WarifuError } from '../../core/errors.js';
import { partsHeldBy, type Scheme } from '../../core/scheme.js';
import { RingVector } from '../../kernels/ring-vector.js';
import type { ResultLayout } from '../../query/result-layout.js';
import { type Copy, reconstruct } from '../../share/reconstruct.js';
import type { NodeReply } from '../agreement.js';
import type { KnownNode } from '../node-address.js';
import { misbehaved } from '../node-messages.js';
import type { ReleasedVectors } from './assemble.js';

const NARROW_BYTES = 8;
const WIDE_BYTES = 16;

/**
 * Reads each node's attachment (for each part it holds in share order the narrow vector, then for each the wide
 * one), compares the copies and sums the parts.
 *
 * @throws WarifuError PEER_MISBEHAVED for an attachment of another length, COPIES_DIFFER naming the nodes.
 */
export function reconstructReleased(
  scheme: Scheme,
  replies: readonly NodeReply[],
  layout: ResultLayout,
): ReleasedVectors {
  const narrow: Copy[] = [];
  const wide: Copy[] = [];
  for (const { known, reply } of replies) {
    const parts = partsHeldBy(scheme, known.node);
    const narrowBytes = layout.narrowLength * NARROW_BYTES;
    const wideBytes = layout.wideLength * WIDE_BYTES;
    const expected = parts.length * (narrowBytes + wideBytes);
    const { attachment } = reply;
    if (attachment.length !== expected) {
      throw misbehaved(known, `sent ${attachment.length} bytes of shares where its layout needs ${expected}`);
    }
    for (const [i, part] of parts.entries()) {
      const narrowAt = i * narrowBytes;
      const wideAt = parts.length * narrowBytes + i * wideBytes;
      const bytesOf = (at: number, length: number) => attachment.subarray(at, at + length);
      narrow.push({
        node: known.node,
        part,
        vector: RingVector.fromBytes(64, bytesOf(narrowAt, narrowBytes)),
      });
      wide.push({ node: known.node, part, vector: RingVector.fromBytes(128, bytesOf(wideAt, wideBytes)) });
    }
  }
  const known = replies.map((reply) => reply.known);
  return { narrow: integers(scheme, narrow, known), wide: integers(scheme, wide, known) };
}

function integers(scheme: Scheme, copies: readonly Copy[], known: readonly KnownNode[]): bigint[] {
  try {
    return reconstruct(scheme, copies).toBigInts();
  } catch (thrown) {
    throw thrown instanceof WarifuError && thrown.code === 'COPIES_DIFFER'
      ? withNames(thrown, known)
      : thrown;
  }
}

function withNames(error: WarifuError, known: readonly KnownNode[]): WarifuError {
  const { nodes } = error.details;
  const indices = Array.isArray(nodes) ? nodes.map(Number) : [];
  const names = known.filter(({ node }) => indices.includes(node)).map(({ card }) => card.name);
  const who =
    names.length === 1
      ? `node '${names[0]}' sent another copy of a part of the answer than the others: it was altered`
      : `nodes ${names.map((name) => `'${name}'`).join(' and ')} sent different copies of a part of the answer: one was altered`;
  return new WarifuError('COPIES_DIFFER', `${who}, so nothing is shown; ask their operators`, {
    ...error.details,
    nodes: names,
  });
}
