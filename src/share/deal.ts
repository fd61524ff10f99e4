/**
 * Dealing: a provider splits a vector into parts. All parts but one are fresh seeds, expanded by whoever holds
 * them, so that of a 64-bit value 8 bytes go to each holder of the one explicit part and nothing else.
 *
 * Seeds are one-time pads: fresh for every upload attempt, separated by column, part and chunk.
 */
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import type { PartIndex, Scheme } from '../core/scheme.js';
import { BitMatrix } from '../kernels/bit-matrix.js';
import { kernels } from '../kernels/kernels.js';
import { bitsFromStream, ringFromStream } from '../kernels/keystream.js';
import type { RingVector, RingWidth } from '../kernels/ring-vector.js';

export const SEED_BYTES = 16;

/** Gives the seed of a part; never called for the explicit part. */
export type SeedOf = (part: PartIndex) => Uint8Array;

/** What one seed stands for within an upload. */
export interface SeedPlace {
  readonly column: string;
  readonly kind: 'values' | 'validity';
  readonly part: PartIndex;
  readonly chunk: number;
}

/**
 * The seed of one place, derived from the 32-byte secret of an upload attempt (HMAC-SHA256, first 16 bytes).
 * The secret never leaves the provider; each derived seed goes to the holders of its part.
 */
export function deriveSeed(uploadSecret: Uint8Array, place: SeedPlace): Uint8Array {
  if (uploadSecret.length !== 32) throw new RangeError('an upload secret has 32 bytes');
  const name = JSON.stringify(['warifu seed v1', place.column, place.kind, place.part, place.chunk]);
  return hmac(sha256, uploadSecret, new TextEncoder().encode(name)).subarray(0, SEED_BYTES);
}

/** The part that travels as bytes: it rotates by chunk, so that no pair of nodes carries all the traffic. */
export function explicitPart(scheme: Scheme, chunk: number): PartIndex {
  const part = scheme.parts[chunk % scheme.parts.length];
  if (part === undefined) throw new RangeError('a chunk number is a non-negative integer');
  return part;
}

/** A seeded part of a ring vector. */
export function expandRing(seed: Uint8Array, width: RingWidth, n: number): RingVector {
  return ringFromStream(seed, width, n);
}

/** A seeded part of a row of bits. */
export function expandBits(seed: Uint8Array, n: number): BitMatrix {
  return bitsFromStream(seed, 1, n);
}

/** All parts of a ring vector, in the scheme's order. Each seed is expanded once. */
export function splitRing(
  values: RingVector,
  scheme: Scheme,
  explicit: PartIndex,
  seedOf: SeedOf,
): RingVector[] {
  return split(
    scheme,
    explicit,
    values,
    (part) => expandRing(seedOf(part), values.width, values.length),
    (rest, part) => kernels.subtract(rest, part),
  );
}

/** All parts of a row of bits, in the scheme's order. Each seed is expanded once. */
export function splitBits(bits: BitMatrix, scheme: Scheme, explicit: PartIndex, seedOf: SeedOf): BitMatrix[] {
  return split(
    scheme,
    explicit,
    bits,
    (part) => expandBits(seedOf(part), bits.length),
    (rest, part) => kernels.xor(rest, part),
  );
}

function split<Vector>(
  { parts }: Scheme,
  explicit: PartIndex,
  secret: Vector,
  expand: (part: PartIndex) => Vector,
  without: (rest: Vector, part: Vector) => Vector,
): Vector[] {
  const seeded = new Map(parts.filter((part) => part !== explicit).map((part) => [part, expand(part)]));
  const rest = [...seeded.values()].reduce(without, secret);
  return parts.map((part) => seeded.get(part) ?? rest);
}

/** The explicit part: the values less all seeded parts. */
export function dealRing(
  values: RingVector,
  scheme: Scheme,
  explicit: PartIndex,
  seedOf: SeedOf,
): RingVector {
  return partAt(splitRing(values, scheme, explicit, seedOf), scheme, explicit);
}

/** The explicit part of a row of bits. */
export function dealBits(bits: BitMatrix, scheme: Scheme, explicit: PartIndex, seedOf: SeedOf): BitMatrix {
  return partAt(splitBits(bits, scheme, explicit, seedOf), scheme, explicit);
}

function partAt<Vector>(parts: readonly Vector[], scheme: Scheme, part: PartIndex): Vector {
  const found = parts[scheme.parts.indexOf(part)];
  if (found === undefined) throw new RangeError(`the scheme has no part ${part}`);
  return found;
}
