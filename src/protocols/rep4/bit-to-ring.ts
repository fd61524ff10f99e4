/**
 * A shared bit as a ring element: 0 or 1.
 *
 * Protocol: the bit is u XOR w = u + w - 2*u*w, of u known to nodes 2 and 3 and w known to nodes 0 and 1. Both pairs share
 *   their own over the ring; the product has the four mixed terms only, each at the two nodes that know it (terms.ts). It
 *   is a lookup with one bit (lookup.ts) whose operands, masks and sums are read once, block by block.
 * Cost: 2 rounds; 2 ring elements for each bit, then 4, from all nodes together, and a tag of each of these messages.
 * Reveals: nothing; every message is masked by a stream that its receiver lacks. Fails: COPIES_DIFFER where a node lies.
 */
import { release } from '../../core/release.js';
import type { PartIndex } from '../../core/scheme.js';
import type { StepPath } from '../../core/step.js';
import { BitMatrix } from '../../kernels/bit-matrix.js';
import { kernels, type Three } from '../../kernels/kernels.js';
import { RingVector, type RingWidth } from '../../kernels/ring-vector.js';
import type { BinaryShare } from '../../share/shares.js';
import { ringBytes } from '../sizes.js';
import type { Rep4Party } from './party.js';
import { each, mixedRolesOf, rolesOf, shareProducts, sideRolesOf } from './product-messages.js';
import { ownDigit } from './unit-vectors.js';

/** The parts that this node holds, in share order. @param bit one row. */
export async function bitToRing(
  party: Rep4Party,
  step: StepPath,
  bit: BinaryShare,
  width: RingWidth,
): Promise<readonly RingVector[]> {
  const { parts } = rolesOf(party.self);
  const sides = await shareOwn(party, step, bit, width);
  const sums = await shareXor(party, step, sides, bit.clock + 2);
  release(sides.map((own) => own.bytes()));
  return party.held.map((part) => sums[parts.indexOf(part)] as RingVector);
}

/** The parts of u (of which nodes 2 and 3 hold two) and of w, in the order of `Roles`. */
async function shareOwn(
  party: Rep4Party,
  step: StepPath,
  bit: BinaryShare,
  width: RingWidth,
): Promise<Three<RingVector>> {
  const { length } = bit;
  const roles = sideRolesOf(party.self);
  const own = ownDigit(party, bit);
  const sides = each(roles.parts, () => RingVector.uninitialised(width, length));
  const [first, second, lone] = each(sides, (side) => side.bytes());
  const bytes = ringBytes(width, length);
  const sharing = { step, name: 'unit', clock: bit.clock + 1 };
  await shareProducts(party, sharing, roles, {
    bytes,
    pieceBytes: Math.max(1, bytes),
    stream: (part, label) => party.randomness.ringStream(part, step, label, width, length),
    fill: ({ start, masks: [mask], messages: [message], streams: [, , [stream]] }) => {
      const masks = RingVector.fromBytes(width, mask);
      const rest = kernels.expandBit(bitsBetween(own, (start * 8) / width, masks.length), width, masks);
      message.set(rest.bytes());
      first.set(mask, start);
      second.set(rest.bytes(), start);
      if (stream !== undefined) lone.set(stream, start);
      release([rest.bytes()]);
    },
    add: (_lone, start, heard) => lone.set(heard, start),
  });
  return sides;
}

/** The mixed terms of u XOR w. */
async function shareXor(
  party: Rep4Party,
  step: StepPath,
  sides: Three<RingVector>,
  clock: number,
): Promise<Three<RingVector>> {
  const { width, length } = sides[0];
  const roles = mixedRolesOf(party.self);
  const { parts, crossed } = roles;
  const sums = each(parts, () => RingVector.uninitialised(width, length));
  const vector = (bytes: Uint8Array): RingVector => RingVector.fromBytes(width, bytes);
  const bytes = ringBytes(width, length);
  await shareProducts(party, { step, name: 'result', clock }, roles, {
    bytes,
    pieceBytes: Math.max(1, bytes),
    stream: (part, label) => party.randomness.ringStream(part, step, label, width, length),
    fill: ({ start, end, masks, messages, streams }) => {
      const piece = (own: RingVector): RingVector => own.slice((start * 8) / width, (end * 8) / width);
      kernels.xorTermsInto({
        x: each(sides, piece),
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
  return sums;
}

/** Whether the part of u or of w carries the 1 that the entries of its unit vector add up to. */
function oneOf(part: PartIndex): 0 | 1 {
  return part === 0 || part === 2 ? 1 : 0;
}

/** Some bits of a row, from a whole word on: a view. */
function bitsBetween(row: BitMatrix, from: number, count: number): BitMatrix {
  return new BitMatrix(1, count, row.words.subarray(from / 64, Math.ceil((from + count) / 64)));
}
