/**
 * Inputs of benches: secret vectors that every process derives from their names, dealt locally from seeds.
 *
 * Nothing here is secret: a bench needs values that are the same in all runs and that the parent knows too.
 */
import { createHash } from 'node:crypto';
import { type NodeIndex, type PartIndex, partsHeldBy, type Scheme } from '../../src/core/scheme.js';
import type { BitMatrix } from '../../src/kernels/bit-matrix.js';
import type { RingVector } from '../../src/kernels/ring-vector.js';
import type { Bounds } from '../../src/share/bounds.js';
import { dealBits, dealRing, expandBits, expandRing, SEED_BYTES } from '../../src/share/deal.js';
import { ArithmeticShare, BinaryShare } from '../../src/share/shares.js';

/** A secret of a bench: a name that no other has, its public shape, and its values. */
export interface Secret<V> {
  readonly name: string;
  readonly length: number;
  readonly values: () => V;
}

export interface RingSecret extends Secret<RingVector> {
  readonly bounds: Bounds;
}

/** Makes one node's share of a secret, or the shape of one in a dry run. */
export interface Dealer {
  ring(secret: RingSecret): ArithmeticShare<64>;
  /** A secret over Z_2^128. */
  wide(secret: RingSecret): ArithmeticShare<128>;
  bits(secret: Secret<BitMatrix>): BinaryShare;
}

/** The part that is not made from a seed. */
const EXPLICIT: PartIndex = 2;

/** What one node holds. */
export function nodeDealer(scheme: Scheme, self: NodeIndex): Dealer {
  const held = partsHeldBy(scheme, self);
  const seeds = (name: string) => (part: PartIndex) => seedOf(`${name} part ${part}`);
  const ofWidth = <W extends 64 | 128>(width: W, secret: RingSecret): ArithmeticShare<W> => {
    const { name, length, bounds, values } = secret;
    const seed = seeds(name);
    const parts = held.map((part) =>
      part === EXPLICIT ? dealRing(values(), scheme, part, seed) : expandRing(seed(part), width, length),
    );
    return new ArithmeticShare({ width, length, bounds, held, parts, clock: 0 });
  };
  return {
    ring: (secret) => ofWidth(64, secret),
    wide: (secret) => ofWidth(128, secret),
    bits({ name, length, values }) {
      const seed = seeds(name);
      const parts = held.map((part) =>
        part === EXPLICIT ? dealBits(values(), scheme, part, seed) : expandBits(seed(part), length),
      );
      return new BinaryShare({ rows: 1, length, held, parts, clock: 0 });
    },
  };
}

/** Shapes without values. */
export const DRY_DEALER: Dealer = {
  ring: ({ length, bounds }) =>
    new ArithmeticShare({ width: 64, length, bounds, held: [], parts: [], clock: 0 }),
  wide: ({ length, bounds }) =>
    new ArithmeticShare({ width: 128, length, bounds, held: [], parts: [], clock: 0 }),
  bits: ({ length }) => new BinaryShare({ rows: 1, length, held: [], parts: [], clock: 0 }),
};

/** The seed that belongs to a name. */
export function seedOf(name: string): Uint8Array {
  return createHash('sha256').update(`warifu bench ${name}`).digest().subarray(0, SEED_BYTES);
}
