/**
 * A shared bit as a ring element: 0 or 1.
 *
 * Protocol: the bit is u XOR w = u + w - 2*u*w, of u known to nodes 2 and 3 and w known to nodes 0 and 1. Both pairs share
 *   their own over the ring; the product has the four mixed terms only, each at the two nodes that know it (terms.ts). It
 *   is a lookup with one bit (lookup.ts), with its operands, masks and sums read once.
 * Cost: 2 rounds; 2 ring elements for each bit, then 4, from all nodes together, and a tag of each of these messages.
 * Reveals: nothing; every message is masked by a stream that its receiver lacks. Fails: COPIES_DIFFER where a node lies.
 */
import type { PartIndex } from '../../core/scheme.js';
import type { StepPath } from '../../core/step.js';
import { kernels } from '../../kernels/kernels.js';
import { RingVector, type RingWidth } from '../../kernels/ring-vector.js';
import type { BinaryShare } from '../../share/shares.js';
import { ringBytes } from '../sizes.js';
import { partOf } from './parts.js';
import type { Rep4Party } from './party.js';
import { each, mixedRolesOf, shareProducts } from './product-messages.js';
import { ringShape, shareSides } from './terms.js';
import { ownDigit } from './unit-vectors.js';

/** The parts that carry the 1 which a unit vector adds up to. */
function oneOf(part: PartIndex): 0 | 1 {
  return part === 0 || part === 2 ? 1 : 0;
}

/** The parts that this node holds, in share order. @param bit one row. */
export async function bitToRing(
  party: Rep4Party,
  step: StepPath,
  bit: BinaryShare,
  width: RingWidth,
): Promise<readonly RingVector[]> {
  const { held, self, randomness, turns } = party;
  const { length } = bit;
  const bytes = ringBytes(width, length);
  const own = ownDigit(party, bit);
  await turns.next(bytes);
  const unit = { step, name: 'unit', clock: bit.clock + 1 };
  const sides = await shareSides(party, unit, ringShape(party, width, length, 'unit'), (mask) =>
    kernels.expandBit(own, width, mask),
  );
  const roles = mixedRolesOf(self);
  const { parts, crossed } = roles;
  const xs = each(parts, (part) => partOf({ held, parts: sides }, part));
  const sums = each(parts, () => RingVector.uninitialised(width, length));
  const vector = (own: Uint8Array): RingVector => RingVector.fromBytes(width, own);
  const result = { step, name: 'result', clock: bit.clock + 2 };
  await shareProducts(party, result, roles, {
    bytes,
    pieceBytes: Math.max(1, bytes),
    stream: (part, label) => randomness.ringStream(part, step, label, width, length),
    fill: ({ start, end, masks, messages, streams }) => {
      const piece = (own: RingVector): RingVector => own.slice((start * 8) / width, (end * 8) / width);
      kernels.xorTermsInto({
        x: each(xs, piece),
        ones: each(parts, oneOf),
        masks: each(masks, vector),
        messages: each(messages, vector),
        sums: each(sums, piece),
        plus: each(streams, (own) => own.map(vector)),
        crossed,
      });
    },
    add: (at, _start, heard) => kernels.addInto(sums[at], vector(heard)),
  });
  return held.map((part) => sums[parts.indexOf(part)] as RingVector);
}
