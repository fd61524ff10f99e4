/**
 * Open: all nodes learn a shared vector, after comparing both copies of the part each of them lacks.
 *
 * Protocol: the part that a party lacks is held by both others; next sends it, prev sends its copy, or a
 *   SHA-256 digest of it where that is shorter. Unequal copies end the computation.
 * Cost: 1 round; L + min(L, 32) bytes per node for a vector of L bytes.
 * Reveals: the vector, to all nodes. The digest tells nothing more: its receiver also gets the part itself.
 * Fails: COPIES_DIFFER if one holder sends an altered copy (certain below 32 bytes, else unless SHA-256 collides).
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { WarifuError } from '../../core/errors.js';
import type { StepPath } from '../../core/step.js';
import { BitMatrix } from '../../kernels/bit-matrix.js';
import { kernels } from '../../kernels/kernels.js';
import { RingVector, type RingWidth } from '../../kernels/ring-vector.js';
import type { ArithmeticShare, BinaryShare } from '../../share/shares.js';
import type { Context } from '../context.js';
import { DIGEST_BYTES } from './costs.js';
import { bothBits, bothParts, exchange, type Rep3Party } from './party.js';

export async function open<W extends RingWidth>(
  party: Rep3Party,
  ctx: Context,
  x: ArithmeticShare<W>,
): Promise<RingVector> {
  const [first, second] = bothParts(x);
  const bytes = await missingPart(party, ctx.claim(), first.bytes(), second.bytes(), x.clock + 1);
  return kernels.add(kernels.add(first, second), RingVector.fromBytes(x.width, bytes));
}

export async function openBits(party: Rep3Party, ctx: Context, x: BinaryShare): Promise<BitMatrix> {
  const [first, second] = bothBits(x);
  const bytes = await missingPart(party, ctx.claim(), first.bytes(), second.bytes(), x.clock + 1);
  return kernels.xor(kernels.xor(first, second), BitMatrix.fromBytes(x.rows, x.length, bytes));
}

async function missingPart(
  party: Rep3Party,
  step: StepPath,
  first: Uint8Array,
  second: Uint8Array,
  clock: number,
): Promise<Uint8Array> {
  const { channel, prev, next } = party;
  const check = witness(first);
  const sending = Promise.all([
    channel.send(prev, { step, tag: 'part' }, second, clock),
    channel.send(next, { step, tag: 'copy' }, check, clock),
  ]).then(() => undefined);
  const receiving = Promise.all([
    channel.receive(next, { step, tag: 'part' }, second.length),
    channel.receive(prev, { step, tag: 'copy' }, check.length),
  ]);
  const [part, copy] = await exchange(sending, receiving);
  if (!equalBytes(witness(part), copy)) {
    throw new WarifuError(
      'COPIES_DIFFER',
      `the copies of a part from nodes ${next} and ${prev} differ at step ${step}: one of them altered it`,
      { step, nodes: [String(next), String(prev)] },
    );
  }
  return part;
}

function witness(part: Uint8Array): Uint8Array {
  return part.length > DIGEST_BYTES ? sha256(part) : part;
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}
